from __future__ import annotations

import pytest

from schema_matching_pipeline.canon.trust_config import default_trust, read_trust
from schema_matching_pipeline.errors import ConfigurationError
from schema_matching_pipeline.model.canonical import RiskClass


def mistakes_of(text):
    with pytest.raises(ConfigurationError) as caught:
        read_trust(text, "config/schema-matching.yml")
    return caught.value.mistakes


def rule(config, name):
    return next(rule for rule in config.risk_classes if rule.name is name)


@pytest.mark.parametrize(
    ("name", "accept", "final_review", "exclude", "verify"),
    [
        ("conservative", 0.98, True, False, False),
        ("standard", 0.95, True, True, False),
        ("permissive", 0.90, False, True, True),
    ],
)
def test_the_packaged_profiles(name, accept, final_review, exclude, verify):
    profile = default_trust().profile(name)
    assert profile is not None
    assert profile.auto_accept_threshold == accept
    assert profile.review_required_before_production is final_review
    assert profile.auto_exclude_flagged_columns is exclude
    assert profile.auto_verify_high_occurrence_values is verify


def test_the_packaged_risk_classes_and_floor():
    config = default_trust()
    assert {rule.name: rule.minimum_confidence for rule in config.risk_classes} == {
        RiskClass.CRITICAL: 0.97,
        RiskClass.IMPORTANT: 0.93,
        RiskClass.OPTIONAL: 0.80,
    }
    assert rule(config, RiskClass.CRITICAL).validation_required
    assert not rule(config, RiskClass.OPTIONAL).validation_required
    assert (config.default_trust_profile, config.review_floor) == ("conservative", 0.5)


def test_an_empty_file_changes_nothing():
    assert read_trust("# mine\n", "x") == default_trust()


def test_a_file_changes_only_what_it_mentions():
    config = read_trust(
        """
default_trust_profile: standard
trust_profiles:
  standard: {auto_accept_threshold: 0.9}
risk_classes:
  important: {entities: [claim, payment]}
""",
        "x",
    )
    standard = config.profile(None)
    assert standard is not None
    assert (standard.name, standard.auto_accept_threshold) == ("standard", 0.9)
    assert standard.auto_exclude_flagged_columns is True
    assert rule(config, RiskClass.IMPORTANT).entities == ("claim", "payment")
    assert rule(config, RiskClass.IMPORTANT).minimum_confidence == 0.93
    assert config.profile("conservative") == default_trust().profile("conservative")


def test_a_profile_of_ones_own_is_added():
    config = read_trust(
        """
trust_profiles:
  bold:
    auto_accept_threshold: 0.7
    review_required_before_production: false
    auto_exclude_flagged_columns: true
    auto_verify_high_occurrence_values: true
""",
        "x",
    )
    assert [profile.name for profile in config.trust_profiles] == [
        "conservative",
        "standard",
        "permissive",
        "bold",
    ]


@pytest.mark.parametrize("written", [".nan", ".inf", "0x1", "1:30"])
def test_a_number_that_is_no_share_is_quoted(written):
    assert mistakes_of(f"review_floor: {written}") == (
        f"line 1: review_floor: must be a number from 0 to 1 such as 0.95, but is {written!r}",
    )


def test_all_mistakes_are_reported_at_once_each_with_line_and_key():
    text = """default_trust_profile: bolt
review_floor: 1.5
trust_profiles:
  bold:
    auto_accept_threshold: high
    auto_exclude: true
    auto_exclude_flagged_columns: 1
risk_classes:
  critical:
    entities: [patient, claim]
    minimum_confidence: 97
  important:
    entities:
      - payment
      - claim
  deadly: {}
colour: red
"""
    assert mistakes_of(text) == (
        "line 1: default_trust_profile: there is no profile 'bolt'. Known: conservative, standard, permissive, bold.",
        "line 2: review_floor: must be from 0 to 1, but is '1.5'",
        "line 5: trust_profiles.bold.auto_accept_threshold: must be a number from 0 to 1, but is text",
        "line 5: trust_profiles.bold: the switch review_required_before_production is missing",
        "line 5: trust_profiles.bold: the switch auto_verify_high_occurrence_values is missing",
        "line 6: trust_profiles.bold: unknown key 'auto_exclude'. Did you mean 'auto_exclude_flagged_columns'?",
        "line 7: trust_profiles.bold.auto_exclude_flagged_columns: must be true or false, but is a number",
        "line 11: risk_classes.critical.minimum_confidence: must be from 0 to 1, but is '97'",
        "line 15: risk_classes.important.entities: 'claim' stands in critical as well; an entity has one risk class",
        "line 16: risk_classes: unknown key 'deadly'. Known: critical, important, optional.",
        "line 17: unknown key 'colour'. Known: default_trust_profile, review_floor, trust_profiles, risk_classes.",
    )


@pytest.mark.parametrize("text", ["- a", "trust_profiles: [a]", "risk_classes: 3", "trust_profiles: {x"])
def test_a_file_of_another_shape_is_refused(text):
    assert mistakes_of(text)


def test_an_entity_listed_twice_in_one_class_is_a_mistake():
    text = "risk_classes:\n  optional:\n    entities: [note, note]\n"
    assert mistakes_of(text) == ("line 3: risk_classes.optional.entities: 'note' stands twice in the list",)
