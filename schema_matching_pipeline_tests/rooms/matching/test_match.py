from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema_matching_pipeline.canon.value_bank import sketch_of
from schema_matching_pipeline.classification import classify_by_rules
from schema_matching_pipeline.matching import propose_mapping
from schema_matching_pipeline.matching.engine import signal_scores
from schema_matching_pipeline.matching.side import canonical_side, client_side
from schema_matching_pipeline.model.canonical import CanonicalEntity, CanonicalSchema, FieldRef, FieldType
from schema_matching_pipeline.model.classification import Classification
from schema_matching_pipeline.model.knowledge import (
    ColumnVariant,
    FieldValues,
    PastMapping,
    RefusedBefore,
    RejectedPair,
)
from schema_matching_pipeline.model.matching import MappingSource
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.profile import TableProfile
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline_tests.builders import a_column, a_profile, a_table, keyed_hash
from schema_matching_pipeline_tests.rooms.matching.cases import (
    BILLS,
    CLIENT,
    CLUB,
    KNOWLEDGE,
    MEMBERS,
    a_field,
    best_of,
    of,
    propose,
)

PROPOSAL = propose()
MEASURE = CanonicalEntity(
    name="measure",
    fields=(a_field("code", type=FieldType.CODE), a_field("remark", type=FieldType.TEXT)),
)


@pytest.mark.parametrize(
    ("table", "column", "field"),
    [
        ("members", "member_id", "member.member_id"),
        ("members", "given_name", "member.first_name"),
        ("members", "surname", "member.last_name"),
        ("members", "dob", "member.birth_date"),
        ("members", "email_addr", "member.email"),
        ("members", "gender", "member.sex"),
        ("RECHNUNGEN", "RECHNUNG_ID", "invoice.invoice_id"),
        ("RECHNUNGEN", "BETRAG", "invoice.amount"),
        ("RECHNUNGEN", "FAELLIGKEIT", "invoice.due_date"),
    ],
)
def test_the_right_field_is_ranked_first(table, column, field):
    assert best_of(PROPOSAL, table, column) == field


def test_a_column_that_fits_nothing_has_no_target_and_says_so():
    unknown = of(PROPOSAL, "members", "xq_7")
    assert unknown.target is None
    assert (
        unknown.explanation.endswith("no other fits well enough.") or "the nearest is" in unknown.explanation
    )
    assert 0.3 < unknown.confidence < 1


def test_every_column_gets_one_correspondence_in_the_order_of_the_profile():
    assert [c.ref.column for c in PROPOSAL.correspondences] == [c.column for c in CLIENT.columns]


def test_excluded_columns_are_left_out_altogether():
    left_out = ColumnRef(table="members", column="dob")
    proposal = propose(excluded=frozenset({left_out}))
    assert left_out not in proposal.by_ref()
    assert len(proposal.correspondences) == len(CLIENT.columns) - 1


def test_the_shares_of_every_candidate_sum_to_the_logit_of_its_confidence():
    for correspondence in PROPOSAL.correspondences:
        for candidate in correspondence.candidates:
            logit = log(candidate.confidence / (1 - candidate.confidence))
            assert sum(signal.share for signal in candidate.signals) == pytest.approx(logit, abs=1e-9)


def test_scores_and_confidences_stay_between_0_and_1_and_fall_with_the_rank():
    for correspondence in PROPOSAL.correspondences:
        ranked = [candidate.confidence for candidate in correspondence.candidates]
        assert ranked == sorted(ranked, reverse=True)
        assert all(0 < confidence < 1 for confidence in ranked)
        assert all(0 <= s.score <= 1 for c in correspondence.candidates for s in c.signals)


@settings(max_examples=8)
@given(st.permutations(range(len(MEMBERS.columns))), st.booleans())
def test_the_order_of_columns_and_tables_changes_nothing(order, swapped):
    members = MEMBERS.but(columns=tuple(MEMBERS.columns[place] for place in order))
    profile = a_profile(BILLS, members) if swapped else a_profile(members, BILLS)
    assert propose(profile).by_ref() == PROPOSAL.by_ref()


