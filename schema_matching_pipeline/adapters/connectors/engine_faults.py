"""Turns what the driver of any engine behind Ibis raises into our own faults, without its words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from schema_matching_pipeline.adapters.connectors.faults import Trouble, diagnose, fault, table_of, translated
from schema_matching_pipeline.errors import SmpError


@contextmanager
def translated_engine(place: str, *, table: str | None = None) -> Iterator[None]:
    """Runs a block in which every exception becomes a SourceError about ``place``.

    Raises:
        SourceError: whatever went wrong.
    """
    try:
        with translated(place, table=table):
            yield
    except SmpError:
        raise
    except Exception as error:  # noqa: BLE001 - twenty engines raise what they like, and quote rows in it
        trouble = diagnose(error)
        where = table_of(place, table) if table else place
        hint = f"({type(error).__name__}.)" if trouble is Trouble.UNREADABLE else ""
        raise fault(trouble, where, table=table, hint=hint) from None
