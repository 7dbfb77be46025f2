"""A745: the status of a claim is the one that its verdict gives."""

from collections.abc import Iterator

from ara.check.claims import status_of
from ara.check.context import CLAIMS, Context
from ara.check.model import Diagnostic, Rule, Severity
from ara.check.trial_table import NONE

VERDICT = Rule(
    "A745", Severity.ERROR,
    "The status of a claim follows its verdict in table2_verdicts.md: supported, refuted, and hypothesis or testing "
    "for inconclusive; later judgement may say weakened, withdrawn or revised.",
    "Restore the status, or the verdict.", "- **Status**: refuted where the verdict is supported",
)  # fmt: skip
RULES = (VERDICT,)

VERDICTS = "evidence/tables/table2_verdicts.md"
_HEAD = ["hypothesis", "claim", "verdict"]
_AFTERWARDS = frozenset({"weakened", "withdrawn", "revised"})
_STATUSES = {
    "supported": frozenset({"supported"}),
    "refuted": frozenset({"refuted"}),
    "inconclusive": frozenset({"testing", "hypothesis"}),
    "no finding": frozenset({"hypothesis"}),
}


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group."""
    document = context.document(VERDICTS)
    table = next(document.tables(), None) if document else None
    if table is None or table.header[: len(_HEAD)] != _HEAD:
        return
    for row in table.rows:
        if len(row.cells) < len(_HEAD) or row.cells[1] == NONE:
            continue
        ident, verdict = row.cells[1], row.cells[2]
        claim = context.claims.get(ident)
        if claim is None:
            yield VERDICT.at(VERDICTS, row, f"{ident} is not in {CLAIMS}")
            continue
        status = status_of(claim)
        if status not in _STATUSES.get(verdict, frozenset()) | _AFTERWARDS:
            message = f"{ident} is {status or 'without status'}, and its verdict is {verdict} in line {row.line}"
            yield VERDICT.at(CLAIMS, claim.get("status") or claim, f"{message} of {VERDICTS}")
