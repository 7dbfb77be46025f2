"""The ledger: every number and name that a text may cite, by reference, from the records of a run. Pure.

A reference is a path of segments joined by dots. A segment is bare if it is made of `A-Z a-z 0-9 _ -` only; any other
name is quoted as a JSON string, such as `profile.data."train/x.csv".rows`. `reference(...)` writes one from its parts.

| reference | what it shows |
|---|---|
| `F-H1.<field>` | a finding: effect, relative, interval, low, high, level, p, p_adjusted, n, planned, verdict, ... |
| `trial.<key>.<metric>` | the value of a trial; it wins over a fact of the same name |
| `trial.<key>.<fact>` | wall_s, cpu_s, memory_peak, foreign_cpu, seed, block, position, exit_code, outcome, ... |
| `trial.<key>.metric.<metric>`, `trial.<key>.fact.<fact>` | the same two, whatever they are called |
| `group.<id>.<metric>.mean`, `.sd`, `.min`, `.max`, `.median`, `.n` | over the group's measured trials that succeeded |
| `group.<id>.n`, `group.<id>.planned`, `group.<id>.label` | trials that succeeded and that were planned; its settings |
| `contrast.<hypothesis>.<block>` | the block contrast that the finding was computed from |
| `rerun.<key>.<metric>.original`, `.rerun`, `.low`, `.high`, `.state` | a trial run again, beside its original |
| `rerun.<key>.state`, `rerun.<key>.reason` | what the re-run came to |
| `run.<fact>`, `run.trials.<outcome>`, `run.reproduction.<state>`, `run.sandbox.kind` ... | the run as a whole |
| `plan.<fact>`, `plan.variable.<name>.<field>`, `plan.metric.<name>.<field>` | what was fixed beforehand |
| `plan.group.<id>.label`, `plan.group.<id>.setting.<variable>`, `plan.hypothesis.<id>.<field>` | the same |
| `profile.<input>.<field>`, `profile.<input>.<table>.<field>` | a mounted data set, and one of its tables |
| `profile.<input>.<table>.<column>.<field>` | one column |
| `classes.<input>.<table>.<value>`, `classes.<input>.<table>.<split>.<value>` | rows of that class |
| `common.<input>.<table>.<column>.<value>`, `splits.<input>.<table>.<split>` | rows with that value; in that split |
| `drift.<input>.<column>.<left>.<right>.<field>`, `overlap.<input>.<left>.<right>` | between two splits |
| `machine.<fact>` | the machine |

`docs/grounding.md` lists every field.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

from curie.errors import CheckFailed
from curie.rigor.facts import Fact, Facts
from curie.rigor.facts_of_data import (
    classes_facts,
    common_facts,
    drift_facts,
    overlap_facts,
    profile_facts,
    splits_facts,
)
from curie.rigor.facts_of_plan import plan_facts
from curie.rigor.facts_of_results import contrast_facts, finding_facts, group_facts, rerun_facts, trial_facts
from curie.rigor.facts_of_run import machine_facts, run_facts
from curie.state import RunState
from tasks.study import Frozen

_BARE = re.compile(r"[A-Za-z0-9_-]+")
SEGMENT = r'(?:[A-Za-z0-9_-]+|"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*")'
"""Pattern of one segment of a reference."""
_WHOLE = re.compile(rf"{SEGMENT}(?:\.{SEGMENT})*")
_PARTS = re.compile(SEGMENT)
_MOST_NAMED = 12


class Cited(Frozen):
    """What a reference shows."""

    ref: str
    text: str
    """As people read it, with its unit where there is one."""
    value: float | None
    """The value as recorded, unrounded and in the record's unit; None for text."""
    trials: tuple[str, ...] = ()
    """Keys of the trial records that it comes from."""
    anchor: str | None = None
    """Id in the HTML report that it links to, such as `finding-F-H1`, `trial-control-r01`, `group-g01`, `plan`."""


def reference(*parts: str) -> str:
    """The reference of these segments, each quoted where it must be: `reference("trial", key, metric)`."""
    return ".".join(part if _BARE.fullmatch(part) else json.dumps(part) for part in parts)


def parse(ref: str) -> tuple[str, ...]:
    """The segments of a reference.

    Raises:
        CheckFailed: it is not well formed.
    """
    if not _WHOLE.fullmatch(ref):
        raise CheckFailed(f"{ref!r} is no reference", hint='write F-H1.effect, or quote a name: profile.data."a.csv"')
    return tuple(json.loads(part) if part.startswith('"') else part for part in _PARTS.findall(ref))


