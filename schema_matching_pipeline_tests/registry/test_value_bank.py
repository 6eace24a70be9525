import pytest

from schema_matching_pipeline.model.canonical import CanonicalField
from schema_matching_pipeline.model.ids import RunId
from schema_matching_pipeline.model.knowledge import ColumnVariant, PastMapping
from schema_matching_pipeline.model.matching import Disposition, TransformRule
from schema_matching_pipeline.model.registry import ValueState
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemKind
from schema_matching_pipeline.model.rule import MapValues
from schema_matching_pipeline.model.value_map import Equivalence, KnownTranslation
from schema_matching_pipeline_tests.registry.office import (
    ENGINEER,
    PATIENT,
    STEWARD,
    a_column,
    a_profile,
    a_sketch,
    a_snapshot,
    address,
    doubt,
    field,
    ref,
    routed,
)
from schema_matching_pipeline_tests.registry.steps import connected

SEX = field("patient.sex")


def publish(office, client, *columns, sketches=None, by_policy=False, auto_verify=False):
    office.propose(*columns, client=client)
    if by_policy:
        office.validate(client)
        with office.open(ENGINEER) as unit:
            unit.clients.set_trust_profile(client, "permissive", review_required=False)
            unit.runs.start(client, "permissive")
            assert unit.publications.approve_by_policy(client)
            unit.publications.publish(client)
    else:
        office.approve_and_publish(client)
    with office.open("system:release") as unit:
        published = unit.publications.published(client)
        unit.value_bank.learn(client, published, sketches or {}, auto_verify=auto_verify)


def columns(name):
    return (routed("id", "patient.patient_id"), routed(name, "patient.sex"))


def known(office):
    with office.open() as unit:
        return {
            values.target: (values.sketch.hashes, values.clients) for values in unit.value_bank.field_values()
        }


def states(office):
    with office.open() as unit:
        return {value.value_hash: (value.state, value.clients) for value in unit.value_bank.values("patient")}


def test_nothing_is_known_at_first(office):
    with office.open() as unit:
        assert unit.value_bank.variants() == ()
        assert unit.value_bank.field_values() == ()
        assert unit.value_bank.past_mappings(exclude_client="x") == ()
        assert unit.value_bank.examples(exclude_client="x") == ()
        assert unit.value_bank.values("patient") == ()
        assert unit.value_bank.refused(exclude_client="x") == ()
        assert unit.value_bank.translations(exclude_client="x") == ()


def test_published_names_are_known_with_how_many_clients_use_them(office):
    office.add_client("globex")
    publish(office, "acme", *columns("sex_cd"))
    publish(office, "globex", *columns("sex_cd"))
    publish(office, "globex", *columns("gender"))
    with office.open() as unit:
        assert unit.value_bank.variants() == (
            ColumnVariant(target=field("patient.patient_id"), name="id", table="members", clients=2),
            ColumnVariant(target=SEX, name="gender", table="members", clients=1),
            ColumnVariant(target=SEX, name="sex_cd", table="members", clients=1),
        )


def decide_internal(office, kind=DecisionKind.UNMAP, *, about=ItemKind.MAPPING):
    """A column that a person says something about, published beside two others."""
    internal = routed("internal", "visit.ward", Disposition.PENDING_REVIEW, confidence=0.6)
    if about is ItemKind.CLASSIFICATION:
        internal = internal.but(target=None, disposition=Disposition.UNMAPPED)
        office.propose(*columns("sex_cd"), internal, items=[doubt(internal, kind=about)])
    else:
        office.propose(*columns("sex_cd"), internal)
    (item,) = office.waiting()
    with office.open(STEWARD) as unit:
        unit.reviews.decide(Decision(item_id=item.id, kind=kind, reason="internal"))


def nothings(office, client="globex"):
    with office.open() as unit:
        past = unit.value_bank.past_mappings(exclude_client=client)
    return [each.ref.column for each in past if each.target is None]


