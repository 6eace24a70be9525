"""A rule with an override: given at the command line, kept through proposals, and told wherever the mapping is."""

from __future__ import annotations

import json
import re

import pandas as pd
import psycopg
import pytest
import yaml

from schema_matching_pipeline.adapters.connectors.rules import transform_series
from schema_matching_pipeline.canon.rule_reader import step_names
from schema_matching_pipeline.entrances.cli.review_rule import chosen_rule
from schema_matching_pipeline.errors import BadDecisionError
from schema_matching_pipeline.model.rule import Transformed
from schema_matching_pipeline.registry.embedded import EmbeddedServer
from schema_matching_pipeline_tests.architecture.pages import DOCS
from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables

PAGE = (DOCS / "rules.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
STEPS = [{"step": "trim"}, {"step": "uppercase"}]
MAPPED = ("mapping_type", "coercion_function", "transformation_rule")


@pytest.fixture(scope="module")
def rulers(smp: Terminal) -> Terminal:
    return smp.of("rulers")


@pytest.fixture(scope="module")
def ruled(rulers: Terminal) -> str:
    return rulers.onboarded(write_tables(rulers.folder / "ruled", patients=PATIENTS), name="ruled")


def _item(smp: Terminal, client: str, column: str) -> str:
    return next(str(item["id"]) for item in smp.waiting(client) if item["ref"]["column"] == column)


def _mapping(smp: Terminal, client: str, column: str) -> dict[str, object]:
    rows = smp("mappings", client, "--format", "json").json
    assert yaml.safe_load(smp("mappings", client, "--format", "yaml").out) == rows
    return next(row for row in rows if row["source_column"] == column)


def test_a_wrong_decision_is_taken_back_by_leaving_the_column_out_and_taking_it_in_again(
    rulers: Terminal,
) -> None:
    client = rulers.onboarded(write_tables(rulers.folder / "wrong", patients=PATIENTS), name="wrong")
    item = _item(rulers, client, "first_name")
    wrong = ("review", "override", item, "--to", "patient.first_name", "--reason", "it is a day")
    assert rulers(*wrong, "--coerce", "to_date").code == 0
    assert rulers(*wrong, "--coerce", "trim").code == 5
    for word in ("exclude", "include"):
        assert rulers("review", word, client, "patients.first_name", "--reason", "again").code == 0
    assert rulers("onboard", client).code == 3
    again = _item(rulers, client, "first_name")
    said = rulers(
        "review", "override", again, "--to", "patient.first_name", "--coerce", "trim", "--reason", "so"
    )
    assert said.code == 0, said.err
    assert _mapping(rulers, client, "first_name")["coercion_function"] == "trim"


def test_steps_of_an_override_are_shown_kept_by_the_next_proposal_and_published(
    rulers: Terminal, ruled: str
) -> None:
    named, chained = _item(rulers, ruled, "first_name"), _item(rulers, ruled, "gender")
    because = ("--reason", "as the registry writes it")
    by_name = ("--coerce", "trim", "--coerce", "uppercase")
    said = rulers("review", "override", named, "--to", "patient.first_name", *by_name, *because)
    assert said.code == 0, said.err
    chain = [{"step": "lowercase"}, *json.loads(EXAMPLE)["steps"]]
    (rulers.folder / "chain.json").write_text(json.dumps({"steps": chain}))
    said = rulers("review", "override", chained, "--to", "patient.sex", "--rule", "chain.json", *because)
    assert said.code == 0, said.err
    assert "trim, uppercase" in rulers("review", "show", named).out
    (act,) = rulers("review", "show", chained, "--json").json["history"]
    assert act["rule"]["steps"] == chain

    decided = [_mapping(rulers, ruled, column) for column in ("first_name", "gender")]
    assert [decided[0][name] for name in MAPPED] == [
        "transformed",
        "trim,uppercase",
        {"cast": None, "date_format": None, "steps": STEPS},
    ]
    assert [decided[1][name] for name in MAPPED[:2]] == [
        "transformed",
        "lowercase,trim,split_part,map_values",
    ]
    again = rulers("onboard", ruled, "--from-start")
    assert again.code == 3, again.err
    validated = [_mapping(rulers, ruled, column) for column in ("first_name", "gender")]
    assert [row.pop("validation_status") for row in validated] == ["validated", "validated"]
    assert validated == [
        {name: value for name, value in row.items() if name != "validation_status"} for row in decided
    ]

    while rulers.waiting(ruled):
        rulers.decide_all(ruled)
        assert rulers("onboard", ruled).code == 3
    approved = rulers("approve", ruled, "--reason", "looked at")
    assert approved.code == 0, approved.err
    assert rulers("onboard", ruled).code == 0
    owner_url = EmbeddedServer(rulers.home).ensure_running().owner_url.replace("+psycopg", "")
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "select set_config('smp.tenant_id', id::text, true) from smp.tenants where name = 'rulers'"
        )
        published = connection.execute(
            "select mapping_type, coercion_function, transformation_rule -> 'steps' from smp.published_mappings"
            " where client = %s and source_field = 'first_name'",
            [ruled],
        ).fetchall()
    assert published == [("transformed", "trim,uppercase", STEPS)]


