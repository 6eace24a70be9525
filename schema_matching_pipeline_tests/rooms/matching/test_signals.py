import numpy as np
import pytest

from schema_matching_pipeline.canon.thesaurus import readings
from schema_matching_pipeline.classification import classify_by_rules
from schema_matching_pipeline.matching.engine import signal_scores
from schema_matching_pipeline.matching.overlap import sketch_overlap
from schema_matching_pipeline.matching.side import Side, canonical_side, client_side, value_lists
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.weights import packaged_weights
from schema_matching_pipeline.matching.words import word_similarity
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.classification import Classification
from schema_matching_pipeline.model.knowledge import FieldExample
from schema_matching_pipeline.model.profile import ValueSketch
from schema_matching_pipeline_tests.builders import a_column, a_table
from schema_matching_pipeline_tests.rooms.matching.cases import CLIENT, KNOWLEDGE

COLUMNS = client_side(CLIENT.tables, classify_by_rules(CLIENT, frozenset(), KNOWLEDGE))
FIELDS = canonical_side(KNOWLEDGE)
SCORES = signal_scores(COLUMNS, FIELDS, KNOWLEDGE)


@pytest.mark.parametrize("name", list(SIGNALS))
def test_a_signal_scores_every_pair_between_0_and_1_or_knows_nothing(name):
    matrix = SCORES[name]
    known = matrix[~np.isnan(matrix)]
    assert matrix.shape == (len(COLUMNS.columns), len(FIELDS.columns))
    assert ((known >= 0) & (known <= 1.0001)).all()


@pytest.mark.parametrize("name", list(SIGNALS))
def test_a_signal_has_a_manual_and_trained_weights(name):
    assert SIGNALS[name].__doc__
    assert name in packaged_weights().signals


def test_packaged_weights_say_where_they_come_from():
    provenance = packaged_weights().provenance
    assert provenance.script == "bench/train_matcher.py"
    assert len(provenance.trained_on) > 10


@pytest.mark.parametrize(
    ("word", "better", "worse"),
    [
        ("cstmr", "customer", "consumer"),
        ("patients", "patient", "payment"),
        ("gender", "sex", "sender"),
        ("cust", "customer", "cost"),
        ("surname", "surname", "username"),
        ("1", "1", "2"),
    ],
)
def test_a_word_is_nearer_to_what_it_means_than_to_what_it_looks_like(word, better, worse):
    scores = word_similarity([word], [better, worse])[0]
    assert scores[0] > scores[1]


def test_an_abbreviation_is_read_as_its_meanings():
    assert ("birth", "date") in {tuple(sorted(reading.words)) for reading in readings("dob")}


def test_an_english_word_is_hardly_read_as_a_foreign_one_that_is_spelled_the_same():
    genre, geschlecht = (
        {reading.words: reading.belief for reading in readings(word)} for word in ("genre", "geschlecht")
    )
    assert genre[("genre",)] == 1.0
    assert 0.0 < genre[("gender",)] < 0.7
    assert geschlecht[("gender",)] > 0.9


def test_overlap_is_unknown_without_values_and_full_for_the_same_rare_values():
    rare = ValueSketch(size=8, hashes=tuple(range(10, 18)), distinct=8, complete=True)
    other = ValueSketch(size=8, hashes=tuple(range(20, 28)), distinct=8, complete=True)
    scores = sketch_overlap([rare, None], [rare, other])
    assert scores[0, 0] > 0.8
    assert scores[0, 1] == 0.0
    assert np.isnan(scores[1]).all()


def test_overlap_of_incomplete_sketches_looks_only_where_both_tell_everything():
    first = ValueSketch(size=4, hashes=(1, 2, 3, 4), distinct=1000, complete=False)
    second = ValueSketch(size=4, hashes=(1, 2, 3, 900), distinct=5, complete=True)
    assert sketch_overlap([first], [second])[0, 0] > 0.5


@pytest.mark.parametrize("signal", ["distribution", "shape_fit"])
def test_a_field_looks_like_the_likest_of_the_columns_that_filled_it_before(signal):
    amounts = [f"{number}.50" for number in range(10, 30)]
    far, near = a_column("a", ["1234567.25", "7654321.75"] * 10), a_column("b", amounts)
    target = FieldRef(entity="invoice", field="amount")
    columns = client_side((a_table("t", [a_column("zz", amounts)]),), Classification(verdicts=()))

    def scores(*examples):
        known = KNOWLEDGE.but(examples=tuple(FieldExample(target=target, profile=each) for each in examples))
        fields = canonical_side(known)
        found = signal_scores(columns, fields, known)[signal][0]
        place = [(ref.table, ref.column) for ref in fields.refs].index(("invoice", "amount"))
        return found[place], np.delete(found, place)

    assert scores(far)[0] < scores(far, near)[0] == scores(near)[0]
    assert np.isnan(scores(near)[1]).all()
    assert np.isnan(scores()[0])


def test_a_name_is_found_in_what_is_said_about_a_field():
    columns = client_side(
        (a_table("visits", [a_column("histologic_kind", ["x"])]),), Classification(verdicts=())
    )
    fields = client_side(
        (
            a_table(
                "t",
                [
                    a_column("main_finding", ["y"]).but(
                        comment="The histological type, as told by the laboratory."
                    ),
                    a_column("main_contact", ["y"]).but(comment="Whom to call first."),
                ],
            ),
        ),
        Classification(verdicts=()),
    )
    told = dict(
        zip(
            (field.name for field in fields.columns),
            signal_scores(columns, fields, None)["described_name"][0],
            strict=True,
        )
    )
    assert told["main_finding"] > told["main_contact"] + 0.2


