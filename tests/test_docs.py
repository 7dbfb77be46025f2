"""The pages under docs/ say what the code says: commands, flags, keys, and examples that run."""

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from curie.cli.app import app
from curie.cli.guard import guarded
from curie.compose import RunFlags, StudyFlags, compose
from tasks.study import TIME_UNITS, DeclaredHypothesis, EnvironmentSpec, Limits, Metric, Study

DOCS = Path(__file__).parent.parent / "docs"


def sections(page: str) -> dict[str, str]:
    """Heading of the second level -> its text."""
    parts = re.split(r"^## (.*)$", (DOCS / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str) -> dict[str, list[str]]:
    """First cell of every table row -> the other cells."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and cells[0].startswith("`"):
            found[cells[0]] = cells[1:]
    return found


def commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with flags of its own, by its words."""
    children = getattr(command, "commands", {})
    for name, child in children.items():
        yield from commands(child, (*words, name))
    if words and (not children or any(p.name == "as_json" for p in command.params)):
        yield words, command


@pytest.mark.parametrize(("words", "command"), list(commands(typer.main.get_command(app))), ids=lambda v: str(v)[:20])
def test_every_flag_of_a_command_is_in_the_reference(words: tuple[str, ...], command: Any) -> None:
    """docs/cli.md has a section for the command, with its first sentence and each flag's own help."""
    heading = next(h for h in sections("cli.md") if re.fullmatch(rf"curie {' '.join(words)}( [\[A-Z|\]]+)*", h))
    text = sections("cli.md")[heading]
    assert text.strip().splitlines()[0] == command.help.splitlines()[0]
    flags = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    expected = {", ".join(f"`{name}`" for name in p.opts): [(p.help or "").replace("|", "\\|")] for p in flags}
    assert rows(text) == expected


def test_the_reference_has_no_command_too_many() -> None:
    """A section for every command, and none for another."""
    assert len(sections("cli.md")) == len(list(commands(typer.main.get_command(app))))


@pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("The study", Study),
        ("A metric", Metric),
        ("A hypothesis", DeclaredHypothesis),
        ("limits", Limits),
        ("environment", EnvironmentSpec),
    ],
)
def test_every_key_of_the_file_is_described(heading: str, model: type[BaseModel]) -> None:
    """docs/experiment-file.md lists the keys in the model's order, which are required, and plain defaults."""
    found = rows(sections("experiment-file.md")[heading])
    assert [key.strip("`") for key in found] == list(model.model_fields)
    for name, field in model.model_fields.items():
        told = found[f"`{name}`"][0]
        assert (told == "required") == field.is_required(), name
        if type(field.default) in {bool, int, float, str} and told != "by unit":
            shown = field.default if isinstance(field.default, str) else json.dumps(field.default)
            assert told == f"`{shown}`", name


