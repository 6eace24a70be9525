"""Clients: who there is, where each stands, what its columns are mapped to and why; adding, changing, removing."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Response
from pydantic import Field

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheInstallation, TheWorld
from schema_matching_pipeline.entrances.api.mapping_query import AskedMappings
from schema_matching_pipeline.entrances.api.pagination import WantedPage, page_of
from schema_matching_pipeline.entrances.api.reasons import MustBeSaid
from schema_matching_pipeline.entrances.api.routes.sources import SourceText
from schema_matching_pipeline.entrances.reports.mapping_table import header_of, mapping_rows, to_csv
from schema_matching_pipeline.entrances.reports.workbook import to_xlsx
from schema_matching_pipeline.model.access import Permission, require, require_whole_tenant
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.explained import ExplainedColumn
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.registry import ClientRecord, Page
from schema_matching_pipeline.model.reliability import Guarantee
from schema_matching_pipeline.model.source import SourceChange
from schema_matching_pipeline.model.trust import ClientTrust, Thresholds, TrustAdjustment
from schema_matching_pipeline.workflows.adapt_trust import answer_relaxation, show_client_trust
from schema_matching_pipeline.workflows.change_client import ClientChange, change_client, remove_client
from schema_matching_pipeline.workflows.explain_column import explain_column
from schema_matching_pipeline.workflows.list_clients import ClientLine, list_clients
from schema_matching_pipeline.workflows.list_mappings import (
    MappingLine,
    export_mappings,
    show_mappings,
)
from schema_matching_pipeline.workflows.list_sources import SourceDetail, show_source
from schema_matching_pipeline.workflows.onboard_client import NewClient, add_client
from schema_matching_pipeline.workflows.show_client import ClientStatus, show_changes, show_client
from schema_matching_pipeline.workflows.show_trust import show_guarantee, show_thresholds
from schema_matching_pipeline.workflows.show_validation import ValidationView, export_validation

router = APIRouter(prefix="/clients", tags=["clients"])

ClientPath = Annotated[str, Path(description="The client.", examples=["acme"])]
WithCandidates = Annotated[bool, Query(description="Add the best candidate of each column.")]
WithDecisions = Annotated[
    bool, Query(description="Add the confidence needed, the rule, the reasons, and who decided when.")
]
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FileForm(StrEnum):
    """In which form columns leave as a file."""

    CSV = "csv"
    XLSX = "xlsx"


_MEDIA = {FileForm.CSV: f"{CSV}; charset=utf-8", FileForm.XLSX: XLSX}
FormPath = Annotated[FileForm, Path(description="What the file is.", examples=["csv"])]


class ClientToAdd(SourceText):
    """A client with its source, which is tested before anything is stored; its location is kept encrypted."""

    slug: ClientId = Field(examples=["acme"])
    name: str | None = Field(default=None, min_length=1, max_length=200, examples=["Acme Clinics"])
    trust_profile: str | None = Field(default=None, max_length=100, examples=["standard"])
    canonical: str = Field(default="practice", max_length=200)
    start: bool = Field(
        default=True, description="Ask for its onboarding at once; else nothing starts until somebody asks."
    )


class Relaxation(Frozen):
    """What is said to a threshold that may fall, with the reason."""

    accepted: bool
    reason: MustBeSaid


class ClientToChange(Frozen):
    """What is to change; null leaves it as it is."""

    trust_profile: str | None = Field(default=None, max_length=100, examples=["standard"])
    default_profile: bool = False
    active: bool | None = None
    source: SourceText | None = None
    data_stays: bool | None = None
    schema_name: str | None = Field(default=None, max_length=200)
    spot_check_share: float | None = Field(
        default=None,
        ge=0.0,
        le=1.0,
        description="Of what is accepted without anybody looking at it alone, so much comes back as spot checks.",
        examples=[0.05],
    )


@router.get("")
def clients(world: TheWorld, actor: TheActor, wanted: WantedPage) -> Page[ClientLine]:
    """List the clients, by name."""
    return page_of(list_clients(world, actor), wanted)


@router.post("", status_code=HTTPStatus.CREATED)
def add(served: TheInstallation, actor: TheActor, given: Annotated[ClientToAdd, Body()]) -> ClientRecord:
    """Test a source and add a client with it. 422 where it does not answer; nothing is stored then."""
    require_whole_tenant(actor, Permission.MANAGE_CLIENTS)
    address, kind = given.address(served.settings.source_roots)
    new = NewClient(
        slug=given.slug,
        name=given.name or given.slug,
        address=address,
        source_kind=kind,
        trust_profile=given.trust_profile,
        canonical=given.canonical,
    )
    return add_client(served.world, actor, new, start=given.start)


@router.get("/{client}")
def client(world: TheWorld, actor: TheActor, client: ClientPath) -> ClientStatus:
    """Show where a client stands: pipeline, columns, checks and gates."""
    return show_client(world, actor, client)


@router.patch("/{client}")
def change(
    served: TheInstallation, actor: TheActor, client: ClientPath, given: Annotated[ClientToChange, Body()]
) -> ClientRecord:
    """Change a client's trust profile, spot checks or source, or put it to rest; the next run goes by it."""
    require(actor, Permission.MANAGE_CLIENTS, client)
    roots = served.settings.source_roots
    address, kind = given.source.address(roots) if given.source else (None, None)
    change = ClientChange(
        trust_profile=given.trust_profile,
        default_profile=given.default_profile,
        active=given.active,
        address=address,
        source_kind=kind,
        schema_name=given.schema_name,
        data_stays=given.data_stays,
        spot_check_share=given.spot_check_share,
    )
    return change_client(served.world, actor, client, change)


