"""What a machine asks that keeps the service running."""

from __future__ import annotations

from fastapi import APIRouter

from schema_matching_pipeline.model.base import Frozen

router = APIRouter(tags=["operations"])


class Health(Frozen):
    """The process answers."""

    status: str = "ok"


@router.get("/healthz")
def healthz() -> Health:
    """Tell whether the process answers at all; it asks nothing of the database."""
    return Health()
