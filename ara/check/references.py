"""A5xx: every reference between entries and files leads somewhere, and those that come in pairs agree."""

from collections.abc import Iterable, Iterator

from ara.check.claims import DECIDED, status_of
from ara.check.context import (
    CLAIMS,
    CODE_INDEX,
    EXPERIMENTS,
    HEURISTICS,
    RELATED,
    Context,
    Reference,
    links_in,
    paths_in,
    references,
    resolve,
)
from ara.check.graph import cycle_edges
from ara.check.model import Diagnostic, Rule, Severity
from ara.reader.markdown import Field, Section

_E, _W = Severity.ERROR, Severity.WARNING
_WRITE = "Correct the id, or write the entry."
PROOF = Rule("A501", _E, "Experiments in a Proof are in experiments.md.", _WRITE, "- **Proof**: [E99]")
VERIFIES = Rule("A502", _E, "Claims under Verifies are in claims.md.", _WRITE, "- **Verifies**: [C99]")
CLAIM_DEP = Rule(
    "A503",
    _E,
    "Claims under Dependencies are in claims.md.",
    _WRITE,
    "- **Dependencies**: [C99]",
)
CLAIM_CYCLE = Rule(
    "A504",
    _E,
    "No claim depends on itself, not even through others.",
    "Remove one of the dependencies.",
    "C01 depends on C02, and C02 on C01",
)
EXPERIMENT_DEP = Rule(
    "A505",
    _E,
    "Experiments under Dependencies are in experiments.md.",
    _WRITE,
    "- **Dependencies**: [E99]",
)
EXPERIMENT_CYCLE = Rule(
    "A506",
    _E,
    "No experiment depends on itself, not even through others.",
    "Remove one of the dependencies.",
    "E01 depends on E01",
)
EVIDENCE = Rule(
    "A507",
    _E,
    "Files under Evidence are there.",
    "Correct the path, or write `pending`.",
    "- **Evidence**: [evidence/tables/table9.md]",
)
RUN = Rule("A508", _E, "Files under Run are there.", "Correct the path, or write `pending`.", "- **Run**: src/gone.py")
CODE_REF = Rule(
    "A509",
    _E,
    "Files under Code ref, and those of src/artifacts.md, are there.",
    "Correct the path.",
    "- **Code ref**: [x](../../src/execution/gone.py)",
)
ORPHAN = Rule(
    "A510",
    _W,
    "Every experiment stands in the Proof of a claim.",
    "Cite it, or say what it is for in a claim.",
    "an experiment that no Proof names",
)
NOT_VERIFIED = Rule(
    "A511",
    _W,
    "An experiment that a Proof names Verifies that claim.",
    "Add the claim under Verifies.",
    "C01 is proved by E02, which verifies C02 only",
)
NOT_PROVED = Rule(
    "A512",
    _W,
    "A claim that an experiment Verifies names it in its Proof.",
    "Add the experiment to the Proof.",
    "E01 verifies C02, whose Proof is [E02]",
)
AFFECTED = Rule(
    "A513",
    _E,
    "Claims under Claims affected and Claims supported are in claims.md.",
    _WRITE,
    "- **Claims affected**: C99",
)
LINK = Rule(
    "A514",
    _W,
    "Relative links in logic and src lead to files of the artifact.",
    "Correct the link.",
    "[solution](solution/gone.md)",
)
NO_PROOF = Rule(
    "A515", _W, "The Proof of a decided claim names an experiment.", "Name the experiment: `[E01]`.",
    "- **Proof**: see the paper",
)  # fmt: skip
RULES = (
    PROOF, VERIFIES, CLAIM_DEP, CLAIM_CYCLE, EXPERIMENT_DEP, EXPERIMENT_CYCLE, EVIDENCE, RUN, CODE_REF, ORPHAN,
    NOT_VERIFIED, NOT_PROVED, AFFECTED, LINK, NO_PROOF,
)  # fmt: skip

_MOST_DIGITS = 9

