"""What a row of the audit says was changed, in words: names of columns with what they held before and after."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pydantic import JsonValue

from schema_matching_pipeline.entrances.api.rendering import shortened, words
from schema_matching_pipeline.model.audit import AuditEvent

_PASSWORD = frozenset({"password_hash", "password_salt"})
_LONG = 300
"""Letters of a value that are shown; the whole of it stands in the raw text."""


@dataclass(frozen=True)
class ChangedColumn:
    """A column with what it held; None where the row says nothing of that side, as of what was not there before."""

    name: str
    old: str | None = None
    new: str | None = None

    @property
    def in_short(self) -> str:
        """What is said of it in a list of several."""
        return f"{self.name} changed" if self.old is self.new is None else self.name


def changed_columns(event: AuditEvent) -> tuple[ChangedColumn, ...]:
    """What was changed by name, without keys and the tenant; a password without what is kept of it.

    Of a row that is new, or is gone, what it held; not what it left empty.
    """
    old, new = _held(event.old), _held(event.new)
    names = event.changed or tuple(new or old or ())
    is_update = old is not None and new is not None
    told = [
        ChangedColumn(words(name), _in_words(old, name), _in_words(new, name))
        for name in names
        if not _is_key(name)
        and name not in _PASSWORD
        and (is_update or (new or old or {}).get(name) is not None)
    ]
    password = [ChangedColumn("password")] if is_update and _PASSWORD & set(names) else []
    return (*password, *told)


def _held(text: str | None) -> dict[str, JsonValue] | None:
    held: dict[str, JsonValue] | None = json.loads(text) if text else None
    return held


def _is_key(name: str) -> bool:
    """Whether a column only tells rows apart, or counts how often one was written.

    >>> [name for name in ("tenant_id", "id", "state", "row_version", "valid_to") if _is_key(name)]
    ['tenant_id', 'id', 'row_version']
    """
    return name in {"id", "row_version"} or name.endswith("_id")


def _in_words(held: dict[str, JsonValue] | None, name: str) -> str | None:
    """What a column held, as people read it.

    >>> [_in_words({"a": value}, "a") for value in (None, True, 0.5, "text", ["b"])]
    ['nothing', 'yes', '0.5', 'text', '["b"]']
    """
    if held is None:
        return None
    match held.get(name):
        case None | "":
            return "nothing"
        case bool(answer):
            return "yes" if answer else "no"
        case str(text):
            return shortened(text, _LONG)
        case value:
            return shortened(json.dumps(value, ensure_ascii=False), _LONG)
