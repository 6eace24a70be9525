"""Which of a client's columns a request asks for: the same words in lists, exports and on the page."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query
from pydantic import BeforeValidator, Field

from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.workflows.list_mappings import MappingFilter, MappingOrder

# A form sends what nobody filled in as an empty text; bounds hold of what is there.
_UNSET = BeforeValidator(lambda given: given or None)
_Name = Annotated[str, Field(max_length=20_000)]
_Share = Annotated[float, Field(ge=0.0, le=1.0)]


async def asked_for(
    table: Annotated[_Name | None, _UNSET, Query(description="Of this table.")] = None,
    entity: Annotated[_Name | None, _UNSET, Query(description="That fill a field of it.")] = None,
    status: Annotated[Disposition | None, _UNSET, Query(description="What became of them.")] = None,
    at_least: Annotated[_Share | None, _UNSET, Query(description="Whose field is at least so sure.")] = None,
    below: Annotated[_Share | None, _UNSET, Query(description="And less sure than this.")] = None,
    text: Annotated[
        _Name | None, _UNSET, Query(description="Part of a name, of the column or of its field.")
    ] = None,
    order: Annotated[MappingOrder, Query(description="What they are put in order by.")] = MappingOrder.COLUMN,
    descending: bool = False,
) -> MappingFilter:
    """What the query asks for."""
    return MappingFilter(
        table=table,
        entity=entity,
        status=status,
        at_least=at_least,
        below=below,
        text=text,
        order=order,
        descending=descending,
    )


AskedMappings = Annotated[MappingFilter, Depends(asked_for)]
