"""Keys do not repeat."""

from __future__ import annotations

from collections.abc import Iterator

from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.validation import Expectation, ExpectationKind, ExpectationResult
from schema_matching_pipeline.validation.validator import VALIDATORS, Case, Pair, expect, of_tested


class KeyUnique:
    """Asks whether the columns that fill an entity's key are unique together.

    Asked only where one table fills the whole key, each part from one column.
    """

    code = "KEY_REPEATS"

    def plan(self, case: Case) -> Iterator[Expectation]:
        """One question for every table that fills a whole key."""
        for (_, entity), pairs in case.by_entity.items():
            key = _key_pairs(pairs)
            if (
                key
                and {pair.target for pair in key} == _key_fields(case, entity)
                and len(key) == len(_targets(key))
            ):
                yield expect(
                    ExpectationKind.UNIQUE, key[0], columns=tuple(sorted(pair.ref.column for pair in key))
                )

    def message(self, expectation: Expectation, result: ExpectationResult) -> str:
        """How many rows repeat a key."""
        columns = ", ".join(expectation.parameter("columns"))
        return f"{of_tested(result)} repeat a key that {columns} should make unique"


def _key_pairs(pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
    key = (pair for pair in pairs if pair.field.primary_key)
    return tuple(sorted(key, key=lambda pair: pair.ref.column))


def _key_fields(case: Case, entity_name: str) -> set[FieldRef]:
    entity = case.canonical.entity(entity_name)
    fields = entity.fields if entity else ()
    return {FieldRef(entity=entity_name, field=field.name) for field in fields if field.primary_key}


def _targets(pairs: tuple[Pair, ...]) -> set[FieldRef]:
    return {pair.target for pair in pairs}


VALIDATORS.register("key_unique")(KeyUnique())