def test_a_rule_with_mistakes_is_refused_with_all_of_them_and_decides_nothing(
    smp: Terminal, acme: str
) -> None:
    item = _item(smp, acme, "first_name")
    rule = '{"cast": "data", "steps": [{"step": "to_integer"}, {"step": "uppercas"}, {"step": "substring", "start": 0}, 7]}'
    said = smp("review", "override", item, "--to", "patient.first_name", "--rule", rule, "--reason", "x")
    assert (said.code, said.out) == (2, "")
    for word in (
        "6 mistake(s)",
        "did you mean 'uppercase'?",
        "step 3 (substring), start:",
        "step 3 (substring), length:",
        "step 4: it is no object",
        "these stand earlier: to_integer",
        "cast:",
        "Steps: trim, uppercase,",
    ):
        assert word in said.err
    assert smp("review", "show", item, "--json").json["item"]["state"] == "open"
    without = smp("review", "override", item, "--nothing", "--coerce", "trim", "--reason", "x")
    assert (without.code, "say --to" in without.err) == (2, True)


@pytest.mark.parametrize(
    ("coerce", "rule", "word"),
    [
        (("substring",), None, "start: Field required"),
        (("trim",), EXAMPLE, "Say one of --cast, --coerce and --rule"),
        ((), "no-such-file.json", "neither JSON nor a text file"),
        ((), '{"steps": [', "it is no JSON"),
        ((), '{"steps": []}', "at least one"),
        ((), "[1]", "no object with a list of steps"),
        ((), '{"steps": [{"step": "trim"}], "stpes": 1}', "stpes: "),
    ],
)
def test_a_bad_rule_says_what_is_wrong(coerce: tuple[str, ...], rule: str | None, word: str) -> None:
    with pytest.raises(BadDecisionError) as refused:
        chosen_rule(None, None, coerce, rule, to="patient.city")
    assert word in str(refused.value)


def test_the_example_of_the_page_makes_what_the_page_says() -> None:
    rule = chosen_rule(None, None, (), EXAMPLE, to="patient.city")
    assert rule is not None
    told = re.findall(r"^\| `([^`]+)` \| (?:`(\w+)`|null, a failure) \|$", PAGE, re.MULTILINE)
    applied = transform_series(pd.Series([before for before, _ in told]), Transformed(steps=rule.steps))
    assert len(told) == 3
    assert [made or "" for made in applied.made] == [after for _, after in told]
    assert applied.failures == sum(not after for _, after in told)


def test_the_page_names_every_step() -> None:
    assert [name for name in step_names() if f"`{name}`" not in PAGE] == []
