"""The review queue and its items as a person sees them, however narrow the terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from schema_matching_pipeline.entrances.cli.review_shown import draw_item, draw_queue
from schema_matching_pipeline.model.canonical import FieldRef, RiskClass
from schema_matching_pipeline.model.matching import Candidate
from schema_matching_pipeline.model.quality import EvidenceFact
from schema_matching_pipeline.model.registry import ClientItem, QueuePage
from schema_matching_pipeline.model.review import ItemKind, ItemState, ReviewItem
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.workflows.list_review import ItemEvidence, ReviewDetail


def an_item(reason: str = "confidence 0.83 is below 0.97, which patient (critical) needs") -> ReviewItem:
    return ReviewItem(
        id="0123456789abcdef",
        kind=ItemKind.MAPPING,
        ref=ColumnRef(table="versicherungsvertraege", column="geburtsdatum_versicherter"),
        target=FieldRef(entity="insurance_policy", field="subscriber_birth_date"),
        risk_class=RiskClass.CRITICAL,
        reason=reason,
        needed=0.97,
        had=0.83,
    )


def drawn(width: int, client: str | None = "acme", **about: str) -> str:
    item = ClientItem.model_validate({"client": "acme", "item": an_item(**about), "opened_at": "2030-01-01"})
    page = io.StringIO()
    found = QueuePage(total=3, spot_checks=2, page=1, size=50, pages=1, items=(item,))
    draw_queue(Console(file=page, width=width), found, client, {})
    return page.getvalue()


@pytest.mark.parametrize("width", [80, 100, 199, 200, 1000])
def test_a_queue_splits_no_word_at_any_width(width: int) -> None:
    reason = "in production insurance_policy.subscriber_birth_date comes from policen.geboren, which is gone"
    words = drawn(width, reason=reason).split()
    assert [
        word
        for word in (
            "0123456789",
            "versicherungsvertraege.geburtsdatum_versicherter",
            "insurance_policy.subscriber_birth_date",
            "production",
        )
        if word not in words
    ] == []


def test_spot_checks_are_counted_apart_from_what_holds_a_gate() -> None:
    assert "1 item(s) and 2 spot check(s), which hold nothing, page 1 of 1" in drawn(1000)


def test_a_narrow_queue_leaves_out_what_its_figures_say_already() -> None:
    assert "which patient (critical) needs" not in drawn(80)
    assert "which patient (critical) needs" in drawn(1000)


@pytest.mark.parametrize("width", [80, 1000])
def test_a_queue_names_the_client_only_where_none_was_asked_for(width: int) -> None:
    assert "acme" not in drawn(width)
    assert "acme" in drawn(width, client=None)


def shown(*confidences: float, agreed: tuple[str, ...] = (), **about: object) -> list[str]:
    candidates = tuple(
        Candidate(target=FieldRef(entity="patient", field=f"f{place}"), confidence=confidence)
        for place, confidence in enumerate(confidences)
    )
    evidence = ItemEvidence(
        column=(EvidenceFact(name="filled", value="98.0% of 500 rows"),),
        field="Day of birth.",
        speaks_for="Both are date.",
    )
    item = an_item().but(candidates=candidates, **about)
    page = io.StringIO()
    detail = ReviewDetail(client="acme", item=item, evidence=evidence, history=(), agreed=agreed)
    draw_item(Console(file=page, width=200), detail, "ada")
    return [line.rstrip() for line in page.getvalue().splitlines()]


def test_an_item_is_shown_with_what_speaks_for_it_and_ends_with_the_commands() -> None:
    lines = shown(0.83)
    assert "-> insurance_policy.subscriber_birth_date: Day of birth." in lines
    assert [line for line in lines if line.startswith(("filled ", "speaks for it "))] == [
        "filled        │ 98.0% of 500 rows",
        "speaks for it │ Both are date.",
    ]
    assert [line.partition(": ")[2].split()[:4] for line in lines[-4:]] == [
        ["smp", "review", verb, "0123456789"] for verb in ("approve", "override", "override", "reject")
    ]


@pytest.mark.parametrize(
    ("confidences", "fields", "more"),
    [
        ((0.8, 0.1, 0.01, 0.01), 2, "2 less likely one(s) are not shown."),
        ((0.3, 0.2, 0.1, 0.1, 0.1, 0.05), 5, "1 less likely one(s) are not shown."),
        ((0.01, 0.005), 1, "1 less likely one(s) are not shown."),
        ((0.8, 0.1), 2, None),
    ],
    ids=["unlikely ones", "many", "none likely", "all"],
)
def test_only_the_likely_candidates_are_shown(
    confidences: tuple[float, ...], fields: int, more: str | None
) -> None:
    lines = shown(*confidences)
    assert len([line for line in lines if line.startswith("patient.f")]) == fields
    assert [line for line in lines if line.endswith("not shown.")] == ([more] if more else [])
    assert (
        "Each by all its signals: smp explain acme versicherungsvertraege.geburtsdatum_versicherter" in lines
    )


@pytest.mark.parametrize(("agreed", "offered"), [((), True), (("grace",), True), (("ada",), False)])
def test_who_approved_an_item_is_not_asked_to_do_it_again(agreed: tuple[str, ...], offered: bool) -> None:
    state = ItemState.AWAITING_SECOND if agreed else ItemState.OPEN
    lines = shown(kind=ItemKind.VALIDATION, required_approvals=2, state=state, agreed=agreed)
    (who,) = (line for line in lines if "approve it" in line and ":" not in line)
    assert who.startswith(f"{agreed[0]} approved it" if agreed else "It takes 2 different people")
    assert any(line.endswith("smp review approve 0123456789 --reason WHY") for line in lines) is offered