def test_past_mappings_are_those_in_force_and_what_people_mapped_to_nothing(office):
    office.add_client("globex")
    looks = a_column("internal")
    with office.open() as unit:
        run = RunId(unit.runs.start("acme", "standard").id)
        unit.profiles.store_snapshot("acme", a_snapshot("internal"))
        unit.profiles.store("acme", run, a_profile(looks), {ref("internal"): "p1"})
    decide_internal(office)
    office.approve_and_publish()
    with office.open() as unit:
        assert unit.value_bank.past_mappings(exclude_client="acme") == ()
        assert unit.value_bank.past_mappings(exclude_client="globex") == (
            PastMapping(client="acme", ref=ref("id"), target=field("patient.patient_id"), data_type="text"),
            PastMapping(
                client="acme",
                ref=ref("internal"),
                target=None,
                data_type="text",
                looks=looks.but(top_values=(), tokens=()),
            ),
            PastMapping(client="acme", ref=ref("sex_cd"), target=SEX, data_type="text"),
        )


def test_nothing_at_a_client_of_another_model_says_nothing(office):
    with office.open() as unit:
        unit.canonical.put(PATIENT.but(name="billing"))
        connection = unit.sources.add_connection("globex", "postgresql", address())
        unit.clients.add(
            "globex", "Globex", connection_id=connection, trust_profile="standard", canonical_model="billing"
        )
    decide_internal(office)
    assert nothings(office) == []


def test_nothing_said_before_the_model_changed_says_nothing(office):
    office.add_client("globex")
    decide_internal(office)
    assert nothings(office) == ["internal"]
    visit = PATIENT.entities[1].but(fields=(*PATIENT.entities[1].fields, CanonicalField(name="diagnosis")))
    with office.open() as unit:
        unit.canonical.put(PATIENT.but(entities=(PATIENT.entities[0], visit)))
    assert nothings(office) == []


@pytest.mark.parametrize(
    ("kind", "known"),
    [(DecisionKind.REJECT, []), (DecisionKind.UNMAP, ["internal"])],
    ids=str,
)
def test_a_refused_meaning_is_no_word_for_nothing(office, kind, known):
    office.add_client("globex")
    decide_internal(office, kind, about=ItemKind.CLASSIFICATION)
    assert nothings(office) == known


def test_columns_in_force_show_other_clients_how_their_fields_look(office):
    office.add_client("globex")
    shown = a_column("sex_cd")
    with office.open() as unit:
        run = RunId(unit.runs.start("acme", "standard").id)
        unit.profiles.store_snapshot("acme", a_snapshot("id", "sex_cd"))
        unit.profiles.store("acme", run, a_profile(shown), {ref("sex_cd"): "p1"})
    publish(office, "acme", *columns("sex_cd"))
    with office.open() as unit:
        assert unit.value_bank.examples(exclude_client="acme") == ()
        (example,) = unit.value_bank.examples(exclude_client="globex")
    assert (example.target, example.profile.column) == (SEX, "sex_cd")
    assert (example.profile.distinct_count, example.profile.top_values) == (shown.distinct_count, ())


def test_values_a_person_approved_are_known_at_once_and_merged_over_clients(office):
    office.add_client("globex")
    publish(office, "acme", *columns("sex_cd"), sketches={ref("sex_cd"): a_sketch(1, 2)})
    assert known(office) == {SEX: ((1, 2), 1)}
    publish(office, "globex", *columns("gender"), sketches={ref("gender"): a_sketch(2, 2**64 - 1)})
    assert known(office) == {SEX: ((1, 2, 2**64 - 1), 2)}
    assert states(office) == {
        1: (ValueState.VERIFIED, 1),
        2: (ValueState.VERIFIED, 2),
        2**64 - 1: (ValueState.VERIFIED, 1),
    }


def test_what_a_client_no_longer_publishes_is_forgotten(office):
    publish(office, "acme", *columns("sex_cd"), sketches={ref("sex_cd"): a_sketch(1, 2)})
    publish(office, "acme", columns("sex_cd")[0])
    assert known(office) == {}
    assert states(office) == {}
    with office.open() as unit:
        assert [variant.name for variant in unit.value_bank.variants()] == ["id"]


