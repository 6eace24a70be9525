"""Tasks in bench format, read once: profiles of both sides by the product's own way, and the truth."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import SecretStr

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.adapters.connectors.value_hash import hash_text
from schema_matching_pipeline.canon.value_bank import packaged_values
from schema_matching_pipeline.catalog import read_declared
from schema_matching_pipeline.classification import classify_by_rules
from schema_matching_pipeline.matching.side import Side, SideColumn, canonical_side, client_side
from schema_matching_pipeline.model.knowledge import Knowledge
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import ColumnProfile, SourceProfile, TableProfile, ValueType
from schema_matching_pipeline.model.source import ColumnRef, SourceAddress
from schema_matching_pipeline.model.trust import Thresholds, TrustProfile
from schema_matching_pipeline.runtime import packaged_model
from schema_matching_pipeline.workflows.match_schemas import measure_declared
from schema_matching_pipeline.workflows.profile_source import measure_source

KEY = (
    b"bench"  # what is compared is hashed with one key: both sides of a task, a client and the model's values
)
Name = tuple[str, str]
Pair = tuple[Name, Name]
NO_THRESHOLDS = Thresholds(  # scores do not depend on them
    profile=TrustProfile(
        name="none",
        auto_accept_threshold=1.0,
        review_required_before_production=True,
        auto_exclude_flagged_columns=False,
        auto_verify_high_occurrence_values=False,
    ),
    review_floor=0.5,
    entities=(),
)


@dataclass(frozen=True)
class Task:
    """One task: both sides, which pairs are true, and which source columns can be judged."""

    name: str
    family: str
    columns: Side
    fields: Side
    truth: npt.NDArray[np.bool_]
    judged: npt.NDArray[np.bool_]
    true_pairs: tuple[Pair, ...]
    ignored: frozenset[Name]
    nothing_is_known: bool
    knowledge: Knowledge | None = None
    weight: float = 1.0


def load_tasks(folder: Path, cache: Path | None, names: list[str] | None = None) -> list[Task]:
    """Every task of a folder, or those of the names, in alphabetical order."""
    wanted = names or sorted(path.name for path in folder.iterdir() if (path / "truth.csv").is_file())
    return [load_task(folder / name, cache) for name in wanted]


def load_client(name: str, location: str, truth_csv: Path, cache: Path | None) -> Task:
    """A client against the packaged canonical model; empty columns are left out, as in a run.

    Exact and accepted alternative fields are true; a column without a row in the truth has no target.
    """
    return client_task(name, name, client_profile(name, location, cache), client_truth(truth_csv))


def client_task(name: str, family: str, profile: SourceProfile, pairs: Sequence[Pair]) -> Task:
    """A profile under the packaged canonical model."""
    canonical = packaged_model("practice")
    knowledge = Knowledge(
        canonical=canonical,
        thresholds=NO_THRESHOLDS,
        field_values=packaged_values(canonical, partial(hash_text, KEY)),
    )
    empty = frozenset(
        ColumnRef(table=column.table, column=column.column)
        for column in profile.columns
        if not column.filled_count
    )
    columns = client_side(profile.tables, classify_by_rules(profile, empty, knowledge), empty)
    fields = canonical_side(knowledge)
    truth = _matrix(columns, fields, pairs)
    judged = np.ones(len(columns.refs), dtype=np.bool_)
    return Task(name, family, columns, fields, truth, judged, tuple(pairs), frozenset(), True, knowledge)


def client_profile(name: str, location: str, cache: Path | None) -> SourceProfile:
    """What was measured of a client; from the cache where it lies there."""
    kept = cache / f"{name}.client.json" if cache else None
    if kept is not None and kept.is_file():
        return SourceProfile.model_validate_json(kept.read_text(encoding="utf-8"))
    policy = ProfilePolicy()
    with Sources(KEY, policy).open(SourceAddress(location=SecretStr(location))) as source:
        profile = measure_source(source, source.snapshot(), policy)
    if kept is not None:
        kept.write_text(profile.model_dump_json(), encoding="utf-8")
    return profile


def client_truth(file: Path) -> list[Pair]:
    """Every true pair of a client, exact and alternative."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            ((row["source_table"], row["source_column"]), (row["canonical_entity"], row["canonical_field"]))
            for row in csv.DictReader(lines)
        ]


