from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.canon.trust_config import default_trust, read_trust
from schema_matching_pipeline.errors import UnknownNameError
from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.trust import RiskRule, TrustConfig, TrustProfile
from schema_matching_pipeline.review import effective_thresholds
from schema_matching_pipeline_tests.rooms.review.builders import LIBRARY

SHARE = st.floats(min_value=0.0, max_value=1.0)


@pytest.mark.parametrize(
    ("profile", "reader", "note"),
    [("conservative", 0.98, 0.98), ("standard", 0.97, 0.95), ("permissive", 0.97, 0.90), (None, 0.98, 0.98)],
)
def test_the_higher_of_profile_and_class_counts(profile, reader, note):
    found = effective_thresholds(default_trust(), profile, LIBRARY)
    assert (found.of("reader").effective_threshold, found.of("note").effective_threshold) == (reader, note)


@given(profile=SHARE, critical=SHARE, optional=SHARE)
def test_the_effective_threshold_is_never_below_either_and_equals_one(profile, critical, optional):
    config = TrustConfig(
        trust_profiles=(
            TrustProfile(
                name="p",
                auto_accept_threshold=profile,
                review_required_before_production=True,
                auto_exclude_flagged_columns=False,
                auto_verify_high_occurrence_values=False,
            ),
        ),
        default_trust_profile="p",
        risk_classes=(
            RiskRule(name=RiskClass.CRITICAL, minimum_confidence=critical, validation_required=True),
            RiskRule(name=RiskClass.OPTIONAL, minimum_confidence=optional, validation_required=False),
        ),
    )
    found = effective_thresholds(config, "p", LIBRARY)
    for entity, minimum in (("reader", critical), ("note", optional)):
        effective = found.of(entity).effective_threshold
        assert effective >= profile
        assert effective >= minimum
        assert effective in {profile, minimum}


def test_configuration_moves_an_entity_into_another_class():
    config = read_trust("risk_classes: {critical: {entities: [note]}}", "x")
    note = effective_thresholds(config, "permissive", LIBRARY).of("note")
    assert (note.risk_class, note.effective_threshold, note.validation_required) == (
        RiskClass.CRITICAL,
        0.97,
        True,
    )


def test_an_entity_nobody_knows_needs_everything():
    unknown = effective_thresholds(default_trust(), None, LIBRARY).of("ghost")
    assert (unknown.effective_threshold, unknown.validation_required) == (1.0, True)


def test_the_floor_comes_from_the_configuration_unless_given():
    assert effective_thresholds(default_trust(), None, LIBRARY).review_floor == 0.5
    assert effective_thresholds(default_trust(), None, LIBRARY, 0.3).review_floor == 0.3


def test_an_unknown_profile_is_named_with_the_known_ones():
    with pytest.raises(
        UnknownNameError, match=r"Did you mean 'standard'.*conservative, permissive, standard"
    ):
        effective_thresholds(default_trust(), "standart", LIBRARY)
