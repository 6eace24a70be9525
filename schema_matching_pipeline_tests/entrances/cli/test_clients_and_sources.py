"""``smp client`` and ``smp source``: who is onboarded, and what may be wrong with where the data are."""

from __future__ import annotations

import re
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from schema_matching_pipeline.entrances.cli.source import from_anywhere
from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables

PASSWORD = "s3cret-pa55"
_HEARING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # deaf when the tests were started in the background
from schema_matching_pipeline.entrances.cli.main import main
main()
"""


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def troubled_sources(empty_database: str, closed_port: int, tmp_path: Path) -> dict[str, str]:
    """An address for each code that a connection test may tell."""
    url = sa.make_url(empty_database)
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 and then nothing")
    return {
        "WRONG_PASSWORD": url.set(password=PASSWORD).render_as_string(hide_password=False),
        "UNKNOWN_DATABASE": url.set(database="nowhere").render_as_string(hide_password=False),
        "CLOSED_PORT": f"postgresql://reader:{PASSWORD}@127.0.0.1:{closed_port}/practice",
        "EMPTY_FOLDER": str(tmp_path / "empty"),
        "MISSING_PATH": str(tmp_path / "missing"),
        "BAD_ADDRESS": f"postgresql://reader:{PASSWORD}@[::1/practice",
        "UNSUPPORTED_KIND": f"mongodb://reader:{PASSWORD}@host/practice",
        "UNREADABLE": str(tmp_path / "broken.xlsx"),
        "NO_TABLES": empty_database,
    }


def test_each_trouble_has_a_code_and_words_of_its_own_and_no_secret(
    smp: Terminal, troubled_sources: dict[str, str]
) -> None:
    secret = sa.make_url(troubled_sources["NO_TABLES"]).password or ""
    said = {code: smp("source", "test", source, "--json") for code, source in troubled_sources.items()}
    assert {code: answer.json["code"] for code, answer in said.items()} == {code: code for code in said}
    assert {answer.code for answer in said.values()} == {4}
    messages = [answer.json["message"] for answer in said.values()]
    assert len(set(messages)) == len(messages)
    assert not [text for text in messages if PASSWORD in text or secret in text]


@pytest.mark.parametrize("password", ["kq@xq7zk", "kq@xq/7zk", "kq:xq@zk/9v"])
def test_no_end_of_a_password_with_an_at_is_taken_for_a_host_and_shown(
    smp: Terminal, closed_port: int, password: str
) -> None:
    said = smp("source", "test", f"postgresql://reader:{password}@127.0.0.1:{closed_port}/clinic", "--json")
    assert (said.code, said.json["code"]) == (4, "BAD_ADDRESS")
    assert "%-codes for signs such as @" in said.json["message"]
    assert [part for part in re.split("[@:/]", password) if part in said.out + said.err] == []


def test_a_client_is_not_added_where_its_source_does_not_answer(
    smp: Terminal, troubled_sources: dict[str, str]
) -> None:
    for source in troubled_sources.values():
        said = smp("client", "add", "troubled", "--source", source)
        assert (said.code, said.out) == (4, "")
        assert said.err.startswith("Error: ")
        assert PASSWORD not in said.err
    assert "troubled" not in smp("client", "list").out


def test_a_client_is_not_added_where_no_table_of_its_source_may_be_read(
    smp: Terminal, empty_database: str
) -> None:
    owner = sa.create_engine(empty_database)
    with owner.begin() as connection:
        connection.exec_driver_sql("create table patients (patient_id integer, surname text)")
        connection.exec_driver_sql("revoke select on patients from current_user")
    name = f"closed-{next(smp.names)}"
    refused = smp("client", "add", name, "--source", empty_database)
    assert (refused.code, refused.out) == (4, "")
    said = " ".join(refused.err.split())
    assert said.startswith("Error: Table 'patients' of the postgresql database")
    assert said.endswith("Ask its administrator for read permission.")
    assert smp("status", name).code == 2
    with owner.begin() as connection:
        connection.exec_driver_sql("grant select (surname) on patients to current_user")
    owner.dispose()
    assert smp("client", "add", name, "--source", empty_database, "--no-start").code == 0


def test_a_client_of_which_the_only_run_failed_can_be_removed(smp: Terminal) -> None:
    name = f"wrong{next(smp.names)}"
    source = Path(write_tables(smp.folder / name, patients=PATIENTS))
    assert smp("client", "add", name, "--source", source, "--no-start").code == 0
    for file in source.iterdir():
        file.unlink()
    assert smp("onboard", name).code == 4
    removed = smp("client", "remove", name, "--yes")
    assert (removed.code, removed.out) == (0, f"Client {name} is removed.\n")
    assert {event["action"] for event in smp("audit", "list", name, "--json").json} >= {"created", "deleted"}


def test_a_source_that_answers_says_what_it_shows(smp: Terminal, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "old.db") as database:
        database.execute("create table patients (id integer, name text)")
    said = smp("source", "test", f"sqlite:///{tmp_path}/old.db")
    assert said.code == 0
    assert said.out.startswith("ok (")
    assert said.out.rstrip().endswith("It answers and shows 1 table(s) with 2 columns.")


def test_a_client_is_listed_with_where_it_stands(smp: Terminal, tmp_path: Path) -> None:
    source = write_tables(tmp_path, patients=PATIENTS)
    name = f"listed-{next(smp.names)}"
    added = smp("client", "add", name, "--source", source, "--trust-profile", "permissive", "--no-start")
    assert added.out.startswith(f"Client {name} added")
    (line,) = (line for line in smp("client", "list", "--json").json if line["client"]["slug"] == name)
    assert (line["state"], line["waiting"], line["published"]) == ("new", 0, None)
    assert (line["trust_profile"], line["client"]["canonical_model"]) == ("permissive", "practice")
    assert name in smp("client", "list").out
    assert smp("status").out == smp("client", "list").out


def test_no_command_and_no_table_shows_the_password_of_a_source(
    smp: Terminal, empty_database: str, tmp_path: Path
) -> None:
    owner = sa.create_engine(empty_database)
    with owner.begin() as connection:
        connection.exec_driver_sql("create table patients (patient_id integer, birth_date date)")
    owner.dispose()
    secret = sa.make_url(empty_database).password or "there is no password"
    name = f"secret-{next(smp.names)}"
    said = [
        smp("client", "add", name, "--source", empty_database, "--schema", "public", "--no-start", "--json"),
        smp("client", "list", "--json"),
        smp("status", name, "--json"),
        smp("audit", "list", name, "--json"),
        smp("source", "test", empty_database, "--json"),
    ]
    assert [answer.code for answer in said] == [0, 0, 0, 0, 0]
    assert not [answer for answer in said if secret in answer.out + answer.err]


def test_data_that_stay_go_on_staying_when_the_source_moves(
    smp: Terminal, empty_database: str, tmp_path: Path
) -> None:
    owner = sa.create_engine(empty_database)
    with owner.begin() as connection:
        connection.exec_driver_sql("create table patients (patient_id integer, surname text)")
        connection.exec_driver_sql("insert into patients select n, 'Q' || n from generate_series(1, 9) n")
    owner.dispose()
    name, files = f"stays-{next(smp.names)}", write_tables(tmp_path, patients=PATIENTS)
    assert smp("client", "add", name, "--source", files, "--data-stays").code == 4
    assert smp("client", "add", name, "--source", empty_database, "--data-stays", "--no-start").code == 0
    moved = smp("client", "set", name, "--source", files)
    assert (moved.code, "its data cannot stay there" in moved.err) == (4, True)
    assert smp("client", "set", name, "--source", empty_database, "--schema", "public").code == 0
    assert smp("client", "set", name, "--data-may-leave").code == 0
    assert smp("client", "set", name, "--source", files).code == 0
    (table,) = smp("profile", empty_database, "--data-stays", "--json").json["profile"]["tables"]
    assert (table["plan"], [column["shapes"] for column in table["columns"]]) == ("large", [[], []])


def test_a_source_profiled_once_has_no_changes_to_show(smp: Terminal, acme: str) -> None:
    assert smp("source", "changes", acme, "--json").json == []
    assert smp("source", "changes", acme).out == "Nothing changed since the profile before.\n"
    assert smp("source", "changes", "nobody").code == 2


def test_what_is_wrong_with_a_new_client_is_told(smp: Terminal, acme: str, tmp_path: Path) -> None:
    source = write_tables(tmp_path, patients=PATIENTS)
    told = {
        "Not A Slug": ([], "'Not A Slug' cannot name a client"),
        acme: ([], f"A client named '{acme}' exists already."),
        "other": (["--canonical", "practise"], "Did you mean 'practice'?"),
        "another": (["--trust-profile", "strict"], "Known: conservative, permissive, standard."),
    }
    for name, (options, words) in told.items():
        said = smp("client", "add", name, "--source", source, *options)
        assert (said.code, said.out) == (2, "")
        assert words in said.err


def test_a_profile_shows_every_column_and_stores_nothing(smp: Terminal, tmp_path: Path) -> None:
    source = write_tables(tmp_path, patients=PATIENTS, other={"id": ("1", "2")})
    said = smp("profile", source, SMP_HOME=tmp_path / "home")
    assert (said.code, "Error" in said.err) == (0, False)
    assert "patients: 40 rows" in said.out
    assert [name for name in PATIENTS if name not in said.out] == []
    assert not (tmp_path / "home").exists()
    only = smp("profile", source, "--table", "other", "--json").json["profile"]["tables"]
    assert [table["name"] for table in only] == ["other"]
    unknown = smp("profile", source, "--table", "patient")
    assert (unknown.code, "Did you mean 'patients'?" in unknown.err) == (2, True)


def test_the_profile_of_what_shows_no_table_is_trouble_with_the_source(
    smp: Terminal, empty_database: str, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    page = tmp_path / "page.html"
    bare = smp("profile", empty_database, "--html", page)
    assert (bare.code, bare.out, page.exists()) == (4, "", False)
    assert "no table with columns. Check the address, the schema name (--schema)" in " ".join(
        bare.err.split()
    )
    assert (sa.make_url(empty_database).password or "no password") not in bare.err
    told = smp("profile", empty_database, "--json")
    assert (told.code, told.fault["code"]) == (4, "SOURCE_EMPTY")
    assert smp("profile", tmp_path / "empty").code == 4


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("exports", "{here}/exports"),
        ("sqlite:///old.db", "sqlite:///{here}/old.db"),
        (
            "duckdb:///sub/x.duckdb?access_mode=read_only",
            "duckdb:///{here}/sub/x.duckdb?access_mode=read_only",
        ),
        ("sqlite:////data/old.db", "sqlite:////data/old.db"),
        ("/data/exports", "/data/exports"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("file:///data/exports", "file:///data/exports"),
    ],
)
def test_a_relative_path_is_kept_whole_for_whoever_opens_it_from_elsewhere(
    typed: str, kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert from_anywhere(typed) == kept.format(here=tmp_path)


@pytest.mark.parametrize("said", ["", " ", "\t"], ids=["empty", "a blank", "a tab"])
def test_an_empty_source_is_refused_and_is_not_the_folder_one_stands_in(smp: Terminal, said: str) -> None:
    name = f"unnamed{next(smp.names)}"
    files = write_tables(smp.folder / name, patients=PATIENTS)
    assert smp("client", "add", name, "--source", files, "--no-start").code == 0
    answers = [
        smp(*words, "--json")
        for words in (
            ("client", "add", f"{name}-again", "--source", said, "--no-start"),
            ("client", "set", name, "--source", said),
            ("profile", said),
            ("source", "test", said),
            ("match", said, files),
            ("match", files, said),
        )
    ]
    assert {(answer.code, answer.fault["code"]) for answer in answers} == {(2, "USAGE")}
    assert {answer.fault["message"].partition(":")[0] for answer in answers} == {"No source is named"}
    assert smp("source", "show", name, "--json").json["location"] == str(files)
    assert smp("status", f"{name}-again", "--json").code == 2


def test_a_client_that_is_not_there_is_told_before_anybody_is_asked_to_say_yes(smp: Terminal) -> None:
    name = f"kept{next(smp.names)}"
    files = write_tables(smp.folder / name, patients=PATIENTS)
    assert smp("client", "add", name, "--source", files, "--no-start").code == 0
    answers = {said: smp("client", "remove", said, "--json") for said in ("no-such-client", name)}
    assert {said: (one.code, one.fault["code"]) for said, one in answers.items()} == {
        "no-such-client": (2, "UNKNOWN_NAME"),
        name: (2, "USAGE"),
    }
    assert "--yes" in answers[name].fault["message"]
    assert smp("client", "set", name, "--json").fault["code"] == "USAGE"


def test_who_adds_a_client_is_told_what_starts_it(smp: Terminal) -> None:
    name = f"begun{next(smp.names)}"
    files = write_tables(smp.folder / name, patients=PATIENTS)
    waits = smp("client", "add", f"{name}-waits", "--source", files, "--no-start").out
    assert f"Nothing is started until somebody asks: smp onboard {name}-waits" in waits
    assert "onboards it by itself" in smp("client", "add", name, "--source", files).out


def test_who_stops_an_onboarding_is_told_how_it_goes_on(smp: Terminal) -> None:
    name = f"stopped{next(smp.names)}"
    files = write_tables(smp.folder / name, **{f"patients_{number}": PATIENTS for number in range(30)})
    assert smp("client", "add", name, "--source", files, "--no-start").code == 0
    process = subprocess.Popen(
        [sys.executable, "-c", _HEARING, "onboard", name],
        env=smp.environment({}),
        cwd=smp.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(f"{name}: "):
            break
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130
    last = said.strip().splitlines()[-1]
    assert (last.startswith("Stopped"), last.endswith(f"smp onboard {name}")) == (True, True)


def test_a_client_at_rest_is_not_onboarded(smp: Terminal) -> None:
    name = f"resting{next(smp.names)}"
    files = write_tables(smp.folder / name, patients=PATIENTS)
    assert smp("client", "add", name, "--source", files, "--no-start").code == 0
    rested = smp("client", "set", name, "--inactive")
    assert (rested.code, rested.out.splitlines()[-1].endswith(f"smp client set {name} --active")) == (0, True)
    said = smp("onboard", name)
    assert (said.code, f"smp client set {name} --active" in said.err.replace("\n", " ")) == (2, True)
    (line,) = [line for line in smp("client", "list").out.splitlines() if line.startswith(name)]
    assert [cell.strip() for cell in line.split("│")][1] == "at rest (new)"
    first, *_, last = smp("status", name).out.splitlines()
    assert (first, last.endswith(f"Bring it back: smp client set {name} --active")) == (
        f"{name}   new, at rest",
        True,
    )
    listed = smp("source", "list", "--inactive", "--client", name, "--json").json
    assert [one["client"] for one in listed["items"]] == [name]


def test_a_schema_changes_alone_and_a_source_that_does_not_answer_is_stored_untested(
    smp: Terminal, closed_port: int
) -> None:
    name = f"moving{next(smp.names)}"
    files = write_tables(smp.folder / name, patients=PATIENTS)
    assert smp("client", "add", name, "--source", files, "--no-start").code == 0
    elsewhere = f"postgresql://reader:{PASSWORD}@127.0.0.1:{closed_port}/practice"
    assert smp("client", "set", name, "--source", elsewhere).code == 4
    assert smp("client", "set", name, "--source", elsewhere, "--schema", "clinic", "--no-test").code == 0
    for words, schema in (((), "clinic"), (("--schema", "ward"), "ward"), (("--schema", ""), None)):
        if words:
            assert smp("client", "set", name, *words, "--no-test").code == 0
        shown = smp("source", "show", name, "--json")
        assert (shown.json["location"], shown.json["source"]["schema_name"]) == (
            f"postgresql://127.0.0.1:{closed_port}/practice",
            schema,
        )
        assert PASSWORD not in shown.out
