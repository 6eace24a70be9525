"""Review items as people see them: the queue, and one item with its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from textwrap import shorten

from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.canon.figures import compared, confidence
from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.listing import Listing
from schema_matching_pipeline.entrances.cli.output import moment, table
from schema_matching_pipeline.entrances.cli.review_words import (
    ID_SHOWN,
    mapping_command,
    people_needed,
    ways_to_decide,
)
from schema_matching_pipeline.entrances.cli.value_shown import value_table
from schema_matching_pipeline.matching import BASE, confidence_steps
from schema_matching_pipeline.model.matching import Candidate, NearColumn
from schema_matching_pipeline.model.registry import ClientItem, QueuePage
from schema_matching_pipeline.model.review import WAITING, ActionKind, ItemKind, ReviewItem
from schema_matching_pipeline.review import meaning_of_approval
from schema_matching_pipeline.workflows.list_review import ItemEvidence, ReviewDetail

SIGNALS_SHOWN = 3
CANDIDATES_SHOWN = 5
WORTH_SHOWING = 0.02  # the confidence below which a candidate is none
WIDE = 200  # a narrower terminal has no room for a column of its own for everything
REASON_LENGTH = 90


def draw_queue(
    console: Console, found: QueuePage, client: str | None, nearest: Mapping[str, Sequence[NearColumn]]
) -> None:
    """Draws a page of the queue; the client of an item is named where several were asked for.

    ``nearest`` are columns, by the id of an item about a field that none fills.
    """
    checks = f" and {found.spot_checks} spot check(s), which hold nothing" if found.spot_checks else ""
    title = f"{found.holding} item(s){checks}, page {found.page} of {found.pages}"
    if console.width < WIDE:
        rows = [(line.item.id[:ID_SHOWN], *figures(line.item), _asked(line, client)) for line in found.items]
        console.print(table(title, ("item", "had", "needed", "what is asked"), rows, right=(1, 2)))
    else:
        console.print(_wide(title, found, client))
    for line in found.items:
        if line.item.asks_for_a_column and line.item.id in nearest:
            near = nearest[line.item.id]
            command = mapping_command(line.item, line.client, near)
            console.print(Text(visible(f"Fill {line.item.target}{_among(near)}: {command}"), style="dim"))
    console.print("Look at one: smp review show ITEM", style="dim")


def _among(near: Sequence[NearColumn]) -> str:
    """The columns nearest to a field, in brackets; empty where none is near.

    >>> from schema_matching_pipeline.model.source import ColumnRef
    >>> _among([NearColumn(ref=ColumnRef(table="members", column="dob"), confidence=0.41)])
    ' (near it: members.dob 0.41)'
    """
    named = ", ".join(f"{one.ref} {confidence(one.confidence)}" for one in near)
    return f" (near it: {named})" if named else ""


def _wide(title: str, found: QueuePage, client: str | None) -> Listing:
    whose = () if client else ("client",)
    header = ("item", *whose, "kind", "risk", "column", "suggested field", "had", "needed", "why")
    rows = [
        (
            line.item.id[:ID_SHOWN],
            *((line.client,) if whose else ()),
            line.item.kind,
            line.item.risk_class,
            line.item.ref,
            f"{line.item.target}, taken" if line.taken_by else line.item.target or "-",
            *figures(line.item),
            line.item.reason,
        )
        for line in found.items
    ]
    place = header.index("had")
    return table(title, header, rows, right=(place, place + 1))


def _asked(line: ClientItem, client: str | None) -> str:
    """What one item asks, in short lines."""
    item = line.item
    whose = "" if client else f"{line.client}: "
    known = item.reason.startswith("confidence ")  # the figures beside it say the same
    reason = "" if known else f": {shorten(item.reason, REASON_LENGTH, placeholder=' ...')}"
    taken = f", taken by {line.taken_by}" if line.taken_by else ""
    suggested = "which field?" if item.asks_blind else item.target or "no field"
    target = "" if item.asks_for_a_table else f"-> {suggested}{taken}\n"
    return f"{whose}{item.ref}\n{target}{item.kind}, {item.risk_class}{reason}"


def draw_item(console: Console, detail: ReviewDetail, login: str) -> None:
    """Draws one item with its evidence, candidates and history, and what the person of that login can do about it."""
    item = detail.item
    console.print(
        Text(visible(f"{item.ref}"), style="bold") + Text(f"   {item.kind}, {item.risk_class}, {item.state}")
    )
    if item.target and not item.asks_for_a_column:
        about = f": {detail.evidence.field}" if detail.evidence.field else ""
        console.print(Text(visible(f"-> {item.target}{about}")))
    if item.rule:
        console.print(Text(visible(f"by the rule: {item.rule.in_words}")))
    console.print(Text(visible(item.reason)))
    had, needed = figures(item)
    held = "" if had == "-" else f"confidence {had}, needed {needed}; "
    console.print(Text(f"{held}item {item.id}", style="dim"))
    evidence = [
        *((fact.name, fact.value) for fact in detail.evidence.column),
        *_about_the_pair(detail.evidence),
        *((fact.name, fact.value) for fact in item.facts),
    ]
    if evidence:
        console.print(table("Evidence", ("what", "is known"), evidence))
    _draw_fields(console, item, f"smp explain {detail.client} {quote(str(item.ref))}")
    if detail.values is not None and (detail.values.translates or detail.values.unmatched_rows):
        console.print(value_table("What its values become", detail.values))
        named = f"{detail.client} {quote(str(item.ref))}"
        console.print(Text(visible(f"Translate them: smp values confirm {named} --reason WHY"), style="dim"))
    if detail.evidence.nearest:
        near = [(one.ref, confidence(one.confidence)) for one in detail.evidence.nearest]
        console.print(table("Columns near it that fill nothing", ("column", "confidence"), near, right=(1,)))
    if detail.history:
        said = [
            (
                moment(a.when),
                a.who,
                f"{a.decision} (taken back)" if a.taken_back else a.decision,
                a.target or "-",
                a.rule.in_words if a.rule else "-",
                a.reason,
            )
            for a in detail.history
        ]
        console.print(table("History", ("when", "who", "decision", "field", "rule", "reason"), said))
    draw_marks(console, detail)
    if item.state in WAITING:
        _draw_ways(console, detail, login)
    elif detail.way_back:
        _draw_ways_back(console, detail, login)


def draw_marks(console: Console, detail: ReviewDetail) -> None:
    """Draws whose an item is, what was decided meanwhile, why it is flagged, and what people noted."""
    if detail.assignee:
        console.print(Text(visible(f"Assigned to {detail.assignee}.")))
    if detail.taken_by:
        console.print(
            Text(visible(f"Taken: {detail.taken_by} fills {detail.item.target} by now, and one column may."))
        )
    if detail.flag:
        console.print(Text(visible(f"Flagged: {detail.flag}")))
    if detail.comments:
        noted = [(moment(each.when), each.who, each.text) for each in detail.comments]
        console.print(table("Comments", ("when", "who", "comment"), noted))


def _draw_ways_back(console: Console, detail: ReviewDetail, login: str) -> None:
    """The commands that lead back from a decision."""
    console.print(Text(visible(f"To decide otherwise: {detail.way_back}"), style="dim"))
    said = [act for act in detail.history if act.decision is not ActionKind.UNDO and not act.taken_back]
    if said and said[-1].who == login and not detail.item.spot_check:
        console.print(Text(f"To take it back: smp review undo {detail.item.id[:ID_SHOWN]}", style="dim"))


def _draw_ways(console: Console, detail: ReviewDetail, login: str) -> None:
    """What approving an open item means, who must, and the commands to decide it."""
    item, approved = detail.item, login in detail.agreed
    console.print(Text(visible(meaning_of_approval(item))))
    if needed := people_needed(item, detail.agreed, blind=detail.blind):
        console.print(Text(visible(needed)))
    for what, command in ways_to_decide(item, detail.client, detail.evidence.nearest, approved=approved):
        console.print(Text(visible(f"  {what}: {command}"), style="dim"))


def _about_the_pair(evidence: ItemEvidence) -> Iterator[tuple[str, str]]:
    if evidence.speaks_for:
        yield "speaks for it", evidence.speaks_for
    for finding in evidence.findings:
        yield f"check {finding.status}", finding.message


def _draw_fields(console: Console, item: ReviewItem, explained: str) -> None:
    """The fields that an item may be about: what a blind question chooses among, or candidates."""
    if item.choices:
        console.print(table("Fields it may fill, by name", ("field",), [(each,) for each in item.choices]))
    if item.candidates:
        _draw_candidates(console, item.candidates, explained)


def _draw_candidates(console: Console, candidates: Sequence[Candidate], explained: str) -> None:
    """The likely candidates, and the command by which each is ``explained``."""
    likely = [one for one in candidates if one.confidence >= WORTH_SHOWING] or candidates[:1]
    shown = likely[:CANDIDATES_SHOWN]
    rows = [(one.target, confidence(one.confidence), _strongest(one)) for one in shown]
    header = ("field", "confidence", "what speaks for (+) and against (-) it most")
    console.print(table("Candidates", header, rows, right=(1,)))
    if len(candidates) > len(shown):
        console.print(Text(f"{len(candidates) - len(shown)} less likely one(s) are not shown.", style="dim"))
    console.print(Text(visible(f"Each by all its signals: {explained}"), style="dim"))


def figures(item: ReviewItem) -> tuple[str, str]:
    """The confidence an item has and needs; a flagged column or a finding on the data has neither, a spot check tells none."""
    if item.kind in {ItemKind.QUALITY, ItemKind.VALIDATION} or item.asks_blind:
        return "-", "-"
    return compared(item.had, item.needed)


def _strongest(candidate: Candidate) -> str:
    """The signals that move the confidence most, in words, with what they add to its log-odds."""
    steps = [step for step in confidence_steps(candidate) if step.signal != BASE]
    return ", ".join(f"{step.in_words} {step.share:+.1f}" for step in steps[:SIGNALS_SHOWN])
