"""Plans for tests, and a source opened and measured in one step."""

from __future__ import annotations

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.model.measurement import ColumnMeasurement, ProfilePlan, TableMeasurement
from schema_matching_pipeline.model.profile import PlanKind
from schema_matching_pipeline.model.source import SourceAddress, SourceSnapshot, SourceTable

_SLICE = 25


def address(location: object, schema_name: str | None = None) -> SourceAddress:
    return SourceAddress(location=str(location), schema_name=schema_name)


def a_plan(table: SourceTable, kind: PlanKind = PlanKind.SMALL, **fields: object) -> ProfilePlan:
    names = [column.name for column in table.columns]
    slices = tuple(tuple(names[start : start + _SLICE]) for start in range(0, len(names), _SLICE))
    return ProfilePlan.model_validate({"table": table.name, "kind": kind, "slices": slices, **fields})


def snapshot_of(sources: Sources, location: object, schema_name: str | None = None) -> SourceSnapshot:
    with sources.open(address(location, schema_name)) as source:
        return source.snapshot()


def measured(
    sources: Sources,
    location: object,
    table: str | None = None,
    kind: PlanKind = PlanKind.SMALL,
    **fields: object,
) -> TableMeasurement:
    """One table measured; the only one where none is named."""
    with sources.open(address(location)) as source:
        tables = {found.name: found for found in source.snapshot().tables}
        wanted = tables[table] if table else next(iter(tables.values()))
        return source.measure(a_plan(wanted, kind, **fields))


def column(measurement: TableMeasurement, name: str) -> ColumnMeasurement:
    return next(found for found in measurement.columns if found.name == name)
