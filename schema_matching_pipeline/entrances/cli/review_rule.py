"""The rule of an override, as a person gives it: steps by name, or a whole chain as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from schema_matching_pipeline.canon.rule_reader import SHOWN, rule_mistakes, step_names
from schema_matching_pipeline.errors import BadDecisionError
from schema_matching_pipeline.model.matching import Cast, TransformRule


def chosen_rule(
    cast: Cast | None, date_format: str | None, coerce: Sequence[str], rule: str | None, *, to: str | None
) -> TransformRule | None:
    """The rule that the options of a decision for the field ``to`` speak of; None where they speak of none.

    Raises:
        BadDecisionError: they contradict each other or name no field, or the rule has mistakes, all of which are named.
    """
    if sum((cast is not None, bool(coerce), rule is not None)) > 1 or (date_format and not cast):
        raise BadDecisionError("Say one of --cast, --coerce and --rule; --date-format goes with --cast.")
    if to is None and (cast or coerce or rule is not None):
        raise BadDecisionError("A rule belongs to a field: say --to ENTITY.FIELD with it.")
    if rule is not None:
        return _rule_of(_parsed(_text_of(rule)))
    if coerce:
        return _rule_of({"steps": [{"step": name} for name in coerce]})
    return TransformRule(cast=cast, date_format=date_format) if cast else None


def _text_of(given: str) -> str:
    """The JSON itself where the option holds it, else the text of the file that it names."""
    if given.lstrip().startswith(("{", "[")):
        return given
    try:
        return Path(given).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise _mistaken([f"{given[:SHOWN]!r} is neither JSON nor a text file that can be read"]) from error


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        place = f": {error.msg} at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise _mistaken([f"it is no JSON{place}"]) from error


def _rule_of(found: object) -> TransformRule:
    if mistakes := rule_mistakes(found):
        raise _mistaken([str(mistake) for mistake in mistakes])
    return TransformRule.model_validate(found)


def _mistaken(mistakes: Sequence[str]) -> BadDecisionError:
    listed = "\n".join(f"  - {mistake}" for mistake in mistakes)
    return BadDecisionError(
        f"The rule has {len(mistakes)} mistake(s); nothing was decided.\n{listed}\n"
        f"Steps: {', '.join(step_names())}.\n"
        'A step that needs more than its name is told by --rule: {"steps": [{"step": "substring", "start": 1, "length": 3}]}'
    )
