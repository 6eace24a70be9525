"""The vectors of accepted mappings: made after a publication, never in its way."""

from __future__ import annotations

from dataclasses import replace

import dagster as dg
import pytest
from pydantic import SecretStr

from schema_matching_pipeline.adapters.llm.embedders import OpenAICompatible
from schema_matching_pipeline.entrances.orchestration.launch import carry_on
from schema_matching_pipeline.errors import LanguageModelError
from schema_matching_pipeline.model.llm import Told
from schema_matching_pipeline.model.pipeline import PipelineState
from schema_matching_pipeline.workflows.embed_mappings import embed_mappings, find_similar
from schema_matching_pipeline.workflows.manage_llm import LLMChange, change_llm, show_llm
from schema_matching_pipeline.workflows.run_state import RunStamp
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation
from schema_matching_pipeline_tests.fakes.chat_server import chat_server

EMBEDDINGS = dg.AssetKey("mapping_embeddings")


@pytest.fixture(scope="module")
def installation(installation: Installation) -> Installation:
    """For a tenant of its own: nobody else's mappings are like a text."""
    return installation.alone("embedding")


@pytest.fixture(scope="module")
def published(installation: Installation) -> str:
    client = approved(installation, "embedded")
    carry_on(installation.settings, installation.world, client)
    return client


def approved(installation: Installation, name: str) -> str:
    client = installation.add_client(name)
    installation.propose(client)
    installation.clear_queue(client)
    installation.approve(client)
    return client


def embedded(installation: Installation, client: str) -> dg.AssetMaterialization | None:
    with installation.dagster() as instance:
        found = instance.fetch_materializations(
            dg.AssetRecordsFilter(EMBEDDINGS, asset_partitions=[client]), limit=1
        ).records
    return found[0].asset_materialization if found else None


def test_a_release_embeds_what_it_published(installation: Installation, published: str):
    told = embedded(installation, published)
    mappings = installation.published(published)
    assert told is not None
    assert mappings > 0
    assert {name: told.metadata[name].value for name in ("embedded", "kept", "removed", "model")} == {
        "embedded": mappings,
        "kept": 0,
        "removed": 0,
        "model": "hashed_ngrams-1",
    }


def test_mappings_like_a_text_are_found_the_likest_first(installation: Installation, published: str):
    embed_mappings(installation.world, published, run=RunStamp())
    found = find_similar(installation.world, installation.steward, "birth date", client=published, limit=3)
    assert (found[0].client, str(found[0].target)) == (published, "patient.birth_date")
    assert [each.similarity for each in found] == sorted((each.similarity for each in found), reverse=True)


def test_what_is_embedded_is_kept(installation: Installation, published: str):
    embed_mappings(installation.world, published, run=RunStamp())
    again = embed_mappings(installation.world, published, run=RunStamp())
    assert (again.embedded, again.kept) == (0, installation.published(published))


def test_a_publication_stands_where_nothing_can_be_embedded(installation: Installation):
    client = approved(installation, "unembedded")
    with installation.refusing("mapping_embeddings"):
        carry_on(installation.settings, installation.world, client)
    run = installation.runs(client)[-1]
    assert run.status is dg.DagsterRunStatus.SUCCESS
    assert installation.run(client).state is PipelineState.COMPLETED
    assert installation.published(client) > 0
    assert embedded(installation, client) is None
    with installation.dagster() as instance:
        told = [entry.user_message for entry in instance.all_logs(run.run_id)]
    assert [line for line in told if line.startswith("Not embedded: ")]


def test_another_model_embeds_all_anew_where_names_may_leave_and_goes_on_where_it_broke_off(
    installation: Installation, published: str
):
    count = installation.published(published)
    with chat_server() as server:
        embedder = OpenAICompatible(SecretStr("key"), "small", base_url=server.url, retries=0)
        world = replace(installation.world, embedder=embedder)
        assert embed_mappings(world, published, run=RunStamp()).embedded == 0
        assert server.questions == []
        change_llm(world, installation.steward, published, LLMChange(told=(Told.NAMES,)))
        server.will_embed([1.0, 0.0], [0.0, 1.0])
        server.will_fail(401)
        with pytest.raises(LanguageModelError, match="AuthenticationError"):
            embed_mappings(world, published, run=RunStamp(), batch_size=2)
        server.will_embed(*([1.0],) * (count - 2))
        rest = embed_mappings(world, published, run=RunStamp())
        sent = server.questions[-1]["input"]
    assert (rest.model, rest.embedded, rest.kept) == ("small", count - 2, 2)
    assert "date_of_birth patient birth_date" in [*server.questions[0]["input"], *sent]


def test_tokens_of_an_endpoint_count_against_the_month_of_the_client(installation: Installation):
    client = approved(installation, "counted")
    carry_on(installation.settings, installation.world, client)
    count = installation.published(client)
    with chat_server() as server:
        embedder = OpenAICompatible(SecretStr("key"), "priced", base_url=server.url, retries=0, price=2.0)
        world = replace(installation.world, embedder=embedder)
        change_llm(world, installation.steward, client, LLMChange(told=(Told.NAMES,), monthly_cost=0.000005))
        server.will_embed([1.0], [1.0])
        first = embed_mappings(world, client, run=RunStamp(), batch_size=2)
        told = show_llm(world, installation.steward, client, calls=5)
        change_llm(world, installation.steward, client, LLMChange(any_cost=True))
        server.will_embed([1.0])
        find_similar(world, installation.steward, "born", client=client)
        change_llm(world, installation.steward, client, LLMChange(monthly_tokens=6))
        with pytest.raises(LanguageModelError, match=f"budget of {client} for language models is used up"):
            find_similar(world, installation.steward, "born", client=client)
        later = show_llm(world, installation.steward, client)
    assert (first.embedded, first.left) == (2, count - 2)
    assert [len(sent["input"]) for sent in server.questions] == [2, 1]
    assert [(call.prompt, call.columns, call.provider, call.model) for call in told.calls] == [
        ("embedding", 2, server.url, "priced")
    ]
    assert told.month.prompt_tokens == 3
    assert told.month.cost == pytest.approx(0.000006)
    assert (later.month.calls, later.month.tokens) == (2, 6)
