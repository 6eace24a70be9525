"""The hash of an approval: decisions made before this version must still stand."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from schema_matching_pipeline.model.matching import Cast, TransformRule
from schema_matching_pipeline.review import approval_hash

STEPS = {"steps": [{"step": "trim"}, {"step": "uppercase"}]}


@pytest.mark.parametrize(
    ("rule", "frozen"),
    [
        (None, "e32f67614066a025a759e9e03e1d4a90"),
        (TransformRule(cast=Cast.INTEGER), "7ef8fa06e540dde33ed6be497b40a1ad"),
        (TransformRule(cast=Cast.DATE, date_format="%d.%m.%Y"), "d9f64ea9b6e352b594560a16ad3a8a98"),
    ],
    ids=["no rule", "cast", "cast with a format"],
)
def test_a_rule_without_steps_has_the_hash_it_had_before_there_were_steps(rule, frozen):
    assert approval_hash("an anchor", "a definition", rule) == frozen


def test_a_stored_rule_without_steps_is_read_and_written_as_it_was():
    stored = {"cast": "date", "date_format": "%d.%m.%Y"}
    assert TransformRule.model_validate(stored).model_dump(mode="json") == stored


def test_steps_and_their_order_belong_to_the_hash():
    rules = [
        TransformRule.model_validate({"steps": steps}) for steps in (STEPS["steps"], STEPS["steps"][::-1])
    ]
    assert len({approval_hash("an anchor", "a definition", rule) for rule in (None, *rules)}) == 3
    assert TransformRule.model_validate_json(rules[0].canonical_json()) == rules[0]


def test_rules_with_the_same_codes_are_one_whatever_the_order_of_the_codes():
    codes = [{"a": "1", "b": "2"}, {"b": "2", "a": "1"}]
    rules = {
        TransformRule.model_validate({"steps": [{"step": "map_values", "codes": each}]}) for each in codes
    }
    assert len(rules) == 1


def test_a_rule_has_a_cast_or_steps():
    with pytest.raises(ValidationError, match="a cast or steps, not both"):
        TransformRule.model_validate({"cast": "date", **STEPS})
