import pytest

from schema_matching_pipeline.model.matching import (
    Cast,
    ColumnAtRest,
    Disposition,
    MappingInForce,
    MappingProposal,
    TransformRule,
)
from schema_matching_pipeline.review import as_published
from schema_matching_pipeline_tests.rooms.review.builders import a_verdict, column, field, routed, suggests

RULE = TransformRule(cast=Cast.DATE)


def at_rest(*proposed, published=(), in_force=()):
    """What is proposed for the columns once those that were published rest."""
    proposal = MappingProposal(correspondences=proposed, canonical_digest="d", knowledge_version="k")
    present = {each.ref for each in proposed}
    return as_published(proposal, published, in_force, present=present).correspondences


def accepted(target="reader.surname", *, confidence=0.98, rule=None, name="c"):
    return ColumnAtRest(
        ref=column(name), target=field(target) if target else None, confidence=confidence, rule=rule
    )


@pytest.mark.parametrize(
    "proposed",
    [suggests("reader.surname", 0.6), suggests("reader.born", 0.99), suggests(None, 0.9)],
    ids=["surer then", "another field", "nothing"],
)
def test_what_was_accepted_stays_so_whatever_the_matcher_thinks_now(proposed):
    (rests,) = at_rest(proposed, published=(accepted(rule=RULE),))
    assert (rests.target, rests.confidence, rests.rule) == (field("reader.surname"), 0.98, RULE)
    queue = routed(rests)
    assert [each.disposition for each in queue.columns] == [Disposition.AUTO_ACCEPTED]
    assert queue.items == ()


def test_what_nobody_was_asked_about_stays_silent():
    suggested = suggests("reader.born", 0.3, question="nothing else fills it")
    (rests,) = at_rest(suggested, published=(accepted(None),))
    queue = routed(rests, verdicts=(a_verdict("birth_date", 0.8),))
    assert [each.disposition for each in queue.columns] == [Disposition.UNMAPPED]
    assert queue.items == ()


def test_a_threshold_that_rose_asks_about_what_was_accepted_below_it():
    (rests,) = at_rest(suggests("reader.surname", 0.99), published=(accepted(confidence=0.95),))
    (item,) = routed(rests).items
    assert (item.target, item.had) == (field("reader.surname"), 0.95)


def test_a_new_column_for_a_field_in_production_is_asked_about_and_the_old_one_is_not():
    (rests,) = at_rest(suggests("reader.surname", 0.98), published=(accepted(),))
    (item,) = routed(rests, suggests("reader.surname", 0.99, column("new"))).items
    assert item.ref == column("new")


def test_a_field_whose_column_is_gone_is_open_to_all():
    gone = MappingInForce(ref=column("gone"), target=field("reader.surname"))
    (proposed,) = at_rest(suggests("reader.surname", 0.99), published=(accepted(None),), in_force=(gone,))
    (item,) = routed(proposed, in_force=(gone,)).items
    assert item.target == field("reader.surname")


def test_a_field_that_another_column_fills_as_well_is_not_open():
    both = tuple(MappingInForce(ref=column(name), target=field("reader.phone")) for name in ("gone", "c"))
    (rests,) = at_rest(suggests("reader.phone", 0.99), published=(accepted("reader.phone"),), in_force=both)
    assert routed(rests, in_force=both).items == ()
