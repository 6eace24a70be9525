"""How many references between tables are found when nobody declares them, and how many of those found are true.

Databases are profiled with their declared foreign keys hidden, and scored against them; a folder of CSV files
against the list below, which is what the names and contents of its columns plainly state.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from pydantic import SecretStr

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.source import SourceAddress, SourceSnapshot, TableKind
from schema_matching_pipeline.profiling.references import discover_references
from schema_matching_pipeline.workflows.profile_source import measure_source

RECALL, PRECISION = 0.95, 0.9
Reference = tuple[str, str, str, str]

# Synthea's CSV export, table.column -> table.column. Codes of vocabularies refer to no table of the export.
SYNTHEA = """
allergies.PATIENT patients.Id
allergies.ENCOUNTER encounters.Id
careplans.PATIENT patients.Id
careplans.ENCOUNTER encounters.Id
claims.PATIENTID patients.Id
claims.PROVIDERID providers.Id
claims.PRIMARYPATIENTINSURANCEID payers.Id
claims.APPOINTMENTID encounters.Id
claims.SUPERVISINGPROVIDERID providers.Id
claims_transactions.CLAIMID claims.Id
claims_transactions.PATIENTID patients.Id
claims_transactions.PLACEOFSERVICE organizations.Id
claims_transactions.APPOINTMENTID encounters.Id
claims_transactions.PATIENTINSURANCEID patients.Id
claims_transactions.PROVIDERID providers.Id
claims_transactions.SUPERVISINGPROVIDERID providers.Id
conditions.PATIENT patients.Id
conditions.ENCOUNTER encounters.Id
devices.PATIENT patients.Id
devices.ENCOUNTER encounters.Id
encounters.PATIENT patients.Id
encounters.ORGANIZATION organizations.Id
encounters.PROVIDER providers.Id
encounters.PAYER payers.Id
imaging_studies.PATIENT patients.Id
imaging_studies.ENCOUNTER encounters.Id
immunizations.PATIENT patients.Id
immunizations.ENCOUNTER encounters.Id
medications.PATIENT patients.Id
medications.PAYER payers.Id
medications.ENCOUNTER encounters.Id
observations.PATIENT patients.Id
observations.ENCOUNTER encounters.Id
payer_transitions.PATIENT patients.Id
payer_transitions.PAYER payers.Id
payer_transitions.SECONDARY_PAYER payers.Id
procedures.PATIENT patients.Id
procedures.ENCOUNTER encounters.Id
providers.ORGANIZATION organizations.Id
supplies.PATIENT patients.Id
supplies.ENCOUNTER encounters.Id
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A source, and the references that it really has; None where it declares them itself."""

    name: str
    location: str
    truth: frozenset[Reference] | None


def main(arguments: Sequence[str]) -> int:
    """Prints recall and precision of every source, and tells whether all of them reach the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clients", type=Path, help="the folder with chinook, northwind and synthea")
    parser.add_argument(
        "--also", action="append", default=[], metavar="NAME=LOCATION", help="one more database"
    )
    parser.add_argument("--wrong", action="store_true", help="list what is missed and what is false")
    options = parser.parse_args(arguments)
    print(
        f"{'source':24s} {'true':>5s} {'found':>6s} {'right':>6s} {'recall':>7s} {'precision':>9s}  seconds"
    )
    with _cases(options.clients, options.also) as cases:
        reached = [_scored(case, show_wrong=options.wrong) for case in cases]
    print("reached" if all(reached) else "missed", f"(recall {RECALL}, precision {PRECISION})")
    return 0 if all(reached) else 1


@contextmanager
def _cases(clients: Path, also: Sequence[str]) -> Iterator[list[Case]]:
    with TemporaryDirectory() as folder:
        northwind = Path(folder) / "northwind.sqlite"
        with sqlite3.connect(northwind) as database:
            database.executescript((clients / "northwind/raw/create.sql").read_text(encoding="utf-8"))
        database.close()
        yield [
            Case("chinook", str(clients / "chinook/raw/Chinook_Sqlite.sqlite"), None),
            Case("northwind", str(northwind), None),
            Case("synthea", str(clients / "synthea/raw"), _listed(SYNTHEA)),
            *(Case(name, location, None) for name, _, location in (one.partition("=") for one in also)),
        ]


def _listed(text: str) -> frozenset[Reference]:
    lines = [line.replace(".", " ").split() for line in text.strip().splitlines()]
    return frozenset((table, column, referred, key) for table, column, referred, key in lines)


def _scored(case: Case, *, show_wrong: bool) -> bool:
    profile, declared, views = _profiled(case.location)
    truth = declared if case.truth is None else case.truth
    bare = tuple(table.but(foreign_keys=()) for table in profile.tables)
    started = perf_counter()
    by_table = discover_references(bare, ProfilePolicy(), views)
    seconds = perf_counter() - started
    found = {
        (table, key.columns[0], key.referred_table, key.referred_columns[0])
        for table, keys in by_table.items()
        for key in keys
    }
    right = len(truth & found)
    recall, precision = right / max(1, len(truth)), right / max(1, len(found))
    print(
        f"{case.name:24s} {len(truth):5d} {len(found):6d} {right:6d} {recall:7.3f} {precision:9.3f}  {seconds:.3f}"
    )
    if show_wrong:
        _print_wrong(truth, found)
    return recall >= RECALL and precision >= PRECISION


def _print_wrong(truth: frozenset[Reference], found: set[Reference]) -> None:
    for word, references in (("missed", truth - found), ("false", found - truth)):
        for table, column, referred, key in sorted(references):
            print(f"    {word}: {table}.{column} -> {referred}.{key}")


def _profiled(location: str) -> tuple[SourceProfile, frozenset[Reference], frozenset[str]]:
    """The profile of a source whose foreign keys were hidden, those that are one column wide, and its views."""
    policy = ProfilePolicy()
    address = SourceAddress(location=SecretStr(location))
    with Sources(b"a key for benchmarks", policy).open(address) as source:
        snapshot = source.snapshot()
        profile = measure_source(source, _without_references(snapshot), policy)
    declared = frozenset(
        (table.name, key.columns[0], key.referred_table, key.referred_columns[0])
        for table in snapshot.tables
        for key in table.foreign_keys
        if len(key.columns) == 1
    )
    views = frozenset(table.name for table in snapshot.tables if table.kind is TableKind.VIEW)
    return profile, declared, views


def _without_references(snapshot: SourceSnapshot) -> SourceSnapshot:
    return snapshot.but(tables=tuple(table.but(foreign_keys=()) for table in snapshot.tables))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
