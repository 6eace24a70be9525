"""A rule as a form: its steps one below the other, and what the values are read as in the end."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from schema_matching_pipeline.canon.rule_reader import RuleMistake, rule_mistakes
from schema_matching_pipeline.model.matching import Cast, TransformRule
from schema_matching_pipeline.model.rule import MapValues, Step, ToBoolean, ToDate, ToDecimal, ToInteger

MOST_STEPS = 20
_ARROW = "=>"
_NUMBER = re.compile("[0-9]{1,6}")
_DAY = re.compile(r"(?=.*%d)(?=.*%(m|b))(?=.*%[yY])")


class StepField(NamedTuple):
    """One thing that a step is told, how it is asked for, and what it is at first."""

    name: str
    label: str
    kind: Literal["text", "number", "choice", "codes", "kept"] = "text"
    first: str = ""
    choices: tuple[tuple[str, str], ...] = ()


class StepKind(NamedTuple):
    """A step as people choose it."""

    said: str
    fields: tuple[StepField, ...] = ()


STEP_KINDS: Mapping[str, StepKind] = {
    "trim": StepKind("without blanks around it"),
    "uppercase": StepKind("in capitals"),
    "lowercase": StepKind("in small letters"),
    "digits_only": StepKind("its digits alone"),
    "strip_leading_zeros": StepKind("without zeros in front"),
    "substring": StepKind(
        "some letters of it",
        (
            StepField("start", "from letter", "number", "1"),
            StepField("length", "so many", "number", "1"),
        ),
    ),
    "split_part": StepKind(
        "one part of it",
        (StepField("separator", "divided by", first="/"), StepField("part", "part", "number", "1")),
    ),
    "split_at": StepKind(
        "what stands before or after",
        (
            StepField(
                "side", "take what stands", "choice", "before", (("before", "before"), ("after", "after"))
            ),
            StepField(
                "which", "which one", "choice", "first", (("first", "the first"), ("last", "the last"))
            ),
            StepField("separator", "divided by", first=" "),
        ),
    ),
    "replace": StepKind(
        "with one text for another", (StepField("old", "instead of", first="-"), StepField("new", "put"))
    ),
    "map_values": StepKind(
        "codes for codes",
        (
            StepField("codes", f"one a line: old {_ARROW} new", "codes"),
            StepField(
                "otherwise",
                "any other value",
                "choice",
                "null",
                (("null", "becomes nothing, a failure"), ("keep", "stays as it is")),
            ),
            StepField("equivalence", "", "kept"),
        ),
    ),
    "default": StepKind(
        "a constant where it is empty", (StepField("value", "the constant", first="unknown"),)
    ),
}
"""The steps that a person may choose; what a value is read as is chosen at the end."""
READ_AS: Mapping[str, str] = {
    "": "text, as it is",
    Cast.NUMBER: "number",
    Cast.INTEGER: "whole number",
    Cast.BOOLEAN: "yes or no",
    Cast.DATE: "day",
    Cast.DATETIME: "moment",
    Cast.TIME: "time of day",
}
_CONVERSIONS: Mapping[str, str] = {
    Cast.NUMBER: "to_decimal",
    Cast.INTEGER: "to_integer",
    Cast.BOOLEAN: "to_boolean",
    Cast.DATE: "to_date",
}


@dataclass(frozen=True)
class RuleForm:
    """The form as it is filled in: of every step its name and the texts of its fields."""

    steps: tuple[Mapping[str, str], ...] = ()
    read: str = ""
    date_format: str = ""
    kept: str = ""  # a conversion with spellings of its own, which the form does not ask for

    def but_added(self, name: str) -> RuleForm:
        """With one more step, as it is told at first."""
        if name not in STEP_KINDS or len(self.steps) >= MOST_STEPS:
            return self
        fields = {each.name: each.first for each in STEP_KINDS[name].fields}
        return replace(self, steps=(*self.steps, {"step": name, **fields}))

    def but_without(self, place: int) -> RuleForm:
        """Without the step at a place."""
        return replace(self, steps=(*self.steps[:place], *self.steps[place + 1 :]))

    def but_earlier(self, place: int) -> RuleForm:
        """With the step at a place before the one that comes before it."""
        if not 0 < place < len(self.steps):
            return self
        moved = list(self.steps)
        moved[place - 1 : place + 1] = moved[place], moved[place - 1]
        return replace(self, steps=tuple(moved))


class ReadForm(NamedTuple):
    """What a form says: a rule, None for values as they are, or mistakes instead."""

    rule: TransformRule | None
    mistakes: tuple[RuleMistake, ...] = ()


def form_of(rule: TransformRule | None) -> RuleForm:
    """The form that says what a rule does."""
    if rule is None:
        return RuleForm()
    if not rule.steps:
        return RuleForm(read=rule.cast or "", date_format=rule.date_format or "")
    *before, last = rule.steps
    match last:
        case ToDate():
            return RuleForm(tuple(map(_texts, before)), Cast.DATE, last.format)
        case ToBoolean() if last != ToBoolean():
            return RuleForm(tuple(map(_texts, before)), Cast.BOOLEAN, kept=last.model_dump_json())
        case ToDecimal() | ToInteger() | ToBoolean():
            read = next(cast for cast, step in _CONVERSIONS.items() if step == last.step)
            return RuleForm(tuple(map(_texts, before)), read)
        case _:
            return RuleForm(tuple(map(_texts, rule.steps)))


def form_sent(sent: Mapping[str, str]) -> RuleForm:
    """The form as a browser sends it."""
    steps: list[Mapping[str, str]] = []
    while (name := sent.get(f"step-{len(steps)}", "")) in STEP_KINDS and len(steps) < MOST_STEPS:
        place = len(steps)
        fields = {each.name: sent.get(f"{each.name}-{place}", "") for each in STEP_KINDS[name].fields}
        steps.append({"step": name, **fields})
    read = sent.get("read", "")
    return RuleForm(
        tuple(steps),
        read if read in READ_AS else "",
        sent.get("date_format", "").strip(),
        sent.get("kept", "") if read == Cast.BOOLEAN else "",
    )


def read_form(form: RuleForm) -> ReadForm:
    """The rule that a form describes, or every mistake in it."""
    if not form.steps and form.read and not form.kept:
        return _cast(form)
    if not form.steps and not form.read:
        return ReadForm(None)
    found: list[object] = []
    mistakes: list[RuleMistake] = []
    for number, step in enumerate(form.steps, start=1):
        found.append(_found(step, number, mistakes))
    if form.read:
        conversion = _conversion(form)
        if conversion is None:
            mistakes.append(
                RuleMistake(
                    f"a {READ_AS[form.read]} is read from the column's own text, without steps", place="read"
                )
            )
        else:
            found.append(conversion)
    wrong = {(each.step, each.place.partition(".")[0]) for each in mistakes}
    mistakes += [
        each
        for each in rule_mistakes({"steps": found})
        if (each.step, each.place.partition(".")[0]) not in wrong
    ]
    if mistakes:
        return ReadForm(None, tuple(mistakes))
    return ReadForm(TransformRule.model_validate({"steps": found}))


def _cast(form: RuleForm) -> ReadForm:
    dated = form.read in {Cast.DATE, Cast.DATETIME} and form.date_format
    if dated and not _DAY.match(form.date_format):
        said = "it names a day (%d), a month (%m) and a year (%Y), such as %d.%m.%Y"
        return ReadForm(None, (RuleMistake(said, place="date_format"),))
    return ReadForm(TransformRule(cast=Cast(form.read), date_format=form.date_format if dated else None))


def _conversion(form: RuleForm) -> object:
    if kept := _json(form.kept):
        return kept
    if form.read not in _CONVERSIONS:
        return None
    told = {"format": form.date_format} if form.read == Cast.DATE and form.date_format else {}
    return {"step": _CONVERSIONS[form.read], **told}


def _found(step: Mapping[str, str], number: int, mistakes: list[RuleMistake]) -> dict[str, object]:
    """The step as a rule is written; what cannot be read is noted."""
    made: dict[str, object] = {"step": step["step"]}
    for each in STEP_KINDS[step["step"]].fields:
        text = step.get(each.name, "")
        match each.kind:
            case "number" if not _NUMBER.fullmatch(text.strip()):
                mistakes.append(RuleMistake("a whole number from 1 on", number, step["step"], each.name))
            case "number":
                made[each.name] = int(text)
            case "codes":
                made[each.name] = _codes(text, number, mistakes)
            case "kept":
                made[each.name] = _still_said(text, made["codes"])
            case _:
                made[each.name] = text
    return made


def _codes(text: str, number: int, mistakes: list[RuleMistake]) -> dict[str, str]:
    codes: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        old, arrow, new = line.partition(_ARROW)
        if not arrow:
            said = f"a line has no {_ARROW} between the old code and the new one"
            mistakes.append(RuleMistake(said, number, "map_values", "codes"))
            break
        codes[old.strip()] = new.strip()
    else:
        if not codes:
            mistakes.append(RuleMistake("at least one code", number, "map_values", "codes"))
    return codes


def _still_said(text: str, codes: object) -> dict[str, str]:
    """What was said of codes, as far as it fits those that are left."""
    known = codes if isinstance(codes, dict) else {}
    return {code: str(how) for code, how in _json(text).items() if (how == "unmatched") != (code in known)}


def _json(text: str) -> dict[str, object]:
    """An object that the form carries along; nothing where somebody made something else of it."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _texts(step: Step) -> Mapping[str, str]:
    told = step.model_dump(mode="json")
    if isinstance(step, MapValues):
        told["codes"] = "\n".join(f"{old} {_ARROW} {new}" for old, new in step.codes.items())
        told["equivalence"] = json.dumps(step.equivalence)
    return {name: str(value) for name, value in told.items()}
