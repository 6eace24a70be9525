"""Thresholds that follow decisions: they rise by themselves, and fall when an administrator says so."""

from __future__ import annotations

import json
from math import sqrt

import pytest
from sqlalchemy import text

from schema_matching_pipeline.errors import BadDecisionError, NotAllowedError, StaleDecisionError
from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.model.trust import AdjustmentKind
from schema_matching_pipeline.registry import Registry
from schema_matching_pipeline.review import with_raised
from schema_matching_pipeline_tests.registry.office import KEY, thresholds
from schema_matching_pipeline_tests.registry.people import key_of
from schema_matching_pipeline_tests.registry.steps import SECOND_STEWARD, STEWARD, Column, an_office, one

NEEDED = 0.97  # of the entity patient, by configuration
CONFIGURED = thresholds()


@pytest.fixture
def office(app_url):
    return an_office(app_url)


@pytest.fixture
def registry(app_url):
    opened = Registry(app_url, secret_key=KEY)
    yield opened
    opened.close()


@pytest.fixture
def open_as(registry, office):
    return lambda actor="system:pipeline": registry.open(TenantId(office.tenant), actor, key=key_of(actor))


def decide(office, right, wrong, *, had=0.95, prefix="c"):
    """So many suggestions of the entity patient that people found right, and wrong."""
    names = [f"{prefix}{number}" for number in range(right + wrong)]
    office.propose(*(Column(name, "patient.city", "pending_review", had) for name in names))
    decisions = [
        {"item_id": f"item-{name}-h1", "kind": "approve"}
        if place < right
        else {
            "item_id": f"item-{name}-h1",
            "kind": "override",
            "reason": "no",
            "target": {"entity": "claim", "field": "amount"},
        }
        for place, name in enumerate(names)
    ]
    office.ask(
        "SELECT smp.decide_items('acme', CAST(:given AS jsonb))", actor=STEWARD, given=json.dumps(decisions)
    )


def adapt(open_as):
    with open_as() as unit:
        return unit.trust.adapt("acme", CONFIGURED)


def test_three_overrides_in_twenty_raise_the_threshold(office, open_as):
    decide(office, 17, 3)
    (made,) = adapt(open_as)
    assert (made.entity, made.kind, made.threshold_before, made.decided, made.wrong) == (
        "patient",
        AdjustmentKind.TIGHTENED,
        NEEDED,
        20,
        3,
    )
    assert (made.threshold, made.bound, made.made_by) == (
        pytest.approx(0.985),
        pytest.approx(0.0524, abs=1e-4),
        "system:pipeline",
    )
    with open_as() as unit:
        raised = unit.trust.raised("acme")
        (event,) = (each for each in unit.audit.list(limit=9) if each.subject == "trust_adjustments")
    assert (event.actor, event.subject_key, raised) == (
        "system:pipeline",
        "acme/patient",
        {"patient": pytest.approx(0.985)},
    )
    assert with_raised(CONFIGURED, raised).of("patient").effective_threshold == pytest.approx(0.985)
    assert with_raised(CONFIGURED, raised).of("visit") == CONFIGURED.of("visit")


@pytest.mark.parametrize(("right", "wrong"), [(18, 2), (16, 3), (0, 19)])
def test_fewer_decisions_or_fewer_mistakes_raise_nothing(office, open_as, right, wrong):
    decide(office, right, wrong)
    assert adapt(open_as) == ()


def test_suggestions_that_were_not_nearly_sure_say_nothing_about_the_threshold(office, open_as):
    decide(office, 0, 25, had=0.8)
    assert adapt(open_as) == ()


def test_the_same_decisions_count_once_and_more_of_them_raise_it_further(office, open_as):
    decide(office, 17, 3)
    assert len(adapt(open_as)) == 1
    assert adapt(open_as) == ()
    decide(office, 17, 3, prefix="d")
    (made,) = adapt(open_as)
    assert (made.threshold_before, made.threshold) == (pytest.approx(0.985), pytest.approx(0.9925))
    decide(office, 0, 20, prefix="e")
    (made,) = adapt(open_as)
    assert made.threshold == pytest.approx(0.995)  # never so high that nothing passes
    decide(office, 0, 20, prefix="f")
    assert adapt(open_as) == ()


def test_what_was_taken_back_counts_no_more(office, open_as):
    decide(office, 17, 3)
    office.ask("SELECT smp.undo_item('acme', 'item-c19-h1', NULL, NULL)", actor=STEWARD)
    assert adapt(open_as) == ()


def loosened(office, open_as):
    """A threshold that rose, and then so many right suggestions that it may fall."""
    decide(office, 17, 3)
    adapt(open_as)
    decide(office, 130, 0, prefix="d")
    return adapt(open_as)


def test_a_threshold_never_falls_by_itself(office, open_as):
    (made,) = loosened(office, open_as)
    assert (made.kind, made.threshold_before, made.threshold) == (
        AdjustmentKind.SUGGESTED,
        pytest.approx(0.985),
        NEEDED,
    )
    assert adapt(open_as) == ()  # suggested once
    with open_as() as unit:
        assert unit.trust.raised("acme") == {"patient": pytest.approx(0.985)}


