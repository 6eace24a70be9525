"""A rule as somebody wrote it: read, or every mistake in it at once, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import NamedTuple, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from schema_matching_pipeline.model.matching import TransformRule
from schema_matching_pipeline.model.rule import Step, early_conversion

SHOWN = 60  # characters of a name that is none
_STEP: TypeAdapter[Step] = TypeAdapter(Step)


class RuleMistake(NamedTuple):
    """One mistake: of the step with that number and name, at a place in it, where it is of one."""

    said: str
    step: int | None = None
    name: str = ""
    place: str = ""

    def __str__(self) -> str:
        """The mistake with its place.

        >>> print(RuleMistake("too small", step=2, name="substring", place="start"))
        step 2 (substring), start: too small
        """
        if self.step is None:
            return f"{self.place}: {self.said}" if self.place else self.said
        named = f"step {self.step}{f' ({self.name})' if self.name else ''}"
        return f"{named}, {self.place}: {self.said}" if self.place else f"{named}: {self.said}"


def step_names() -> tuple[str, ...]:
    """Every step a chain may have, in the order of the model."""
    union = get_args(Step)[0]
    return tuple(
        str(name)
        for kind in get_args(union)
        if issubclass(kind, BaseModel)
        for name in get_args(kind.model_fields["step"].annotation)
    )


def rule_mistakes(found: object) -> tuple[RuleMistake, ...]:
    """What is wrong with a rule of steps; nothing where it can be read.

    >>> [str(one) for one in rule_mistakes({"steps": [{"step": "trimm"}]})]
    ["step 1: there is no step 'trimm'; did you mean 'trim'?"]
    """
    steps = found.get("steps") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(steps, list) or not steps:
        return (RuleMistake("it is no object with a list of steps that holds at least one"),)
    return (*_of_steps(steps), *_around(found))


def _of_steps(steps: Sequence[object]) -> Iterator[RuleMistake]:
    known = step_names()
    names = [step.get("step") if isinstance(step, dict) else None for step in steps]
    for number, (step, name) in enumerate(zip(steps, names, strict=True), start=1):
        if name not in known:
            yield RuleMistake(_unknown(name, known), number)
            continue
        try:
            _STEP.validate_python(step)
        except ValidationError as error:
            for one in error.errors():
                place = ".".join(str(part) for part in one["loc"][1:])
                yield RuleMistake(_said(one["msg"]), number, str(name), place)
    if mistake := early_conversion([str(name) for name in names]):
        yield RuleMistake(mistake)


def _around(found: dict[object, object]) -> Iterator[RuleMistake]:
    try:
        TransformRule.model_validate({**found, "steps": [{"step": "trim"}]})
    except ValidationError as error:
        for one in error.errors():
            yield RuleMistake(_said(one["msg"]), place=".".join(str(part) for part in one["loc"]))


def _said(message: str) -> str:
    """What our own checks say, without what Pydantic puts before it."""
    return message.removeprefix("Value error, ")


def _unknown(name: object, known: Sequence[str]) -> str:
    if not isinstance(name, str):
        return 'it is no object with a step, such as {"step": "trim"}'
    close = get_close_matches(name, known, n=1)
    return f"there is no step {name[:SHOWN]!r}" + (f"; did you mean {close[0]!r}?" if close else "")
