"""Configuration: trust profiles and risk classes, and the profile of a client. No secret is among it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import Field

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.registry import ClientRecord
from schema_matching_pipeline.model.trust import TrustInForce
from schema_matching_pipeline.workflows.change_client import ClientChange, change_client
from schema_matching_pipeline.workflows.show_trust import show_trust

router = APIRouter(prefix="/config", tags=["configuration"])


class ProfileChoice(Frozen):
    """The trust profile of a client; null for the installation's default one."""

    client_id: ClientId = Field(examples=["acme"])
    trust_profile: str | None = Field(max_length=100, examples=["standard"])


@router.get("")
def config(world: TheWorld, actor: TheActor) -> TrustInForce:
    """Show the trust profiles, the risk classes and the review floor, and thresholds that decisions changed."""
    return show_trust(world, actor)


@router.put("/trust-profile")
def trust_profile(world: TheWorld, actor: TheActor, given: Annotated[ProfileChoice, Body()]) -> ClientRecord:
    """Put a client under a trust profile: the next run goes by it, a running one does not."""
    default = given.trust_profile is None
    change = ClientChange(trust_profile=given.trust_profile, default_profile=default)
    return change_client(world, actor, given.client_id, change)
