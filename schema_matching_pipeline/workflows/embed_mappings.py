"""Embeds the accepted mappings of a client, and finds mappings by their likeness to a text."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.embedding import (
    EmbeddableMapping,
    EmbeddingOutcome,
    MappingText,
    SimilarMapping,
)
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.llm import Told
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client
from schema_matching_pipeline.workflows.world import World

BATCH_SIZE = 256


def embed_mappings(
    world: World, client: ClientId, *, run: RunStamp, batch_size: int = BATCH_SIZE
) -> EmbeddingOutcome:
    """Embeds what has no vector, or one of another model or text; every batch is kept as soon as it is there.

    Nothing is embedded by an endpoint outside where names of the client's columns may not leave.

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
    embedded = 0
    for start in range(0, len(stale), batch_size):
        batch = stale[start : start + batch_size]
        vectors = world.embedder.embed([each.text for each in batch])  # no transaction waits for an endpoint
        with open_client(world, client, run) as unit:
            embedded += unit.embeddings.store(model, batch, vectors)
    return EmbeddingOutcome(
        client=client, model=model, embedded=embedded, kept=len(accepted) - len(stale), removed=removed
    )


def find_similar(
    world: World, actor: Actor, text: str, *, client: ClientId | None = None, limit: int = 10
) -> tuple[SimilarMapping, ...]:
    """Accepted mappings that are like a text, the likest first, among those the actor may see.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
        LanguageModelError: the endpoint gave no vector.
    """
    require(actor, Permission.READ, client)
    clients = actor.clients if client is None else (client,)
    (vector,) = world.embedder.embed([text])
    with open_as(world, actor) as unit:
        if client is not None:
            unit.clients.get(client)
        return unit.embeddings.nearest(world.embedder.model, vector, clients=clients, limit=limit)


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