def test_values_that_a_policy_approved_wait_unless_several_clients_show_them(office):
    office.add_client("globex")
    publish(
        office, "acme", *columns("a"), sketches={ref("a"): a_sketch(1, 2)}, by_policy=True, auto_verify=True
    )
    assert known(office) == {}
    assert states(office) == {1: (ValueState.PENDING, 1), 2: (ValueState.PENDING, 1)}
    publish(
        office, "globex", *columns("b"), sketches={ref("b"): a_sketch(2, 3)}, by_policy=True, auto_verify=True
    )
    assert known(office) == {SEX: ((2,), 2)}
    assert states(office) == {
        1: (ValueState.PENDING, 1),
        2: (ValueState.VERIFIED, 2),
        3: (ValueState.PENDING, 1),
    }


@pytest.mark.parametrize("clients", [1, 2])
def test_without_trust_in_high_occurrence_what_a_policy_approved_waits_however_many_show_it(office, clients):
    office.add_client("globex")
    for client in ("acme", "globex")[:clients]:
        publish(office, client, *columns("a"), sketches={ref("a"): a_sketch(1)}, by_policy=True)
    assert known(office) == {}
    with office.open() as unit:
        (value,) = unit.value_bank.values("patient", pending=True)
    assert (value.target, value.value_hash, value.clients) == (SEX, 1, clients)


def test_a_value_that_a_person_refused_never_comes_back(office, registry_database):
    publish(office, "acme", *columns("a"), sketches={ref("a"): a_sketch(1, 2)})
    with connected(registry_database.superuser_url) as connection:
        connection.exec_driver_sql(
            "update smp.value_bank_entries set status = 'rejected' where value_hash = '0000000000000001'"
        )
    publish(office, "acme", *columns("b"), sketches={ref("b"): a_sketch(1, 2)})
    assert known(office) == {SEX: ((2,), 1)}
    assert states(office)[1] == (ValueState.REJECTED, 1)


def test_long_lists_are_known_as_sketches_and_not_one_by_one(office):
    long = a_sketch(*range(100))
    publish(office, "acme", *columns("a"), sketches={ref("a"): long})
    assert known(office) == {SEX: (tuple(range(100)), 1)}
    assert states(office) == {}


def test_what_people_refused_is_told_to_other_clients_without_values_until_it_is_overcome(office):
    office.add_client("globex")
    looks = a_column("internal")
    with office.open() as unit:
        run = RunId(unit.runs.start("acme", "standard").id)
        unit.profiles.store_snapshot("acme", a_snapshot("internal"))
        unit.profiles.store("acme", run, a_profile(looks), {ref("internal"): "p1"})
    decide_internal(office, DecisionKind.REJECT)
    with office.open() as unit:
        assert unit.value_bank.refused(exclude_client="acme") == ()
        (told,) = unit.value_bank.refused(exclude_client="globex")
        assert (told.client, told.ref, told.target) == ("acme", ref("internal"), field("visit.ward"))
        assert told.looks == looks.but(top_values=(), tokens=())
    with office.open(STEWARD) as unit:
        unit.reviews.map_column(
            "acme",
            ref("internal"),
            field("visit.ward"),
            rule=None,
            approval_hash="h9",
            reason="it is, after all",
        )
    with office.open() as unit:
        assert unit.value_bank.refused(exclude_client="globex") == ()


def test_what_was_made_of_codes_is_told_where_a_person_said_so(office):
    office.add_client("globex")
    office.add_client("initech")
    for client, becomes in (("acme", "male"), ("globex", "male"), ("initech", "female")):
        office.propose(
            routed("id", "patient.patient_id"), routed("sex_cd", None, Disposition.UNMAPPED), client=client
        )
        said = MapValues(codes={"1": becomes}, otherwise="keep", equivalence={"1": "wider", "2": "unmatched"})
        with office.open(STEWARD) as unit:
            unit.reviews.map_column(
                client,
                ref("sex_cd"),
                SEX,
                rule=TransformRule(steps=(said,)),
                approval_hash="h9",
                reason="manual",
            )
        office.approve_and_publish(client)
    with office.open() as unit:
        assert unit.value_bank.translations(exclude_client="initech") == (
            KnownTranslation(target=SEX, code="1", value="male", equivalence=Equivalence.WIDER, clients=2),
        )
        assert [each.clients for each in unit.value_bank.translations(exclude_client="acme")] == [1]
