"""What each route of the REST interface asks of whoever sends a request; the routes' own workflows enforce it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from schema_matching_pipeline.model.access import Permission


class Anybody(StrEnum):
    """Who else may ask than people with a permission."""

    NOBODY_KNOWN = "anybody"
    LOGGED_IN = "whoever is logged in, by a key that may read"


_READ, _MANAGE, _RUN = Permission.READ, Permission.MANAGE_CLIENTS, Permission.RUN_PIPELINE
_DECIDE, _APPROVE, _PEOPLE = Permission.DECIDE, Permission.APPROVE_FINAL, Permission.MANAGE_USERS

NEEDED: Mapping[str, Permission | Anybody] = {
    "GET /healthz": Anybody.NOBODY_KNOWN,
    "GET /readyz": Anybody.NOBODY_KNOWN,
    "GET /metrics": Permission.READ_METRICS,
    "GET /auth/ways": Anybody.NOBODY_KNOWN,
    "POST /auth/login": Anybody.NOBODY_KNOWN,
    "POST /auth/refresh": Anybody.NOBODY_KNOWN,
    "POST /auth/logout": Anybody.LOGGED_IN,
    "POST /auth/password": Anybody.LOGGED_IN,
    "GET /auth/me": Anybody.LOGGED_IN,
    "GET /clients": _READ,
    "POST /clients": _MANAGE,
    "GET /clients/{client}": _READ,
    "PATCH /clients/{client}": _MANAGE,
    "DELETE /clients/{client}": _MANAGE,
    "GET /clients/{client}/source": _READ,
    "GET /clients/{client}/changes": _READ,
    "GET /clients/{client}/mappings": _READ,
    "GET /clients/{client}/mappings.{form}": _READ,
    "GET /clients/{client}/explain": _READ,
    "GET /clients/{client}/thresholds": _READ,
    "GET /clients/{client}/trust": _READ,
    "POST /clients/{client}/trust/{entity}/relax": _PEOPLE,
    "GET /clients/{client}/guarantee": _READ,
    "GET /clients/{client}/validation": _READ,
    "POST /clients/{client}/columns/use": _DECIDE,
    "POST /clients/{client}/columns/map": _DECIDE,
    "GET /sources": _READ,
    "POST /sources/test": _MANAGE,
    "POST /pipeline/start": _RUN,
    "GET /pipeline/{run_id}/status": _READ,
    "POST /pipeline/{run_id}/resume": _RUN,
    "POST /pipeline/{run_id}/cancel": _RUN,
    "POST /profile": _RUN,
    "POST /classify": _RUN,
    "POST /match": _RUN,
    "POST /validate": _RUN,
    "GET /jobs/{job_id}": _READ,
    "POST /approve/{run_id}": _APPROVE,
    "POST /approve/{run_id}/refuse": _APPROVE,
    "GET /review/queue": _READ,
    "GET /review/pace": _READ,
    "POST /review/bulk": _DECIDE,
    "GET /review/{item_id}": _READ,
    "POST /review/{item_id}/approve": _DECIDE,
    "POST /review/{item_id}/reject": _DECIDE,
    "POST /review/{item_id}/comment": _DECIDE,
    "POST /review/{item_id}/flag": _DECIDE,
    "POST /review/{item_id}/reveal": Permission.REVEAL,
    "POST /review/{item_id}/assign": _DECIDE,
    "POST /review/{item_id}/rule": _DECIDE,
    "POST /review/{item_id}/undo": _DECIDE,
    "POST /review/bulk/{batch_id}/undo": _DECIDE,
    "POST /review/bulk/{batch_id}/redo": _DECIDE,
    "POST /review/{item_id}/override": _DECIDE,
    "GET /value-bank": _READ,
    "GET /value-bank/{entity}": _READ,
    "GET /value-bank/{entity}/pending": _READ,
    "POST /value-bank/value/{value_id}/verify": _DECIDE,
    "POST /value-bank/value/{value_id}/reject": _DECIDE,
    "GET /config": _READ,
    "PUT /config/trust-profile": _MANAGE,
    "GET /audit": _READ,
    "GET /audit/as-of": _READ,
    "GET /audit/verify": _READ,
    "GET /erasures": _PEOPLE,
    "POST /erasures": _PEOPLE,
    "POST /erasures/{erasure_id}/close": _PEOPLE,
    "GET /users": _PEOPLE,
    "POST /users": _PEOPLE,
    "PATCH /users/{login}": _PEOPLE,
    "GET /users/{login}/keys": _PEOPLE,
    "POST /users/{login}/keys": _PEOPLE,
    "DELETE /users/{login}/keys/{key_id}": _PEOPLE,
    "GET /canonical": _READ,
    "GET /canonical/{model}": _READ,
    "POST /canonical": _MANAGE,
    "GET /events": Anybody.LOGGED_IN,
}
"""By method and path below the prefix; every route that the OpenAPI document describes."""
