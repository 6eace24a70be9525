"""Says what every usable column means: rules first, a language model for what they leave open."""

from __future__ import annotations

from collections import Counter

from schema_matching_pipeline.classification import (
    as_request,
    classify_by_rules,
    is_answer,
    questions,
    settle,
)
from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.model.classification import Classification
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.summary import PhaseSummary, SummaryTable
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.review import excluded_columns
from schema_matching_pipeline.workflows.ask_model import (
    Answers,
    Questionnaire,
    ask_about_columns,
    client_policy,
)
from schema_matching_pipeline.workflows.gather_knowledge import gather_knowledge
from schema_matching_pipeline.workflows.label_columns import current_profile, current_report
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client, phase
from schema_matching_pipeline.workflows.world import World

ROWS_SHOWN = 50


def classify_columns(world: World, client: str, *, run: RunStamp) -> PhaseSummary:
    """Classifies every usable column of the client and stores the verdicts.

    Raises:
        UsageError: an earlier phase has not run yet.
    """
    started = world.clock.now()
    with phase(world, client, Phase.CLASSIFICATIONS, run):
        with open_client(world, client, run) as unit:
            knowledge = gather_knowledge(world, unit, client)
            profile, report = current_profile(unit, client), current_report(unit, client)
            excluded = excluded_columns(
                report, knowledge.thresholds.profile, unit.reviews.quality_decisions(client)
            )
            decided = decided_columns(unit, client)
        ruled = classify_by_rules(profile, excluded, knowledge)
        policy = world.policies.classification
        told = client_policy(world, client, run).told
        asked = questions(profile, ruled, knowledge, told, policy, decided=decided)
        form = Questionnaire(policy.columns_per_question, as_request, is_answer)
        answers = ask_about_columns(world, client, asked, form, run)
        classification = settle(ruled, asked, answers.given, policy)
        with open_client(world, client, run) as unit:
            unit.classifications.store(client, unit.runs.latest(client).id, classification)
    return _summary(
        client, classification, len(excluded), answers, (world.clock.now() - started).total_seconds()
    )


def decided_columns(unit: UnitOfWork, client: str) -> frozenset[ColumnRef]:
    """The columns that people decided on, as the newest mapping has them: nobody else needs to say what they mean."""
    by_people = {Disposition.APPROVED, Disposition.REJECTED}
    standing = {approval.approval_hash for approval in unit.reviews.standing_approvals(client)}
    return frozenset(
        column.ref
        for column in unit.mappings.current(client)
        if column.disposition in by_people or column.approval_hash in standing
    )


def current_classification(unit: UnitOfWork, client: str) -> Classification:
    """The client's newest classification.

    Raises:
        UsageError: there is none yet.
    """
    classification = unit.classifications.current(client)
    if classification is None:
        raise not_classified(client)
    return classification


def not_classified(client: str) -> UsageError:
    """The fault that the client's columns are not classified yet."""
    return UsageError(
        f"The columns of client {client!r} are not classified yet. Run `smp onboard {client}` first."
    )


def _summary(
    client: str,
    classification: Classification,
    excluded: int,
    answers: Answers,
    seconds: float,
) -> PhaseSummary:
    known = [verdict for verdict in classification.verdicts if verdict.semantic_type]
    types = Counter(str(verdict.semantic_type) for verdict in known)
    return PhaseSummary(
        phase=Phase.CLASSIFICATIONS,
        client=client,
        counts=(
            ("columns_classified", len(known)),
            ("columns_unknown", len(classification.verdicts) - len(known)),
            ("columns_excluded", excluded),
            *answers.counts,
        ),
        tables=(
            SummaryTable(
                title="Most frequent semantic types",
                header=("semantic type", "columns"),
                rows=tuple((name, str(count)) for name, count in types.most_common(ROWS_SHOWN)),
            ),
        ),
        seconds=seconds,
    )
