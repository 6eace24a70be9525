"""The REST interface for a person to read: routes by subject, what each takes, gives and needs, made from the OpenAPI document."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, urlencode

from pydantic import JsonValue

from schema_matching_pipeline.entrances.api.described import Document, Operation, Shape
from schema_matching_pipeline.entrances.api.needed import Anybody
from schema_matching_pipeline.model.access import MATRIX, Permission

_PLAIN = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "nothing",
    "object": "object",
}
_FORMATS = {"date-time": "moment", "date": "day", "uuid": "UUID", "password": "text", "binary": "file"}
_DEEPEST = 4  # things within things that an example shows
_STANDS_FOR: Mapping[str, JsonValue] = {
    "string": "...",
    "integer": 1,
    "number": 0.5,
    "boolean": True,
    "object": {},
}
JSON = "application/json"

Things = Mapping[str, Shape]


@dataclass(frozen=True)
class Kind:
    """What a value is, in words; ``thing`` stands between ``before`` and ``after`` and is described by itself."""

    before: str
    thing: str | None = None
    after: str = ""


@dataclass(frozen=True)
class Field:
    """One value that is sent or comes back."""

    name: str
    kind: Kind
    required: bool
    meaning: str
    default: str = ""


@dataclass(frozen=True)
class Thing:
    """An object with its fields."""

    name: str
    meaning: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Given:
    """What comes back under one status where all goes well."""

    status: str
    kind: Kind | None
    forms: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """What may come back instead."""

    status: str
    meaning: str


@dataclass(frozen=True)
class Route:
    """One route."""

    anchor: str
    method: str
    path: str
    summary: str
    does: tuple[str, ...]
    needs: str
    parameters: tuple[Field, ...]
    body: Thing | None
    body_is_needed: bool
    given: tuple[Given, ...]
    faults: tuple[str, ...]
    example: str


@dataclass(frozen=True)
class Subject:
    """The routes of one subject, and the things they speak of."""

    name: str
    slug: str
    routes: tuple[Route, ...]
    things: tuple[Thing, ...]


@dataclass(frozen=True)
class Reference:
    """Every subject, and the faults that every route may answer with."""

    subjects: tuple[Subject, ...]
    faults: tuple[Fault, ...]

    def subject(self, slug: str) -> Subject | None:
        """The subject of that name in an address."""
        return next((each for each in self.subjects if each.slug == slug), None)


def reference_of(document: Mapping[str, object], address: str) -> Reference:
    """The document for a person; its examples are sent to ``address``."""
    read = Document.model_validate(document)
    things = read.components.things
    by_tag: dict[str, list[tuple[str, str, Operation]]] = {}
    faults: dict[str, str] = {}
    for path, operations in read.paths.items():
        for method, operation in operations.items():
            by_tag.setdefault(operation.tags[0], []).append((path, method.upper(), operation))
            faults |= {
                status: each.description for status, each in operation.answers.items() if status >= "4"
            }
    subjects = tuple(
        Subject(
            name=tag,
            slug=tag.replace(" ", "-"),
            routes=tuple(_route(*each, things, address) for each in found),
            things=tuple(_thing(name, things) for name in sorted(_spoken_of(found, things))),
        )
        for tag, found in sorted(by_tag.items())
    )
    return Reference(subjects, tuple(Fault(*each) for each in sorted(faults.items())))


def _route(path: str, method: str, operation: Operation, things: Things, address: str) -> Route:
    body = _body(operation)
    return Route(
        anchor=f"{method}{path}".lower().translate(str.maketrans("/", "-", "{}")),
        method=method,
        path=path,
        summary=operation.summary,
        does=_paragraphs(operation.description),
        needs=_in_words(operation.needs),
        parameters=tuple(
            Field(
                name=each.name,
                kind=_kind(each.shape, things),
                required=each.required,
                meaning=_paragraphs(each.description)[0],
                default=_default(each.shape),
            )
            for each in operation.parameters
        ),
        body=_thing(body, things) if body else None,
        body_is_needed=bool(operation.body and operation.body.required),
        given=tuple(_given(operation, things)),
        faults=tuple(status for status in operation.answers if status >= "4"),
        example=_example(path, method, operation, things, address),
    )


def _in_words(needs: str) -> str:
    """Who may ask: a permission with the roles that hold it, or what stands in its place."""
    if needs not in tuple(Permission):
        return needs
    able = ", ".join(role for role, held in MATRIX.items() if Permission(needs) in held)
    return f"{needs.replace('_', ' ')} ({able})"


def _body(operation: Operation) -> str | None:
    """The name of what is sent."""
    if operation.body is None:
        return None
    shape = operation.body.content[JSON].shape
    return next(each.thing for each in (shape, *shape.any_of) if each.thing)


def _given(operation: Operation, things: Things) -> Iterator[Given]:
    for status, answer in operation.answers.items():
        if status < "4":
            shape = answer.content[JSON].shape if JSON in answer.content else None
            told = f"{status} {HTTPStatus(int(status)).phrase}"
            yield Given(told, _kind(shape, things) if shape else None, tuple(answer.content))


def _thing(name: str, things: Things) -> Thing:
    shape = things[name]
    fields = (
        Field(
            name=each,
            kind=_kind(of, things),
            required=each in shape.required,
            meaning=_paragraphs(of.description)[0],
            default=_default(of),
        )
        for each, of in shape.properties.items()
    )
    return Thing(name, _paragraphs(shape.description)[0], tuple(fields))


def _paragraphs(text: str) -> tuple[str, ...]:
    """What a docstring says, with single backticks around what is code."""
    return tuple(text.replace("``", "`").split("\n\n"))


def _default(shape: Shape) -> str:
    return "" if shape.default is None else json.dumps(shape.default, ensure_ascii=False)


def _spoken_of(found: Iterable[tuple[str, str, Operation]], things: Things) -> set[str]:
    """The things with fields of their own that the answers name, or the bodies, or one of these."""
    known: set[str] = set()
    for _, _, operation in found:
        body = _body(operation)
        shapes = [
            each.content[JSON].shape
            for key, each in operation.answers.items()
            if key < "4" and JSON in each.content
        ]
        left = [*shapes, *(things[body].properties.values() if body else ())]
        while left:
            shape = left.pop()
            left += [*shape.any_of, *shape.one_of, *shape.prefix_items, *_inside(shape)]
            if shape.thing and shape.thing not in known and things[shape.thing].properties:
                known.add(shape.thing)
                left += things[shape.thing].properties.values()
    return known


def _inside(shape: Shape) -> Iterator[Shape]:
    if shape.items:
        yield shape.items
    if isinstance(shape.others, Shape):
        yield shape.others


def _kind(shape: Shape, things: Things) -> Kind:
    """What a value is, in words."""
    if shape.thing:
        named = things[shape.thing]
        return Kind("", shape.thing) if named.properties else _kind(named, things)
    if choices := shape.any_of or shape.one_of:
        return _either(choices, things)
    if shape.items or isinstance(shape.others, Shape):
        inner = _kind(next(_inside(shape)), things)
        return Kind(f"{'list' if shape.items else 'object'} of {inner.before}", inner.thing, inner.after)
    return Kind(_plain(shape, things))


def _plain(shape: Shape, things: Things) -> str:
    """The words of what names no thing that is described by itself."""
    if shape.enum:
        return f"one of {', '.join(map(str, shape.enum))}"
    if shape.const is not None:
        return json.dumps(shape.const)
    if shape.prefix_items:
        return f"list of {', '.join(_text(_kind(each, things)) for each in shape.prefix_items)}"
    known = _FORMATS.get(shape.format or "") or _PLAIN.get(shape.type or "", "any value")
    return f"{known}{_limits(shape)}"


def _either(choices: Iterable[Shape], things: Things) -> Kind:
    kinds = [_kind(each, things) for each in choices if each.type != "null"]
    nothing = " or nothing" if any(each.type == "null" for each in choices) else ""
    if len(kinds) == 1:
        return Kind(kinds[0].before, kinds[0].thing, f"{kinds[0].after}{nothing}")
    return Kind(f"{' or '.join(map(_text, kinds))}{nothing}")


def _text(kind: Kind) -> str:
    return f"{kind.before}{kind.thing or ''}{kind.after}"


def _limits(shape: Shape) -> str:
    if shape.greatest_length is not None:
        return f", at most {shape.greatest_length:,} characters"
    match shape.minimum, shape.maximum:
        case None, None:
            return ""
        case least, None:
            return f", {least:,.10g} at least"
        case None, most:
            return f", {most:,.10g} at most"
        case least, most:
            return f" from {least:,.10g} to {most:,.10g}"


def _example(path: str, method: str, operation: Operation, things: Things, address: str) -> str:
    """The request as a line for a shell, with a login and its key in variables."""
    place, query = path, []
    for each in operation.parameters:
        value = str(_sample(each.shape, things))
        if each.place == "path":
            place = place.replace(f"{{{each.name}}}", quote(value, safe=""))
        elif each.required:
            query.append((each.name, value))
    words = ["curl", "-u", '"$LOGIN:$KEY"'] if operation.needs != Anybody.NOBODY_KNOWN else ["curl"]
    if method != "GET":
        words += ["-X", method]
    words.append(shlex.quote(f"{address}{place}{'?' if query else ''}{urlencode(query)}"))
    if body := _body(operation):
        words += [
            "-H",
            "'Content-Type: application/json'",
            "-d",
            shlex.quote(_as_json(_sample(things[body], things))),
        ]
    return " ".join(words)


def _as_json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)


def _sample(shape: Shape, things: Things, depth: int = 0) -> JsonValue:
    """A value of that shape: its first example, else one that stands for any."""
    choices = [each for each in (*shape.any_of, *shape.one_of) if each.type != "null"]
    told = (*shape.examples, shape.const, shape.default, *shape.enum)
    if known := [each for each in told if each is not None]:
        return known[0]
    if shape.thing or choices:
        return _sample(things[shape.thing] if shape.thing else choices[0], things, depth)
    if shape.properties and depth < _DEEPEST:
        telling = [name for name, of in shape.properties.items() if name in shape.required or of.examples]
        shown = {name: shape.properties[name] for name in telling or [*shape.properties][:1]}
        return {name: _sample(of, things, depth + 1) for name, of in shown.items()}
    return [_sample(shape.items, things, depth)] if shape.items else _STANDS_FOR.get(shape.type or "")
