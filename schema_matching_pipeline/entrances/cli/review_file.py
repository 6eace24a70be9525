"""Decisions from a CSV file, all mistakes reported at once."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

from schema_matching_pipeline.errors import ConfigurationError, UsageError
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.review import Decision, DecisionKind

HEADER = ("item", "decision", "field", "reason")
BEYOND = "beyond the header"


def read_decisions(path: Path) -> tuple[Decision, ...]:
    """The decisions of a CSV with the columns item, decision, field and reason; ``-`` reads standard input.

    Raises:
        ConfigurationError: rows are wrong; each is named with its line.
    """
    rows = csv.DictReader(io.StringIO(_text(path), newline=""), restkey=BEYOND)
    missing = [name for name in HEADER[:2] if name not in (rows.fieldnames or ())]
    if missing:
        raise ConfigurationError(str(path), [f"line 1: column {name!r} is missing" for name in missing])
    decisions, mistakes = [], []
    for row in rows:
        try:
            decisions.append(_decision(row))
        except ValueError as error:
            mistakes.append(f"line {rows.line_num}: {error}")
    if mistakes:
        raise ConfigurationError(str(path), mistakes)
    return tuple(decisions)


def _text(path: Path) -> str:
    if str(path) == "-":
        return sys.stdin.read()
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(
            f"There is no file {path}. Give a CSV with the columns {', '.join(HEADER)}."
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            str(path), [f"byte {error.start}: not UTF-8; save the file as UTF-8"]
        ) from None


def _decision(row: dict[str, str]) -> Decision:
    known = ", ".join(DecisionKind)
    if BEYOND in row:
        raise ValueError(f"more cells than the {len(HEADER)} columns; put a reason with commas in quotes")
    word, field = (row.get("decision") or "").strip(), (row.get("field") or "").strip()
    if word not in set(DecisionKind):
        raise ValueError(f"{word!r} is no decision; known: {known}")
    if not (row.get("item") or "").strip():
        raise ValueError("the item is missing")
    if field and field.count(".") != 1:
        raise ValueError(f"{field!r} is not of the form entity.field")
    target = FieldRef(entity=field.split(".")[0], field=field.split(".")[1]) if field else None
    return Decision(
        item_id=row["item"].strip(),
        kind=DecisionKind(word),
        target=target,
        reason=(row.get("reason") or "").strip(),
    )
