from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from importlib import resources
from pathlib import Path

import psycopg
import pytest
import yaml
from stdnum import luhn

from schema_matching_pipeline.entrances.cli.demo import (
    DemoClient,
    FaultName,
    Grade,
    PlantedFault,
    build_demo_clients,
)
from schema_matching_pipeline.errors import AlreadyExistsError, SourceUnreachableError
from schema_matching_pipeline.model.quality import LabelName
from schema_matching_pipeline.model.validation import ExpectationKind
from schema_matching_pipeline_tests.entrances.demo.conftest import (
    PATIENTS,
    Tables,
    read_exports,
    without_driver,
)

SLUGS = ("harbor", "sonnental", "oldmill")

# What belongs together, stated here a second time: the parent of a reference, the beginning of an end.
PARENTS = {
    ("PATSTAMM", "HAUSARZT"): ("AERZTE", "ARZTNR"),
    ("VERSICHERUNG_VERSVERH", "PATNR"): ("PATSTAMM", "PATNR"),
    ("RECHNG", "FALLNR"): ("BEHANDLG", "FALLNR"),
    ("PTMAST", "PCP_CD"): ("PRVMST", "PRV_CD"),
    ("PTINS", "PT_NO"): ("PTMAST", "PT_NO"),
    ("VISIT", "PT_NO"): ("PTMAST", "PT_NO"),
    ("VSTPX", "VST_NO"): ("VISIT", "VST_NO"),
    ("CLMLIN", "CLM_NO"): ("CLMHDR", "CLM_NO"),
}
BEGINNINGS = {
    ("policy", "terminates_on"): "effective_on",
    ("visit", "left_at"): "arrived_at",
    ("VERSICHERUNG_VERSVERH", "GUELTBIS"): "GUELTVON",
    ("BEHANDLG", "BEHENDE"): "BEHBEG",
    ("PTINS", "TERM_DT"): "EFF_DT",
    ("VISIT", "VST_END_DTM"): "VST_BEG_DTM",
    ("RXORD", "STOP_DT"): "STRT_DT",
}
ACTIVITY = {
    "visit": "arrived_at",
    "BEHANDLG": "BEHBEG",
    "PTMAST": "REG_DT",
    "VISIT": "VST_BEG_DTM",
    "CLMLIN": "SVC_DT",
}