@router.delete("/{client}", status_code=HTTPStatus.NO_CONTENT)
def remove(world: TheWorld, actor: TheActor, client: ClientPath) -> None:
    """Remove a client that nothing was made of yet, and its source; 409 with what depends on it otherwise."""
    remove_client(world, actor, client)


@router.get("/{client}/source")
def source(world: TheWorld, actor: TheActor, client: ClientPath) -> SourceDetail:
    """Show where a client's data are, without login, password or options."""
    return show_source(world, actor, client)


@router.get("/{client}/changes")
def changes(world: TheWorld, actor: TheActor, client: ClientPath, wanted: WantedPage) -> Page[SourceChange]:
    """List what the newest profile found changed in a client's source, and what of it breaks a mapping."""
    return page_of(show_changes(world, actor, client), wanted)


@router.get("/{client}/mappings")
def mappings(
    world: TheWorld, actor: TheActor, client: ClientPath, wanted: WantedPage, asked: AskedMappings
) -> Page[MappingLine]:
    """List a client's columns, by table and column unless asked otherwise, with what each is mapped to."""
    return show_mappings(world, actor, client, asked, wanted.page, wanted.size, best=True).page


@router.get(
    "/{client}/mappings.{form}",
    response_class=Response,  # of no media type, so that faults keep theirs in the document
    responses={
        200: {
            "content": {
                CSV: {"schema": {"type": "string"}},
                XLSX: {"schema": {"type": "string", "format": "binary"}},
            }
        }
    },
)
def export(
    world: TheWorld,
    actor: TheActor,
    client: ClientPath,
    form: FormPath,
    asked: AskedMappings,
    *,
    candidates: WithCandidates = False,
    decisions: WithDecisions = False,
) -> Response:
    """Export a client's columns as CSV or as an Excel workbook; what a spreadsheet would run as a formula is a text.

    The audit keeps who took how many.
    """
    found = export_mappings(world, actor, client, asked, form)
    rows = mapping_rows(found, candidates=candidates, decisions=decisions)
    header = header_of(candidates=candidates, decisions=decisions)
    body: str | bytes = to_csv(header, rows)
    if form is FileForm.XLSX:
        body = to_xlsx("mappings", header, rows)
    return Response(body, media_type=_MEDIA[form], headers=_saved_as(f"{client}-mappings.{form}"))


@router.get("/{client}/explain")
def explain(
    world: TheWorld,
    actor: TheActor,
    client: ClientPath,
    column: Annotated[str, Query(max_length=600, description="Table and column.", examples=["patients.dob"])],
    entity: Annotated[str | None, Query(max_length=200, description="With field: of that candidate.")] = None,
    field: Annotated[str | None, Query(max_length=200, description="With entity.")] = None,
) -> ExplainedColumn:
    """Explain how the confidence of a column's field, or of another candidate, came about."""
    target = FieldRef(entity=entity, field=field) if entity and field else None
    return explain_column(world, actor, client, column, target)


@router.get("/{client}/thresholds")
def thresholds(world: TheWorld, actor: TheActor, client: ClientPath) -> Thresholds:
    """Show what each entity of a client's canonical model needs under its trust profile."""
    return show_thresholds(world, actor, client)


@router.get("/{client}/trust")
def trust(world: TheWorld, actor: TheActor, client: ClientPath) -> ClientTrust:
    """Show how suggestions about a client fared with people, by entity and signal, and what that made of its thresholds."""
    return show_client_trust(world, actor, client)


@router.post("/{client}/trust/{entity}/relax")
def relax(
    world: TheWorld,
    actor: TheActor,
    client: ClientPath,
    entity: Annotated[str, Path(description="The entity.", max_length=200, examples=["patient"])],
    given: Annotated[Relaxation, Body()],
) -> TrustAdjustment:
    """Let the threshold of an entity fall as is suggested, from the next run on, or decline it; an administrator may."""
    return answer_relaxation(world, actor, client, entity, accepted=given.accepted, reason=given.reason)


@router.get("/{client}/guarantee")
def guarantee(
    world: TheWorld,
    actor: TheActor,
    client: ClientPath,
    error_rate: Annotated[
        float,
        Query(ge=0.001, le=0.5, description="So many of what is accepted may be wrong.", examples=[0.02]),
    ],
    certainty: Annotated[float, Query(ge=0.5, le=0.999, description="How sure that must be.")] = 0.95,
    with_others: Annotated[
        bool, Query(description="Count decisions about all clients of its canonical model.")
    ] = False,
) -> Guarantee:
    """Tell from which confidence on no more than a share of the suggestions is wrong, as far as decisions tell."""
    return show_guarantee(
        world, actor, client, wanted_error=error_rate, certainty=certainty, with_others=with_others
    )


@router.get("/{client}/validation")
def validation(world: TheWorld, actor: TheActor, client: ClientPath) -> ValidationView:
    """Show what validation found on a client's own data, the worst first; values by their shape alone.

    All of it at once: the audit keeps who took it.
    """
    return export_validation(world, actor, client, "json")


def _saved_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