def test_an_administrator_lets_it_fall(office, open_as):
    loosened(office, open_as)
    with open_as(SECOND_STEWARD) as unit:
        made = unit.trust.answer_relaxation("acme", "patient", accepted=True, reason="enough was right")
        assert (made.kind, made.made_by, made.reason) == (
            AdjustmentKind.RELAXED,
            SECOND_STEWARD,
            "enough was right",
        )
        assert unit.trust.raised("acme") == {"patient": NEEDED}
        kinds = [each.kind for each in unit.trust.adjustments("acme")]
    assert kinds == ["relaxed", "suggested", "tightened"]


def test_an_administrator_lets_it_stay_and_is_not_asked_at_once_again(office, open_as):
    loosened(office, open_as)
    with open_as(SECOND_STEWARD) as unit:
        unit.trust.answer_relaxation("acme", "patient", accepted=False, reason="not yet")
        assert unit.trust.raised("acme") == {"patient": pytest.approx(0.985)}
    assert adapt(open_as) == ()


@pytest.mark.parametrize(
    ("actor", "reason", "fault"),
    [
        (STEWARD, "so", NotAllowedError),
        ("ed", "so", NotAllowedError),
        ("system:pipeline", "so", NotAllowedError),
        (SECOND_STEWARD, " ", BadDecisionError),
    ],
)
def test_nobody_else_lets_it_fall_and_nobody_without_a_reason(office, open_as, actor, reason, fault):
    loosened(office, open_as)
    with pytest.raises(fault), open_as(actor) as unit:
        unit.trust.answer_relaxation("acme", "patient", accepted=True, reason=reason)


def test_what_nobody_suggested_is_not_answered(office, open_as):
    decide(office, 17, 3)
    adapt(open_as)
    for entity in ("patient", "visit"):
        with pytest.raises(StaleDecisionError), open_as(SECOND_STEWARD) as unit:
            unit.trust.answer_relaxation("acme", entity, accepted=True, reason="so")


def test_a_run_goes_by_the_thresholds_it_began_under(office, open_as):
    decide(office, 17, 3)
    with open_as() as unit:
        before = unit.runs.start("acme", "standard").started_at
    adapt(open_as)
    with open_as() as unit:
        assert (unit.trust.raised("acme", before), bool(unit.trust.raised("acme"))) == ({}, True)


def test_accuracy_is_that_of_the_decisions_by_entity_and_signal(office, open_as):
    decide(office, 3, 1)
    named = {
        "candidates": [
            {
                "target": {"entity": "patient", "field": "city"},
                "signals": [
                    {"signal": "name", "share": 2.0},
                    {"signal": "values", "share": 1.0},
                    {"signal": "decisions", "share": 9.0},
                ],
            }
        ]
    }
    with office.as_owner() as connection:
        connection.execute(
            text(
                "UPDATE smp.review_items SET item = CAST(:item AS jsonb) WHERE id IN ('item-c0-h1', 'item-c3-h1')"
            ),
            {"item": json.dumps(named)},
        )
    with open_as() as unit:
        found = {
            (each.entity, each.signal): (each.decided, each.right) for each in unit.trust.accuracy("acme")
        }
    assert found == {("patient", None): (4, 3), ("patient", "name"): (2, 1)}


@pytest.mark.parametrize(("hits", "tries"), [(0, 20), (3, 20), (20, 20), (1, 149)])
def test_the_bound_is_wilson_s(office, hits, tries):
    share, z = hits / tries, 1.96
    centre, spread = (
        share + z * z / (2 * tries),
        z * sqrt(share * (1 - share) / tries + z * z / (4 * tries**2)),
    )
    for upper, expected in ((True, centre + spread), (False, centre - spread)):
        found = office.ask(
            "SELECT smp.wilson_bound(:hits, :tries, :upper)", hits=hits, tries=tries, upper=upper
        )
        assert found == pytest.approx(expected / (1 + z * z / tries), abs=1e-12)


def test_strangers_see_and_change_nothing(office, open_as, registry, app_url):
    decide(office, 17, 3)
    adapt(open_as)
    stranger = an_office(app_url, tenant="strangers", clients=())
    with registry.open(TenantId(stranger.tenant), SECOND_STEWARD, key=key_of(SECOND_STEWARD)) as unit:
        assert (
            unit.trust.adjustments("acme"),
            unit.trust.newest_adjustments(),
            unit.trust.accuracy("acme"),
        ) == (
            (),
            (),
            (),
        )
        with pytest.raises(BadDecisionError):
            unit.trust.adapt("acme", CONFIGURED)


def test_the_application_role_changes_no_threshold_itself(office):
    with office.acting(STEWARD) as connection:
        allowed = one(
            connection, "SELECT has_table_privilege('smp.trust_adjustments', 'INSERT, UPDATE, DELETE')"
        )
    assert allowed is False


def test_what_is_configured_is_the_least():
    raised = with_raised(CONFIGURED, {"patient": 0.1})
    assert raised == CONFIGURED
