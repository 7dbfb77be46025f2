"""Does what a run says follow from what it recorded? Findings computed again, code and summary compared."""

import json
from collections.abc import Mapping

from curie import __version__
from curie.errors import CurieError
from curie.gitcall import Repository, run_git
from curie.nodes.analyst import analyse
from curie.paths import RunPaths
from curie.records import Finding
from curie.state import RunState


def findings_problem(state: RunState) -> str | None:
    """Why the recorded findings are not what the frozen rules give for the recorded trials; None if they are.

    Only findings of this very version are compared: another one may word a reason differently.
    """
    if state.plan is None or state.created is None or state.created.curie_version != __version__:
        return None
    again = analyse(state.plan, tuple(state.trials.values()), tuple(state.reproductions.values()))
    wrong = [f.hypothesis for f in again if _core(f) != _core(state.findings.get(f.id))]
    if wrong:
        return f"the recorded findings on {', '.join(wrong)} do not follow from the recorded trials"
    return None


def code_problem(paths: RunPaths, state: RunState) -> str | None:
    """Why the commit that the trials ran from cannot be had any more; None if it can, with every object intact."""
    if state.snapshot is None:
        return None
    repository = Repository(git_dir=paths.git, work_tree=paths.workspace)
    try:
        run_git(repository, ("fsck", "--no-dangling", "--no-progress", state.snapshot.commit), cwd=paths.root)
        tree = run_git(repository, ("rev-parse", f"{state.snapshot.commit}^{{tree}}"), cwd=paths.root).decode().strip()
    except (CurieError, OSError) as error:
        return f"the commit {state.snapshot.commit[:12]} that the trials ran from is damaged or gone: {error}"
    if tree != state.snapshot.tree:
        return f"the commit {state.snapshot.commit[:12]} holds another tree than the one recorded"
    return None


def summary_problem(paths: RunPaths, state: RunState) -> str | None:
    """What in `run.json` is not what the journal says; None if all of it is."""
    if state.created is None or not paths.run_json.exists():
        return None
    expected: Mapping[str, object] = {
        "run_id": state.created.run_id,
        "question": state.created.question,
        "mode": state.created.mode,
        "plan_hash": state.plan_digest,
    }
    try:
        said = json.loads(paths.run_json.read_bytes())
    except (OSError, ValueError) as error:
        return f"run.json cannot be read: {error}"
    wrong = [key for key, value in expected.items() if not isinstance(said, dict) or said.get(key) != value]
    return f"run.json says something else than the journal about {', '.join(wrong)}" if wrong else None


def _core(finding: Finding | None) -> tuple[object, ...] | None:
    """What must not differ; times in an advice may."""
    if finding is None:
        return None
    return finding.verdict, finding.effect, finding.interval, finding.p, finding.p_adjusted, finding.n, finding.planned