def test_within_a_table_no_two_columns_get_the_same_field():
    twice = a_table(
        "members", [*MEMBERS.columns, a_column("email_address", ["a@example.org", "b@example.org"])]
    )
    proposal = propose(a_profile(twice, BILLS))
    targets = [c.target for c in proposal.correspondences if c.ref.table == "members" and c.target]
    assert len(targets) == len(set(targets))


def test_a_column_that_lost_its_field_to_another_names_it_as_conflict():
    twins = a_table(
        "members", [*MEMBERS.columns, a_column("e_mail", [f"p{n}@example.org" for n in range(20)])]
    )
    proposal = propose(a_profile(twins, BILLS))
    first, second = of(proposal, "members", "email_addr"), of(proposal, "members", "e_mail")
    assert {str(c.target) for c in (first, second)} >= {"member.email"}
    winner, loser = (first, second) if str(first.target) == "member.email" else (second, first)
    named = {str(ref) for ref in (*winner.conflicts, *loser.conflicts)}
    assert named & {"members.email_addr", "members.e_mail"}


def test_two_tables_may_fill_the_same_field():
    proposal = propose(
        a_profile(MEMBERS, a_table("subscribers", MEMBERS.columns, primary_key=("member_id",)))
    )
    assert (
        best_of(proposal, "members", "dob") == best_of(proposal, "subscribers", "dob") == "member.birth_date"
    )


def test_a_refused_pair_is_not_proposed_again():
    refused = RejectedPair(
        ref=ColumnRef(table="members", column="email_addr"),
        target=FieldRef(entity="member", field="email"),
        approval_hash="0",
    )
    proposal = propose(knowledge=KNOWLEDGE.but(rejected_pairs=(refused,)))
    assert of(proposal, "members", "email_addr").target != refused.target


def test_what_stewards_approved_before_is_proposed_with_more_confidence_and_as_history():
    alone = a_profile(a_table("members", MEMBERS.columns[-1:]))
    before = of(propose(alone, KNOWLEDGE), "members", "xq_7")
    taught = KNOWLEDGE.but(
        variants=(
            ColumnVariant(
                target=FieldRef(entity="invoice", field="amount"), name="xq_7", table="members", clients=3
            ),
        )
    )
    after = of(propose(alone, taught), "members", "xq_7")
    assert before.target is None
    assert str(after.candidates[0].target) == "invoice.amount"
    assert after.candidates[0].confidence > max(c.confidence for c in before.candidates)
    assert after.target is None or after.source is MappingSource.HISTORY


def test_values_of_earlier_clients_that_fit_nothing_here_take_no_confidence_away():
    others = tuple(
        FieldValues(target=ref, sketch=sketch_of([f"{ref} {n}" for n in range(9)], keyed_hash), clients=2)
        for ref in CLUB.refs()
    )
    alone = propose(knowledge=KNOWLEDGE.but(field_values=()))
    taught = propose(knowledge=KNOWLEDGE.but(field_values=others))
    confidence = [c.confidence for c in alone.correspondences]
    assert [c.confidence for c in taught.correspondences] == pytest.approx(confidence)


def test_codes_that_earlier_clients_showed_find_their_field_under_a_name_that_says_nothing():
    codes = ["8480-6", "8462-4", "29463-7", "2339-0"]
    club = CLUB.but(entities=(*CLUB.entities, MEASURE))
    shown = FieldValues(
        target=FieldRef(entity="measure", field="code"), sketch=sketch_of(codes, keyed_hash), clients=1
    )
    readings = a_table("zz_4", [a_column("q_1", codes * 5), a_column("q_2", ["a", "b", "c", "d"] * 5)])
    alone = propose(a_profile(readings), KNOWLEDGE.but(canonical=club, field_values=()))
    taught = propose(a_profile(readings), KNOWLEDGE.but(canonical=club, field_values=(shown,)))
    assert best_of(alone, "zz_4", "q_1") != "measure.code"
    assert best_of(taught, "zz_4", "q_1") == "measure.code"


