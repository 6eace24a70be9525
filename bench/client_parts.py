"""More clients out of a known one: some of its tables at a time, and its names as old systems shorten them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.tasks import Pair, Task, client_profile, client_task, client_truth
from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.model.profile import SourceProfile, TableProfile

PARTS, SEED = 60, 3
SIZES = (1, 1, 2, 2, 3, 5, 8, 12)  # tables of a part
WEIGHT_OF_PART = 1 / 6  # beside a whole client
VOWELS = set("aeiou")
Names = Mapping[str, str]


def load_client_parts(name: str, location: str, truth_csv: Path, cache: Path | None) -> list[Task]:
    """The client with short names, and parts of both, drawn from a fixed seed; each of the client's family."""
    whole, pairs = client_profile(name, location, cache), client_truth(truth_csv)
    chance = np.random.default_rng(SEED)
    short, short_pairs = _with_short_names(whole, pairs, chance)
    tasks = [client_task(f"{name}, short names", name, short, short_pairs)]
    for number in range(PARTS):
        profile, true, kind = (short, short_pairs, "short part") if number % 2 else (whole, pairs, "part")
        part = client_task(f"{name}, {kind} {number}", name, _some_tables(profile, chance), true)
        tasks.append(replace(part, weight=WEIGHT_OF_PART))
    return tasks


def _some_tables(profile: SourceProfile, chance: np.random.Generator) -> SourceProfile:
    filled = [table for table in profile.tables if any(column.filled_count for column in table.columns)]
    size = min(int(chance.choice(SIZES)), len(filled))
    drawn = sorted(chance.choice(len(filled), size, replace=False).tolist())
    return profile.model_copy(update={"tables": tuple(filled[index] for index in drawn)})


def _with_short_names(
    profile: SourceProfile, pairs: Sequence[Pair], chance: np.random.Generator
) -> tuple[SourceProfile, list[Pair]]:
    tables = _short([table.name for table in profile.tables], chance)
    columns = {t.name: _short([c.column for c in t.columns], chance) for t in profile.tables}
    renamed = profile.model_copy(
        update={"tables": tuple(_renamed(table, tables, columns) for table in profile.tables)}
    )
    true = [
        ((tables[table], columns[table][column]), target)
        for (table, column), target in pairs
        if column in columns.get(table, {})
    ]
    return renamed, true


def _short(names: Sequence[str], chance: np.random.Generator) -> Names:
    """A short name for each; no two are the same."""
    short: dict[str, str] = {}
    for name in names:
        wanted = "_".join(_shorter(token, chance) for token in name_tokens(name)).upper() or name
        taken = set(short.values())
        free = (each for each in (wanted, *(f"{wanted}{n}" for n in range(2, 999))) if each not in taken)
        short[name] = next(free)
    return short


def _shorter(token: str, chance: np.random.Generator) -> str:
    """A token cut after a few letters, without its inner vowels, or as it is."""
    cut = token[: int(chance.integers(3, 5))]
    bare = token[:1] + "".join(letter for letter in token[1:] if letter not in VOWELS)
    return str(chance.choice([cut, bare, token]))


def _renamed(table: TableProfile, tables: Names, columns: Mapping[str, Names]) -> TableProfile:
    own = columns[table.name]
    return table.model_copy(
        update={
            "name": tables[table.name],
            "columns": tuple(
                column.model_copy(update={"table": tables[table.name], "column": own[column.column]})
                for column in table.columns
            ),
            "primary_key": tuple(own[name] for name in table.primary_key),
            "key_candidates": tuple(tuple(own[name] for name in key) for key in table.key_candidates),
            "foreign_keys": tuple(
                key.model_copy(
                    update={
                        "columns": tuple(own[name] for name in key.columns),
                        "referred_table": tables.get(key.referred_table, key.referred_table),
                    }
                )
                for key in table.foreign_keys
            ),
        }
    )