def test_a_follow_up_is_the_last_contact_however_it_is_written():
    columns = client_side(
        (a_table("t", [a_column("last_contact_days", ["1"])]),), Classification(verdicts=())
    )
    fields = client_side(
        (a_table("t", [a_column("days_to_follow_up", ["1"]), a_column("days_to_diagnosis", ["1"])]),),
        Classification(verdicts=()),
    )
    told = dict(
        zip(
            (field.name for field in fields.columns),
            signal_scores(columns, fields, None)["name_tokens"][0],
            strict=True,
        )
    )
    assert told["days_to_follow_up"] > told["days_to_diagnosis"]


def test_a_table_that_lists_what_is_admitted_says_nothing_about_how_records_are_distributed():
    admitted = a_table(
        "dictionary",
        [a_column(f"field_{n}", [f"v{m}" for m in range(n)] + [None] * (9 - n)) for n in range(3, 9)],
    )
    records = a_table("visits", [a_column("kind", ["v1", "v2", "v1", "v2", "v1"])])
    listed = signal_scores(
        client_side((records,), Classification(verdicts=())),
        client_side((admitted,), Classification(verdicts=())),
        None,
    )
    assert value_lists([*admitted.columns, *records.columns]) == {"dictionary"}
    assert np.isnan(listed["distribution"]).all()
    assert not np.isnan(listed["shape_fit"]).any()


def described(*columns: tuple[str, list[str], str]) -> Side:
    """One table of columns, each with its values and what is said about it."""
    made = [a_column(name, values).but(comment=said) for name, values, said in columns]
    return client_side((a_table("t", made),), Classification(verdicts=()))


def test_few_of_the_admitted_values_are_contained_in_all_of_them():
    states = ["resting", "fluttering", "soaring", "perching", "gliding", "diving"]
    columns = described(("act", ["resting", "soaring", "gliding"] * 5, ""))
    fields = described(("mode", states, ""), ("plumage", ["grey", "mottled", "russet", "ochre"], ""))
    scores = signal_scores(columns, fields, None)
    assert scores["contained"][0, 0] > 0.6
    assert scores["contained"][0, 1] == 0.0
    assert scores["contained"][0, 0] > scores["value_overlap"][0, 0]


def test_values_are_found_in_what_is_said_of_a_field_without_rows():
    columns = described(("kd", ["unifocal", "multifocal"] * 6, ""))
    fields = described(("cover", [], "Whether growth is unifocal or multifocal."), ("depth", [], "How deep."))
    contained = signal_scores(columns, fields, None)["contained"]
    assert contained[0].tolist() == [1.0, 0.0]
    assert signal_scores(fields, columns, None)["contained"].T.tolist() == contained.tolist()


@pytest.mark.parametrize(
    ("values", "fit"),
    [
        (["1991", "2003", "2008"] * 5, 1.0),
        (["-1", "-1", "1991", "2003", "2008"] * 5, 1.0),
        (["0", "1991", "2003", "2008"] * 5, 1.0),
        (["-1", "-1", "-1", "1991", "2003"] * 5, 0.0),
        (["-1", "7", "1991", "2003", "2008"] * 5, 0.0),
        (["7", "1991", "2003", "2008"] * 5, 0.0),
        (["-1", "1991", "2003", "3008"] * 5, 0.0),
    ],
)
def test_years_are_still_years_where_fewer_of_them_are_not_known(values, fit):
    columns, fields = described(("kd", values, "")), described(("issue_year", [], ""))
    assert signal_scores(columns, fields, None)["announced_kind"][0, 0] == fit


@pytest.mark.parametrize("values", [["unknown"] * 9, ["4", "7", "9"] * 5, ["seldom", "often"]])
def test_what_stands_for_nothing_figures_and_rare_values_are_looked_for_in_no_description(values):
    columns = described(("kd", values, ""))
    fields = described(("spread", [], "Seldom, often or unknown: 4, 7 or 9."))
    assert np.isnan(signal_scores(columns, fields, None)["contained"]).all()


@pytest.mark.parametrize(
    ("fitting", "contradicting", "said"),
    [
        ([str(n) for n in range(20)], ["red", "green"] * 10, "Number of nodes that were found."),
        ([f"2024-03-{n:02d}" for n in range(1, 21)], [str(n) for n in range(20)], "Date on which it was found."),
        (["yes", "no"] * 10, [f"{n}.25" for n in range(20)], "The yes/no indicator of a finding."),
        ([f"{n}.25" for n in range(20)], ["yes", "no"] * 10, "Numeric value of the length."),
        ([f"K-{n}" for n in range(20)], [f"{n}.25" for n in range(20)], "Unique key of the finding."),
    ],
)  # fmt: skip
def test_values_have_the_form_that_a_description_announces(fitting, contradicting, said):
    columns = described(("aa", fitting, ""), ("bb", contradicting, ""))
    fields = described(("pp", [], said), ("qq", [], ""))
    announced = signal_scores(columns, fields, None)["announced_kind"]
    assert announced[0, 0] >= 0.6
    assert announced[1, 0] < 0.4
    assert np.isnan(announced[:, 1]).all()
    assert np.allclose(signal_scores(fields, columns, None)["announced_kind"].T, announced, equal_nan=True)
