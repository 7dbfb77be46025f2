"""The walk over a research artifact's files: cells and fields are compared with the journal, the rest by phrases.

Tables and CSV go cell by cell (`tests.curie.cells`), JSON lines are compared with the journal's records as a whole, the
plan with its digest, drawings by their text. Of Markdown and YAML each line may hold the phrases of the run and of the
object that its section or node is about.
"""

import csv
import hashlib
import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

from curie.journal.events import FindingRecorded, TrialReproduced
from tests.curie.artifact_phrases import ArtifactPhrases
from tests.curie.numerals_walk import Sources, Stray, strays_in_html, strays_in_row


class ArtifactWalk:
    """Over one artifact."""

    def __init__(self, root: Path, sources: Sources) -> None:
        """Of the artifact in that folder, and what its run may say."""
        self.root, self.sources = root, sources
        self.phrases = ArtifactPhrases(root, sources)
        tree = root / "trace" / "exploration_tree.yaml"
        text = tree.read_text(encoding="utf-8") if tree.exists() else ""
        self._titles = re.findall(r'id: "(N\d+)"\n\s+type: "\w+"\n\s+title: "(.*)"', text)

    def files(self) -> dict[str, str]:
        """Path inside the artifact -> text, of all that is walked."""
        kinds = {".md", ".yaml", ".csv", ".jsonl", ".svg"}
        found = {}
        for path in sorted(p for p in self.root.rglob("*") if p.is_file()):
            inside = path.relative_to(self.root).as_posix()
            if inside == "src/configs/plan.json" or (path.suffix in kinds and not inside.startswith("src/code/")):
                found[inside] = path.read_text(encoding="utf-8", errors="replace")
        return found

    def strays(self, inside: str, text: str) -> list[Stray]:
        """What nothing stands behind, were this the text of that file."""
        walks = {".csv": self._csv, ".jsonl": self._jsonl, ".json": self._plan, ".svg": self._svg, ".yaml": self._tree}
        walk = walks.get(Path(inside).suffix, self._markdown)
        return [Stray(s.token, f"{inside}: {s.place[:140]}") for s in walk(inside, text)]

    def _csv(self, _: str, text: str) -> Iterator[Stray]:
        rows: set[tuple[str, ...]] = set()
        for row in csv.DictReader(io.StringIO(text)):
            told = {k: v for k, v in row.items() if k is not None and isinstance(v, str)}
            yield from strays_in_row(told, ",".join(told.values()), self.sources, rows, self.phrases.anywhere)

    def _jsonl(self, inside: str, text: str) -> Iterator[Stray]:
        dossier, finished = self.sources.dossier, self.sources.phrases.finished
        known = [
            e.event.finding.model_dump(mode="json") for e in dossier.entries if isinstance(e.event, FindingRecorded)
        ]
        known += [
            e.event.reproduction.model_dump(mode="json")
            for e in dossier.entries
            if isinstance(e.event, TrialReproduced)
        ]
        trials = [(entry.seq, r.model_dump(mode="json")) for entry, r in finished]
        slots = [slot.model_dump(mode="json") for slot in self.sources.phrases.slots]
        for row in text.splitlines():
            told = json.loads(row)
            if inside.endswith("trials.jsonl"):
                fields = ("block", "position", "key", "group")
                same = (
                    [r for seq, r in trials if seq == told["event"] and r == told["record"]]
                    if told["record"]
                    else slots
                )
                good = any(
                    all(r[f] == told[f] for f in fields)
                    and r.get("attempt", 0) == told["attempt"]
                    and (told["record"] is None or (r["reason"] or "") == told["reason"])
                    for r in same
                )
            else:
                good = told in known
            if not good:
                yield Stray(row[:60], "is no record of the journal")

    def _plan(self, _: str, text: str) -> Iterator[Stray]:
        if hashlib.sha256(text.strip().encode()).hexdigest() != self.sources.dossier.state.plan_digest:
            yield Stray("plan", "is not what its digest says")

    def _svg(self, _: str, text: str) -> Iterator[Stray]:
        yield from strays_in_html(text, self.sources)

    def _tree(self, _: str, text: str) -> Iterator[Stray]:
        """Every node's id in order, its events and claims by its title."""
        count, names, extra = 0, frozenset[str](), frozenset[str]()
        listed: set[str] = set()
        for shown in text.splitlines():
            if match := re.fullmatch(r'\s*- id: "(N\d+)"', shown):
                count += 1
                if match[1] != f"N{count:02d}":
                    yield Stray(match[1], f"is not the {count}th")
                extra = self.phrases.decided_at("question") if count == 1 else frozenset()
                names = frozenset()
                continue
            if match := re.match(r'\s+title: "(?:\d+ trials? of )?(?:Group )?([\w-]+)', shown):
                names = frozenset({match[1]}) & self.sources.phrases.names
                if match[1] in {"Design", "Repetitions", "Sandbox"}:
                    extra = self.phrases.decided_at(match[1])
                if (
                    match[1] in {"Re", "Re-runs", "Trials", "Reproduction", "A", "Reproductions"}
                    or "run again" in shown
                ):
                    extra = self.phrases.again()
                elif match[1] == "Conclusion":
                    extra = self.phrases.concluded()
                extra = extra | self._nodes(names)
            if shown in listed:
                yield Stray(shown.strip(), "stands in one list twice")
            listed = {*listed, shown} if shown.lstrip().startswith('- "') else set()
            plain = shown.replace('\\"', '"')
            yield from (Stray(t, shown) for t in self._left(plain, names, extra))

    def _nodes(self, names: frozenset[str]) -> frozenset[str]:
        """Ids of the nodes of the groups that a hypothesis compares."""
        groups = {g for h in self.sources.phrases.asked if h.id in names for g in h.rule.contrast.weights}
        return frozenset(f'"{node}"' for node, title in self._titles for g in groups if title.startswith(f"Group {g}:"))

    def _left(self, shown: str, names: frozenset[str], extra: frozenset[str]) -> tuple[str, ...]:
        own = frozenset().union(*(self.phrases.of(n) for n in names))
        return self.sources.left(shown, names, self.phrases.anywhere | own | extra)

    def _markdown(self, inside: str, text: str) -> Iterator[Stray]:
        """Rows by their cells, other lines by the object of their section."""
        by_claim = {self.phrases.claim(h.id): h.id for h in self.phrases.asked}
        names, extra = self._of_file(inside), self.phrases.numbered(inside)
        heads: list[str] = []
        rows: set[tuple[str, ...]] = set()
        headings: set[str] = set()
        for raw in html.unescape(text).splitlines():
            shown = raw.replace("\\<", "<").replace("\\>", ">")
            if match := re.match(r"##+ (.*)", shown):
                if shown in headings:
                    yield Stray(shown, "is the heading of another section too")
                headings.add(shown)
                numbered = re.match(r"[CE](\d\d):", match[1])
                about = {by_claim[numbered[1]]} if numbered and numbered[1] in by_claim else self.sources.about(shown)
                names = frozenset(about) or self._of_file(inside)
                extra = self.phrases.under(match[1]) | self.phrases.numbered(inside)
            cells = [c.strip() for c in shown.strip()[1:-1].replace("\\|", "\x01").split("|")]
            if not shown.startswith("|"):
                heads, rows = [], set()
                mentioned = set(re.findall(r"row (\w+)", shown)) & self.sources.phrases.names
                if alone := re.match(r"- \*\*Statement\*\*: (\S+), control against its twin", shown):
                    mentioned |= {
                        h.id for h in self.sources.phrases.asked if h.calibration and h.rule.metric == alone[1]
                    }
                mentioned |= set(self._titled(shown, by_claim))
                yield from (Stray(t, shown) for t in self._left(shown, names | mentioned, extra | self._node(names)))
            elif not heads:
                heads = cells
            elif set(shown) - set("|- :"):
                first = re.sub(r" \(attempt \d+\)$", "", cells[0].strip("`"))
                if first in self.sources.phrases.names:
                    row = dict(zip(heads, (c.replace("\x01", "|") for c in cells), strict=False))
                    yield from strays_in_row(
                        row, shown, self.sources, rows, self.phrases.anywhere | self._attempts(first)
                    )
                else:
                    yield from (
                        Stray(t, shown)
                        for t in self._left(
                            shown, self._linked(cells[0], by_claim), extra | self.phrases.numbered(cells[0])
                        )
                    )

    def _attempts(self, key: str) -> frozenset[str]:
        return frozenset(f"(attempt {r.attempt})" for _, r in self.sources.phrases.finished if r.key == key)

    def _of_file(self, inside: str) -> frozenset[str]:
        match = re.search(r"result_e\d+_(\w+)\.md", inside)
        return frozenset({match[1].upper()} & self.sources.phrases.names) if match else frozenset()

    def _node(self, names: frozenset[str]) -> frozenset[str]:
        """The node of a hypothesis, as a result names it."""
        return frozenset(f"node**: {node}" for node, title in self._titles for n in names if title.startswith(f"{n}: "))

    def _linked(self, cell: str, by_claim: dict[str, str]) -> frozenset[str]:
        match = re.search(r"result_e(\d+)_", cell)
        return frozenset({by_claim[match[1]]}) if match and match[1] in by_claim else frozenset()

    def _titled(self, shown: str, by_claim: dict[str, str]) -> Iterator[str]:
        """The hypothesis of `"C01 (supported): ..."`, where the line is one of a list."""
        match = re.match(r'\s*- "C(\d\d) \(', shown)
        if match and match[1] in by_claim:
            yield by_claim[match[1]]


def strays_in_artifact(root: Path, sources: Sources) -> list[Stray]:
    """Numerals of every Markdown, YAML, CSV, JSONL and SVG file of an artifact, the code apart, and of its plan."""
    walk = ArtifactWalk(root, sources)
    return [stray for inside, text in walk.files().items() for stray in walk.strays(inside, text)]