def day(value: object) -> datetime | None:
    """A moment read from any client's spelling, or nothing where it is none."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001
    for layout in ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%m/%d/%Y"):
        try:
            return datetime.strptime(str(value), layout)  # noqa: DTZ007
        except ValueError:
            continue
    return None


def number(value: object) -> float | None:
    try:
        return float(str(value).replace(",", "."))
    except ValueError:
        return None


def is_valid_identifier(value: object) -> bool:
    text = str(value)
    if text.isdigit():
        return bool(luhn.is_valid("80840" + text))
    digits = f"{ord(text[0]) - 64:02d}" + text[1:-1]
    weighted = (int(digit) * (1 + place % 2) for place, digit in enumerate(digits))
    return sum(value // 10 + value % 10 for value in weighted) % 10 == int(text[-1])


def is_after_2025(value: object) -> bool:
    moment = day(value)
    return moment is not None and moment.year > 2025


def count_orphans(found: Tables, fault: PlantedFault) -> int:
    parent_table, parent_column = PARENTS[fault.source_table, fault.source_column]
    known = set(found[parent_table][parent_column])
    return sum(value not in known for value in found[fault.source_table][fault.source_column])


def count_wrong_order(found: Tables, fault: PlantedFault) -> int:
    columns = found[fault.source_table]
    begins = columns[BEGINNINGS[fault.source_table, fault.source_column]]
    pairs = [(day(begin), day(end)) for begin, end in zip(begins, columns[fault.source_column], strict=True)]
    return sum(begin is not None and end is not None and end < begin for begin, end in pairs)


def count_unreadable(found: Tables, fault: PlantedFault) -> int:
    read: Callable[[object], object] = number if fault.source_column in {"BETRAG", "CHG_AMT"} else day
    filled = [value for value in found[fault.source_table][fault.source_column] if value is not None]
    return sum(read(value) is None for value in filled)


def count_in_column(holds: Callable[[object], bool]) -> Callable[[Tables, PlantedFault], int]:
    return lambda found, fault: sum(map(holds, found[fault.source_table][fault.source_column]))


def count_repeats(found: Tables, fault: PlantedFault) -> int:
    values = found[fault.source_table][fault.source_column]
    return len(values) - len(set(values))


COUNTERS: dict[FaultName, Callable[[Tables, PlantedFault], int]] = {
    FaultName.REPEATED_KEY: count_repeats,
    FaultName.ORPHAN: count_orphans,
    FaultName.MISSING: count_in_column(lambda value: value is None),
    FaultName.NOT_CASTABLE: count_unreadable,
    FaultName.FUTURE_DATE: count_in_column(is_after_2025),
    FaultName.SENTINEL_DATE: count_in_column(lambda value: day(value) == datetime(1900, 1, 1)),  # noqa: DTZ001
    FaultName.WRONG_ORDER: count_wrong_order,
    FaultName.WRONG_CHECK_DIGIT: count_in_column(lambda value: not is_valid_identifier(value)),
    FaultName.NEGATIVE_AMOUNT: count_in_column(lambda value: (number(value) or 0) < 0),
}


@pytest.mark.parametrize("slug", SLUGS)
def test_planted_counts_are_what_an_independent_count_finds(
    slug: str, clients: dict[str, DemoClient], tables: dict[str, Tables]
) -> None:
    planted = clients[slug].planted

    counted = [COUNTERS[fault.fault](tables[slug], fault) for fault in planted]

    assert counted == [fault.count for fault in planted]
    assert min(counted) > 0


def test_the_old_system_has_the_announced_birth_date_faults(clients: dict[str, DemoClient]) -> None:
    births = {
        fault.fault: fault.count for fault in clients["oldmill"].planted if fault.source_column == "DOB"
    }

    assert births == {FaultName.FUTURE_DATE: 17, FaultName.SENTINEL_DATE: 38, FaultName.NOT_CASTABLE: 10}


def test_each_planted_fault_names_the_expectation_that_must_notice_it(clients: dict[str, DemoClient]) -> None:
    kinds = {fault.caught_by for client in clients.values() for fault in client.planted}

    assert kinds == {
        ExpectationKind.UNIQUE,
        ExpectationKind.FOREIGN_KEY,
        ExpectationKind.NOT_NULL,
        ExpectationKind.CASTABLE,
        ExpectationKind.DATE_RANGE,
        ExpectationKind.DATE_ORDER,
        ExpectationKind.MATCHES,
        ExpectationKind.NUMBER_RANGE,
    }


@pytest.mark.parametrize("slug", SLUGS)
def test_quality_truth_lists_exactly_the_columns_that_exist(
    slug: str, clients: dict[str, DemoClient], tables: dict[str, Tables]
) -> None:
    existing = {(table, column) for table, columns in tables[slug].items() for column in columns}

    labelled = [(row.source_table, row.source_column) for row in clients[slug].quality_truth]

    assert len(labelled) == len(set(labelled))
    assert set(labelled) == existing
    assert {(row.source_table, row.source_column) for row in clients[slug].truth} <= existing


@pytest.mark.parametrize("slug", SLUGS)
def test_truth_gives_each_field_to_one_column_of_a_table_and_each_table_to_one_entity(
    slug: str, clients: dict[str, DemoClient]
) -> None:
    exact = [row for row in clients[slug].truth if row.grade is Grade.EXACT]
    targets = [(row.source_table, row.canonical_entity, row.canonical_field) for row in exact]

    assert len(targets) == len(set(targets))
    assert len({(row.source_table, row.canonical_entity) for row in exact}) == 16
    assert len({row.canonical_entity for row in exact}) == 16


@pytest.mark.parametrize("slug", SLUGS)
def test_truth_names_only_fields_of_the_packaged_model_and_all_required_ones(
    slug: str, clients: dict[str, DemoClient]
) -> None:
    packaged = resources.files("schema_matching_pipeline.canon").joinpath(
        "data", "canonical", "practice.yaml"
    )
    model = yaml.safe_load(packaged.read_text(encoding="utf-8"))
    fields = {
        (entity["name"], field["name"]): field.get("required", False)
        for entity in model["entities"]
        for field in entity["fields"]
    }
    named = {(row.canonical_entity, row.canonical_field) for row in clients[slug].truth}
    exact = {
        (row.canonical_entity, row.canonical_field) for row in clients[slug].truth if row.grade is Grade.EXACT
    }

    assert named - set(fields) == set()
    assert {place for place, required in fields.items() if required} - exact == set()


@pytest.mark.parametrize("slug", SLUGS)
def test_only_the_columns_labelled_empty_hold_nothing(
    slug: str, clients: dict[str, DemoClient], tables: dict[str, Tables]
) -> None:
    hollow = {
        (table, column)
        for table, columns in tables[slug].items()
        for column, values in columns.items()
        if all(value is None for value in values)
    }

    labelled = {
        (row.source_table, row.source_column)
        for row in clients[slug].quality_truth
        if row.label is LabelName.EMPTY
    }

    assert hollow == labelled


@pytest.mark.parametrize("slug", SLUGS)
def test_abandoned_columns_stop_at_their_day_while_their_table_goes_on(
    slug: str, clients: dict[str, DemoClient], tables: dict[str, Tables]
) -> None:
    for row in clients[slug].quality_truth:
        if row.label is not LabelName.ABANDONED:
            assert row.until is None
            continue
        columns = tables[slug][row.source_table]
        moments = [day(value) for value in columns[ACTIVITY[row.source_table]]]
        filled = [
            moment.date()
            for moment, value in zip(moments, columns[row.source_column], strict=True)
            if moment and value is not None
        ]
        assert row.until is not None
        assert (row.until - max(filled)).days in range(120)
        assert max(moment.date() for moment in moments if moment).year - row.until.year >= 5


def test_misused_columns_hold_telephone_numbers_and_notes(tables: dict[str, Tables]) -> None:
    emails = [str(value) for value in tables["oldmill"]["PTMAST"]["EMAIL_ADR"] if value is not None]
    codes = [str(value) for value in tables["oldmill"]["VISIT"]["RSN_CD"] if value is not None]

    assert all(re.fullmatch(r"\d{3}-555-\d{4}", value) for value in emails)
    assert all(" " in value and len(value) > 12 for value in codes)


@pytest.mark.parametrize("slug", SLUGS)
def test_test_only_columns_hold_what_testers_type(
    slug: str, clients: dict[str, DemoClient], tables: dict[str, Tables]
) -> None:
    for row in clients[slug].quality_truth:
        if row.label is LabelName.TEST_ONLY:
            typed = {str(value) for value in tables[slug][row.source_table][row.source_column] if value}
            assert all(re.search(r"(?i)test|asdf|xxx|999-99|111-11|000-00|123-45", value) for value in typed)


@pytest.mark.parametrize(
    ("slug", "table"), [("harbor", "person"), ("sonnental", "PATSTAMM"), ("oldmill", "PTMAST")]
)
def test_every_client_has_the_wanted_patients_and_sixteen_tables(
    slug: str, table: str, clients: dict[str, DemoClient], tables: dict[str, Tables]
) -> None:
    key = next(iter(tables[slug][table].values()))

    assert len(set(key)) == PATIENTS
    assert len(tables[slug]) == 16


def test_clients_have_people_of_their_own(tables: dict[str, Tables]) -> None:
    harbor = tables["harbor"]["person"]
    oldmill = tables["oldmill"]["PTMAST"]
    coast = {
        (str(last).upper(), str(first).upper(), str(born))
        for last, first, born in zip(
            harbor["family_name"], harbor["given_name"], harbor["born_on"], strict=True
        )
    }

    same = coast & set(zip(oldmill["PT_LNM"], oldmill["PT_FNM"], map(str, oldmill["DOB"]), strict=True))

    assert same == set()


def test_declared_keys_and_comments_are_in_the_schema(clients: dict[str, DemoClient]) -> None:
    with psycopg.connect(without_driver(clients["harbor"].source.get_secret_value())) as connection:
        keys: dict[str, int] = dict(
            connection.execute(
                "SELECT contype::text, count(*) FROM pg_constraint "
                "WHERE connamespace = 'harbor'::regnamespace AND contype IN ('p', 'f') GROUP BY 1"
            ).fetchall()
        )
        comment = connection.execute(
            "SELECT col_description('harbor.policy'::regclass, attnum) FROM pg_attribute "
            "WHERE attrelid = 'harbor.policy'::regclass AND attname = 'member_no'"
        ).fetchone()

    assert keys == {"p": 16, "f": 36}
    assert comment == ("Number on the insurance card",)


def test_files_keep_their_dialects(clients: dict[str, DemoClient]) -> None:
    folder = Path(clients["sonnental"].source.get_secret_value())

    assert (folder / "AERZTE.csv").read_bytes().startswith(b"\xef\xbb\xbfARZTNR;LANR;")
    assert (folder / "PATSTAMM.csv").read_bytes().startswith(b"PATNR;AKTENZ;")
    assert "straße ".encode("cp1252") in (folder / "PATSTAMM.csv").read_bytes()
    assert re.search(rb";\d\d\.\d\d\.\d{4} \d\d:\d\d;1;\d+,\d\d\r\n", (folder / "LEISTUNG.csv").read_bytes())


def test_a_second_call_finds_its_own_work_and_answers_the_same(
    demo_folder: Path, postgres_url: str, clients: dict[str, DemoClient]
) -> None:
    made = what_was_made(demo_folder, postgres_url)

    again = build_demo_clients(demo_folder, postgres_url, patients=PATIENTS, seed=11)

    assert {client.slug: client for client in again} == clients
    assert what_was_made(demo_folder, postgres_url) == made


def what_was_made(folder: Path, postgres_url: str) -> dict[str, int]:
    """When each file was written, and which table each name of the schema means: a new one has another number."""
    with psycopg.connect(without_driver(postgres_url)) as connection:
        tables: dict[str, int] = dict(
            connection.execute(
                "SELECT relname::text, oid::bigint FROM pg_class WHERE relnamespace = 'harbor'::regnamespace"
            ).fetchall()
        )
    files = {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    assert len(tables) > 16
    assert len(files) > 16
    return tables | files


def test_a_build_that_lost_its_stamp_is_done_again_with_the_same_content(
    demo_folder: Path, postgres_url: str, clients: dict[str, DemoClient], tables: dict[str, Tables]
) -> None:
    home = demo_folder / "sonnental"
    stamp = (home / "stamp.txt").read_text(encoding="utf-8")
    (home / "stamp.txt").unlink()
    (home / "exports" / "LABOR.csv").write_text("half", encoding="utf-8")

    again = build_demo_clients(demo_folder, postgres_url, patients=PATIENTS, seed=11)

    assert read_exports(home / "exports") == tables["sonnental"]
    assert again[1] == clients["sonnental"]
    assert (home / "stamp.txt").read_text(encoding="utf-8") == stamp


def test_a_schema_of_somebody_else_is_never_replaced(tmp_path: Path, empty_database: str) -> None:
    with psycopg.connect(without_driver(empty_database)) as connection:
        connection.execute("CREATE SCHEMA harbor")
        connection.execute("CREATE TABLE harbor.ships (name text)")

    with pytest.raises(AlreadyExistsError, match="not the demo's own"):
        build_demo_clients(tmp_path, empty_database, patients=40)

    with psycopg.connect(without_driver(empty_database)) as connection:
        assert connection.execute("SELECT count(*) FROM harbor.ships").fetchone() == (0,)


def test_a_database_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachableError) as caught:
        build_demo_clients(tmp_path, "postgresql+psycopg://me:hidden-word@127.0.0.1:9/none", patients=40)

    assert "hidden-word" not in str(caught.value)
    assert "does not answer" in str(caught.value)


def test_the_source_of_a_client_hides_its_password(clients: dict[str, DemoClient]) -> None:
    assert "postgresql" not in repr(clients["harbor"])
