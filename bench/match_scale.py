"""How long matching takes, and how much memory, as a client grows: 500 to 12,000 columns against 500 fields.

    .venv/bin/python -m bench.match_scale [--columns N ...] [--fields N]

The canonical model is the packaged one, with its entities repeated under other names up to the wanted number of fields.
A client's tables are its entities once more, in the style of old systems: names shortened, some columns that no field is
meant for, 300 values a column. Profiles are made before the clock starts; each size runs in a process of its own. Time is
that of classification by rules and of the whole proposal; memory is the highest of the whole process.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from itertools import cycle, islice
from pathlib import Path
from random import Random
from time import perf_counter, process_time

from bench.tasks import NO_THRESHOLDS
from schema_matching_pipeline.canon.value_bank import packaged_values
from schema_matching_pipeline.classification import classify_by_rules
from schema_matching_pipeline.matching import propose_mapping
from schema_matching_pipeline.model.canonical import CanonicalEntity, CanonicalSchema, FieldType
from schema_matching_pipeline.model.knowledge import Knowledge
from schema_matching_pipeline.model.profile import ColumnProfile, SourceProfile
from schema_matching_pipeline.runtime import packaged_model
from schema_matching_pipeline_tests.builders import a_column, a_profile, a_table, keyed_hash

VALUES, A_TABLE = 300, 25  # values a column, columns a table
SECONDS, MEGABYTES, JUDGED = 20.0, 2_048.0, 3_000  # the bars, and the size they are for
_PREFIXES = ("old", "legacy", "partner", "branch")


def main(arguments: list[str]) -> int:
    """Prints a line a size; 1 where the judged size misses its bars."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--columns", type=int, nargs="+", default=[500, 1_000, 3_000, 12_000])
    parser.add_argument("--fields", type=int, default=500)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.one:
        print(json.dumps(_measured(asked.columns[0], asked.fields)))
        return 0
    print(
        f"{'columns':>8s} {'fields':>7s} {'wall s':>7s} {'CPU s':>7s} {'ms a column':>12s} {'MB':>6s} {'proposed':>9s}"
    )
    missed = False
    for columns in asked.columns:
        told = _in_a_process(columns, asked.fields)
        print(
            f"{columns:8d} {asked.fields:7d} {told['wall']:7.1f} {told['cpu']:7.1f} "
            f"{1000 * told['cpu'] / columns:12.2f} {told['megabytes']:6.0f} {told['proposed']:9.0f}"
        )
        missed |= columns == JUDGED and (told["wall"] > SECONDS or told["megabytes"] > MEGABYTES)
    return int(missed)


def _in_a_process(columns: int, fields: int) -> dict[str, float]:
    command = [
        sys.executable,
        "-m",
        "bench.match_scale",
        "--one",
        "--columns",
        str(columns),
        "--fields",
        str(fields),
    ]
    told: dict[str, float] = json.loads(
        subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    )
    return told


def _measured(columns: int, fields: int) -> dict[str, float]:
    canonical = a_model(fields)
    profile = a_client(canonical, columns)
    knowledge = Knowledge(
        canonical=canonical,
        thresholds=NO_THRESHOLDS,
        field_values=packaged_values(canonical, keyed_hash),
    )
    wall, cpu = perf_counter(), process_time()
    proposal = propose_mapping(profile, classify_by_rules(profile, frozenset(), knowledge), knowledge)
    return {
        "wall": perf_counter() - wall,
        "cpu": process_time() - cpu,
        "megabytes": _peak_megabytes(),
        "proposed": sum(each.target is not None for each in proposal.correspondences),
    }


def a_model(fields: int) -> CanonicalSchema:
    """The packaged model, its entities repeated until there are so many fields."""
    packaged = packaged_model("practice")
    entities: list[CanonicalEntity] = []
    left = fields
    for place, entity in enumerate(cycle(packaged.entities)):
        if left <= 0:
            break
        again = place // len(packaged.entities)
        name = f"{_PREFIXES[(again - 1) % len(_PREFIXES)]}_{entity.name}" if again else entity.name
        kept = entity.fields[:left]
        entities.append(entity.but(name=name, fields=kept))
        left -= len(kept)
    return packaged.but(entities=tuple(entities))


def a_client(canonical: CanonicalSchema, columns: int) -> SourceProfile:
    """A client of so many columns; the same ones each time."""
    random = Random(5)  # noqa: S311 - names and values of a benchmark are no secrets
    made = [(entity.name, field.name, field.type) for entity in canonical.entities for field in entity.fields]
    tables: dict[str, list[ColumnProfile]] = {}
    for place, (entity, name, kind) in enumerate(islice(cycle(made), columns)):
        table = f"{_shortened(entity)}_{place // A_TABLE}"
        own = tables.setdefault(table, [])
        column = f"{_shortened(name)}_{len(own)}" if random.random() < 0.5 else f"x{random.randrange(10_000)}"
        own.append(a_column(column, _values(kind, random), table=table))
    return a_profile(*(a_table(name, own) for name, own in tables.items()))


def _shortened(name: str) -> str:
    """The words of a name without their vowels but the first letters."""
    return "_".join(word[0] + "".join(c for c in word[1:] if c not in "aeiou") for word in name.split("_"))


def _values(kind: FieldType, random: Random) -> list[str]:
    match kind:
        case FieldType.DATE | FieldType.DATETIME:
            return [
                f"{random.randrange(1940, 2025)}-{random.randrange(1, 13):02d}-{random.randrange(1, 29):02d}"
                for _ in range(VALUES)
            ]
        case FieldType.BOOLEAN:
            return [random.choice("YN") for _ in range(VALUES)]
        case FieldType.NUMBER | FieldType.INTEGER:
            return [f"{random.uniform(0, 900):.2f}" for _ in range(VALUES)]
        case _:
            return [
                "".join(random.choices("abcdefghij klmnop", k=random.randrange(3, 14))) for _ in range(VALUES)
            ]


def _peak_megabytes() -> float:
    told = Path("/proc/self/status").read_text(encoding="ascii")
    [own] = [line.split()[1] for line in told.splitlines() if line.startswith("VmHWM:")]
    return int(own) / 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
