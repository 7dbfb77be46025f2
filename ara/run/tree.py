"""The exploration tree of a run: every decision, experiment, revision, and every branch that failed. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ara.run.dead_ends import failures, not_passed, stops
from ara.run.evidence import VERDICTS, cells, metric_table, shortened
from ara.run.facts import RunFacts, ref
from ara.run.tree_ids import Numbering
from ara.run.wording import expected
from ara.schema.trace import (
    DeadEndNode,
    DecisionNode,
    ExperimentNode,
    InsightNode,
    Node,
    PivotNode,
    QuestionNode,
)
from curie.journal.events import BlocksDecided, ConclusionRecorded, InboxReceived, SandboxChosen
from curie.plan import Hypothesis, Plan
from curie.report import effect_text, interval_text
from tasks.study import Direction

_REFUTED: dict[Direction, str] = {
    "higher": "It is not higher: effect {effect}",
    "lower": "It is not lower: effect {effect}",
    "different": "There is no difference that matters: effect {effect}",
    "same": "There is a difference that matters: effect {effect}",
}


@dataclass
class Explored:
    """A tree under construction."""

    roots: tuple[Node, ...] = ()
    experiments: dict[str, str] = field(default_factory=dict)
    """Hypothesis -> its node."""


def tree_of(facts: RunFacts) -> Explored:
    """The tree: a question, below it what was decided, done, abandoned and understood, in that order."""
    explored = Explored()
    number = Numbering()
    root = number.next()
    children: list[Node] = [*_decisions(facts, number), *_pivots(facts, number), *_groups(facts, number)]
    group_nodes = {
        n.title.split(":", 1)[0].removeprefix("Group "): n.id for n in children if n.title.startswith("Group ")
    }
    for hypothesis in (*facts.hypotheses, *_calibrations(facts)):
        node = _hypothesis(facts, hypothesis, number, group_nodes)
        explored.experiments[hypothesis.id] = node.id
        children.append(node)
    children += [*not_passed(facts, number), *stops(facts, number), *_insights(facts, number)]
    created = facts.dossier.state.created
    question = created.question if created else "unknown"
    explored.roots = (
        QuestionNode(
            id=root,
            title=shortened(question, 160),
            source_refs=ref(1),
            description=question,
            children=tuple(children),
        ),
    )
    return explored


def _calibrations(facts: RunFacts) -> Sequence[Hypothesis]:
    return [h for h in facts.plan.hypotheses if h.calibration] if facts.plan else ()


def _decisions(facts: RunFacts, number: Numbering) -> list[Node]:
    nodes: list[Node] = []
    plan = facts.plan
    if plan is not None:
        nodes += _planned(plan, facts.plan_events[0][0], number)
    for entry in facts.entries:
        if isinstance(entry.event, BlocksDecided):
            nodes.append(
                DecisionNode(
                    id=number.next(),
                    title="Blocks of the second stage",
                    source_refs=ref(entry.seq),
                    choice=f"{entry.event.blocks} blocks in all",
                    alternatives=(f"stay at the {plan.repetitions.blocks} blocks of the first stage",) if plan else (),
                    rationale=entry.event.reason,
                )
            )
        if isinstance(entry.event, SandboxChosen):
            chosen = entry.event
            others = [kind for kind in ("bubblewrap", "process") if kind != chosen.kind]
            nodes.append(
                DecisionNode(
                    id=number.next(),
                    title="Sandbox",
                    source_refs=ref(entry.seq),
                    choice=f"{chosen.kind}: {chosen.isolation}",
                    alternatives=tuple(others),
                    rationale=f"limits not enforced: {'; '.join(chosen.unenforced)}" if chosen.unenforced else "",
                )
            )
    return nodes


def _planned(plan: Plan, seq: int, number: Numbering) -> list[Node]:
    reps = plan.repetitions
    other = "full-factorial" if plan.design == "one-factor" else "one-factor"
    other_reps = "fixed" if reps.kind == "two-stage" else "two-stage (Stein): the spread of a first stage decides"
    return [
        DecisionNode(
            id=number.next(),
            title="Design",
            source_refs=ref(seq),
            choice=f"{plan.design}, {len(plan.groups)} groups in randomised complete blocks",
            alternatives=(other, "all trials of a group in a row, which mistakes drift for an effect"),
            rationale="Differences within blocks are free of drift between them",
        ),
        DecisionNode(
            id=number.next(),
            title="Repetitions",
            source_refs=ref(seq),
            choice=f"{reps.kind}, {reps.blocks} blocks ({reps.max_blocks} at most) over {plan.replicate_over}s",
            alternatives=(other_reps,),
            rationale=f"Aims at a power of {reps.power!r}; nothing stops on a test result",
        ),
    ]


def _pivots(facts: RunFacts, number: Numbering) -> list[Node]:
    nodes: list[Node] = []
    for (_, before), (seq, after) in zip(facts.plan_events, facts.plan_events[1:], strict=False):
        seen = "after outcomes had been seen: exploratory" if after.plan.exploratory else "before any outcome was seen"
        nodes.append(
            PivotNode(
                id=number.next(),
                title=f"Plan revision {after.plan.revision}",
                source_refs=ref(seq),
                prior_direction=f"revision {before.plan.revision}, digest {before.digest}",
                new_direction=f"revision {after.plan.revision}, digest {after.digest}, frozen {seen}",
                reason=after.plan.reason or "no reason was given",
            )
        )
    return nodes


def _groups(facts: RunFacts, number: Numbering) -> list[Node]:
    """A node a group, with its failures below it; the gate and trials of unknown groups have their own."""
    plan = facts.plan
    labels = {g.id: g.label for g in plan.groups} if plan else {}
    nodes: list[Node] = []
    for group in dict.fromkeys([*labels, *(row.group for row in facts.rows)]):
        rows = [row for row in facts.rows if row.group == group]
        counted: dict[str, int] = {}
        for row in rows:
            name = f"{row.purpose} {row.outcome}" if row.standing == "counts" else row.standing
            counted[name] = counted.get(name, 0) + 1
        node = number.next()
        nodes.append(
            ExperimentNode(
                id=node,
                title=f"Group {group}: {shortened(labels.get(group, 'not in the plan'), 160)}",
                source_refs=ref(next((row.event for row in rows if row.event), facts.plan_events[0][0] if plan else 1)),
                description=f"Every trial of group {group}; the rows are in evidence/tables/table1_trials.md",
                result=", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counted.items()) or "no trial",
                evidence=facts.claims_with(group),
                children=tuple(failures(facts, rows, number)),
            )
        )
    return nodes


def _hypothesis(facts: RunFacts, hypothesis: Hypothesis, number: Numbering, groups: Mapping[str, str]) -> Node:
    finding = facts.findings.get(hypothesis.id)
    claim = facts.claim_ids.get(hypothesis.id)
    node = number.next()
    result = "no finding: the trials that it needs did not all run"
    if finding is not None:
        result = (
            f"{finding.verdict}: effect {effect_text(finding)}, interval {interval_text(finding)}; {finding.reason}"
        )
    where = f"evidence/tables/{VERDICTS}.md", f"evidence/tables/{metric_table(facts, hypothesis.rule.metric)}.md"
    children: tuple[Node, ...] = ()
    if finding is None or finding.verdict != "supported" or finding.reversed_in:
        children = (_unsupported(facts, hypothesis, number),)
    return ExperimentNode(
        id=node,
        title=f"{hypothesis.id}: {shortened(hypothesis.statement or expected(hypothesis), 160)}",
        source_refs=(*ref(facts.finding_events.get(hypothesis.id)), *where),
        description=hypothesis.statement or expected(hypothesis),
        result=result,
        evidence=(claim,) if claim else (),
        also_depends_on=tuple(groups[g] for g in hypothesis.rule.contrast.weights if g in groups),
        children=children,
    )


def _unsupported(facts: RunFacts, hypothesis: Hypothesis, number: Numbering) -> Node:
    finding = facts.findings.get(hypothesis.id)
    claim = facts.claim_ids.get(hypothesis.id)
    lesson = "It can be decided only when the missing trials have run"
    verdict, reason = "undecided", "no finding: the run ended before its analysis"
    if finding is not None:
        verdict, reason = finding.verdict, finding.reason
        lesson = _REFUTED[hypothesis.direction].format(effect=effect_text(finding))
        if finding.reversed_in:
            reason += f"; the effect points the other way in {cells(finding)}"
            lesson = "A mean over cells hides cells in which the effect is reversed"
        elif finding.verdict == "inconclusive":
            lesson = finding.decider.advice if finding.decider else "These data leave it open"
    if hypothesis.calibration:
        lesson = "The control did not differ from its twin, as it should not"
    return DeadEndNode(
        id=number.next(),
        title=f"{hypothesis.id} {verdict if not (finding and finding.reversed_in) else 'reversed in some cells'}",
        source_refs=ref(facts.finding_events.get(hypothesis.id)) or (f"evidence/tables/{VERDICTS}.md",),
        hypothesis=hypothesis.statement or expected(hypothesis),
        failure_mode=f"{verdict}: {reason}",
        lesson=lesson,
        evidence=(claim,) if claim else (),
    )


def _insights(facts: RunFacts, number: Numbering) -> list[Node]:
    nodes: list[Node] = []
    for entry in facts.entries:
        event = entry.event
        if isinstance(event, InboxReceived) and event.kind == "note":
            nodes.append(
                InsightNode(
                    id=number.next(), title="A note of a person", source_refs=ref(entry.seq), description=event.text
                )
            )
        if isinstance(event, ConclusionRecorded):
            answer = facts.dossier.result.answer or "none"
            nodes.append(
                InsightNode(
                    id=number.next(),
                    title="Conclusion",
                    source_refs=ref(entry.seq),
                    description=answer,
                    evidence=facts.all_claims,
                )
            )
    return nodes