_Links = dict[str, list[Reference]]


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group."""
    claims, experiments = context.claims, context.experiments
    proofs = {ident: references(s.get("proof"), "E") for ident, s in claims.items()}
    verifies = {ident: references(s.get("verifies"), "C") for ident, s in experiments.items()}
    depends = {ident: references(s.get("dependencies"), "C") for ident, s in claims.items()}
    follows = {ident: references(s.get("dependencies"), "E") for ident, s in experiments.items()}
    yield from _dangling(PROOF, CLAIMS, proofs, experiments)
    yield from _dangling(VERIFIES, EXPERIMENTS, verifies, claims)
    yield from _dangling(CLAIM_DEP, CLAIMS, depends, claims)
    yield from _dangling(EXPERIMENT_DEP, EXPERIMENTS, follows, experiments)
    yield from _cycles(CLAIM_CYCLE, CLAIMS, depends)
    yield from _cycles(EXPERIMENT_CYCLE, EXPERIMENTS, follows)
    yield from _pairs(claims, experiments, proofs, verifies)
    for ident, section in claims.items():
        proof = section.get("proof")
        if proof and proof.value and not proofs[ident] and status_of(section) in DECIDED:
            yield NO_PROOF.at(CLAIMS, proof, f"the Proof of {ident} names no experiment")
    yield from _files(context)
    yield from _affected(context)


def _dangling(rule: Rule, path: str, links: _Links, known: Iterable[str]) -> Iterator[Diagnostic]:
    there = set(known)
    for owner, targets in links.items():
        for target in targets:
            if target.ident not in there:
                yield _at(rule, path, target, f"{owner} names {target.ident}, which is not there{_near(target, there)}")


def _near(target: Reference, there: set[str]) -> str:
    prefix, digits = target.ident.rstrip("0123456789"), target.ident.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if not digits.isdecimal() or len(digits) > _MOST_DIGITS:
        return ""
    other = f"{prefix}{int(digits):02d}" if len(digits) == 1 else f"{prefix}{int(digits)}"
    return f" (there is {other})" if other in there else ""


def _cycles(rule: Rule, path: str, links: _Links) -> Iterator[Diagnostic]:
    edges = {owner: [target.ident for target in targets] for owner, targets in links.items()}
    for owner, position in cycle_edges(edges):
        target = links[owner][position]
        yield _at(rule, path, target, f"{owner} depends on {target.ident}, which depends on {owner}")


def _pairs(
    claims: dict[str, Section], experiments: dict[str, Section], proofs: _Links, verifies: _Links
) -> Iterator[Diagnostic]:
    cited = {(claim, target.ident) for claim, targets in proofs.items() for target in targets}
    verified = {(target.ident, experiment) for experiment, targets in verifies.items() for target in targets}
    for claim, targets in proofs.items():
        for target in targets:
            if target.ident in experiments and (claim, target.ident) not in verified:
                yield _at(NOT_VERIFIED, CLAIMS, target, f"{claim} names {target.ident}, which does not verify {claim}")
    proving = {experiment for _, experiment in cited}
    for experiment, targets in verifies.items():
        if experiment not in proving:
            yield ORPHAN.at(EXPERIMENTS, experiments[experiment], f"no Proof names {experiment}")
            continue
        for target in targets:
            if target.ident in claims and (target.ident, experiment) not in cited:
                message = f"{experiment} verifies {target.ident}, whose Proof does not name {experiment}"
                yield _at(NOT_PROVED, EXPERIMENTS, target, message)


def _files(context: Context) -> Iterator[Diagnostic]:
    fields: list[tuple[Rule, str, Field]] = []
    for section in context.experiments.values():
        fields += [
            (rule, EXPERIMENTS, f) for rule, key in ((EVIDENCE, "evidence"), (RUN, "run")) if (f := section.get(key))
        ]
    fields += [(CODE_REF, HEURISTICS, f) for s in context.heuristics.values() if (f := s.get("code ref"))]
    if code := context.document(CODE_INDEX):
        fields += [(CODE_REF, CODE_INDEX, f) for s in code.sections if (f := s.get("file(s) in repo"))]
    checked: set[tuple[str, int]] = set()
    for rule, path, field in fields:
        checked.update((path, line) for line, _ in field.lines)
        yield from _paths(context, rule, path, field.lines)
    for folder in ("logic", "src"):
        for path in context.located.files(folder):
            if path.startswith("src/") and path.count("/") > 1 and not path.startswith("src/configs/"):
                continue  # code and its own pages, kept as they were found
            document = context.document(path)
            for section in document.sections if document else ():
                body = [(n, text) for n, text in section.body if "](" in text and (path, n) not in checked]
                yield from _paths(context, LINK, path, body)


def _paths(context: Context, rule: Rule, path: str, lines: list[tuple[int, str]]) -> Iterator[Diagnostic]:
    for line, text in lines:
        for target, _ in links_in(text):
            real = resolve(path, target)
            # Links are relative to their file; many people write them from the root.
            if not (real and context.exists(real)) and not context.exists(target.rstrip("/")):
                yield rule.at(path, line, f"{target} is not in the artifact")
        if rule is not LINK:
            for target, _ in paths_in(text):
                if not context.exists(target.rstrip("/")):
                    yield rule.at(path, line, f"{target} is not in the artifact")


def _affected(context: Context) -> Iterator[Diagnostic]:
    links = {ident: references(s.get("claims affected"), "C") for ident, s in context.related.items()}
    yield from _dangling(AFFECTED, RELATED, links, context.claims)
    if code := context.document(CODE_INDEX):
        links = {s.title: references(s.get("claims supported"), "C") for s in code.sections}
        yield from _dangling(AFFECTED, CODE_INDEX, links, context.claims)


def _at(rule: Rule, path: str, place: Reference, message: str) -> Diagnostic:
    return Diagnostic(rule.id, rule.severity, path, place.line, place.column, message, rule.hint)
