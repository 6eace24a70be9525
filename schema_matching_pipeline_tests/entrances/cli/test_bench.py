"""``smp bench``: tasks with a known truth in, figures out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables
from schema_matching_pipeline_tests.fakes.chat_server import ChatServer, Question, Said, chat_server

TRUE = {"date_of_birth": "birth_date", "last_name": "family_name", "email": "email"}


def a_task(folder: Path, *, family: str, truth: dict[str, str] | None = None) -> Path:
    source, target = folder / "source", folder / "target"
    source.mkdir(parents=True)
    target.mkdir()
    write_tables(source, patients=PATIENTS)
    _declare(source, "patients", tuple(PATIENTS))
    _declare(target, "person", ("birth_date", "family_name", "email", "shoe_size"))
    lines = [f"patients,{column},person,{field}" for column, field in (truth or TRUE).items()]
    header = "source_table,source_column,target_table,target_column"
    (folder / "truth.csv").write_text("\n".join([header, *lines]) + "\n")
    (folder / "meta.json").write_text(json.dumps({"family": family, "nomatch_reliable": False}))
    return folder


def _declare(folder: Path, table: str, columns: tuple[str, ...]) -> None:
    listed = [{"name": name, "type": "text", "description": ""} for name in columns]
    (folder / "schema.json").write_text(json.dumps({"tables": [{"name": table, "columns": listed}]}))


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        a_task(tmp_path / "tasks" / name, family="patients")
    return tmp_path / "tasks"


def test_a_folder_of_tasks_is_scored_by_task_family_and_matcher(smp: Terminal, tasks: Path) -> None:
    ended = smp("bench", tasks)
    assert ended.code == 0, ended.err
    for words in ("two ", "patients (2)", "all (2)", "names (rapidfuzz)", "COMA", "calibration error"):
        assert words in ended.out
    found = smp("bench", tasks / "one", "--alone", "--json").json
    (task,) = found["tasks"]
    assert (task["task"], task["family"], task["matcher"], task["columns"]) == (
        "one",
        "patients",
        "smp",
        len(PATIENTS),
    )
    assert task["mrr"] == task["hit_at_1"] == found["means"]["smp"]["MRR"] == 1.0
    assert task["nothing_accuracy"] is None


def test_a_wrong_truth_lowers_the_figures(smp: Terminal, tmp_path: Path) -> None:
    task = a_task(
        tmp_path / "wrong", family="wrong", truth={"email": "shoe_size", "last_name": "family_name"}
    )
    (found,) = smp("bench", task, "--alone", "--json").json["tasks"]
    assert found["hit_at_1"] == 0.5


def test_a_task_that_cannot_be_read_is_named_and_the_others_go_on(smp: Terminal, tasks: Path) -> None:
    (tasks / "one" / "truth.csv").write_text("source,target\n")
    ended = smp("bench", tasks, "--alone")
    assert ended.code == 4
    assert "two " in ended.out
    assert "the column source_table is missing" in ended.err
    header = "source_table,source_column,target_table,target_column"
    (tasks / "one" / "truth.csv").write_text(f"{header}\npatients,email,person\n")
    short = smp("bench", tasks, "--alone")
    assert (short.code, "line 2: a cell is missing" in short.err) == (4, True)
    (tasks / "two" / "meta.json").write_text("{")
    assert "line 1" in smp("bench", tasks / "two", "--alone").err


def test_a_folder_without_a_task_says_what_one_is(smp: Terminal, tmp_path: Path) -> None:
    ended = smp("bench", tmp_path)
    assert ended.code == 2
    assert "a task is a folder with source/, target/ and truth.csv" in ended.err


KNOWN = {"left": "first_visit", "paid": "amount"}


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with chat_server() as running:
        yield running


@pytest.fixture
def hard(tmp_path: Path) -> Path:
    """A task whose likeliest pair is not the true one."""
    folder = tmp_path / "hard"
    for side in ("source", "target"):
        (folder / side).mkdir(parents=True)
    _declare(folder / "source", "stays", ("paid", "city_born", "seen", "left"))
    _declare(
        folder / "target",
        "visit",
        ("first_visit", "last_visit", "attending", "amount", "tax_amount", "city", "birth_place"),
    )
    lines = [f"stays,{column},visit,{field}" for column, field in KNOWN.items()]
    (folder / "truth.csv").write_text(
        "\n".join(["source_table,source_column,target_table,target_column", *lines])
    )
    return folder


def asking(chat: ChatServer) -> dict[str, str]:
    provider = {"base_url": chat.url, "model": "oracle", "prompt_price": 1e6, "completion_price": 1e6}
    return {"SMP_LLM_PROVIDERS": json.dumps([provider])}


def knows(question: Question) -> Said:
    """Chooses what the truth says, else nothing."""
    columns = json.loads(question["messages"][1]["content"])["columns"]
    entries = [
        {
            "index": column["index"],
            "field": f"visit.{KNOWN[column['name']]}" if column["name"] in KNOWN else "none_of_these",
            "confidence": 1.0,
        }
        for column in columns
    ]
    return Said(body=json.dumps({"columns": entries}))


def test_a_model_is_measured_beside_the_matcher_alone_with_what_it_took(
    smp: Terminal, hard: Path, chat: ChatServer
) -> None:
    chat.always = knows
    ended = smp("bench", hard, "--alone", "--llm", "--json", **asking(chat))
    assert ended.code == 0, ended.err
    found = ended.json
    assert [task["matcher"] for task in found["tasks"]] == ["smp", "smp + oracle"]
    took = found["llm"]
    assert took["columns_asked"] == took["columns_answered"] > 0
    assert (took["use"]["calls"], took["use"]["tokens"], took["use"]["cost"]) == (len(chat.questions), 18, 18)
    alone, heard = found["means"]["smp"]["MRR"], found["means"]["smp + oracle"]["MRR"]
    assert took["difference"]["MRR"] == pytest.approx(heard - alone)
    assert heard > alone
    assert took["told"] == ["names", "types", "statistics", "patterns"]
    shown = smp("bench", hard, "--alone", "--llm", **asking(chat))
    for words in ("Language model", "with oracle", "11 + 7 tokens", "cost 18.0000"):
        assert words in shown.out


def test_a_model_that_answers_nothing_leaves_the_figures_as_they_are(
    smp: Terminal, hard: Path, chat: ChatServer
) -> None:
    ended = smp("bench", hard, "--alone", "--llm", "--json", **asking(chat))
    assert ended.code == 0, ended.err
    took = ended.json["llm"]
    assert (took["columns_answered"], took["use"]["failed"]) == (0, 1)
    assert {change for change in took["difference"].values() if change is not None} == {0.0}


def test_tokens_are_bounded_and_what_is_told_can_be_narrowed(
    smp: Terminal, hard: Path, chat: ChatServer
) -> None:
    chat.always = knows
    none = smp("bench", hard, "--alone", "--llm", "--max-tokens", 0, "--json", **asking(chat)).json["llm"]
    assert (none["use"]["calls"], none["columns_answered"], chat.questions) == (0, 0, [])
    chat.always = lambda _: Said(body="{}")
    smp("bench", hard, "--alone", "--llm", "--tell", "types", "--json", **asking(chat))
    (column, *_) = json.loads(chat.questions[0]["messages"][1]["content"])["columns"]
    assert set(column) == {"index", "candidates", "type", "value_type"}


def test_without_an_endpoint_or_anything_to_tell_it_is_said_what_to_do(
    smp: Terminal, hard: Path, chat: ChatServer
) -> None:
    missing = smp("bench", hard, "--llm", "--json")
    assert (missing.code, "SMP_LLM_API_KEY" in missing.fault["message"]) == (2, True)
    silent = smp("bench", hard, "--llm", "--tell", "nothing", "--json", **asking(chat))
    assert (silent.code, "--tell usual" in silent.fault["message"]) == (2, True)


def test_what_the_words_of_single_fields_of_work_are_worth_is_told_side_by_side(
    smp: Terminal, tmp_path: Path
) -> None:
    for side in ("source", "target"):
        (tmp_path / side).mkdir()
    _declare(tmp_path / "source", "stays", ("dx",))
    _declare(tmp_path / "target", "visit", ("duplex", "mode", "diagnosis"))
    header = "source_table,source_column,target_table,target_column"
    (tmp_path / "truth.csv").write_text(f"{header}\nstays,dx,visit,diagnosis\n")
    found = smp("bench", tmp_path, "--alone", "--without-packs", "--json").json
    by_matcher = {score["matcher"]: score["mrr"] for score in found["tasks"]}
    assert by_matcher.keys() == {"smp", "smp without packs"} == found["means"].keys()
    assert by_matcher["smp"] == 1.0 > by_matcher["smp without packs"]
