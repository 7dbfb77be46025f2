"""What an artifact's files may say beyond a report: its own ids and files, and the plan's settings and rules."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from curie.journal.events import ConclusionRecorded, PlanFrozen, SandboxChosen, TrialReproduced
from curie.records import Finding
from tests.curie.numerals_walk import Sources

PUBLISHED = (
    "RW01: Student (1908)",
    "10.1093/biomet/6.1.1",
    "RW02: Holm (1979)",
    "RW01: Holm (1979)",
    "10.2307/4615733",
    "RW02: Stein (1945)",
    "RW03: Stein (1945)",
    "10.1214/aoms/1177731088",
)
"""Papers that an artifact names as the source of its methods."""
STEPS = (
    "1. Freeze",
    "2. Run one control trial",
    "3. Run every group",
    "4. Run a sample",
    "5. In",
    "4. In",
    'ara_version: "1.0"',
    "journal.jsonl:1 (run_created)",
    "; 0 where none was declared",
)


class ArtifactPhrases:
    """Phrases of one artifact's files."""

    def __init__(self, root: Path, sources: Sources) -> None:
        """Of the artifact in that folder."""
        self.root, self.sources = root, sources
        self.asked = [h for h in sources.phrases.asked if not h.calibration]
        table = root / "evidence" / "tables" / "table2_verdicts.md"
        self._verdicts = table.read_text(encoding="utf-8").splitlines() if table.exists() else []

    def claim(self, hypothesis: str) -> str:
        """Number of a hypothesis among those that are asked, from 1, in two digits."""
        return f"{[h.id for h in self.asked].index(hypothesis) + 1:02d}"

    @cached_property
    def anywhere(self) -> frozenset[str]:
        """In every file."""
        own = (*PUBLISHED, *STEPS, *self._files(), *self._ids(), *self._settings(), *self._places())
        return frozenset(phrase for phrase in own if re.search(r"\d", phrase))

    def _places(self) -> Iterator[str]:
        """The journal's length with its head, and what was executed."""
        yield from (f"{e.seq} events, head {e.hash}" for e in self.sources.dossier.entries)
        for _, record in self.sources.phrases.finished:
            if (run := record.executable) is not None:
                yield f"{run.path} (sha256 {run.sha256})"

    def _files(self) -> Iterator[str]:
        paths = [p for p in self.root.rglob("*") if p.is_file()]
        for path in paths:
            inside = path.relative_to(self.root).as_posix()
            yield from (inside, path.name)
            for start in ("evidence/", "src/", "logic/"):
                if inside.startswith(start):
                    place = inside.removeprefix(start)
                    yield from (place, f"[{place}]({place})", f"[{place}]({inside})")
            if path.name.startswith("result_"):
                yield path.name

    def numbered(self, name: str) -> frozenset[str]:
        """`Table 2` in the file that is numbered so and in its row of an index; what is derived from Table 1."""
        match = re.search(r"(table|figure)(\d+)_", name)
        return frozenset({f"{match[1].title()} {match[2]}", f"figure {match[2]}"}) if match else frozenset()

    def _ids(self) -> Iterator[str]:
        claims = [self.claim(h.id) for h in self.asked]
        yield from (
            ", ".join(f"C{n}" for n in claims),
            "### O01: A question was asked",
            "G01: The answer",
            "by**: O01",
        )
        yield from ("**Derived from**: O01", "\u00b6 - A01:", "\u00b6 - A02:", "\u00b6 - A03:")
        yield f"year: {self.sources.dossier.started:%Y}"
        for metric in {h.rule.metric for h in self.asked}:
            yield ", ".join(f"C{self.claim(h.id)}" for h in self.asked if h.rule.metric == metric)
        counts = (len(claims), self._count("evidence/tables"), self._count("evidence/figures"))
        yield f"It holds {counts[0]} claims, {counts[0]} experiments, {counts[1]} tables and {counts[2]} figures"
        for found in re.findall(r"It holds .*", (self.root / "PAPER.md").read_text(encoding="utf-8")):
            wanted = [_many(counts[0], "claim"), _many(counts[0], "experiment"), _many(counts[1], "table")]
            wanted += [_many(counts[2], "figure")] if counts[2] else []
            if re.findall(r"\d+ \w+", found) == wanted:
                yield from wanted

    def _count(self, folder: str) -> int:
        return len(list((self.root / folder).glob("*.md")))

    def _settings(self) -> Iterator[str]:
        phrases, plan = self.sources.phrases, self.sources.dossier.state.plan
        if plan is None:
            return
        reps, limits = plan.repetitions, plan.resources.limits
        yield from (f"{reps.blocks} randomised complete blocks", f"{reps.blocks} blocks ({reps.max_blocks} at most)")
        yield from (
            f"at most {reps.max_blocks}",
            f"cores a trial: {plan.resources.cores}",
            f"Plan revision {plan.revision}",
        )
        yield from (f"may take {limits.timeout_s} s", f"**Plan seed**: {plan.seed}", f"unit {plan.metrics[0].unit}")
        seeds = {r.block: r.seed for _, r in phrases.finished if r.block and r.purpose == "measure"}
        yield ", ".join(f"{block}: {seed}" for block, seed in sorted(seeds.items()))
        for m in plan.metrics:
            yield from (
                f"unit {m.unit}",
                f"{m.name}: 0.0 {m.unit}",
                f"tolerance {m.tolerance}",
                f"effect ({m.unit}",
                f"({m.unit}, linear scale)",
            )
        yield from (f"{m.name} ({m.unit}, log scale)" for m in plan.metrics)
        units = ", ".join(dict.fromkeys(m.unit for m in plan.metrics))
        yield from (f"effect ({units}, linear scale)", f"compared with: {plan.control.label}")
        for h in phrases.asked:
            weights = ", ".join(f"{g} {w}" for g, w in sorted(h.rule.contrast.weights.items()))
            yield (
                f"alpha {h.rule.alpha}, correction holm, threshold {h.rule.threshold} in {h.rule.metric}; "
                f"contrast {weights}"
            )
            yield f"{h.rule.metric}: {h.rule.threshold} {plan.metric(h.rule.metric).unit}"
        for place, (entry, kind) in enumerate(self._diagnosed(), start=2):
            yield f"### O{place:02d}: {kind} {entry}"

    def _diagnosed(self) -> Iterator[tuple[str, str]]:
        for h in self.sources.phrases.asked:
            if h.calibration and f"F-{h.id}" in self.sources.dossier.state.findings:
                yield f"against itself in {h.rule.metric}", "The control"
        for diagnostic in self.sources.dossier.state.diagnostics:
            yield f"{diagnostic.id} ({diagnostic.severity})", "Diagnostic"

    def under(self, heading: str) -> frozenset[str]:
        """Values below a heading of the plan's settings."""
        plan = self.sources.dossier.state.plan
        if plan is None:
            return frozenset()
        limits = plan.resources.limits
        values = {"revision": plan.revision, "seed": plan.seed, "blocks": plan.repetitions.blocks}
        values |= {"cores": plan.resources.cores, "timeout_s": limits.timeout_s, "memory_mb": limits.memory_mb}
        values |= {"output_mb": limits.output_mb, "pids": limits.pids}
        return frozenset({f"**Value**: {values[heading]} \u00b6"}) if heading in values else frozenset()

    def of(self, name: str) -> frozenset[str]:
        """Of a hypothesis or group."""
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = frozenset(self._of(name))
        return found

    @cached_property
    def _made(self) -> dict[str, frozenset[str]]:
        return {}

    def _of(self, name: str) -> Iterator[str]:
        for h in self.asked:
            if name in h.rule.contrast.weights:
                yield f"C{self.claim(h.id)}"
        if name not in {r.group for _, r in self.sources.phrases.finished}:
            yield from self.decided_at("Design")
        asked = next((h for h in self.sources.phrases.asked if h.id == name), None)
        if asked is None:
            return
        yield f"row {name}"
        if not asked.calibration:
            n = self.claim(name)
            yield from (
                f"C{n}",
                f"E{n}",
                f"\u00b6 # E{n}: trials behind C{n}",
                f"e{n}_{name.lower()}",
                f"result_e{n}_{name.lower()}.md",
            )
        finding = self.sources.dossier.state.findings.get(f"F-{name}")
        if finding is not None:
            yield from self._quoted(name, finding)

    def _quoted(self, name: str, finding: Finding) -> Iterator[str]:
        """What a claim quotes: the row of the table of verdicts, with its line, for each number that stands in it."""
        bounds = finding.interval
        for place, row in enumerate(self._verdicts, start=1):
            if row.startswith(f"| {name} |"):
                yield f"{finding.verdict} \u2190 evidence/tables/table2_verdicts.md:{place} \u00ab{row}\u00bb"
                for value in (finding.effect, bounds and bounds.low, bounds and bounds.high):
                    if value is not None and f"| {value!r} |" in row:
                        yield f"{value!r} \u2190 evidence/tables/table2_verdicts.md:{place} \u00ab{row}\u00bb"

    def again(self) -> frozenset[str]:
        """The re-runs as a node of the tree has them: their first event, trials, counts and the claims on them."""
        state, dossier = self.sources.dossier.state, self.sources.dossier
        seqs = [e.seq for e in dossier.entries if isinstance(e.event, TrialReproduced)]
        counts = Counter(r.state.replace("_", " ") for r in state.reproductions.values())
        groups = {state.trials[key].group for key in state.reproductions}
        claims = {f"C{self.claim(h.id)}" for h in self.asked if groups & set(h.rule.contrast.weights)}
        own = {", ".join(state.reproductions), ", ".join(f"{n} {name}" for name, n in counts.items())}
        return frozenset({*(f"journal.jsonl:{seq}" for seq in seqs[:1]), *own, *claims})

    def concluded(self) -> frozenset[str]:
        """The conclusion's event, and every claim."""
        seqs = [e.seq for e in self.sources.dossier.entries if isinstance(e.event, ConclusionRecorded)]
        return frozenset({f"journal.jsonl:{seqs[-1]}" if seqs else "", *(f"C{self.claim(h.id)}" for h in self.asked)})

    def decided_at(self, kind: str) -> frozenset[str]:
        """Where the journal holds a decision: the plan's event, or the sandbox's."""
        wanted = SandboxChosen if kind == "Sandbox" else PlanFrozen
        seqs = [e.seq for e in self.sources.dossier.entries if isinstance(e.event, wanted)]
        return frozenset(f"journal.jsonl:{seq}" for seq in (seqs[-1:] if kind != "question" else [1]))


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
