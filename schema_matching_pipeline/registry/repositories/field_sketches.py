"""What the values of each field look like: sketches of published columns, merged over clients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypedDict

from schema_matching_pipeline.canon.sketch_merge import frequent_values, merge_sketches
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.knowledge import FieldValues
from schema_matching_pipeline.model.policy import LearningPolicy
from schema_matching_pipeline.model.profile import ValueSketch
from schema_matching_pipeline.registry.packing import in_a_row, unpack
from schema_matching_pipeline.registry.transaction import Transaction, to_json

_FORGET_SKETCHES = "delete from smp.learned_sketches where client = :client returning entity, field"

_ADD_SKETCHES = """
insert into smp.learned_sketches
    (client, table_name, column_name, entity, field, verified, hashes, size, distinct_count, is_complete)
select :client, table_name, column_name, entity, field, verified,
       substring(cast(:hashes as bytea) from place for length), size, distinct_count, is_complete
from jsonb_to_recordset(cast(:rows as jsonb))
     as g (table_name text, column_name text, entity text, field text, verified bool, place int, length int,
           size int, distinct_count bigint, is_complete bool)
"""

_SKETCHES = """
select entity, field, client, verified, hashes, size, distinct_count, is_complete
from smp.learned_sketches
where (entity, field) in (select * from unnest(%(entities)s::text[], %(fields)s::text[]))
order by entity, field, client, table_name, column_name
"""

_FORGET_FIELDS = """
delete from smp.field_sketches
where (entity, field) in (select * from unnest(cast(:entities as text[]), cast(:fields as text[])))
"""

_ADD_FIELDS = """
insert into smp.field_sketches (entity, field, hashes, size, distinct_count, is_complete, clients)
select entity, field, substring(cast(:hashes as bytea) from place for length), size, distinct_count,
       is_complete, clients
from jsonb_to_recordset(cast(:rows as jsonb))
     as g (entity text, field text, place int, length int, size int, distinct_count bigint,
           is_complete bool, clients int)
"""

_FIELDS = """
select entity, field, clients, hashes, size, distinct_count, is_complete
from smp.field_sketches order by entity, field
"""


class TaughtRow(TypedDict):
    """One published column, as a row."""

    table_name: str
    column_name: str
    entity: str
    field: str
    verified: bool


class TaughtColumn(NamedTuple):
    """One published column and what its values look like."""

    row: TaughtRow
    sketch: ValueSketch


class _Learned(NamedTuple):
    """What one client's column shows of a field."""

    client: str
    verified: bool
    sketch: ValueSketch


class FieldSketches:
    """The learned sketches of one tenant."""

    def __init__(self, transaction: Transaction, policy: LearningPolicy) -> None:
        self._transaction = transaction
        self._policy = policy

    def field_values(self) -> tuple[FieldValues, ...]:
        """What the verified values of each field look like."""
        return tuple(
            FieldValues(target=target_of(entity, field), clients=clients, sketch=_sketch(*packed))
            for entity, field, clients, *packed in self._transaction.packed_rows(_FIELDS)
        )

    def learn(
        self,
        client: ClientId,
        shown: Sequence[TaughtColumn],
        rejected: Mapping[FieldRef, frozenset[int]],
        *,
        auto_verify: bool,
    ) -> None:
        """Replaces what this client showed, and merges anew every field that this touches."""
        forgotten = self._transaction.rows(_FORGET_SKETCHES, client=client)
        rows = [column.row for column in shown]
        self._add(_ADD_SKETCHES, rows, [column.sketch for column in shown], client=client)
        touched = {target_of(row["entity"], row["field"]) for row in forgotten} | {
            target_of(row["entity"], row["field"]) for row in rows
        }
        place = {
            "entities": [target.entity for target in touched],
            "fields": [target.field for target in touched],
        }
        learned = self._learned(place)
        merged = {
            target: sketch
            for target, columns in learned.items()
            if (sketch := self._merged(columns, rejected.get(target, frozenset()), auto_verify=auto_verify))
        }
        self._transaction.run(_FORGET_FIELDS, **place)
        fields = [
            {
                "entity": target.entity,
                "field": target.field,
                "clients": len({column.client for column in learned[target]}),
            }
            for target in merged
        ]
        self._add(_ADD_FIELDS, fields, list(merged.values()))

    def _learned(self, place: Mapping[str, object]) -> dict[FieldRef, list[_Learned]]:
        learned: dict[FieldRef, list[_Learned]] = defaultdict(list)
        for entity, field, client, verified, *packed in self._transaction.packed_rows(_SKETCHES, **place):
            learned[target_of(entity, field)].append(_Learned(client, verified, _sketch(*packed)))
        return learned

    def _merged(
        self, columns: Sequence[_Learned], rejected: frozenset[int], *, auto_verify: bool
    ) -> ValueSketch | None:
        """The verified sketches of a field together; with them, where trusted, what several clients show."""
        trusted = [column.sketch for column in columns if column.verified]
        if auto_verify:
            trusted.append(self._frequent(columns))
        return merge_sketches(trusted, self._policy.sketch_size, without=rejected)

    def _frequent(self, columns: Iterable[_Learned]) -> ValueSketch:
        shown = [(column.client, column.sketch) for column in columns]
        hashes = frequent_values(shown, self._policy.verify_clients)
        return ValueSketch(
            size=self._policy.sketch_size,
            hashes=tuple(sorted(hashes)),
            distinct=len(hashes),
            complete=all(sketch.complete for _, sketch in shown),
        )

    def _add(
        self,
        statement: str,
        rows: Sequence[Mapping[str, object]],
        sketches: Sequence[ValueSketch],
        **values: object,
    ) -> None:
        packed = in_a_row(sketch.hashes for sketch in sketches)
        described = [
            {
                **row,
                "place": place,
                "length": length,
                "size": sketch.size,
                "distinct_count": sketch.distinct,
                "is_complete": sketch.complete,
            }
            for row, sketch, place, length in zip(rows, sketches, packed.places, packed.sizes, strict=True)
        ]
        self._transaction.run(statement, rows=to_json(described), hashes=packed.blob, **values)


def target_of(entity: str, field: str) -> FieldRef:
    """The field of that name."""
    return FieldRef(entity=entity, field=field)


def _sketch(
    hashes: bytes, size: int, distinct: int, complete: bool
) -> ValueSketch:  # in the order of the row
    return ValueSketch(size=size, hashes=unpack(hashes), distinct=distinct, complete=complete)
