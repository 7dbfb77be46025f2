"""`ara check`: what is wrong with an artifact, where, and what to do; `--fix` mends what a machine can."""

import json
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curie.cli import options as o

if TYPE_CHECKING:
    from ara.check.fix import Mended
    from ara.check.report import CheckReport

_COLOURS = {"error": typer.colors.RED, "warning": typer.colors.YELLOW, "note": typer.colors.CYAN}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("check")(check)
    app.command("rules")(rules)


def check(
    path: Annotated[Path, typer.Argument(metavar="DIR", help="An artifact's folder, or one exploration tree.")],
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what a machine can mend, then check again.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would change; write nothing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail the check too.")] = False,
    profile: Annotated[
        str, typer.Option("--profile", help="native, or skill: the prompts' targets count too.")
    ] = "native",
    as_json: o.Json = False,
) -> None:
    """Check an artifact: presence, fields, and every reference, with file and line."""
    from ara.check.fix import mend, refuse_sealed, unified_diff, write
    from ara.check.model import Profile
    from ara.check.registry import diagnose
    from ara.check.report import summarise
    from ara.reader.artifact import locate_artifact
    from curie.errors import UsageError

    if profile not in set(Profile):
        raise UsageError(f"there is no profile {profile!r}", hint=f"use {' or '.join(Profile)}")
    if diff and (fix or as_json):
        raise UsageError("--diff shows a patch alone: it goes with neither --fix nor --json.")
    chosen = Profile(profile)
    if fix:
        refuse_sealed(path)
    located = locate_artifact(path)
    mended = None
    if fix or diff:
        mended = mend(located, chosen)
        if diff:
            typer.echo(unified_diff(located, mended.texts), nl=False)
            raise typer.Exit(1 if mended.texts else 0)
        write(mended)
        located, found = mended.located, mended.left
    else:
        found = diagnose(located, chosen)
    report = summarise(path, located, found, chosen, strict=strict)
    if as_json:
        typer.echo(json.dumps({**report.model_dump(mode="json"), **_fixes(mended)}, indent=2))
    else:
        _show(report, mended)
    raise typer.Exit(0 if report.ok else 1)


def rules(*, as_json: o.Json = False) -> None:
    """List every rule with what must hold."""
    from ara.check.registry import all_rules

    if as_json:
        keys = ("id", "severity", "sentence", "hint", "example", "fixable")
        typer.echo(json.dumps([{key: getattr(rule, key) for key in keys} for rule in all_rules()], indent=2))
        return
    for rule in all_rules():
        typer.echo(f"{rule.id}  {rule.severity:<8} {rule.sentence}{'  (--fix)' if rule.fixable else ''}")


def _fixes(mended: "Mended | None") -> dict[str, object]:
    if mended is None:
        return {}
    fixed = [{"rule": d.rule, "file": d.file, "line": d.line} for d in mended.fixed]
    return {"fixed": fixed, "files_changed": sorted(mended.texts), "not_fixed": mended.refused}


def _show(report: "CheckReport", mended: "Mended | None") -> None:
    if mended is not None:
        for done in mended.fixed:
            typer.echo(f"fixed {_safe(done.place)} {done.rule}")
        for reason in mended.refused:
            typer.echo(f"not fixed: {_safe(reason)}")
    hints: dict[str, str] = {}
    before = None
    for found in report.diagnostics:
        if before not in {None, found.file}:
            typer.echo("")
        before = found.file
        place = ":".join(str(part) for part in (found.file, found.line, found.column) if part is not None)
        severity = typer.style(found.severity, fg=_COLOURS[found.severity])
        mark = " (--fix)" if found.fixable else ""
        typer.echo(f"{_safe(place)} {severity} {found.rule} {_safe(found.message)}{mark}")
        hints.setdefault(found.rule, found.hint)
    if hints:
        typer.echo("\nWhat to do:")
        for rule, hint in sorted(hints.items()):
            typer.echo(f"  {rule}  {hint}")
        typer.echo("")
    typer.echo(_summary(report))


def _summary(report: "CheckReport") -> str:
    counts = report.counts
    told = ", ".join(
        f"{number} {name}{'' if number == 1 else 's'}"
        for number, name in ((counts.error, "error"), (counts.warning, "warning"), (counts.note, "note"))
    )
    mendable = f"; --fix mends {counts.fixable}" if counts.fixable else ""
    verdict = "sound" if report.ok else "not sound"
    return f"{_safe(report.artifact)}: {verdict}: {told} by {report.rules_checked} rules{mendable}."


def _safe(text: str) -> str:
    """Text from files without what would move the cursor or reverse the line."""
    return "".join(c if unicodedata.category(c) not in {"Cc", "Cf", "Cs"} else f"\\x{ord(c):02x}" for c in text)
