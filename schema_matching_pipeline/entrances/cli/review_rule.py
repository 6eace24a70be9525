"""The rule of an override, as a person gives it: steps by name, or a whole chain as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from schema_matching_pipeline.errors import BadDecisionError
from schema_matching_pipeline.model.matching import Cast, TransformRule
from schema_matching_pipeline.model.rule import Step, early_conversion

SHOWN = 60  # characters of a name that is none
_STEP: TypeAdapter[Step] = TypeAdapter(Step)


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


def step_names() -> tuple[str, ...]:
    """Every step a chain may have, in the order of the model."""
    union = get_args(Step)[0]
    return tuple(
        str(name)
        for kind in get_args(union)
        if issubclass(kind, BaseModel)
        for name in get_args(kind.model_fields["step"].annotation)
    )


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
    steps = found.get("steps") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(steps, list) or not steps:
        raise _mistaken(["it is no object with a list of steps that holds at least one"])
    if mistakes := [*_mistakes_of_steps(steps), *_mistakes_around(found)]:
        raise _mistaken(mistakes)
    return TransformRule.model_validate(found)


def _mistakes_of_steps(steps: Sequence[object]) -> Iterator[str]:
    known = step_names()
    names = [step.get("step") if isinstance(step, dict) else None for step in steps]
    for number, (step, name) in enumerate(zip(steps, names, strict=True), start=1):
        if name not in known:
            yield f"step {number}: {_unknown(name, known)}"
            continue
        try:
            _STEP.validate_python(step)
        except ValidationError as error:
            for one in error.errors():
                place = ".".join(str(part) for part in one["loc"][1:])
                yield f"step {number} ({name}){', ' if place else ''}{place}: {one['msg']}"
    if mistake := early_conversion([str(name) for name in names]):
        yield mistake


def _mistakes_around(found: dict[object, object]) -> Iterator[str]:
    try:
        TransformRule.model_validate({**found, "steps": [{"step": "trim"}]})
    except ValidationError as error:
        for one in error.errors():
            place = ".".join(str(part) for part in one["loc"])
            yield f"{place}{': ' if place else ''}{one['msg']}"


def _unknown(name: object, known: Sequence[str]) -> str:
    if not isinstance(name, str):
        return 'it is no object with a step, such as {"step": "trim"}'
    close = get_close_matches(name, known, n=1)
    return f"there is no step {name[:SHOWN]!r}" + (f"; did you mean {close[0]!r}?" if close else "")


def _mistaken(mistakes: Sequence[str]) -> BadDecisionError:
    listed = "\n".join(f"  - {mistake}" for mistake in mistakes)
    return BadDecisionError(
        f"The rule has {len(mistakes)} mistake(s); nothing was decided.\n{listed}\n"
        f"Steps: {', '.join(step_names())}.\n"
        'A step that needs more than its name is told by --rule: {"steps": [{"step": "substring", "start": 1, "length": 3}]}'
    )
