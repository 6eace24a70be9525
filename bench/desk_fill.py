"""A large installation for measuring the desk: many clients with thousands of open items each, and a long audit.

Three made-up clients go through the pipeline as any other; the rest are copies of them, table by table, written by SQL
under the triggers and constraints of the registry. The audit grows by its own function, so that its chain holds.
"""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from schema_matching_pipeline.entrances.cli.demo.build import build_demo_clients
from schema_matching_pipeline.entrances.cli.demo.client import DemoClient
from schema_matching_pipeline.entrances.orchestration.launch import carry_on
from schema_matching_pipeline.model.access import Actor, Role
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.registry import EmbeddedServer
from schema_matching_pipeline.registry.embedded import OWNER
from schema_matching_pipeline.runtime import build_world, ensure_tenant, vouched_actor
from schema_matching_pipeline.settings import Settings
from schema_matching_pipeline.workflows.log_in import set_password
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline.workflows.onboard_client import NewClient, add_client, open_as
from schema_matching_pipeline.workflows.world import World

PROFILE = "conservative"  # it asks people about most
PATIENTS, SEED = 200, 7
SETTLED_SHARE = 4  # one settled column beside so many that wait
AUDIT_AT_ONCE = 10_000
STEPS = ("profiling", "quality_check", "classifying", "matching", "validating", "awaiting_review")


@dataclass(frozen=True)
class Size:
    """How large the installation is to be."""

    clients: int
    items: int
    audit_rows: int

    @property
    def items_each(self) -> int:
        """Open items of each client."""
        return self.items // self.clients


@dataclass(frozen=True)
class Person:
    """Somebody who logs in with a password."""

    login: str
    password: str


def fill(settings: Settings, size: Size, people: int) -> tuple[Person, ...]:
    """Makes the installation, and gives the stewards who work in it."""
    server = EmbeddedServer(settings.home)
    server.ensure_running()
    world = build_world(settings)
    ensure_tenant(world, settings.tenant)
    tenant = world.registry.tenant_by_name(settings.tenant)
    admin = vouched_actor(settings, world, tenant, "bench:admin", Role.ADMIN)
    stewards = tuple(_steward(world, admin, f"steward{number}") for number in range(1, people + 1))
    demo = build_demo_clients(
        settings.home / "sources", server.create_database("sources"), patients=PATIENTS, seed=SEED
    )
    for client in demo:
        _add(world, admin, client, client.slug)
        carry_on(settings, world, client.slug)
        print(f"{client.slug} went through the pipeline", flush=True)
    with psycopg.connect(
        server.url(OWNER, "smp").replace("+psycopg", ""), autocommit=True, cursor_factory=psycopg.ClientCursor
    ) as owner:
        owner.execute(
            "select set_config('smp.tenant_id', %s, false), set_config('smp.actor', 'system:propose', false)",
            [tenant],
        )
        for number in range(size.clients):
            client = demo[number % len(demo)]
            slug = f"load-{number + 1:02}"
            _add(world, admin, client, slug)
            _copy(owner, client.slug, slug, size.items_each)
            _settle(world, admin, owner, client.slug, slug)
            print(f"{slug} has {size.items_each:,} open items", flush=True)
        _lengthen_audit(owner, size.audit_rows)
        owner.execute("vacuum analyze")
    world.registry.close()
    return stewards


def _steward(world: World, admin: Actor, login: str) -> Person:
    person = Person(login, secrets.token_urlsafe(16))
    add_person(world, admin, login, Role.STEWARD, None)
    set_password(world, admin, login, person.password)
    return person


def _add(world: World, admin: Actor, client: DemoClient, slug: str) -> None:
    address = SourceAddress(location=client.source, schema_name=client.schema_name)
    new = NewClient(slug=slug, name=slug, address=address, source_kind="demo", trust_profile=PROFILE)
    add_client(world, admin, new, start=slug == client.slug)


