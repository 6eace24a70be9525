"""One made-up client through the whole pipeline, with a simulated steward in the middle."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from schema_matching_pipeline.entrances.cli.demo.client import DemoClient, Grade
from schema_matching_pipeline.entrances.cli.demo.steward import Steward, StewardDecision
from schema_matching_pipeline.entrances.cli.identity import AGENT
from schema_matching_pipeline.entrances.orchestration.launch import SegmentRun, carry_on
from schema_matching_pipeline.entrances.orchestration.timing import phase_seconds
from schema_matching_pipeline.errors import SmpError
from schema_matching_pipeline.model.access import Actor, Role
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.pipeline import Phase, RequestKind
from schema_matching_pipeline.model.review import Decision, ItemState, ReviewItem
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.model.validation import FindingStatus
from schema_matching_pipeline.runtime import vouched_actor
from schema_matching_pipeline.settings import Settings
from schema_matching_pipeline.workflows.decide_review import approve_final, decide_items, request_run
from schema_matching_pipeline.workflows.list_mappings import MappingLine, list_mappings
from schema_matching_pipeline.workflows.list_review import ItemFilter, list_items
from schema_matching_pipeline.workflows.onboard_client import NewClient, add_client, open_as
from schema_matching_pipeline.workflows.show_client import show_client
from schema_matching_pipeline.workflows.world import Progress, World

TRUST_PROFILE = "standard"
ROUNDS_ALLOWED = 10  # a queue that never empties is a fault of ours, not patience of the steward's


class Outcome(Frozen):
    """What one onboarding took and gave.

    ``decisions`` counts what people had to say, the second person included. ``missed_faults`` names planted
    faults that no finding of the right kind noticed.
    """

    client: str
    tables: int
    columns: int
    auto_accepted: int
    auto_accepted_right: int
    sent_to_review: int
    excluded: int
    unmapped: int
    failures_found: int
    planted_faults: int
    missed_faults: tuple[str, ...]
    decisions: int
    published: int
    published_right: int
    seconds: tuple[tuple[Phase, float], ...]

    @property
    def precision(self) -> float:
        """Share of the automatically accepted columns that are right; 1 where none was accepted."""
        return self.auto_accepted_right / self.auto_accepted if self.auto_accepted else 1.0


class People(Frozen):
    """Who acts in one tenant: the engineer, the steward, and the second steward."""

    engineer: Actor
    steward: Actor
    second: Actor


def people_of(settings: Settings, world: World, tenant: str) -> People:
    """Three people with an account in the tenant."""
    tenant_id = world.registry.tenant_by_name(tenant)
    wanted = {"engineer": Role.ENGINEER, "steward": Role.STEWARD, "second": Role.STEWARD}
    return People(
        **{
            name: vouched_actor(settings, world, tenant_id, f"demo:{name}", role).but(agent=AGENT)
            for name, role in wanted.items()
        }
    )


def onboard(
    settings: Settings, world: World, people: People, client: DemoClient, slug: str, progress: Progress
) -> Outcome:
    """Adds the client under the slug, decides its queue from the truth, approves, publishes, and counts."""
    address = SourceAddress(location=client.source, schema_name=client.schema_name)
    new = NewClient(slug=slug, name=slug, address=address, source_kind="demo", trust_profile=TRUST_PROFILE)
    add_client(world, people.engineer, new, start=False)
    request_run(world, people.engineer, slug, RequestKind.ONBOARD)
    runs = list(carry_on(settings, world, slug, progress))
    proposed = list_mappings(world, people.steward, slug)
    decisions = _clear_queue(settings, world, people, client, slug, progress, runs)
    findings = _failures(world, people, slug)
    status = show_client(world, people.steward, slug)
    if not status.gate.final_open:
        approve_final(world, people.steward, slug, "All doubts are settled.")
        decisions += 1
        runs += carry_on(settings, world, slug, progress)
    return _count(
        settings,
        client,
        slug,
        proposed,
        list_mappings(world, people.steward, slug),
        findings,
        decisions,
        runs,
    )


def _clear_queue(
    settings: Settings,
    world: World,
    people: People,
    client: DemoClient,
    slug: str,
    progress: Progress,
    runs: list[SegmentRun],
) -> int:
    """Decides until nothing waits; how many decisions that took."""
    steward, made = Steward(client.truth, client.quality_truth), 0
    for _ in range(ROUNDS_ALLOWED):
        items = [
            line.item for line in list_items(world, people.steward, ItemFilter(client=slug, size=1000)).items
        ]
        if not items:
            return made
        decided = decide_items(world, people.steward, [_decision(steward, item) for item in items])
        again = [item for item in decided.items if item.state is ItemState.AWAITING_SECOND]
        if again:
            decide_items(world, people.second, [_decision(steward, item) for item in again])
        made += len(items) + len(again)
        runs += carry_on(settings, world, slug, progress)
    raise SmpError(f"The review queue of {slug} did not empty after {ROUNDS_ALLOWED} rounds.")


def _decision(steward: Steward, item: ReviewItem) -> Decision:
    said = _said(steward, item)
    named = FieldRef(entity=said.entity, field=said.field) if said.entity and said.field else None
    return Decision(
        item_id=item.id,
        kind=said.kind,
        target=named,
        reason=said.reason,
        expected_row_version=item.row_version,
    )


def _said(steward: Steward, item: ReviewItem) -> StewardDecision:
    table, column, target = item.ref.table, item.ref.column, item.target
    if item.asks_blind:
        return steward.answer(table, column, ((each.entity, each.field) for each in item.choices))
    if target is None:
        return steward.decide(item.kind, table, column)
    return steward.decide(item.kind, table, column, target.entity, target.field)


def _failures(world: World, people: People, slug: str) -> set[tuple[str, str, str]]:
    """What validation noticed, as table, column and the kind of finding."""
    with open_as(world, people.steward) as unit:
        report = unit.validations.current(slug)
    return {
        (finding.ref.table, finding.ref.column, finding.code)
        for finding in (report.findings if report else ())
        if finding.status is not FindingStatus.PASSED
    }


def _count(
    settings: Settings,
    client: DemoClient,
    slug: str,
    proposed: Sequence[MappingLine],
    final: Sequence[MappingLine],
    findings: set[tuple[str, str, str]],
    decisions: int,
    runs: Sequence[SegmentRun],
) -> Outcome:
    right = _right_targets(client)
    statuses = Counter(line.mapped.disposition for line in proposed)
    accepted = [line for line in proposed if line.mapped.disposition is Disposition.AUTO_ACCEPTED]
    published = [
        line for line in final if line.mapped.disposition in {Disposition.AUTO_ACCEPTED, Disposition.APPROVED}
    ]
    return Outcome(
        client=slug,
        tables=len({line.mapped.ref.table for line in proposed}),
        columns=len(proposed),
        auto_accepted=len(accepted),
        auto_accepted_right=sum(_is_right(line, right) for line in accepted),
        sent_to_review=statuses[Disposition.PENDING_REVIEW],
        excluded=statuses[Disposition.EXCLUDED],
        unmapped=statuses[Disposition.UNMAPPED],
        failures_found=len(findings),
        planted_faults=len(client.planted),
        missed_faults=_missed(client, findings),
        decisions=decisions,
        published=len(published),
        published_right=sum(_is_right(line, right) for line in published),
        seconds=tuple(sorted(phase_seconds(settings, runs).items())),
    )


def _right_targets(client: DemoClient) -> dict[tuple[str, str], set[FieldRef]]:
    right: dict[tuple[str, str], set[FieldRef]] = defaultdict(set)
    for row in client.truth:
        if row.grade in set(Grade):
            right[row.source_table, row.source_column].add(
                FieldRef(entity=row.canonical_entity, field=row.canonical_field)
            )
    return right


def _is_right(line: MappingLine, right: dict[tuple[str, str], set[FieldRef]]) -> bool:
    return line.mapped.target in right.get((line.mapped.ref.table, line.mapped.ref.column), set())


def _missed(client: DemoClient, findings: set[tuple[str, str, str]]) -> tuple[str, ...]:
    noticed = {(table, column) for table, column, _ in findings}
    return tuple(
        f"{fault.source_table}.{fault.source_column}: {fault.fault}"
        for fault in client.planted
        if (fault.source_table, fault.source_column) not in noticed
    )
