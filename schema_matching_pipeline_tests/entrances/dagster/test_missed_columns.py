"""What a steward maps without being asked: validated, kept through profiles, taken back, and asked for again with the data."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.errors import BadDecisionError, NotAllowedError, UnknownNameError
from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import Cast, Disposition, MappedColumn, TransformRule
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemKind
from schema_matching_pipeline.workflows.decide_column import decide_use, map_column
from schema_matching_pipeline.workflows.decide_review import decide_items
from schema_matching_pipeline.workflows.list_mappings import list_mappings
from schema_matching_pipeline.workflows.list_review import show_item
from schema_matching_pipeline_tests.entrances.dagster.installation import (
    PATIENTS,
    Installation,
    write_tables,
)
from schema_matching_pipeline_tests.entrances.dagster.test_overruled_labels import (
    MADE_UP,
    clear_queue,
    propose,
)

MISSED, FLAGGED = "patients.zq7", "patients.email"
DAYS = tuple(
    f"{day.split('-')[2]}.{day.split('-')[1]}.{day.split('-')[0]}" for day in PATIENTS["date_of_birth"]
)
BIRTH = FieldRef(entity="patient", field="birth_date")
BORN = TransformRule(cast=Cast.DATE, date_format="%d.%m.%Y")


@pytest.fixture(scope="module")
def alone(installation: Installation) -> Installation:
    return installation.alone("missed")


def tables(days: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    known = ("patient_id", "first_name", "last_name")
    return {**{name: PATIENTS[name] for name in known}, "zq7": days, "qx9": days[::-1], "email": MADE_UP}


@pytest.fixture(scope="module")
def client(alone: Installation) -> str:
    slug = alone.add_client("missed", patients=tables(DAYS))
    propose(alone, slug)
    return slug


def mapped(alone: Installation, client: str, column: str) -> MappedColumn:
    lines = list_mappings(alone.world, alone.steward, client)
    return next(line.mapped for line in lines if str(line.mapped.ref) == column)


def give(alone: Installation, client: str, column: str = MISSED, target: FieldRef = BIRTH) -> None:
    map_column(alone.world, alone.steward, client, column, target, rule=BORN, reason="they say so")


def test_what_is_not_there_or_not_allowed_is_refused_by_name(alone: Installation, client: str):
    with pytest.raises(UnknownNameError, match=r"Did you mean 'patients\.zq7'"):
        give(alone, client, "patients.zq8")
    with pytest.raises(UnknownNameError, match=r"Did you mean 'patient\.birth_date'"):
        give(alone, client, target=FieldRef(entity="patient", field="brith_date"))
    with pytest.raises(NotAllowedError):
        map_column(
            alone.world,
            alone.steward.but(role=Role.VIEWER),
            client,
            MISSED,
            BIRTH,
            rule=None,
            reason="x",
        )
    with pytest.raises(BadDecisionError, match=rf"To map it: smp review include {client} patients\.zq7 --to"):
        decide_use(alone.world, alone.steward, client, MISSED, used=True, reason="x")


def test_a_missed_column_is_mapped_kept_taken_back_and_mapped_again(alone: Installation, client: str):
    missed = mapped(alone, client, MISSED)
    assert (missed.disposition, missed.target) == (Disposition.PENDING_REVIEW, None)
    flagged = next(item for item in alone.items(client) if str(item.ref) == FLAGGED)
    assert flagged.kind is ItemKind.QUALITY
    number = FieldRef(entity="patient", field="medical_record_number")
    used = Decision(
        item_id=flagged.id, kind=DecisionKind.OVERRIDE, target=number, reason="their numbers are addresses"
    )
    decide_items(alone.world, alone.steward, (used,))

    give(alone, client)
    clear_queue(alone, client)
    for _ in range(2):
        found = mapped(alone, client, MISSED)
        assert (found.disposition, found.target, found.rule) == (Disposition.APPROVED, BIRTH, BORN)
        assert found.validation_status == "validated"
        kept = mapped(alone, client, FLAGGED)
        assert (kept.disposition, kept.target) == (Disposition.APPROVED, number)
        assert alone.gate(client).review_open
        write_tables(alone.folder / client, patients=tables(DAYS))
        propose(alone, client)

    decide_use(alone.world, alone.second, client, MISSED, used=False, reason="nobody wants them")
    propose(alone, client)
    assert mapped(alone, client, MISSED).disposition is Disposition.EXCLUDED
    gap = next(item for item in alone.items(client) if item.target == BIRTH)
    assert gap.asks_for_a_column
    give(alone, client)
    propose(alone, client)
    assert mapped(alone, client, MISSED).disposition is Disposition.APPROVED
    assert BIRTH not in {item.target for item in alone.items(client)}
    assert show_item(alone.world, alone.steward, gap.id).item.state == "withdrawn"

    write_tables(alone.folder / client, patients=tables(tuple(str(n % 3) for n in range(40))))
    propose(alone, client)
    assert mapped(alone, client, MISSED).disposition is not Disposition.APPROVED
