"""Several columns asked about together, and the answer taken apart again, column by column."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import TypeGuard

from schema_matching_pipeline.model.llm import ColumnQuestion, LLMRequest

NONE_OF_THESE = "none_of_these"
_CONFIDENCE = {"type": "number", "minimum": 0, "maximum": 1}


def ask_together(
    batch: Sequence[ColumnQuestion], chosen: Mapping[str, Sequence[str]], *more: str
) -> LLMRequest:
    """One question about all columns of a batch, which share its prompt.

    An answer has for each column one name of every closed list in ``chosen``, a confidence, and texts named ``more``.
    """
    first = batch[0]
    columns = [{"index": index, **json.loads(each.told)} for index, each in enumerate(batch)]
    properties = {
        "index": {"type": "integer", "minimum": 0, "maximum": len(batch) - 1},
        **{name: {"type": "string", "enum": [*listed, NONE_OF_THESE]} for name, listed in chosen.items()},
        "confidence": _CONFIDENCE,
        **{name: {"type": "string"} for name in more},
    }
    schema = _object({"columns": {"type": "array", "items": _object(properties)}})
    return LLMRequest(
        prompt=first.prompt,
        prompt_version=first.prompt_version,
        system=first.system,
        user=json.dumps({**json.loads(first.shared), "columns": columns}, ensure_ascii=False, sort_keys=True),
        answer_schema=json.dumps(schema, sort_keys=True),
    )


def entries_of(text: str, columns: int) -> Iterator[tuple[int, str]]:
    """What an answer says of each column, by the column's place, as JSON; a column with two answers has none."""
    parsed = _read(text)
    given = parsed.get("columns") if isinstance(parsed, dict) and set(parsed) == {"columns"} else None
    entries = [entry for entry in given if isinstance(entry, dict)] if isinstance(given, list) else []
    flat = [
        (place, entry)
        for entry in entries
        if _is_place(place := entry.get("index"), columns)
        and all(isinstance(said, str | int | float) for said in entry.values())
    ]
    answers = Counter(place for place, _ in flat)
    for place, entry in flat:
        if answers[place] == 1:
            yield place, json.dumps({name: said for name, said in entry.items() if name != "index"})


def entry_of(text: str, fields: Sequence[str]) -> tuple[dict[str, str], float] | None:
    """The texts of an entry that has just these fields and a confidence, and that confidence; None for any other."""
    entry = _read(text)
    if not isinstance(entry, dict) or set(entry) != {*fields, "confidence"}:
        return None
    confidence, texts = entry.pop("confidence"), entry
    if isinstance(confidence, bool) or not isinstance(confidence, int | float):
        return None
    if isinstance(confidence, float) and not isfinite(confidence):  # an integer may be too large to ask
        return None
    if not all(isinstance(said, str) for said in texts.values()):
        return None
    return texts, float(min(max(confidence, 0), 1))


def _object(properties: Mapping[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": dict(properties),
    }


def _read(text: str) -> object:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found


def _is_place(place: object, columns: int) -> TypeGuard[int]:
    return isinstance(place, int) and not isinstance(place, bool) and 0 <= place < columns