class _Shelf:
    """One family of objects, such as trials: which there are, and the facts of one, looked up when asked for."""

    def __init__(
        self, names: Iterable[str], facts: Callable[[str], Facts], anchor: Callable[[str], str | None]
    ) -> None:
        self._facts = facts
        self._anchor = anchor
        self._seen: dict[str, Facts] = {}
        self.names = dict.fromkeys(names)

    def facts(self, name: str) -> Facts:
        if name not in self._seen:
            self._seen[name] = self._facts(name)
        return self._seen[name]

    def cited(self, ref: str, name: str, rest: tuple[str, ...]) -> Cited | None:
        fact: Fact | None = self.facts(name).get(rest)
        if fact is None:
            return None
        return Cited(ref=ref, text=fact.text, value=fact.value, trials=fact.trials, anchor=self._anchor(name))


class Ledger:
    """Every reference that a text about a run may hold, and what it shows."""

    def __init__(self, state: RunState) -> None:
        """Of this state, which it reads and never changes."""
        self.state = state
        """What it cites from."""

    def cite(self, ref: str) -> Cited:
        """What `ref` shows.

        Raises:
            CheckFailed: it is not well formed, or there is no such record, field or value; the hint names what there
                is.
        """
        parts = parse(ref)
        if len(parts) > 1:
            shelf, name, rest = self._locate(parts)
            if shelf is not None and name in shelf.names:
                cited = shelf.cited(ref, name, rest)
                if cited is not None:
                    return cited
                raise CheckFailed(self._lacking(name, rest), hint=_known(map(_text, shelf.facts(name))))
            if shelf is not None:
                raise CheckFailed(f"no {parts[0]} {name!r} in {ref}", hint=_known(shelf.names))
        raise CheckFailed(f"nothing is called {ref}", hint=_known((*self._findings.names, *self._shelves)))

    def refs(self) -> Iterator[str]:
        """Every reference there is."""
        for name in self._findings.names:
            yield from (reference(name, *rest) for rest in self._findings.facts(name))
        for family, shelf in self._shelves.items():
            for name in shelf.names:
                first = (family, name) if name else (family,)
                yield from (reference(*first, *rest) for rest in shelf.facts(name))

    def _locate(self, parts: tuple[str, ...]) -> "tuple[_Shelf | None, str, tuple[str, ...]]":
        """The shelf that a reference points to, the object on it, and the rest of the path."""
        if parts[0] in self._findings.names:
            return self._findings, parts[0], parts[1:]
        shelf = self._shelves.get(parts[0])
        if shelf is not None and "" in shelf.names:
            return shelf, "", parts[1:]
        return shelf, parts[1], parts[2:]

    def _lacking(self, name: str, rest: tuple[str, ...]) -> str:
        return f"{name} has no {_text(rest)}" if name else f"there is no {_text(rest)}"

    @cached_property
    def _findings(self) -> _Shelf:
        found = self.state.findings
        return _Shelf(found, lambda name: finding_facts(found[name], self.state), lambda name: f"finding-{name}")

    @cached_property
    def _shelves(self) -> Mapping[str, _Shelf]:
        """By family; a family of one object has it under the empty name."""
        state, plan = self.state, self.state.plan
        groups = [g.id for g in plan.groups] if plan else []
        asked = [h.id for h in plan.hypotheses] if plan else []
        single = {"run": run_facts, "plan": plan_facts, "machine": machine_facts}
        data = {
            "profile": profile_facts,
            "classes": classes_facts,
            "common": common_facts,
            "drift": drift_facts,
            "overlap": overlap_facts,
            "splits": splits_facts,
        }
        return {
            "trial": _Shelf(state.trials, lambda key: trial_facts(state, key), lambda key: f"trial-{key}"),
            "group": _Shelf(groups, lambda name: group_facts(state, name), lambda name: f"group-{name}"),
            "contrast": _Shelf(asked, lambda name: contrast_facts(state, name), lambda name: f"finding-F-{name}"),
            "rerun": _Shelf(state.reproductions, lambda key: rerun_facts(state, key), lambda key: f"trial-{key}"),
            **{family: _Shelf([""], _alone(of, state), _always(family)) for family, of in single.items()},
            **{
                family: _Shelf(state.profiles, _one_of(of, state), lambda name: f"profile-{name}")
                for family, of in data.items()
            },
        }


def _alone(of: Callable[[RunState], Facts], state: RunState) -> Callable[[str], Facts]:
    return lambda _: of(state)


def _one_of(of: Callable[[RunState, str], Facts], state: RunState) -> Callable[[str], Facts]:
    return lambda name: of(state, name)


def _always(anchor: str) -> Callable[[str], str]:
    return lambda _: anchor


def _text(rest: tuple[str, ...]) -> str:
    return reference(*rest) if rest else "such thing without a field"


def _known(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - _MOST_NAMED} more" if len(listed) > _MOST_NAMED else ""
    return f"there are {', '.join(listed[:_MOST_NAMED])}{more}" if listed else "there are none"