def _copy(owner: psycopg.Connection, model: str, slug: str, items: int) -> None:
    """Writes what the pipeline wrote for the model as often as it takes, each time under other names of tables."""
    given = {"model": model, "client": slug, "items": items, "settled": items // SETTLED_SHARE}
    with owner.transaction():
        owner.execute("drop table if exists chosen, copied")
        for statement in _statements("chosen", "run", *COPIED):
            owner.execute(statement, given)
        for step in STEPS:
            owner.execute(
                "update smp.pipeline_runs set state = %s, phase = case %s when 'profiling' then phase else"
                " (select phase from smp.pipeline_runs where client = %s) end where client = %s",
                [step, step, model, slug],
            )
        _copy_proposal(owner, model, slug)


def _copy_proposal(owner: psycopg.Connection, model: str, slug: str) -> None:
    """Proposals are packed a table, and name their table inside."""
    packed: dict[str, bytes] = dict(
        owner.execute(
            "select table_name, correspondences from smp.proposed_tables where client = %s", [model]
        ).fetchall()
    )
    documents = {name: json.loads(zlib.decompress(bytes(each))) for name, each in packed.items()}
    names = owner.execute("select distinct model_table, table_name from chosen order by 2").fetchall()
    rows = [
        (slug, new, position, _packed(documents.get(name, []), new))
        for position, (name, new) in enumerate(names, start=1)
    ]
    owner.cursor().executemany(
        "insert into smp.proposed_tables (client, table_name, position, correspondences) values (%s, %s, %s, %s)",
        rows,
    )


def _packed(correspondences: list[dict[str, dict[str, str]]], table: str) -> bytes:
    renamed = [{**each, "ref": {**each["ref"], "table": table}} for each in correspondences]
    return zlib.compress(json.dumps(renamed).encode(), 1)


def _settle(world: World, admin: Actor, owner: psycopg.Connection, model: str, slug: str) -> None:
    """Settles the version as the pipeline does, so that both gates can be asked."""
    with open_as(world, admin) as unit:
        _, digest = unit.publications.settle_version(slug)
    for statement in _statements("validation"):
        owner.execute(statement, {"model": model, "client": slug, "digest": digest})
    with open_as(world, admin) as unit:
        unit.validations.mark_validated(slug, digest)


def _lengthen_audit(owner: psycopg.Connection, rows: int) -> None:
    """Nights in which confidences moved, told to the audit as an update tells them."""
    night = 0
    while (missing := rows - _audit_rows(owner)) > 0:
        night += 1
        for start in range(0, missing, AUDIT_AT_ONCE):
            told = owner.execute(
                _AUDIT, {"night": night, "start": start, "most": min(AUDIT_AT_ONCE, missing - start)}
            ).fetchone()
            if told is None or not told[0]:
                break
        print(f"{_audit_rows(owner):,} audit rows", flush=True)


def _audit_rows(owner: psycopg.Connection) -> int:
    found = owner.execute("select seq from smp.audit_heads").fetchone()
    return int(found[0]) if found else 0


def _statements(*names: str) -> Iterator[str]:
    yield from (_SQL[name] for name in names)


def kept_people(home: Path) -> tuple[Person, ...] | None:
    """The stewards of an installation that was filled before; None where none was."""
    note = home / "people.json"
    if not note.exists():
        return None
    return tuple(Person(**each) for each in json.loads(note.read_text()))


def keep_people(home: Path, people: Sequence[Person]) -> None:
    """Notes them beside the installation, which is complete by then."""
    note = home / "people.json"
    note.touch(mode=0o600)
    note.write_text(json.dumps([vars(each) for each in people]))


COPIED = (
    "snapshot",
    "tables",
    "columns",
    "anchors",
    "labels",
    "classifications",
    "classified",
    "policies",
    "mappings",
    "proposal",
    "candidates",
    "items",
    "checks",
)

_SQL = {
    # Columns that wait, copy after copy until there are enough; and of the others so many that some are settled.
    "chosen": """
create temp table chosen as
with waiting as (
    select distinct source_table, source_column from smp.review_items
    where client = %(model)s and state = 'open' and kind <> 'validation' and source_column <> ''
), mapped as (
    select m.source_table, m.source_field as source_column, w.source_table is not null as waits
    from smp.field_mappings m
    left join waiting w on (w.source_table, w.source_column) = (m.source_table, m.source_field)
    where m.client = %(model)s and m.status <> 'deprecated'
), copies as (
    select source_table as model_table, source_column as column_name, waits, copy,
           source_table || '_' || to_char(copy, 'FM000') as table_name,
           row_number() over (partition by waits order by copy, source_table, source_column) as place
    from mapped, generate_series(1, 1 + %(items)s / (select count(*) from waiting)) as copy
)
select * from copies where place <= case when waits then %(items)s else %(settled)s end
""",
    "run": """
insert into smp.pipeline_runs (client, trust_profile, schema_name, review_required_before_production, source_digest)
select %(client)s, trust_profile, schema_name, review_required_before_production, source_digest
from smp.pipeline_runs where client = %(model)s
""",
    "snapshot": """
insert into smp.source_snapshots (client, fingerprint, schema_name, snapshot, run_id)
select %(client)s, fingerprint, schema_name,
       jsonb_set(snapshot, '{snapshot,tables}', (
           select jsonb_agg(listed || jsonb_build_object('name', names.table_name) order by names.table_name)
           from (select distinct model_table, table_name from chosen) as names
           join jsonb_array_elements(snapshot -> 'snapshot' -> 'tables') as listed on listed ->> 'name' = model_table)),
       (select id from smp.pipeline_runs where client = %(client)s)
from smp.source_snapshots where client = %(model)s
""",
    "tables": """
insert into smp.table_profiles (client, snapshot_id, run_id, table_name, row_count, estimated, profile)
select s.client, s.id, s.run_id, names.table_name, t.row_count, t.estimated,
       t.profile || jsonb_build_object('name', names.table_name, 'foreign_keys', coalesce((
           select jsonb_agg(key || jsonb_build_object('referred_table', key ->> 'referred_table' || '_' || to_char(copy, 'FM000')))
           from jsonb_array_elements(t.profile -> 'foreign_keys') as key), '[]'))
from smp.source_snapshots s, (select distinct model_table, table_name, copy from chosen) as names
join smp.table_profiles t on (t.client, t.table_name) = (%(model)s, names.model_table)
where s.client = %(client)s order by names.table_name
""",
    "columns": """
insert into smp.column_profiles
    (client, snapshot_id, run_id, table_name, column_name, position, data_type, value_type, row_count, null_count,
     distinct_count, profile, sketch_hashes, word_hashes)
select s.client, s.id, s.run_id, h.table_name, h.column_name, c.position, c.data_type, c.value_type, c.row_count,
       c.null_count, c.distinct_count, c.profile || jsonb_build_object('table', h.table_name), c.sketch_hashes,
       c.word_hashes
from smp.source_snapshots s, chosen h
join smp.column_profiles c on (c.client, c.table_name, c.column_name) = (%(model)s, h.model_table, h.column_name)
where s.client = %(client)s order by h.table_name, c.position
""",
    "anchors": """
insert into smp.column_anchors (client, table_name, column_name, fingerprint, profile, sketch_hashes, word_hashes)
select %(client)s, h.table_name, h.column_name, a.fingerprint,
       a.profile || jsonb_build_object('table', h.table_name), a.sketch_hashes, a.word_hashes
from chosen h
join smp.column_anchors a on (a.client, a.table_name, a.column_name) = (%(model)s, h.model_table, h.column_name)
""",
    "labels": """
insert into smp.quality_labels (client, run_id, table_name, column_name, label, confidence, reason, value)
select r.client, r.id, h.table_name, h.column_name, q.label, q.confidence, q.reason,
       jsonb_set(q.value, '{ref,table}', to_jsonb(h.table_name))
from smp.pipeline_runs r, chosen h
join smp.quality_labels q on (q.client, q.table_name, q.column_name) = (%(model)s, h.model_table, h.column_name)
where r.client = %(client)s
""",
    "classifications": """
insert into smp.classifications
    (client, run_id, table_name, column_name, semantic_type, entity, confidence, source, value)
select r.client, r.id, h.table_name, h.column_name, c.semantic_type, c.entity, c.confidence, c.source,
       jsonb_set(c.value, '{ref,table}', to_jsonb(h.table_name))
from smp.pipeline_runs r, chosen h
join smp.classifications c on (c.client, c.table_name, c.column_name) = (%(model)s, h.model_table, h.column_name)
where r.client = %(client)s
""",
    "classified": """
insert into smp.classification_runs (client, run_id, verdicts)
select %(client)s, r.id, (select count(*) from chosen)
from smp.classification_runs c, smp.pipeline_runs r where c.client = %(model)s and r.client = %(client)s
""",
    "policies": """
insert into smp.entity_policies (client, entity, risk_class, effective_threshold, review_floor, validation_required)
select %(client)s, entity, risk_class, effective_threshold, review_floor, validation_required
from smp.entity_policies where client = %(model)s
""",
    "mappings": """
insert into smp.field_mappings
    (client, source_table, source_field, source_data_type, canonical_entity, canonical_field, transformation_rule,
     confidence_score, proposed_confidence, required_threshold, disposition, mapping_source, proposer, approval_hash,
     explanation)
select %(client)s, h.table_name, h.column_name, m.source_data_type, m.canonical_entity, m.canonical_field,
       m.transformation_rule, m.confidence_score, m.proposed_confidence, m.required_threshold, m.disposition,
       m.mapping_source, m.proposer, m.approval_hash, m.explanation
from chosen h
join smp.field_mappings m on (m.client, m.source_table, m.source_field) = (%(model)s, h.model_table, h.column_name)
""",
    "proposal": """
insert into smp.mapping_proposals (client, run_id, canonical_digest, knowledge_version, digest)
select %(client)s, r.id, p.canonical_digest, p.knowledge_version, p.digest
from smp.mapping_proposals p, smp.pipeline_runs r where p.client = %(model)s and r.client = %(client)s
""",
    "candidates": """
insert into smp.mapping_candidates
    (client, run_id, table_name, column_name, rank, entity, field, score, confidence, shares)
select r.client, r.id, h.table_name, h.column_name, c.rank, c.entity, c.field, c.score, c.confidence, c.shares
from smp.pipeline_runs r, chosen h
join smp.mapping_candidates c on (c.client, c.table_name, c.column_name) = (%(model)s, h.model_table, h.column_name)
where r.client = %(client)s
""",
    # Confidences, rows and days differ, so that every order has something to put in order.
    "items": """
insert into smp.review_items
    (client, id, kind, source_table, source_column, entity, field, risk_class, reason, needed, had, item,
     required_approvals, approval_hash, rows_affected, opened_at)
select %(client)s, md5(concat_ws('/', %(client)s, i.id, h.copy)), i.kind, h.table_name, h.column_name, i.entity, i.field,
       i.risk_class, i.reason, i.needed,
       case when i.kind in ('mapping', 'classification') then i.had * (0.9 + 0.1 * random()) else i.had end, i.item,
       i.required_approvals, i.approval_hash, 1 + (i.rows_affected * (0.5 + random()))::bigint,
       now() - random() * interval '60 days'
from chosen h
join smp.review_items i on (i.client, i.source_table, i.source_column) = (%(model)s, h.model_table, h.column_name)
where i.state = 'open' and i.kind <> 'validation'
""",
    "checks": """
insert into smp.check_results (client, run_id, check_name, passed, severity, actual, threshold, details, version)
select %(client)s, r.id, check_name, passed, severity, actual, threshold, details, version
from smp.check_results c, smp.pipeline_runs r where c.client = %(model)s and r.client = %(client)s
""",
    "validation": """
insert into smp.mapping_validation_results
    (client, field_mapping_id, digest, expectation_id, source_table, source_field, canonical_entity, canonical_field,
     validation_type, validation_status, demanded, error_message, sample_input, sample_output, test_count, pass_count,
     fail_count, finding, run_id)
select n.client, n.id, %(digest)s, md5(v.expectation_id || h.copy), h.table_name, v.source_field, v.canonical_entity,
       v.canonical_field, v.validation_type, v.validation_status, v.demanded, v.error_message, v.sample_input,
       v.sample_output, v.test_count, v.pass_count, v.fail_count,
       jsonb_set(v.finding, '{ref,table}', to_jsonb(h.table_name))
       || jsonb_build_object('expectation_id', md5(v.expectation_id || h.copy)), r.id
from smp.pipeline_runs r, chosen h
join smp.mapping_validation_results v
    on (v.client, v.source_table, v.source_field) = (%(model)s, h.model_table, h.column_name)
join smp.field_mappings n on (n.client, n.source_table, n.source_field) = (%(client)s, h.table_name, h.column_name)
where r.client = %(client)s
  and v.digest = (select digest from smp.mapping_versions where client = %(model)s order by version desc limit 1)
  and v.validation_status <> 'failed'
""",
}

_AUDIT = """
with told as (
    select jsonb_build_object(
        'old', jsonb_build_object('tenant_id', tenant_id, 'client', client, 'id', id, 'had', had - %(night)s / 1000.0,
                                  'row_version', %(night)s),
        'new', jsonb_build_object('tenant_id', tenant_id, 'client', client, 'id', id,
                                  'had', had - (%(night)s - 1) / 1000.0, 'row_version', %(night)s + 1)) as change
    from smp.review_items where state = 'open' order by client, id limit %(most)s offset %(start)s
)
select count(*), smp.append_audit('review_items', 'UPDATE', array['client', 'id'], array_agg(change)) from told having count(*) > 0
"""
