"""Bad inputs, each through the real command: what is wrong, where, the way out, and the rest goes on."""

from __future__ import annotations

import csv
import os
import random
import struct
import subprocess
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from schema_matching_pipeline_tests.entrances.cli.terminal import SMP, Said, Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables
from schema_matching_pipeline_tests.entrances.dagster.waiting import wait_for

WIDE = 12_000
HIDDEN = "Xanthippe"
NOWHERE = 0xFFFFFFFF


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A folder of which one table is well and the others are not what they claim to be."""
    folder = write_tables(tmp_path / "mixed", patients=PATIENTS)
    noise = random.Random(7)
    (folder / "broken.csv").write_text(f'id,note\n1,"{HIDDEN} never closed\n2,x\n3,"y"z"\n')
    (folder / "empty.csv").touch()
    (folder / "locked.xlsx").write_bytes(_with_password())
    (folder / "noise.csv").write_bytes(noise.randbytes(4000))
    (folder / "sheet.xlsx").write_bytes(b"PK\x03\x04" + noise.randbytes(2000))
    (folder / "cut.json").write_text(f'[{{"id": "{HIDDEN}"}}, {{"id":')
    (folder / "cut.parquet").write_bytes(b"PAR1" + noise.randbytes(200))
    return folder


def test_tables_that_cannot_be_read_are_named_and_the_others_go_on(smp: Terminal, mixed: Path) -> None:
    said = smp("profile", mixed, "--json")
    assert (said.code, said.fault["code"]) == (4, "SOURCE_UNREADABLE")
    assert said.fault["message"].startswith("7 of 8 table(s) of ")
    profile = said.json["profile"]
    assert [(table["name"], table["row_count"]) for table in profile["tables"]] == [("patients", 40)]
    told = {trouble["table"]: trouble["message"] for trouble in profile["troubles"]}
    assert set(told) == {"broken", "empty", "locked", "noise", "sheet", "cut_json", "cut_parquet"}
    assert "line 2 of 'broken.csv' has a quotation mark that is not closed" in told["broken"]
    assert "line 1 of 'cut.json' is not valid JSON" in told["cut_json"]
    assert told["locked"] == "Table 'locked' of locked.xlsx is encrypted. Save it without a password."
    for table, message in told.items():
        assert table in message
        assert table == "locked" or "xport it again" in message
    assert HIDDEN not in said.out + said.err


def test_what_could_not_be_read_is_told_beside_the_profile_of_the_rest(smp: Terminal, mixed: Path) -> None:
    said = smp("profile", mixed)
    assert (said.code, "line 2 of 'broken.csv'" in said.err, "broken" in said.out) == (4, True, False)
    assert "patients: 40 rows" in said.out
    assert said.err.splitlines()[-1].endswith(
        "could not be read: broken, cut_json, cut_parquet, empty, locked, noise, sheet."
    )


def test_a_test_of_a_source_names_each_file_that_cannot_be_read(smp: Terminal, mixed: Path) -> None:
    plain, for_programs = smp("source", "test", mixed), smp("source", "test", mixed, "--json")
    assert (plain.code, for_programs.code) == (0, 0)
    troubled = {file["file"] for file in for_programs.json["files"] if file["troubles"]}
    assert troubled == {
        "broken.csv",
        "cut.json",
        "cut.parquet",
        "empty.csv",
        "locked.xlsx",
        "noise.csv",
        "sheet.xlsx",
    }
    for file in troubled:
        assert f"{file}: " in plain.out
    assert HIDDEN not in plain.out + for_programs.out


def test_a_client_with_unreadable_tables_is_onboarded_with_the_others(smp: Terminal, mixed: Path) -> None:
    client = smp.onboarded(mixed, name="mixed")
    mapped = {row["source_table"] for row in smp("mappings", client, "--json").json}
    assert mapped == {"patients"}
    shown = smp("status", client).out
    assert (
        f"Mend them at the source and profile again (`smp onboard {client}`), or decide to live without them: "
        f"`smp review list {client}`." in shown
    )
    assert "line 2 of 'broken.csv'" in shown
    assert "locked.xlsx is encrypted" in " ".join(shown.split())
    assert HIDDEN not in shown


def test_a_profile_of_which_nothing_can_be_read_is_source_trouble(smp: Terminal, tmp_path: Path) -> None:
    (tmp_path / "only.csv").write_text('id,note\n1,"never closed\n')
    plain, for_programs = smp("profile", tmp_path), smp("profile", tmp_path, "--json")
    assert (plain.code, for_programs.code) == (4, 4)
    assert "line 2 of 'only.csv'" in plain.err
    assert [trouble["table"] for trouble in for_programs.json["profile"]["troubles"]] == ["only"]


def test_nothing_is_added_where_no_file_of_a_folder_can_be_opened(smp: Terminal, tmp_path: Path) -> None:
    (tmp_path / "sheet.xlsx").write_bytes(b"PK\x03\x04 and then nothing")
    (tmp_path / "cut.json").write_text('{"a": [')
    name = f"unopened-{next(smp.names)}"
    said = smp("client", "add", name, "--source", tmp_path)
    assert (said.code, said.out) == (4, "")
    assert "None of its 2 tables can be read." in said.err
    assert name not in smp("client", "list").out


def test_a_source_of_which_nothing_can_be_read_fails_with_its_reason(smp: Terminal, tmp_path: Path) -> None:
    (tmp_path / "only.csv").write_text('id,note\n1,"never closed\n')
    name = f"unreadable-{next(smp.names)}"
    assert smp("client", "add", name, "--source", tmp_path).code == 0
    said = smp("onboard", name, "--json")
    assert (said.code, said.out) == (4, "")
    assert "line 2 of 'only.csv'" in said.fault["message"]
    status = smp("status", name, "--json").json
    assert (status["run"]["state"], status["run"]["failed_phase"]) == ("failed", "column_profiles")


def test_a_table_nobody_read_holds_production_until_a_person_lives_without_it(
    smp: Terminal, tmp_path: Path
) -> None:
    source = write_tables(tmp_path, patients=PATIENTS)
    (source / "visits.csv").write_text('id,note\n1,"never closed\n')
    smp = smp.of("unread")
    client = smp.onboarded(source, name="unread")
    smp.decide_all(client, leaving="validation")
    refused = smp("approve", client, "--json")
    (unread,) = [line for line in refused.fault["details"]["holding"] if "was not read" in line]
    why = "line 2 of 'visits.csv' has a quotation mark that is not closed or stands in the wrong place"
    assert refused.code == 5
    assert unread.startswith(f"validation: visits was not read: Table 'visits' cannot be read: {why}.")
    assert unread.endswith("(needed: a decision; may decide: a steward or an admin)")
    (item,) = smp.waiting(client)
    assert "visits stays unread, and nothing of it is mapped" in smp("review", "show", item["id"]).out
    assert smp("review", "approve", item["id"]).code != 0
    waived = smp("review", "approve", item["id"], "--reason", "a copy").out
    assert waived.startswith("visits: waived; it stays unread.")
    approved = smp("approve", client)
    assert approved.code == 0
    (shown,) = [line for line in approved.out.splitlines() if line.startswith("visits")]
    assert shown.split("│")[2].strip() == "yes"


def test_a_source_that_went_away_is_source_trouble(smp: Terminal, tmp_path: Path) -> None:
    source = write_tables(tmp_path / "moved", patients=PATIENTS)
    name = f"moved-{next(smp.names)}"
    assert smp("client", "add", name, "--source", source).code == 0
    source.rename(tmp_path / "elsewhere")
    said = smp("onboard", name, "--json")
    assert (said.code, said.fault["code"]) == (4, "SOURCE_EMPTY")
    assert said.fault["message"] == f"There is no file or folder named '{source}'. Check the path."
    assert "failed in column_profiles" in smp("status", name).out


def test_a_table_that_vanishes_while_others_are_measured_is_named(smp: Terminal, empty_database: str) -> None:
    """A lock holds the first table after the tables were listed; the last one goes while it waits."""
    url = sa.make_url(empty_database).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as owner:
        for table in ("a_first", "z_gone"):
            owner.execute(f"create table {table} as select n as id from generate_series(1, 50) as n")
        with psycopg.connect(url) as holder:
            holder.execute("lock table a_first in access exclusive mode")
            with subprocess.Popen(
                [SMP, "profile", url, "--schema", "public", "--json"],
                env=smp.environment({}),
                cwd=smp.folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ) as command:
                waiting = "select count(*) from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())"
                wait_for("a wait for the lock", lambda: owner.execute(waiting).fetchone() != (0,))
                owner.execute("drop table z_gone")
                holder.rollback()
                out, err = command.communicate(timeout=300)
    said = Said(command.returncode, out, err)
    assert (said.code, said.fault["code"]) == (4, "SOURCE_UNREADABLE")
    profile = said.json["profile"]
    assert [table["name"] for table in profile["tables"]] == ["a_first"]
    ((table, message),) = [(trouble["table"], trouble["message"]) for trouble in profile["troubles"]]
    assert (table, "z_gone" in message, "no longer there" in message) == ("z_gone", True, True)


def test_a_table_that_vanishes_between_two_phases_does_not_end_the_pipeline(
    smp: Terminal, tmp_path: Path
) -> None:
    source = write_tables(
        tmp_path, patients=PATIENTS, visits={"visit_id": ("1", "2", "3"), "note": ("a", "b", "c")}
    )
    smp = smp.of("shrinking")
    client = smp.onboarded(source, name="shrinking")
    (source / "visits.csv").unlink()
    smp.decide_all(client)
    said = smp("onboard", client)
    assert said.code in {3, 4}
    assert "Traceback" not in said.err
    assert {row["source_table"] for row in smp("mappings", client, "--json").json} >= {"patients"}


def test_a_table_of_twelve_thousand_columns_is_profiled_beside_the_others(
    smp: Terminal, tmp_path: Path
) -> None:
    write_tables(tmp_path, patients=PATIENTS)
    with (tmp_path / "wide.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(f"c{number}" for number in range(WIDE))
        rows.writerow(range(WIDE))
        rows.writerow(range(1, WIDE + 1))
    said = smp("profile", tmp_path, "--json")
    assert (said.code, said.err) == (0, "")
    patients, wide = said.json["profile"]["tables"]
    assert (patients["name"], len(patients["columns"])) == ("patients", len(PATIENTS))
    assert (wide["name"], wide["row_count"]) == ("wide", 2)
    told = [(column["column"], column["distinct_count"]) for column in wide["columns"]]
    assert told == [(f"c{number}", 2) for number in range(WIDE)]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_nobody_may_read_is_named_and_the_others_go_on(smp: Terminal, tmp_path: Path) -> None:
    write_tables(tmp_path, patients=PATIENTS, secret={"id": ("1", "2")})
    (tmp_path / "secret.csv").chmod(0)
    profile = smp("profile", tmp_path, "--json").json["profile"]
    assert [table["name"] for table in profile["tables"]] == ["patients"]
    ((table, message),) = [(trouble["table"], trouble["message"]) for trouble in profile["troubles"]]
    assert (table, "read permission" in message) == ("secret", True)


@pytest.mark.parametrize("home", ["/dev/null", "/proc/smp"], ids=["a device", "a place nobody writes to"])
def test_a_home_that_cannot_be_written_says_so(home: str, smp: Terminal) -> None:
    said = smp("client", "list", SMP_HOME=home)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"Error: The home folder {home} cannot be used (")
    assert said.err.rstrip().endswith("Name another one in SMP_HOME.")
    seen = smp("doctor", "--json", SMP_HOME=home)
    assert seen.code == 1
    unsound = {each["name"]: each["message"] for each in seen.json if not each["sound"]}
    assert set(unsound) == {"home", "registry"}
    assert unsound["home"].startswith(f"{home} cannot be used (")


def test_a_trust_file_that_was_named_and_is_not_there_is_refused(smp: Terminal, tmp_path: Path) -> None:
    missing = tmp_path / "none.yml"
    for words in (("trust",), ("client", "list")):
        said = smp(*words, SMP_TRUST_FILE=missing)
        assert (said.code, said.out) == (2, "")
        assert f"it names {missing}, where there is no file" in said.err
    seen = {each["name"]: each["sound"] for each in smp("doctor", "--json", SMP_TRUST_FILE=missing).json}
    assert seen["trust file"] is False


def test_an_entity_in_a_risk_class_that_no_model_has_is_told_with_the_nearest_names(
    smp: Terminal, tmp_path: Path
) -> None:
    (tmp_path / "trust.yml").write_text("risk_classes: {critical: {entities: [pacient, claim]}}\n")
    client = smp.added(write_tables(tmp_path / "source", patients=PATIENTS), name="misspelt")
    (warning,) = smp("trust", client, "--json", SMP_TRUST_FILE=tmp_path / "trust.yml").json["warnings"]
    assert "practice has no entity 'pacient'. Did you mean 'patient'" in warning
    for words in (("trust", client), ("status", client)):
        said = smp(*words, SMP_TRUST_FILE=tmp_path / "trust.yml")
        assert f"Warning: {warning}" in " ".join(said.out.split())
    examined = smp("doctor", "--json", SMP_TRUST_FILE=tmp_path / "trust.yml")
    (seen,) = (each for each in examined.json if each["name"] == "risk classes")
    assert (examined.code, seen["sound"]) == (1, False)
    assert "no canonical model has an entity 'pacient'" in seen["message"]


def test_a_trust_file_that_is_no_text_is_refused_in_words(smp: Terminal, tmp_path: Path) -> None:
    (tmp_path / "trust.yml").write_bytes("review_floor: 0.5  # für alle".encode("latin-1"))
    said = smp("trust", SMP_TRUST_FILE=tmp_path / "trust.yml")
    assert (said.code, "not text in UTF-8" in said.err) == (2, True)


def test_every_mistake_of_a_trust_file_is_told_with_its_line(smp: Terminal, tmp_path: Path) -> None:
    trust = tmp_path / "schema-matching.yml"
    trust.write_text("default_trust_profile: strict\nreview_floor: 7\nrisk: none\n")
    said = smp("client", "list", "--json", SMP_TRUST_FILE=trust)
    assert (said.code, said.fault["code"]) == (2, "CONFIGURATION")
    lines = sorted(mistake.split(":")[0] for mistake in said.fault["details"]["mistakes"])
    assert lines == ["line 1", "line 2", "line 3"]
    seen = {each["name"]: each["sound"] for each in smp("doctor", "--json", SMP_TRUST_FILE=trust).json}
    assert seen == {"home": True, "trust file": False, "nightly run": True}


def test_every_mistake_of_the_environment_is_told(smp: Terminal) -> None:
    said = smp("client", "list", "--json", SMP_WEBSERVER_PORT="http", SMP_LLM_TIMEOUT_SECONDS="-1")
    assert said.code == 2
    assert sorted(mistake.split(":")[0] for mistake in said.fault["details"]["mistakes"]) == [
        "SMP_LLM_TIMEOUT_SECONDS",
        "SMP_WEBSERVER_PORT",
    ]


def _with_password() -> bytes:
    """A workbook as Excel encrypts it: a compound file of two streams, which are empty here."""

    def entry(name: str, kind: int, child: int = NOWHERE, right: int = NOWHERE) -> bytes:
        named = f"{name}\0".encode("utf-16-le")
        links = struct.pack("<HBBIII", len(named), kind, 1, NOWHERE, right, child)
        return named.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", NOWHERE - 1, 0)

    sizes = struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    places = struct.pack("<11I", 0, 1, 1, 0, 4096, NOWHERE - 1, 0, NOWHERE - 1, 0, 0, NOWHERE)
    header = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + sizes + places).ljust(512, b"\xff")
    table = struct.pack("<II", NOWHERE - 2, NOWHERE - 1).ljust(512, b"\xff")
    streams = (
        entry("Root Entry", 5, child=1) + entry("EncryptionInfo", 2, right=2) + entry("EncryptedPackage", 2)
    )
    return header + table + streams.ljust(512, b"\0")
