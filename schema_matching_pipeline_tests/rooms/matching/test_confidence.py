"""What confidence hears beside the pair itself: how many other columns there are, and where their table goes."""

from __future__ import annotations

import numpy as np

from schema_matching_pipeline.matching.confidence import confidence_features, runner_up_features
from schema_matching_pipeline.matching.context import context_features, table_agreement, weigh_context
from schema_matching_pipeline.matching.engine import rank_fields, signal_scores
from schema_matching_pipeline.matching.side import Side, canonical_side, client_side
from schema_matching_pipeline.matching.weights import packaged_weights
from schema_matching_pipeline.model.classification import Classification
from schema_matching_pipeline_tests.builders import a_column, a_profile, a_table
from schema_matching_pipeline_tests.rooms.matching.cases import BILLS, KNOWLEDGE, MEMBERS, of, propose

COLUMNS = client_side(a_profile(MEMBERS).tables, Classification(verdicts=()))
FIELDS = canonical_side(KNOWLEDGE)
SURE = 6.0  # log-odds


def test_a_lead_over_few_other_columns_is_worth_less_than_one_over_many():
    notes = [[a_column(f"note_{n}_{m}", [f"x{m}", "y"] * 5) for m in range(30)] for n in range(6)]
    crowd = [a_table(f"log_{n}", columns) for n, columns in enumerate(notes)]
    alone = of(propose(a_profile(BILLS)), "RECHNUNGEN", "BETRAG").candidates[0]
    among_many = of(propose(a_profile(BILLS, *crowd)), "RECHNUNGEN", "BETRAG").candidates[0]
    assert alone.target == among_many.target
    assert alone.confidence < among_many.confidence


def test_a_table_torn_between_two_entities_speaks_for_neither():
    whole = agreement({"given_name": "first_name", "surname": "last_name", "email_addr": "email"})
    torn = agreement({"given_name": "first_name", "surname": "amount", "email_addr": "due_date"})
    assert whole["undivided"] > 0.8
    assert torn["undivided"] < 0.4
    assert whole["settled"] > torn["settled"]


def test_a_column_does_not_speak_for_its_own_entity():
    alone = agreement({"dob": "birth_date"})
    assert alone["settled"] < 0.01


def test_a_column_whose_field_another_wants_keeps_it_among_its_best():
    odds = np.zeros((2, 100), dtype=np.float32)
    odds[:, 7] = 4.0
    features = {
        "odds": odds,
        "wanted_in_table": np.where(odds > 0, 1.0, 0.0).astype(np.float32),
        "wanted_elsewhere": np.zeros_like(odds),
    }
    heard = weigh_context(features, {"odds": 1.0, "wanted_in_table": -9.0})
    assert ((heard[0] > heard[0, 7]).sum(), heard[0, 7]) == (0, 0.0)
    assert weigh_context(features, {"odds": 1.0, "wanted_in_table": -1.0})[0, 7] == 3.0


def test_of_two_fields_that_fit_alike_neither_is_surer_than_even():
    assert surest({"birth_date": SURE}) > 3.5
    assert -0.1 < surest({"birth_date": SURE, "due_date": SURE}) <= 0.0


def surest(odds: dict[str, float]) -> float:
    """The log-odds of ``dob`` as a member's birth date against all rivals together."""
    columns = client_side(a_profile(MEMBERS).tables, Classification(verdicts=()))
    heard = np.full((len(columns.columns), len(FIELDS.columns)), -SURE, dtype=np.float32)
    for field, value in odds.items():
        heard[place(columns, "dob"), place(FIELDS, field)] = value
    features = confidence_features(
        heard, context_features(heard, columns, FIELDS), signal_scores(columns, FIELDS, None), columns, FIELDS
    )
    return float(features["surest"][place(columns, "dob"), place(FIELDS, "birth_date")])


