"""`ara check` as a person and a program meet it: exit codes, one JSON object, plain text, a fast --help."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from ara.check.report import CheckReport, DiagnosticRecord
from ara.cli.app import app
from curie.cli.guard import guarded

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
PUBLISHED = Path(__file__).resolve().parents[4] / "shared" / "data" / "ara"


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    """A copy of the clean artifact."""
    return Path(shutil.copytree(GOLDEN, tmp_path / "artifact"))


@pytest.fixture
def ara(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command line; exit code, stdout, stderr."""

    def run(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["ara", *map(str, words)])
        capsys.readouterr()
        code = guarded(app, debug=False)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_a_sound_artifact(ara: Any) -> None:
    """Exit 0 and one line."""
    code, out, _ = ara("check", GOLDEN)
    assert code == 0
    assert re.fullmatch(r".*golden: sound: 0 errors, 0 warnings, 0 notes by \d+ rules\.\n", out)


def test_warnings_fail_a_strict_check_only(ara: Any, artifact: Path) -> None:
    """Exit 0 and 1 for the same artifact; an error is exit 1 in any case."""
    claims = artifact / "logic/claims.md"
    claims.write_text(claims.read_text().replace("## C01: A", "## C01 — A"))
    assert ara("check", artifact)[0] == 0
    assert ara("check", artifact, "--strict")[0] == 1
    claims.write_text(claims.read_text().replace("[E02]", "[E09]"))
    code, out, _ = ara("check", artifact)
    assert code == 1
    assert "logic/claims.md:3:1 warning ARA004 claim C01 has a dash between its id and its title (--fix)" in out
    assert "logic/claims.md:20:15 error A501" in out


@pytest.mark.parametrize("words", [("check", "/nowhere"), ("check", "."), ("check",), ("check", "x", "--profile", "y")])
def test_wrong_usage(ara: Any, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No such folder, a folder that is no artifact, nothing, an unknown profile: exit 2 and what to do."""
    monkeypatch.chdir(tmp_path)
    code, out, err = ara(*words)
    assert (code, out) == (2, "")
    assert "Traceback" not in err


def test_json_is_one_object_with_documented_keys(ara: Any, artifact: Path) -> None:
    """The keys are the models', and docs/ara-check.md lists them."""
    (artifact / "logic/concepts.md").unlink()
    code, out, _ = ara("check", artifact, "--json")
    told = json.loads(out)
    assert code == 1
    assert told["ok"] is False
    assert list(told) == list(CheckReport.model_fields)
    assert list(told["diagnostics"][0]) == list(DiagnosticRecord.model_fields)
    page = (Path(__file__).resolve().parents[3] / "docs" / "ara-check.md").read_text(encoding="utf-8")
    models: tuple[type[BaseModel], ...] = (CheckReport, DiagnosticRecord)
    assert all(f"`{key}`" in page for model in models for key in model.model_fields)


def test_fix_writes_and_tells(ara: Any, artifact: Path) -> None:
    """--diff shows the patch and writes nothing; --fix writes, tells each fix, and ends clean; a run is refused."""
    claims = artifact / "logic/claims.md"
    broken = claims.read_text().replace("## C01: A", "## C01 — A")
    claims.write_text(broken)
    code, out, _ = ara("check", artifact, "--diff")
    assert code == 1
    assert "+## C01: A larger window" in out
    assert claims.read_text() == broken
    (artifact.parent / "journal.jsonl").write_text("")
    code, _, err = ara("check", artifact, "--fix")
    assert code == 2
    assert "curie verify" in err
    (artifact.parent / "journal.jsonl").unlink()
    code, out, _ = ara("check", artifact, "--fix", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["fixed"] == [{"rule": "ARA004", "file": "logic/claims.md", "line": 3}]
    assert claims.read_text() == broken.replace("## C01 — A", "## C01: A")


def test_terminal_escapes_of_a_file_do_not_reach_the_terminal(ara: Any, artifact: Path) -> None:
    """A status with an escape and a right-to-left override is shown as text."""
    claims = artifact / "logic/claims.md"
    claims.write_text(claims.read_text().replace("## C02: A", "## \x1b[31mX\u202e\n## C02: A"))
    code, out, _ = ara("check", artifact)
    assert code == 1
    assert "\x1b" not in out
    assert "\u202e" not in out


@pytest.mark.parametrize("name", ["minimal-artifact", "resnet-ara-example"])
def test_published_examples(ara: Any, name: str) -> None:
    """They load, deviate as is known of them, and give valid JSON."""
    if not PUBLISHED.is_dir():
        pytest.skip("the published examples are not there")
    code, out, _ = ara("check", PUBLISHED / name, "--json")
    told = json.loads(out)
    rules = [d["rule"] for d in told["diagnostics"]]
    assert code == 1
    if name == "minimal-artifact":
        assert rules.count("A201") == 6
        assert rules.count("A501") == 2
    else:
        assert (rules.count("A512"), rules.count("A423"), rules.count("A308")) == (1, 6, 1)
        assert not {"A201", "A501", "A502", "A510"} & set(rules)


@pytest.mark.parametrize(
    ("name", "rule", "line"), [("ambiguous_root", "A602", 6), ("cycle", "A611", 12), ("dup_id", "A604", 6)]
)
def test_published_broken_trees(ara: Any, name: str, rule: str, line: int) -> None:
    """A tree alone is checked as a tree: each defect is named at its line."""
    if not PUBLISHED.is_dir():
        pytest.skip("the published examples are not there")
    code, out, _ = ara("check", PUBLISHED / "broken-trees" / f"{name}.yaml", "--json")
    assert code == 1
    assert (rule, line) in {(d["rule"], d["line"]) for d in json.loads(out)["diagnostics"]}


def test_a_claim_that_a_tree_names_and_nobody_wrote(artifact: Path, ara: Any) -> None:
    """The fourth broken tree needs claims beside it."""
    source = PUBLISHED / "broken-trees" / "broken_claim_ref.yaml"
    if not source.is_file():
        pytest.skip("the published examples are not there")
    shutil.copy(source, artifact / "trace/exploration_tree.yaml")
    found = json.loads(ara("check", artifact, "--json")[1])["diagnostics"]
    assert ("A613", 7) in {(d["rule"], d["line"]) for d in found}


def test_rules_are_listed(ara: Any) -> None:
    """Each with id, severity and sentence; the same as JSON."""
    code, out, _ = ara("rules")
    assert code == 0
    listed = json.loads(ara("rules", "--json")[1])
    assert [line.split()[0] for line in out.splitlines()] == [rule["id"] for rule in listed]


def test_help_imports_nothing_heavy() -> None:
    """`ara --help` must answer at once: no YAML, no models, no checker."""
    code = (
        "import sys; sys.argv = ['ara', '--help']\n"
        "from ara.cli.app import app\n"
        "try:\n    app(standalone_mode=False)\nexcept SystemExit:\n    pass\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'yaml', 'pydantic', 'scipy', 'matplotlib', 'ruamel'}))"
    )
    out = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert out.splitlines()[-1] == "[]"