def test_a_name_that_went_to_one_field_of_many_entities_speaks_for_it_in_each():
    learned = tuple(
        ColumnVariant(
            target=FieldRef(entity=entity, field="member_id"), name="MGLNR", table=f"{entity}_x", clients=1
        )
        for entity in ("member", "invoice")
    )
    here = a_table("RECHNUNGEN", [*BILLS.columns, a_column("MGLNR", [str(n) for n in range(7, 27)])])
    taught = propose(a_profile(here), KNOWLEDGE.but(variants=learned))
    assert best_of(taught, "RECHNUNGEN", "MGLNR") == "invoice.member_id"


def test_in_a_table_of_a_known_name_only_what_stood_there_counts():
    learned = (
        ColumnVariant(
            target=FieldRef(entity="invoice", field="member_id"), name="K_1", table="RECHNUNGEN", clients=1
        ),
        *(
            ColumnVariant(
                target=FieldRef(entity="member", field="member_id"), name="K_1", table=f"t{n}", clients=1
            )
            for n in range(5)
        ),
    )
    known = KNOWLEDGE.but(variants=learned)
    here = a_table("RECHNUNGEN", [*BILLS.columns, a_column("K_1", [str(n) for n in range(7, 27)])])
    columns = client_side((here,), Classification(verdicts=()))
    fields = canonical_side(known)
    scores = signal_scores(columns, fields, known)["history"][
        [ref.column for ref in columns.refs].index("K_1")
    ]
    named = {
        f"{ref.table}.{ref.column}": score for ref, score in zip(fields.refs, scores.tolist(), strict=True)
    }
    assert (named["invoice.member_id"], named["member.member_id"]) == (1.0, 0.0)


def refused_before(looks, *, clients=1, in_force=()):
    """What earlier clients say of the mail address: people mapped it to nothing, or to fields."""
    place = ColumnRef(table="MEMBERS", column="Email_Addr")
    nothings = (
        PastMapping(client=f"n{number}", ref=place, target=None, looks=looks) for number in range(clients)
    )
    targets = (
        PastMapping(client=f"f{number}", ref=place, target=FieldRef(entity="member", field=name))
        for number, name in enumerate(in_force)
    )
    return KNOWLEDGE.but(past_mappings=(*nothings, *targets))


MAIL = next(column for column in MEMBERS.columns if column.column == "email_addr")
CARD_NUMBERS = a_column("email_addr", [f"KV-{number:05d}" for number in range(20)])
ALWAYS_WEAK = MatchPolicy(nothing_outweighed=0.9999, nothing_disproven=1.1)


def of_mail(knowledge, policy=ALWAYS_WEAK):
    found = propose_mapping(CLIENT, classify_by_rules(CLIENT, frozenset(), knowledge), knowledge, policy)
    return of(found, "members", "email_addr")


@pytest.mark.parametrize(
    ("knowledge", "proposed"),
    [
        pytest.param(refused_before(MAIL), False, id="alike values"),
        pytest.param(refused_before(MAIL, in_force=["email"]), True, id="in force elsewhere"),
        pytest.param(refused_before(CARD_NUMBERS), True, id="other values"),
        pytest.param(refused_before(MAIL.but(value_type="integer")), True, id="another type"),
        pytest.param(refused_before(None), True, id="unknown values"),
        pytest.param(refused_before(CARD_NUMBERS, clients=2), False, id="two clients"),
    ],
)
def test_a_column_like_one_that_people_mapped_to_nothing_is_not_asked_about(knowledge, proposed):
    found = of_mail(knowledge)
    assert (found.target is not None) is proposed
    assert found.explanation.startswith("Mapped to nothing at an earlier client") is not proposed
    assert sum(signal.share for signal in found.candidates[0].signals) == pytest.approx(
        log(found.candidates[0].confidence / (1 - found.candidates[0].confidence)), abs=0.001
    )


