"""The result of a check as one model: what the command prints and what `--json` holds."""

from pathlib import Path

from ara.check.model import Diagnostic, Profile, Severity
from ara.check.registry import diagnose, rules_checked
from ara.reader.artifact import Located, locate_artifact
from ara.schema.base import SCHEMA_VERSION
from tasks.study import Frozen


class DiagnosticRecord(Frozen):
    """One diagnostic. Lines and columns count from 1; null for a file that is missing or cannot be read."""

    rule: str
    severity: Severity
    file: str
    line: int | None
    column: int | None
    message: str
    hint: str
    fixable: bool


class Counts(Frozen):
    """How many diagnostics of each severity, and how many could be mended by `--fix`."""

    error: int
    warning: int
    note: int
    fixable: int


class CheckReport(Frozen):
    """What a check found."""

    artifact: str
    ok: bool
    """Whether nothing stands against it: no error; under `strict` no warning either."""
    strict: bool
    profile: Profile
    schema_version: int
    rules_checked: int
    counts: Counts
    diagnostics: tuple[DiagnosticRecord, ...]


def check(path: Path, profile: Profile = Profile.NATIVE, *, strict: bool = False) -> CheckReport:
    """Check an artifact's folder, or one exploration tree.

    Raises:
        UsageError: there is no artifact at `path`.
    """
    located = locate_artifact(path)
    return summarise(path, located, diagnose(located, profile), profile, strict=strict)


def summarise(path: Path, located: Located, found: list[Diagnostic], profile: Profile, *, strict: bool) -> CheckReport:
    """The report of these diagnostics."""
    number = {severity: sum(1 for d in found if d.severity is severity) for severity in Severity}
    return CheckReport(
        artifact=str(path),
        ok=number[Severity.ERROR] == 0 and not (strict and number[Severity.WARNING]),
        strict=strict,
        profile=profile,
        schema_version=SCHEMA_VERSION,
        rules_checked=rules_checked(located, profile),
        counts=Counts(
            error=number[Severity.ERROR],
            warning=number[Severity.WARNING],
            note=number[Severity.NOTE],
            fixable=sum(1 for d in found if d.fixable),
        ),
        diagnostics=tuple(
            DiagnosticRecord(
                rule=d.rule, severity=d.severity, file=d.file, line=d.line, column=d.column, message=d.message,
                hint=d.hint, fixable=d.fixable,
            )
            for d in found
        ),
    )  # fmt: skip