def _matrix(columns: Side, fields: Side, pairs: Sequence[Pair]) -> npt.NDArray[np.bool_]:
    """Columns x fields: which pairs are true."""
    row = {(ref.table, ref.column): index for index, ref in enumerate(columns.refs)}
    position = {(ref.table, ref.column): index for index, ref in enumerate(fields.refs)}
    truth = np.zeros((len(row), len(position)), dtype=np.bool_)
    for source, target in pairs:
        if source in row:
            truth[row[source], position[target]] = True
    return truth


def without_rows(task: Task) -> Task | None:
    """The same task as if nobody had rows; None where it has none on both sides anyway."""
    if not (_has_values(task.columns) and _has_values(task.fields)):
        return None
    columns, fields = _bare(task.columns), _bare(task.fields)
    return replace(task, name=f"{task.name} without rows", columns=columns, fields=fields)


def _has_values(side: Side) -> bool:
    return any(column.sketch is not None for column in side.columns)


def _bare(side: Side) -> Side:
    """A side known by names, descriptions and declared keys alone; its columns keep their order."""
    tables: dict[str, list[ColumnProfile]] = {table.name: [] for table in side.tables}
    for column in side.columns:
        tables[column.table].append(_bare_profile(column))
    profile = SourceProfile(
        snapshot_fingerprint="",
        tables=tuple(
            TableProfile(
                name=table.name, row_count=0, columns=tuple(tables[table.name]), comment=table.description
            )
            for table in side.tables
        ),
    )
    return client_side(profile.tables, classify_by_rules(profile, frozenset()))


def _bare_profile(column: SideColumn) -> ColumnProfile:
    return ColumnProfile(
        table=column.table,
        column=column.name,
        position=0,
        data_type=column.profile.data_type if column.profile else "",
        comment=column.description or None,
        row_count=0,
        null_count=0,
        distinct_count=0,
        value_type=ValueType.EMPTY,
    )


def load_task(folder: Path, cache: Path | None) -> Task:
    """One task; its profiles come from the cache where they lie there."""
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    columns, fields = (_side(folder, side, cache) for side in ("source", "target"))
    pairs = _truth(folder / "truth.csv")
    ignored = frozenset((table, column) for table, column in meta.get("ignore_source_columns", ()))
    truth = _matrix(columns, fields, pairs)
    reliable = bool(meta.get("nomatch_reliable", True))
    judged = np.array(
        [
            truth[row].any() or (reliable and (ref.table, ref.column) not in ignored)
            for row, ref in enumerate(columns.refs)
        ]
    )
    return Task(folder.name, meta["family"], columns, fields, truth, judged, tuple(pairs), ignored, reliable)


def _truth(file: Path) -> list[Pair]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            ((row["source_table"], row["source_column"]), (row["target_table"], row["target_column"]))
            for row in csv.DictReader(lines)
        ]


def _side(folder: Path, side: str, cache: Path | None) -> Side:
    profile = _profile(folder / side, cache / f"{folder.name}.{side}.json" if cache else None)
    return client_side(profile.tables, classify_by_rules(profile, frozenset()))


def _profile(folder: Path, kept: Path | None) -> SourceProfile:
    if kept is not None and kept.is_file():
        return SourceProfile.model_validate_json(kept.read_text(encoding="utf-8"))
    schema = folder / "schema.json"
    declared = read_declared(schema.read_text(encoding="utf-8"), str(schema))
    address = SourceAddress(location=SecretStr(str(folder)))
    policy = ProfilePolicy()
    profile = measure_declared(Sources(KEY, policy), address, declared, policy)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(profile.model_dump_json(), encoding="utf-8")
    return profile