def test_a_column_that_means_something_else_under_the_same_name_is_not_dropped():
    place = ColumnRef(table="members", column="member_id")
    cards = a_column("member_id", [f"KV-{number:05d}" for number in range(20)])
    past = PastMapping(client="another", ref=place, target=None, looks=cards)
    alone, taught = (
        of(PROPOSAL, "members", "member_id"),
        propose(knowledge=KNOWLEDGE.but(past_mappings=(past,))),
    )
    assert of(taught, "members", "member_id") == alone
    assert str(alone.target) == "member.member_id"


@pytest.mark.parametrize("clients", [1, 3])
def test_a_column_matched_strongly_comes_to_review_whatever_people_said_elsewhere(clients):
    found = of_mail(refused_before(MAIL, clients=clients), MatchPolicy())
    assert str(found.target) == "member.email"
    assert found.confidence == pytest.approx(0.5, abs=0.001)
    assert found.confidence >= MatchPolicy().review_floor
    assert "mapped to nothing at an earlier client under the same table and name" in found.objections


def test_a_column_whose_values_are_known_of_its_field_comes_to_review_too():
    sex = next(column for column in MEMBERS.columns if column.column == "gender")
    past = (PastMapping(client="c", ref=ColumnRef(table="members", column="gender"), target=None, looks=sex),)
    knowledge = KNOWLEDGE.but(past_mappings=past)
    surely = MatchPolicy(nothing_outweighed=0.9999)
    by_rules = classify_by_rules(CLIENT, frozenset(), knowledge)
    for policy, target in ((surely, "member.sex"), (surely.but(nothing_disproven=1.1), "None")):
        assert (
            str(of(propose_mapping(CLIENT, by_rules, knowledge, policy), "members", "gender").target)
            == target
        )


def told_of_mail(*refused, past=(), policy=ALWAYS_WEAK):
    """What is proposed for the mail address where people of earlier clients refused it as one."""
    known = tuple(
        RefusedBefore(
            client=client,
            ref=ColumnRef(table=table, column=name),
            target=FieldRef(entity="member", field="email"),
            looks=looks,
        )
        for client, table, name, looks in refused
    )
    return of_mail(KNOWLEDGE.but(refused_before=known, past_mappings=past), policy)


def odds_of_mail(found):
    confidence = next(c.confidence for c in found.candidates if str(c.target) == "member.email")
    return log(confidence / (1 - confidence))


def test_a_pair_that_earlier_clients_refused_is_less_likely_for_columns_like_theirs():
    alone = odds_of_mail(told_of_mail())
    once = told_of_mail(("a", "people", "EMAIL_ADDR", MAIL))
    twice = told_of_mail(("a", "people", "EMAIL_ADDR", MAIL), ("b", "staff", "email addr", MAIL))
    more = told_of_mail(*((name, "people", "email_addr", MAIL) for name in "abcd"))
    assert alone - odds_of_mail(once) == pytest.approx(2.0, abs=0.001)
    assert alone - odds_of_mail(twice) == pytest.approx(4.0, abs=0.001)
    assert odds_of_mail(more) == pytest.approx(odds_of_mail(twice), abs=0.001)
    assert (
        "people of an earlier client refused it for a column of this name whose values look the same"
        in once.objections
    )
    best = once.candidates[0]
    assert sum(signal.share for signal in best.signals) == pytest.approx(
        log(best.confidence / (1 - best.confidence)), abs=0.001
    )


@pytest.mark.parametrize(
    ("refused", "past"),
    [
        pytest.param(("a", "members", "email_addr", CARD_NUMBERS), (), id="other values"),
        pytest.param(("a", "members", "mail_sent", MAIL), (), id="another name"),
        pytest.param(("a", "members", "email_addr", None), (), id="unknown values"),
        pytest.param(
            ("a", "members", "email_addr", MAIL),
            (
                PastMapping(
                    client="b",
                    ref=ColumnRef(table="x", column="Email_Addr"),
                    target=FieldRef(entity="member", field="email"),
                ),
            ),
            id="in force elsewhere",
        ),
    ],
)
def test_what_earlier_clients_refused_of_other_columns_says_nothing(refused, past):
    assert odds_of_mail(told_of_mail(refused, past=past)) == pytest.approx(
        odds_of_mail(told_of_mail(past=past)), abs=0.001
    )


