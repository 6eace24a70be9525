"""Sources: what there is, and whether one answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Body, Query
from pydantic import Field, SecretStr

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheInstallation, TheWorld
from schema_matching_pipeline.entrances.api.pagination import WantedPage
from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.model.access import Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.registry import Page, SourceRecord
from schema_matching_pipeline.model.source import ConnectionTest, SourceAddress
from schema_matching_pipeline.runtime import source_kind
from schema_matching_pipeline.workflows.list_sources import check_source, list_sources

router = APIRouter(prefix="/sources", tags=["sources"])


class SourceText(Frozen):
    """A source: a SQLAlchemy URL, or the whole path of a file or folder on the installation's machine."""

    location: SecretStr = Field(
        min_length=1, max_length=4000, examples=["postgresql://reader:PASSWORD@db.example/clinic"]
    )
    schema_name: str | None = Field(default=None, max_length=200, examples=["public"])
    data_stays: bool = Field(default=False, description="No row may leave the source to be measured.")

    def address(self, roots: Sequence[Path]) -> tuple[SourceAddress, str]:
        """The address, and what kind of source it is.

        Raises:
            UsageError: it is a path that depends on where one stands, or something on the installation's machine that
                lies in none of the ``roots``.
        """
        location = self.location.get_secret_value()
        if "://" not in location and not Path(location).is_absolute():
            raise UsageError("Write the whole path of a file or folder, from its root, or a URL.")
        require_within(location, roots)
        address = SourceAddress(
            location=SecretStr(location), schema_name=self.schema_name, data_stays=self.data_stays
        )
        return address, source_kind(address)


def require_within(location: str, roots: Sequence[Path]) -> None:
    """Passes for a URL that names a host, and for what lies in one of the folders, links followed.

    Raises:
        UsageError: it is something else on this machine.
    """
    _, is_url, rest = location.partition("://")
    host, _, path = rest.partition("/")
    if is_url and host:
        return
    place = Path(f"/{path.partition('?')[0].lstrip('/')}" if is_url else location).resolve()
    if not any(place.is_relative_to(root.resolve()) for root in roots):
        raise UsageError(
            "What lies on the installation's machine is a source only in a folder that SMP_SOURCE_ROOTS names. "
            "Move it there, or add the client on that machine: smp client add"
        )


@router.get("")
def sources(
    world: TheWorld,
    actor: TheActor,
    wanted: WantedPage,
    kind: Annotated[
        str | None, Query(max_length=100, description="database, file, or a connector.", examples=["file"])
    ] = None,
    active: Annotated[bool | None, Query(description="Of clients that are active, or at rest.")] = None,
    client: Annotated[
        ClientId | None, Query(description="The source of that client.", examples=["acme"])
    ] = None,
) -> Page[SourceRecord]:
    """List the sources of the clients, without their places."""
    return list_sources(
        world, actor, kind=kind, active=active, client=client, page=wanted.page, size=wanted.size
    )


@router.post("/test")
def test(served: TheInstallation, actor: TheActor, given: Annotated[SourceText, Body()]) -> ConnectionTest:
    """Test whether a source answers and may be read; nothing is stored."""
    require(actor, Permission.MANAGE_CLIENTS)
    return check_source(served.world, actor, given.address(served.settings.source_roots)[0])
