"""Embeds the accepted mappings of a client, and finds mappings by their likeness to a text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import structlog

from schema_matching_pipeline.errors import LanguageModelError
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.embedding import (
    EmbeddableMapping,
    EmbeddingOutcome,
    MappingText,
    SimilarMapping,
)
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.llm import CallOutcome, LLMCall, LLMRequest, Told
from schema_matching_pipeline.workflows.ask_model import RegistryLedger
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client
from schema_matching_pipeline.workflows.world import World

BATCH_SIZE = 256
PROMPT, PROMPT_VERSION = "embedding", "1"
"""As what it is kept among the questions to language models."""

log = structlog.get_logger(__name__)


def embed_mappings(
    world: World, client: ClientId, *, run: RunStamp, batch_size: int = BATCH_SIZE
) -> EmbeddingOutcome:
    """Embeds what has no vector, or one of another model or text; every batch is kept as soon as it is there.

    Nothing is embedded by an endpoint outside where names of the client's columns may not leave. What such an endpoint
    takes is kept with the questions to language models and counts against the same budget of the month; where that bears
    no further batch, the rest is left.

    Raises:
        LanguageModelError: the endpoint gave no vectors; what was embedded before stays.
    """
    model = world.embedder.model
    with open_client(world, client, run) as unit:
        unit.embeddings.index(model)
        removed = unit.embeddings.drop_unaccepted(client)
        may_leave = Told.NAMES in unit.llm.policy(client).told
        accepted = unit.embeddings.embeddable(client) if may_leave or not world.embedder.is_outside else ()
    stale = stale_texts(accepted, model)
    embedded = left = 0
    for start in range(0, len(stale), batch_size):
        batch = stale[start : start + batch_size]
        made = _embed(
            world, client, [each.text for each in batch], run
        )  # no transaction waits for an endpoint
        if made is None:
            left = len(stale) - start
            log.warning("language_model_budget_used_up", client=client, mappings=left)
            break
        with open_client(world, client, run) as unit:
            embedded += unit.embeddings.store(model, batch, made)
    return EmbeddingOutcome(
        client=client,
        model=model,
        embedded=embedded,
        kept=len(accepted) - len(stale),
        removed=removed,
        left=left,
    )


def find_similar(
    world: World, actor: Actor, text: str, *, client: ClientId | None = None, limit: int = 10
) -> tuple[SimilarMapping, ...]:
    """Accepted mappings that are like a text, the likest first, among those the actor may see.

    What the text takes at an endpoint outside counts against the budget of the client, where one is named.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
        LanguageModelError: the endpoint gave no vector, or the client's budget bears no question.
    """
    require(actor, Permission.READ, client)
    clients = actor.clients if client is None else (client,)
    if client is None:
        vectors = world.embedder.embed([text]).vectors
    else:
        with open_as(world, actor) as unit:
            unit.clients.get(client)
        made = _embed(world, client, [text], RunStamp())
        if made is None:
            raise LanguageModelError(
                f"This month's budget of {client} for language models is used up. Raise it by `smp llm set`, or"
                " search without a client."
            )
        vectors = made
    (vector,) = vectors
    with open_as(world, actor) as unit:
        return unit.embeddings.nearest(world.embedder.model, vector, clients=clients, limit=limit)


def _embed(
    world: World, client: ClientId, texts: Sequence[str], run: RunStamp
) -> npt.NDArray[np.float32] | None:
    """The vectors of texts about a client; None where the month's budget does not bear them."""
    if not world.embedder.is_outside:
        return world.embedder.embed(texts).vectors
    ledger = RegistryLedger(world, client, run)
    request = LLMRequest(
        prompt=PROMPT, prompt_version=PROMPT_VERSION, system="", user="\n".join(texts), answer_schema=""
    )
    if not ledger.policy.bears(ledger.used(), request.estimated_tokens):
        return None
    call = LLMCall(
        request=request,
        columns=len(texts),
        told=(Told.NAMES,),
        outcome=CallOutcome.FAILED,
        provider=world.embedder.provider,
        model=world.embedder.model,
    )
    try:
        made = world.embedder.embed(texts)
    except LanguageModelError:
        ledger.note(call, ())
        raise
    ledger.note(call.but(outcome=CallOutcome.ANSWERED, use=made.use, cost=made.cost), ())
    return made.vectors


def stale_texts(mappings: tuple[EmbeddableMapping, ...], model: str) -> tuple[MappingText, ...]:
    """The texts of mappings without a vector of this model and this text."""
    return tuple(
        MappingText(mapping_id=each.id, text=text)
        for each in mappings
        if (text := embedding_text(each)) != each.embedded_text or each.embedded_model != model
    )


def embedding_text(mapping: EmbeddableMapping) -> str:
    """What a mapping means, by the names of its column, its entity and its field.

    Not by its rule: who looks for a new column's like knows no rule yet, and words such as ``date %Y-%m-%d`` draw
    together what shares nothing but a format. So another rule leaves the vector as it is; and values, which a rule may
    quote, are never sent to an endpoint.

    >>> embedding_text(
    ...     EmbeddableMapping(
    ...         id="1", source_field="geb_dat", canonical_entity="patient", canonical_field="birth_date"
    ...     )
    ... )
    'geb_dat patient birth_date'
    """
    return f"{mapping.source_field} {mapping.canonical_entity} {mapping.canonical_field}"
