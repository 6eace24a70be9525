"""How well the packaged weights do on shared tasks and clients; the floors may only rise.

The weights have seen these tasks when they were trained, so the floors here only guard against losing what
was reached; figures out of family come from ``bench/train_matcher.py``.
"""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from pathlib import Path

import pytest
from pydantic import SecretStr

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.adapters.connectors.value_hash import hash_text
from schema_matching_pipeline.canon.value_bank import packaged_values
from schema_matching_pipeline.catalog import read_declared
from schema_matching_pipeline.classification import classify_by_rules
from schema_matching_pipeline.matching import propose_mapping
from schema_matching_pipeline.model.matching import MappingProposal
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.source import ColumnRef, SourceAddress
from schema_matching_pipeline.runtime import packaged_model
from schema_matching_pipeline.workflows.match_schemas import match_schemas
from schema_matching_pipeline.workflows.profile_source import measure_source
from schema_matching_pipeline.workflows.world import Policies
from schema_matching_pipeline_tests.rooms.matching.cases import KNOWLEDGE

SHARED = Path(os.environ.get("SMP_SHARED", Path(__file__).parents[2].parent / "shared"))
TASKS, CLIENT = SHARED / "bench" / "tasks", SHARED / "clients" / "synthea"
KEY = b"accuracy"
AUTO_ACCEPT = 0.95

# Hit rate at the first candidate, over source columns with a truth.
FLOORS = {
    "efes_bib_s1a_s3b": 1.0,
    "fab_film_semjoin": 1.0,
    "fab_invoice_union": 1.0,
    "fab_order_join": 1.0,
    "gdc_cao": 0.93,
    "gdc_clark": 0.78,
    "gdc_krug": 1.0,
    "gdc_wang": 0.95,
    "llmatch_cprd_aurum_omop": 0.4,
    "magellan_amazon_google_exp": 1.0,
    "magellan_beeradvo_ratebeer": 1.0,
    "magellan_dblp_acm": 1.0,
    "nameguess_la": 1.0,
    "oc3_oracle_sap": 0.7,
    "pubs_pubs1_pubs2": 1.0,
    "pubs_pubs1_pubs4": 1.0,
    "sakila_schema1_schema1_it": 1.0,
    "sakila_schema1_schema2": 0.93,
    "smat_synthea_omop": 0.55,
    "snails_atbi": 0.97,
    "snails_craters": 1.0,
    "snails_herps": 1.0,
    "snails_sap_sales": 0.69,
    "webzh_1": 0.91,
    "webzh_5": 1.0,
    "wikidata_joinable": 1.0,
}
CLIENT_TOP_1, CLIENT_PRECISION, CLIENT_ACCEPTED = 0.98, 1.0, 92

pytestmark = [
    pytest.mark.skipif(
        not TASKS.is_dir(), reason=f"needs the shared tasks, which are not at {SHARED}; set SMP_SHARED"
    ),
    pytest.mark.no_cover,  # matches thousands of columns, which tracing makes twice as slow
]

Name = tuple[str, str]


@pytest.mark.parametrize("task", FLOORS)
def test_a_task_stays_at_or_above_its_floor(task):
    found: dict[Name, Name] = {}
    sides = [_side(TASKS / task / side) for side in ("source", "target")]
    for p in match_schemas(Sources(KEY, ProfilePolicy()), sides[0], sides[1], Policies()).predictions:
        found.setdefault((p.source_table, p.source_column), (p.target_table, p.target_column))
    truth = _truth(TASKS / task / "truth.csv", ("target_table", "target_column"))
    assert sum(found.get(column) in targets for column, targets in truth.items()) >= FLOORS[task] * len(truth)


@pytest.fixture(scope="module")
def proposal() -> MappingProposal:
    """A client with known truth against the packaged model, as an onboarding does it, without empty columns."""
    canonical = packaged_model("practice")
    values = packaged_values(canonical, lambda text: hash_text(KEY, text))
    knowledge = KNOWLEDGE.but(canonical=canonical, field_values=values)
    address = SourceAddress(location=SecretStr(str(CLIENT / "raw")))
    with Sources(KEY, ProfilePolicy()).open(address) as source:
        profile = measure_source(source, source.snapshot(), ProfilePolicy())
    empty = frozenset(
        ColumnRef(table=c.table, column=c.column) for c in profile.columns if not c.filled_count
    )
    return propose_mapping(profile, classify_by_rules(profile, empty, knowledge), knowledge, excluded=empty)


def test_columns_of_a_client_find_their_fields_first(proposal):
    truth = _truth(CLIENT / "truth.csv", ("canonical_entity", "canonical_field"))
    exact = _truth(CLIENT / "truth.csv", ("canonical_entity", "canonical_field"), grade="exact")
    judged = [c for c in proposal.correspondences if (c.ref.table, c.ref.column) in exact]
    right = [
        c
        for c in judged
        if (c.candidates[0].target.entity, c.candidates[0].target.field) in truth[c.ref.table, c.ref.column]
    ]
    assert len(judged) > 100
    assert len(right) >= CLIENT_TOP_1 * len(judged)


def test_what_would_be_accepted_automatically_is_right(proposal):
    truth = _truth(CLIENT / "truth.csv", ("canonical_entity", "canonical_field"))
    accepted = [c for c in proposal.correspondences if c.target and c.confidence >= AUTO_ACCEPT]
    right = [c for c in accepted if (c.target.entity, c.target.field) in truth[c.ref.table, c.ref.column]]
    assert len(accepted) >= CLIENT_ACCEPTED
    assert len(right) >= CLIENT_PRECISION * len(accepted)


def _side(folder: Path):
    schema = folder / "schema.json"
    declared = read_declared(schema.read_text(encoding="utf-8"), str(schema))
    return SourceAddress(location=SecretStr(str(folder))), declared


def _truth(file: Path, names: tuple[str, str], grade: str | None = None) -> defaultdict[Name, set[Name]]:
    """For each source column its true targets."""
    truth: defaultdict[Name, set[Name]] = defaultdict(set)
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if grade in (None, row.get("grade")):
                truth[row["source_table"], row["source_column"]].add((row[names[0]], row[names[1]]))
    return truth
