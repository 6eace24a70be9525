from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.canon.semantic_types import semantic_types
from schema_matching_pipeline.canon.value_bank import covered_share, merge, packaged_values, sketch_of
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.profile import ValueSketch
from schema_matching_pipeline.profiling.pattern import PATTERNS
from schema_matching_pipeline.runtime import packaged_model
from schema_matching_pipeline_tests.builders import keyed_hash

VALUES = st.sets(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=40)


def bottom(values, size):
    kept = tuple(sorted(values)[:size])
    return ValueSketch(size=size, hashes=kept, distinct=len(values), complete=len(kept) == len(values))


@given(VALUES, VALUES, st.integers(min_value=1, max_value=20))
def test_merging_is_the_same_in_either_order(first, second, size):
    assert merge(bottom(first, size), bottom(second, size)) == merge(
        bottom(second, size), bottom(first, size)
    )


@given(VALUES, VALUES)
def test_a_merge_of_complete_sketches_holds_exactly_both_value_sets(first, second):
    merged = merge(bottom(first, 100), bottom(second, 100))
    assert set(merged.hashes) == first | second
    assert merged.complete


@given(VALUES, VALUES, st.integers(min_value=1, max_value=20))
def test_an_incomplete_merge_holds_nothing_beyond_what_both_tell(first, second, size):
    merged = merge(bottom(first, size), bottom(second, size))
    assert set(merged.hashes) <= first | second


@given(VALUES)
def test_a_column_is_wholly_covered_by_itself(values):
    assert covered_share(bottom(values, 100), bottom(values, 100)) == 1.0


def test_listed_values_are_known_in_their_usual_spellings():
    known = next(
        v for v in packaged_values(packaged_model("practice"), keyed_hash) if str(v.target) == "patient.sex"
    )
    column = sketch_of(["Male", "FEMALE"], keyed_hash)
    assert covered_share(column, known.sketch) == 1.0
    assert known.clients == 0


def test_the_practice_model_names_a_known_semantic_type_and_synonyms_for_its_fields():
    model = packaged_model("practice")
    kinds = {kind.name for kind in semantic_types()}
    fields = [field for entity in model.entities for field in entity.fields]
    assert len(fields) == 206
    assert {f.semantic_type for f in fields if f.semantic_type} <= kinds
    assert [field.name for field in fields if not field.synonyms] == []
    assert all(any(field.required for field in entity.fields) for entity in model.entities)


def test_every_reference_of_the_practice_model_points_to_a_primary_key():
    model = packaged_model("practice")
    pointed = {field.references for e in model.entities for field in e.fields if field.references}
    assert all((found := model.field(ref)) and found.primary_key for ref in pointed)
    assert FieldRef(entity="patient", field="patient_id") in pointed


def test_semantic_types_are_told_by_patterns_that_exist():
    known = set(PATTERNS)
    assert [p for kind in semantic_types() for p in kind.patterns if p not in known] == []
