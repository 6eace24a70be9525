"""``smp similar``: who may see what, and who is asked for a vector."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from schema_matching_pipeline.entrances.cli import identity
from schema_matching_pipeline.workflows.embed_mappings import embed_mappings
from schema_matching_pipeline.workflows.run_state import RunStamp
from schema_matching_pipeline_tests.entrances.cli.terminal import Said, Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import write_tables
from schema_matching_pipeline_tests.fakes.chat_server import ChatServer, chat_server

BIRTHS = {"patient_id": ("P1", "P2", "P3"), "birth_date": ("1950-03-01", "1951-03-02", "1952-03-03")}


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server() as running:
        yield running


@pytest.fixture(scope="module")
def likened(smp: Terminal) -> Terminal:
    """A tenant with two clients whose birth dates are accepted and embedded."""
    return smp.of("likened")


@pytest.fixture(scope="module")
def clients(likened: Terminal) -> tuple[str, str]:
    theirs, other = (
        likened.onboarded(write_tables(likened.folder / "likened" / name, patients=BIRTHS), name=name)
        for name in ("theirs", "other")
    )
    for client in (theirs, other):
        item = next(
            each["id"]
            for each in likened.waiting(client)
            if each["kind"] == "mapping" and each["ref"]["column"] == "birth_date"
        )
        words = ("override", item, "--to", "patient.birth_date")
        assert likened("review", *words, "--reason", "looked at").code == 0
        embed_mappings(identity.world(), client, run=RunStamp())
    return theirs, other


def found_by(said: Said) -> list[str]:
    assert said.code == 0, said.err
    return [each["client"] for each in said.json]


def test_a_confined_person_finds_the_mappings_of_his_clients_alone(
    likened: Terminal, clients: tuple[str, str]
) -> None:
    theirs, other = clients
    key = likened("user", "add", "victor", "--role", "viewer", "--client", theirs, "--json").json["key"]
    victor = {"SMP_USER": "victor", "SMP_API_KEY": key}
    assert found_by(likened("similar", "birth_date", "--json")) == [other, theirs]
    assert found_by(likened("similar", "birth_date", "--json", **victor)) == [theirs]
    refused = likened("similar", "birth_date", "--client", other, "--json", **victor)
    assert (refused.code, refused.fault["code"], refused.out) == (5, "NOT_ALLOWED", "")


def test_a_tenant_without_mappings_finds_none_of_another(likened: Terminal, clients: tuple[str, str]) -> None:
    assert found_by(likened.of("elsewhere")("similar", "birth_date", "--json")) == []


def test_without_a_choice_no_endpoint_is_asked_even_where_one_is_named(
    likened: Terminal, clients: tuple[str, str], server: ChatServer
) -> None:
    named = {"SMP_EMBEDDING_BASE_URL": server.url, "SMP_EMBEDDING_API_KEY": "k"}
    assert found_by(likened("similar", "birth_date", "--json", **named)) == list(clients[::-1])
    assert server.questions == []


def test_an_endpoint_without_its_key_is_asked_nothing(likened: Terminal, server: ChatServer) -> None:
    said = likened("similar", "x", SMP_EMBEDDER="openai_compatible", SMP_EMBEDDING_BASE_URL=server.url)
    assert said.code == 2
    assert "it also needs SMP_EMBEDDING_API_KEY" in said.err
    assert server.questions == []


def test_a_model_in_a_folder_that_holds_none_is_told_before_anything_is_embedded(
    likened: Terminal, tmp_path: Path
) -> None:
    said = likened("similar", "x", SMP_EMBEDDER="local_model", SMP_EMBEDDING_PATH=str(tmp_path))
    assert said.code == 2
    assert "SMP_EMBEDDING_PATH must name one that holds modules.json" in said.err


def test_an_endpoint_that_refuses_is_a_fault_that_does_not_show_the_key(
    likened: Terminal, server: ChatServer
) -> None:
    server.will_fail(401)
    chosen = {"SMP_EMBEDDER": "openai_compatible", "SMP_EMBEDDING_BASE_URL": server.url}
    said = likened("similar", "x", "--json", SMP_EMBEDDING_API_KEY="sesame-sesame", **chosen)
    assert (said.code, said.fault["code"], said.out) == (1, "LANGUAGE_MODEL", "")
    assert "sesame" not in said.err
    assert [sent["input"] for sent in server.questions] == [["x"]]


def test_an_endpoint_of_another_model_finds_nothing_that_it_did_not_embed(
    likened: Terminal, clients: tuple[str, str], server: ChatServer
) -> None:
    server.will_embed([1.0])
    chosen = {"SMP_EMBEDDER": "openai_compatible", "SMP_EMBEDDING_BASE_URL": server.url}
    assert found_by(likened("similar", "birth_date", "--json", SMP_EMBEDDING_API_KEY="k", **chosen)) == []
