"""Proposes a canonical field for every usable column."""

from __future__ import annotations

from collections import Counter

from schema_matching_pipeline.canon.figures import confidence
from schema_matching_pipeline.matching import (
    choice_questions,
    choice_request,
    is_choice,
    propose_mapping,
    read_choices,
)
from schema_matching_pipeline.model.matching import MappingProposal
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.review import ReviewQueue
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.summary import PhaseSummary, SummaryTable
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.review import (
    as_published,
    asked_columns,
    excluded_columns,
    shown_disposition,
)
from schema_matching_pipeline.workflows.ask_model import (
    Answers,
    Questionnaire,
    ask_about_columns,
    client_policy,
)
from schema_matching_pipeline.workflows.classify_columns import current_classification
from schema_matching_pipeline.workflows.derive_fields import derive_fields
from schema_matching_pipeline.workflows.gather_knowledge import gather_knowledge
from schema_matching_pipeline.workflows.label_columns import current_profile, current_report
from schema_matching_pipeline.workflows.route_columns import route_columns
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client, phase
from schema_matching_pipeline.workflows.world import World

ROWS_SHOWN = 50


def match_columns(world: World, client: str, *, run: RunStamp) -> PhaseSummary:
    """Matches the client's columns to its canonical model and stores the proposal with all candidates.

    Raises:
        UsageError: an earlier phase has not run yet.
    """
    started = world.clock.now()
    with phase(world, client, Phase.MAPPINGS, run):
        with open_client(world, client, run) as unit:
            knowledge = gather_knowledge(world, unit, client)
            profile, report = current_profile(unit, client), current_report(unit, client)
            classification = current_classification(unit, client)
            excluded = excluded_columns(
                report, knowledge.thresholds.profile, unit.reviews.quality_decisions(client)
            )
        proposal = propose_mapping(
            profile, classification, knowledge, world.policies.match, excluded=excluded
        )
        policy = world.policies.match
        told = client_policy(world, client, run).told
        decided = _decided(world, client, proposal, profile, run) if told else frozenset()
        asked = choice_questions(proposal, profile, knowledge, told, policy, decided=decided)
        form = Questionnaire(policy.model_columns, choice_request, is_choice)
        answers = ask_about_columns(world, client, asked, form, run)
        if asked:
            proposal = propose_mapping(
                profile,
                classification,
                knowledge,
                world.policies.match,
                excluded=excluded,
                choices=read_choices(asked, answers.given),
            )
        with open_client(world, client, run) as unit:
            proposal = _with_what_rests(unit, client, proposal, profile)
            proposal = derive_fields(
                world,
                unit,
                client,
                proposal=proposal,
                profile=profile,
                classification=classification,
                knowledge=knowledge,
            )
            unit.trust.store_policies(client, knowledge.thresholds)
            queue = route_columns(world, unit, client, proposal=proposal, validation=None)
            types = {column_ref: column.data_type for column_ref, column in profile.by_ref().items()}
            unit.mappings.store(client, unit.runs.latest(client).id, proposal, queue, types)
    return _summary(client, proposal, queue, answers, (world.clock.now() - started).total_seconds())


def _with_what_rests(
    unit: UnitOfWork, client: str, proposal: MappingProposal, profile: SourceProfile
) -> MappingProposal:
    return as_published(
        proposal,
        unit.publications.at_rest(client),
        unit.publications.in_force(client),
        present=profile.by_ref(),
    )


def _decided(
    world: World, client: str, proposal: MappingProposal, profile: SourceProfile, run: RunStamp
) -> frozenset[ColumnRef]:
    """The columns whose fate is settled: by a person's word that still stands, or since they are at rest."""
    with open_client(world, client, run) as unit:
        resting = _with_what_rests(unit, client, proposal, profile)
        queue = route_columns(world, unit, client, proposal=resting, validation=None)
        standing = {approval.approval_hash for approval in unit.reviews.standing_approvals(client)}
    by_people = {column.ref for column in queue.columns if column.approval_hash in standing}
    return frozenset(by_people | {each.ref for each in resting.correspondences if each.at_rest})


def _summary(
    client: str, proposal: MappingProposal, queue: ReviewQueue, answers: Answers, seconds: float
) -> PhaseSummary:
    asked = asked_columns(queue.items)
    dispositions = Counter(
        str(shown_disposition(column.disposition, column.ref, asked)) for column in queue.columns
    )
    proposed = sorted(
        (c for c in proposal.correspondences if c.target), key=lambda c: (c.confidence, str(c.ref))
    )
    return PhaseSummary(
        phase=Phase.MAPPINGS,
        client=client,
        counts=(
            ("columns_proposed", len(proposed)),
            ("fields_derived", sum(bool(c.rule and c.rule.computed) for c in proposed)),
            *((f"columns_{name}", count) for name, count in sorted(dispositions.items())),
            *answers.counts,
        ),
        tables=(
            SummaryTable(
                title="Least certain proposals",
                header=("column", "field", "confidence", "strongest reason"),
                rows=tuple(
                    (
                        str(c.ref),
                        str(c.target),
                        confidence(c.confidence),
                        c.explanation.split(";")[0].rstrip("."),
                    )
                    for c in proposed[:ROWS_SHOWN]
                ),
            ),
        ),
        version=proposal.knowledge_version,
        seconds=seconds,
    )