def agreement(pairs: dict[str, str]) -> dict[str, float]:
    """What the rest of the table says for ``dob`` as a member's birth date, where these pairs are sure."""
    columns = client_side(a_profile(MEMBERS).tables, Classification(verdicts=()))
    heard = np.full((len(columns.columns), len(FIELDS.columns)), -SURE, dtype=np.float32)
    for column, field in pairs.items():
        heard[place(columns, column), place(FIELDS, field)] = SURE
    told = table_agreement(heard, columns, FIELDS)
    pair = place(columns, "dob"), place(FIELDS, "birth_date")
    return {name: float(matrix[pair]) for name, matrix in told.items()}


def place(side: Side, name: str) -> int:
    return next(index for index, column in enumerate(side.columns) if column.name == name)


def test_what_speaks_against_a_pair_is_counted():
    odds = np.zeros((len(COLUMNS.columns), len(FIELDS.columns)), dtype=np.float32)
    features = confidence_features(
        odds, context_features(odds, COLUMNS, FIELDS), signal_scores(COLUMNS, FIELDS, None), COLUMNS, FIELDS
    )
    right = place(COLUMNS, "dob"), place(FIELDS, "birth_date")
    wrong = place(COLUMNS, "dob"), place(FIELDS, "amount")
    assert features["contradictions"][right] == 0.0 < features["contradictions"][wrong]
    assert features["apart"][right] < 0.3
    assert features["apart"][wrong] > 0.8


def test_a_field_known_by_name_alone_is_vouched_for_only_by_the_same_name():
    known = [a_column(name, ["x", "y"], comment="What it is.") for name in ("sample_kind", "sample_size")]
    links = [a_column(name, [None, None]) for name in ("cases", "opened_on")]
    fields = client_side([a_table("trial", [*known, *links])], Classification(verdicts=()))
    columns = client_side(
        [a_table("visits", [a_column(name, ["a", "b"]) for name in ("case_id", "opened_on")])],
        Classification(verdicts=()),
    )
    told = unvouched(columns, fields)
    assert told["case_id", "cases"] == 1.0
    assert told["opened_on", "opened_on"] == 0.0
    assert told["case_id", "sample_kind"] == 0.0


def test_where_all_is_known_by_name_alone_no_name_is_odd():
    side = client_side(
        [a_table("trial", [a_column(name, [None, None]) for name in ("cases", "opened_on")])],
        Classification(verdicts=()),
    )
    assert set(unvouched(side, side).values()) == {0.0}


def unvouched(columns: Side, fields: Side) -> dict[tuple[str, str], float]:
    odds = np.zeros((len(columns.columns), len(fields.columns)), dtype=np.float32)
    features = confidence_features(
        odds, context_features(odds, columns, fields), signal_scores(columns, fields, None), columns, fields
    )
    return {
        (column.name, field.name): float(features["unvouched"][row, position])
        for row, column in enumerate(columns.columns)
        for position, field in enumerate(fields.columns)
    }


def test_what_lies_behind_the_best_field_is_judged_by_it_and_by_how_far_it_lies():
    heard = np.array([[2.0, 1.5, -30.0]], dtype=np.float32)
    told = runner_up_features(np.array([3.0], dtype=np.float32), heard)
    assert told["best"].tolist() == [[3.0, 3.0, 3.0]]
    assert told["behind"].tolist() == [[0.0, -0.5, -12.0]]


def test_fields_behind_the_best_one_are_judged_by_weights_of_their_own():
    packaged = packaged_weights()
    surer = packaged.but(runner_up={**packaged.runner_up, "base": packaged.runner_up["base"] + 1.0})
    usual, other = (rank_fields(COLUMNS, FIELDS, weights, kept=5) for weights in (packaged, surer))
    assert np.array_equal(usual.fields, other.fields)
    assert np.array_equal(usual.logits[:, 0], other.logits[:, 0])
    assert (other.logits[:, 1:] >= usual.logits[:, 1:]).all()
    assert (other.logits[:, 1:] > usual.logits[:, 1:]).any()
    assert (np.diff(other.logits, axis=1) < 0).all()
    assert np.allclose(sum(other.shares.values()), other.logits)


def test_against_a_canonical_model_every_field_is_judged_alike():
    assert packaged_weights().runner_up
    assert not packaged_weights().against_model().runner_up
