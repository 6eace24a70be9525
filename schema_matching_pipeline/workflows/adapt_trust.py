"""Thresholds that follow what people decide: they rise by themselves, and fall when an administrator says so."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.trust import ClientTrust, TrustAdjustment
from schema_matching_pipeline.review import effective_thresholds
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client
from schema_matching_pipeline.workflows.validate_mappings import spot_check_share
from schema_matching_pipeline.workflows.world import World


def adapt_trust(world: World, client: str, *, run: RunStamp) -> tuple[TrustAdjustment, ...]:
    """Raises thresholds of the client whose suggestions people found wrong too often; a run begins with that.

    Raises:
        UnknownNameError: there is no such client, or its profile or model is gone.
    """
    with open_client(world, client, run) as unit:
        record = unit.clients.get(client)
        model = unit.canonical.get(record.canonical_model)
        return unit.trust.adapt(client, effective_thresholds(world.trust, record.trust_profile, model))


def show_client_trust(world: World, actor: Actor, client: str) -> ClientTrust:
    """How suggestions about the client fared with people, and what that made of its thresholds.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        return ClientTrust(
            spot_check_share=spot_check_share(world, unit.clients.get(client)),
            spot_checks=unit.spot_checks.figures(client),
            accuracy=unit.trust.accuracy(client),
            adjustments=unit.trust.adjustments(client),
        )


def answer_relaxation(
    world: World, actor: Actor, client: str, entity: str, *, accepted: bool, reason: str
) -> TrustAdjustment:
    """Lets the threshold of an entity fall as is suggested, from the next run on; or not.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
        NotAllowedError: the actor is no administrator.
        StaleDecisionError: nothing is suggested of that entity.
        BadDecisionError: the reason is missing.
    """
    require(actor, Permission.MANAGE_USERS, client)
    with open_as(world, actor, reason=reason) as unit:
        unit.clients.get(client)
        return unit.trust.answer_relaxation(client, entity, accepted=accepted, reason=reason)