def test_the_example_file_is_read(tmp_path: Path) -> None:
    """The YAML on the page is a study."""
    text = re.search(r"```yaml\n(.*?)```", (DOCS / "experiment-file.md").read_text(encoding="utf-8"), re.DOTALL)
    assert text is not None
    (tmp_path / "e.yaml").write_text(text[1], encoding="utf-8")
    (tmp_path / "corpus.tar").write_bytes(b"")
    study = compose("e.yaml", StudyFlags(), RunFlags(), tmp_path).study
    assert (study.control, [m.name for m in study.metrics]) == ({"tool": "gzip"}, ["wall_s"])


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the example of docs/trial-contract.md in it, as the page says."""
    monkeypatch.chdir(tmp_path)
    for name in ("runs", "cache", "lease"):
        monkeypatch.setenv(f"CURIE_{name.upper()}_DIR", str(tmp_path / name))
    source = re.search(r"```python\n(.*?)```", sections("trial-contract.md")["An example"], re.DOTALL)
    assert source is not None
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "estimate.py").write_text(source[1], encoding="utf-8")
    return tmp_path


def answer(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> Any:
    """What a command line prints with --json."""
    monkeypatch.setattr("sys.argv", ["curie", *words, "--json"])
    capsys.readouterr()
    assert guarded(app, debug=True) == 0
    return json.loads(capsys.readouterr().out)


def test_the_trial_of_the_page_runs_and_the_answers_have_the_keys_of_theirs(
    example: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example as it stands on the page; what it and other commands print is what docs/json.md lists, in order."""
    shell = re.search(r"```sh\ncurie (.*?)```", sections("trial-contract.md")["An example"], re.DOTALL)
    assert shell is not None
    words = shlex.split(shell[1].replace("\\\n", " "))
    ran = answer(capsys, monkeypatch, *words)
    assert ran["trials"]["succeeded"] == 16
    assert ran["findings"][0]["metric"] == "error"
    assert ran["reproduction"]["reproduced"] == 2

    def told(heading: str) -> list[str]:
        return [key.strip("`") for key in rows(sections("json.md")[heading])]

    assert told("curie run, resume, status") == list(ran)
    assert told("trials") == list(ran["trials"])
    assert told("reproduction") == list(ran["reproduction"])
    assert told("findings and calibration") == list(ran["findings"][0])
    assert told("curie plan") == list(answer(capsys, monkeypatch, "plan", *words[1:]))
    others = rows(sections("json.md")["The others"])
    assert keys(others["`curie runs`, `curie runs list`"]) >= set(answer(capsys, monkeypatch, "runs")[0])
    assert keys(others["`curie history`"]) == set(answer(capsys, monkeypatch, "history")[0])
    assert keys(others["`curie verify`"]) >= set(answer(capsys, monkeypatch, "verify"))
    assert keys(others["`curie show`"]) >= set(answer(capsys, monkeypatch, "show", "g01-r01"))
    assert keys(others["`curie doctor`"]) >= set(answer(capsys, monkeypatch, "doctor")[0])
    assert keys(others["`curie tasks list`"]) == set(answer(capsys, monkeypatch, "tasks", "list")[0])


@pytest.mark.skipif(shutil.which("gzip") is None, reason="gzip is not installed")
def test_the_examples_with_flags_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, example: Path
) -> None:
    """Both ways of the page, as they stand there: a level that is a flag, and one that a script turns into flags."""
    text = sections("trial-contract.md")["How to vary a command with flags"]
    by_flag, script, by_name = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    (example / "code" / "pack.sh").write_text(script, encoding="utf-8")
    (tmp_path / "corpus.txt").write_text("".join(f"line {n % 97} of {n}\n" for n in range(3000)), encoding="utf-8")

    ran = answer(capsys, monkeypatch, *words_of(by_flag))
    assert ran["trials"]["succeeded"] == ran["trials"]["planned"] >= 4
    assert (ran["findings"][0]["verdict"], ran["findings"][0]["effect"] < 0) == ("supported", True)

    ran = answer(capsys, monkeypatch, *words_of(by_name))
    assert ran["trials"]["succeeded"] == ran["trials"]["planned"] >= 6
    effects = {finding["treatment"]: finding["effect"] for finding in ran["findings"]}
    assert effects["mode=fast"] > 0 != effects["mode=small"]


def words_of(shell: str) -> list[str]:
    """The words after `curie` of a command line on a page."""
    return shlex.split(shell.replace("\\\n", " "))[1:]


def test_the_units_of_times_are_named() -> None:
    """All of them, and no other."""
    told = re.search(
        r"is a \*time\* if its unit is (.*?);", sections("trial-contract.md")["What a trial gives"], re.DOTALL
    )
    assert told is not None
    assert set(re.findall(r"`([^`]+)`", told[1])) == TIME_UNITS


def keys(cells: list[str]) -> set[str]:
    """The words in code type."""
    return set(re.findall(r"`([^`]+)`", cells[0]))
