"""A decision rule as sentences: what is compared, by which test, and when it says what. Pure."""

from collections.abc import Mapping

from curie.page.phrase import Lit, Phrase, Ref
from curie.plan import Hypothesis, Test
from curie.rigor.ledger import reference
from tasks.study import Direction

TESTS: Mapping[Test, str] = {
    "block-t": "Student's t over the differences within the blocks (exact sign flips if all are equal), two-sided",
    "block-t-stein": "Student's t over the differences within the blocks in two stages, with the spread of the first",
    "exact": "every block compared within the tolerance; nothing is tested",
}
"""Each test in words."""
_SIDES: Mapping[Direction, tuple[str, str]] = {
    "higher": ("above", "above"),
    "lower": ("below", "below minus"),
    "different": ("on one side of", "outside plus or minus"),
    "same": ("inside plus or minus", "inside plus or minus"),
}
"""Where the interval has to lie: against zero, and against a smallest effect of interest."""


def rule_of(hypothesis: Hypothesis) -> Phrase:
    """How this hypothesis is decided, in a sentence or two."""
    rule = hypothesis.rule
    threshold = Ref(reference("plan", "hypothesis", hypothesis.id, "threshold"))
    against: Phrase = (
        "In every block: ", Lit("metric", rule.metric), " of ", Lit("setting", hypothesis.treatment or "the treatment"),
        " minus that of ", Lit("setting", hypothesis.reference or "the reference"), ". ",
    )  # fmt: skip
    how: Phrase = (f"Test: {TESTS[rule.test]}. ",)
    if rule.test != "exact":
        alpha = Ref(reference("plan", "hypothesis", hypothesis.id, "alpha"))
        how = (*how, "Error over all hypotheses: ", alpha, ", after Holm. ")
    side = _SIDES[hypothesis.direction][rule.threshold > 0]
    what = "range over the blocks" if rule.test == "exact" else "adjusted interval"
    return (*against, *how, f"Supported if the {what} lies wholly {side} ", threshold, ".")
