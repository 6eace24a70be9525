"""The one place where errors of the database become faults of the product.

Installed on an engine, it sees every error before anybody else does: of connecting, of any statement and
of the commit. The law functions speak in SQLSTATEs of the class ``SM``; everything else is PostgreSQL's.
A message never repeats what the database says about values; the original stays behind it as the cause.
"""

from __future__ import annotations

import json

import psycopg
from psycopg.errors import Diagnostic
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from schema_matching_pipeline.errors import (
    BadDecisionError,
    GateClosedError,
    IllegalTransitionError,
    MigrationError,
    NotAllowedError,
    RegistryBusyError,
    RegistryError,
    RegistryUnavailableError,
    SmpError,
    StaleDecisionError,
    UsageError,
)
from schema_matching_pipeline.model.review import GateState

GATE_CLOSED = "SMP01"
STALE_DECISION = "SMP02"
NOT_ALLOWED = "SMP03"
BAD_DECISION = "SMP04"
ILLEGAL_TRANSITION = "SMP05"

_LAW: dict[str, type[SmpError]] = {
    STALE_DECISION: StaleDecisionError,
    NOT_ALLOWED: NotAllowedError,
    BAD_DECISION: BadDecisionError,
}
_UNAVAILABLE = ("08", "57P", "53300")
_BUSY = ("40001", "40P01", "55P03", "57014")
_REFUSED = ("28",)
_UNFIT = ("22003", "22021", "22P05")  # out of range, not in this encoding, NUL in a document
_NUL = "cannot contain NUL"  # the driver says so by itself, before anything is sent
_LOGIN_REFUSED = "authentication failed"  # while connecting, the driver passes on the server's words alone
_MISSING = ("42P01", "42883", "3F000", "42703")


def install(engine: Engine) -> None:
    """Makes the engine raise faults of the product instead of errors of the database."""
    event.listen(engine, "handle_error", _replace)


def fault_of(error: psycopg.Error) -> SmpError:
    """The fault an error of the database stands for."""
    unsent = "22021" if _NUL in str(error) else ""
    state, diagnostic = error.sqlstate or unsent, error.diag
    if state == GATE_CLOSED:
        return _gate_closed(diagnostic)
    if state == ILLEGAL_TRANSITION:
        return _illegal_transition(diagnostic)
    if state in _LAW:
        return _of_law(state, diagnostic)
    if not state and _LOGIN_REFUSED in str(error):
        return _of_statement("28P01", diagnostic)
    if state.startswith(_UNAVAILABLE) or (not state and isinstance(error, psycopg.OperationalError)):
        return RegistryUnavailableError(
            "The registry does not answer, or the connection broke. Is the server running? See `smp doctor`."
        )
    return _of_statement(state, diagnostic)


def _replace(context: ExceptionContext) -> SmpError | None:
    """What the engine raises in place of a driver's error; anything else passes as it is.

    A ping that fails is no fault: the pool replaces the connection and nobody notices.
    """
    error = context.original_exception
    if context.is_pre_ping or not isinstance(error, psycopg.Error):
        return None
    return fault_of(error)


def _of_law(state: str, diagnostic: Diagnostic) -> SmpError:
    """The law's own words; what stands in the way of taking a decision back is in the detail, one by one."""
    said = diagnostic.message_primary or ""
    if state == STALE_DECISION and diagnostic.message_detail:
        return StaleDecisionError(said, json.loads(diagnostic.message_detail))
    return _LAW[state](said)


def _gate_closed(diagnostic: Diagnostic) -> GateClosedError:
    """The law puts the whole state of the gate into the error's detail."""
    gate = GateState.model_validate_json(diagnostic.message_detail or "")
    lines = (*gate.holding_review, *gate.holding_final)
    return GateClosedError(
        gate.client,
        "review" if gate.holding_review else "final",
        [line.in_a_line(gate.client) for line in lines],
    )


def _illegal_transition(diagnostic: Diagnostic) -> IllegalTransitionError:
    """The trigger names the client, the present and the wanted state, in its detail."""
    client, present, wanted = (diagnostic.message_detail or "//").split("/", 2)
    return IllegalTransitionError(client, present, wanted)


def _of_statement(state: str, diagnostic: Diagnostic) -> SmpError:
    if state in _UNFIT:
        return UsageError(
            "A value is none that the registry can hold: too large, or with a character such as NUL."
        )
    if state.startswith(_BUSY):
        return RegistryBusyError("The registry was busy with another change of the same rows. Try again.")
    if state.startswith(_REFUSED):
        return RegistryError(
            "The registry refused the login of SMP_DATABASE_URL. Check its user name and password."
        )
    if state.startswith(_MISSING):
        return MigrationError(
            f"The registry lacks something this version needs (SQLSTATE {state}). Run `smp doctor` to migrate it."
        )
    if state == psycopg.errors.InsufficientPrivilege.sqlstate:
        return NotAllowedError(
            "The registry does not let the application role do this; it goes through the review and publication functions only."
        )
    place = ", ".join(
        f"{name} {value}"
        for name, value in (("table", diagnostic.table_name), ("constraint", diagnostic.constraint_name))
        if value
    )
    return RegistryError(
        f"The registry refused a statement (SQLSTATE {state or 'unknown'}{', ' + place if place else ''})."
    )