def test_what_is_nearly_sure_is_asked_about_although_earlier_clients_refused_it():
    found = told_of_mail(
        *((name, "people", "email_addr", MAIL) for name in "ab"),
        policy=MatchPolicy(nothing_outweighed=0.5, refused_before=9.0),
    )
    assert (str(found.target), found.confidence) == ("member.email", pytest.approx(0.5, abs=0.001))


def test_a_date_kept_as_text_comes_with_a_cast_and_its_format():
    dob = of(PROPOSAL, "members", "dob")
    assert dob.rule is not None
    assert dob.rule.cast == "date"


def test_an_empty_client_and_an_empty_model_give_proposals_without_targets():
    nobody = KNOWLEDGE.but(canonical=CanonicalSchema(name="empty", entities=()), field_values=())
    assert propose(a_profile()).correspondences == ()
    assert {c.target for c in propose(knowledge=nobody).correspondences} == {None}


def test_a_hostile_column_name_is_a_name_like_any_other():
    table = a_table(
        "members", [*MEMBERS.columns, a_column('"; DROP TABLE x; --', ["1", "2"]), a_column("", ["3"])]
    )
    assert len(propose(a_profile(table)).correspondences) == len(table.columns)


@pytest.mark.parametrize(
    "irrelevant",
    [
        a_table("weather", [a_column("rainfall_mm", ["1", "2", "3"]), a_column("wind", ["4", "5", "6"])]),
        a_table(
            "xq_log", [a_column(f"k_{place}", [f"z{place}{row}" for row in range(20)]) for place in range(12)]
        ),
        a_table(
            "valves", [a_column("pressure_bar", ["0.5", "1.25"] * 10), a_column("sealed", ["Y", "N"] * 10)]
        ),
    ],
    ids=lambda table: table.name,
)
def test_an_irrelevant_table_moves_no_high_confidence_much(irrelevant: TableProfile):
    beside = propose(a_profile(MEMBERS, BILLS, irrelevant)).by_ref()
    sure = [before for before in PROPOSAL.correspondences if before.target and before.confidence > 0.95]
    assert len(sure) > 5
    for before in sure:
        assert beside[before.ref].target == before.target
        assert abs(beside[before.ref].confidence - before.confidence) <= 0.05


def test_values_speak_against_a_field_only_where_the_model_lists_all_it_may_hold():
    coded = (*MEMBERS.columns[:5], a_column("gender", ["11", "12"] * 10))
    found = propose(a_profile(a_table("members", coded, primary_key=("member_id",))))
    objected = {
        one.ref.column
        for one in found.correspondences
        if "its values are not among those known of the field" in one.objections
    }
    targets = {one.ref.column: str(one.target) for one in found.correspondences}
    assert (targets["gender"], targets["dob"]) == ("member.sex", "member.birth_date")
    assert objected == {"gender"}


def test_the_explanation_names_facts_and_the_objections_speak_against():
    sex = of(PROPOSAL, "members", "gender")
    assert sex.explanation.endswith(".")
    assert sex.explanation[0].isupper()
    misfit = a_table("members", [a_column("due_date", ["red", "green", "blue"])])
    objected = of(propose(a_profile(misfit)), "members", "due_date")
    if objected.target is not None:
        assert any("the field wants date" in objection for objection in objected.objections)


def test_what_the_data_say_against_a_suggestion_goes_with_it():
    repeated = a_column("member_id", ["1", "2", "3", "4"] * 5)
    people = a_table(
        "members", [repeated, *(column for column in MEMBERS.columns if column.column != "member_id")]
    )
    found = of(propose(a_profile(people, BILLS)), "members", "member_id")
    assert str(found.target) == "member.member_id"
    assert "its values repeat, the field is the key of member" in found.objections
    assert found.confidence < of(PROPOSAL, "members", "member_id").confidence
