"""XML: the elements that repeat under the root are the records of a table.

Attributes and inner elements become columns, repeated inner elements tables of their own. The file is read record by
record, wherever in it they begin to repeat. Files that declare entities are refused and nothing is fetched;
namespaces are left out of the names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from lxml import etree

from schema_matching_pipeline.adapters.connectors.catalog import FORMATS, FileTables, Setup
from schema_matching_pipeline.adapters.connectors.faults import translated
from schema_matching_pipeline.adapters.connectors.nested import Nested
from schema_matching_pipeline.adapters.connectors.packing import opened
from schema_matching_pipeline.adapters.connectors.record_shape import Shape
from schema_matching_pipeline.adapters.connectors.records import RecordTables, read_alone, read_together
from schema_matching_pipeline.errors import SourceError, SourceUnreadableError

_CHILD = 2  # how deep the children of the root are
_DEEPEST = 200
_LARGE_BYTES = 8 * 1024 * 1024


class XmlRecords:
    """Reads XML files of records."""

    suffixes: tuple[str, ...] = (".xml",)

    def tables(self, path: Path, name: str, setup: Setup) -> FileTables:
        """The tables of the file.

        Raises:
            SourceUnreadableError: it is not well-formed; the message names the line.
        """
        plan = _Plan()
        with translated(path.name, table=name):
            _look(path, plan, name)
            return read_alone(
                path,
                name,
                setup.folder,
                lambda records: _read(path, name, plan, records),
                whole=[_document_of(name, plan)],
            )

    def shape(self, path: Path) -> Shape | None:
        """The names in the file; of a large one nothing.

        Raises:
            SourceUnreadableError: it is not well-formed; the message names the line.
        """
        if path.stat().st_size > _LARGE_BYTES:
            return None
        plan = _Plan()
        with translated(path.name):
            _look(path, plan, path.stem)
        names = frozenset(plan.top.names())
        return Shape(names, (), is_document=any(not place.repeats for place in plan.root.by_name.values()))

    def together(self, paths: Sequence[Path], name: str, setup: Setup) -> FileTables:
        """The tables of all files; what repeats in one of them is a table for all."""
        plan, broken = _Plan(), dict[Path, SourceError]()
        for path in paths:
            try:
                with translated(path.name, table=name):
                    _look(path, plan, name)
            except SourceError as error:
                broken[path] = error

        def read(path: Path, records: RecordTables) -> None:
            if path in broken:
                raise broken[path]
            _read(path, name, plan, records)

        whole = [_document_of(name, plan)] if len(broken) < len(paths) else []
        return read_together(paths, name, setup.folder, read, whole)


FORMATS.register("xml")(XmlRecords())


@dataclass(slots=True, eq=False)
class _Place:
    """Where in a file elements stand, one name below another; and what the first look at the file finds of it.

    It ``repeats`` where it occurs more than once within one parent; ``streamed`` are the outermost of these, where
    each is a record and none a plain text: they are taken out one by one, and what they are in is ``emptied``.
    """

    name: str
    depth: int
    repeats: bool = False
    is_plain: bool = False
    is_streamed: bool = False
    is_emptied: bool = False
    last_parent: int | None = None
    by_tag: dict[str, _Place] = field(default_factory=dict)
    by_name: dict[str, _Place] = field(default_factory=dict)

    def below(self, tag: str) -> _Place:
        """The place of an element with this tag in one that stands here; the namespace does not count."""
        found = self.by_tag.get(tag)
        if found is None:
            name = _local(tag)
            found = self.by_name.setdefault(name, _Place(name, self.depth + 1))
            self.by_tag[tag] = found
        return found

    def names(self, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        """The names below, each with the way to it."""
        for name, inner in self.by_name.items():
            yield (*place, name)
            yield from inner.names((*place, name))

    def read_tags(self) -> Iterator[str]:
        """The tags of what is taken out further in, and of the children of the root."""
        for tag, place in self.by_tag.items():
            if place.is_streamed or place.depth == _CHILD:
                yield tag
        for place in self.by_name.values():
            yield from place.read_tags()


@dataclass(slots=True)
class _Plan:
    """What the first look at files finds: their root as a place, the attributes of each, and how many elements there are."""

    top: _Place = field(default_factory=lambda: _Place("", 0))
    attributes: dict[Path, dict[str, Nested]] = field(default_factory=dict)
    begun: int = 0

    @property
    def root(self) -> _Place:
        """The outermost element."""
        return next(iter(self.top.by_name.values()))

    @property
    def streamed(self) -> frozenset[str]:
        """The names of what repeats directly below the root."""
        return frozenset(place.name for place in self.root.by_name.values() if place.is_streamed)


def _document_of(name: str, plan: _Plan) -> str:
    """What the table of the rest is called."""
    return f"{name}_document" if plan.streamed else name


def _read(path: Path, name: str, plan: _Plan, records: RecordTables) -> None:
    """Streams the records: what repeats directly below the root is tables, the rest belongs to the document."""
    names, document = plan.streamed, _document_of(name, plan)
    rest = {} if names else dict(plan.attributes[path])
    key = records.next_key(document)
    for element, trail in _elements(path, plan):
        place, value = trail[-1], _record(element, trail[-1])
        if place.is_streamed and place.depth == _CHILD:
            records.add(name if len(names) == 1 else f"{name}_{place.name}", value)
        elif place.is_streamed:
            table = "_".join((document, *(one.name for one in trail)))
            records.add(table, value, parent=document, parent_key=key)
        elif value is not None or not place.is_emptied:
            rest[place.name] = value
    if rest:
        records.add(document, rest)


def _look(path: Path, plan: _Plan, name: str) -> None:
    """Looks once at the whole file.

    Raises:
        SourceUnreadableError: it is not well-formed; the message names the line.
    """
    try:
        _look_at(path, plan)
    except etree.XMLSyntaxError as error:
        raise SourceUnreadableError(
            f"Table {name!r} cannot be read: line {error.lineno or 1} of {path.name!r} is not well-formed XML. Mend the file or export it again.",
            source=path.name,
            table=name,
            reason="UNREADABLE",
        ) from None
    _mark_streamed(plan.root)


def _look_at(path: Path, plan: _Plan) -> None:
    # What is open: the place, the number of the element, and whether it holds any; numbers begin at one.
    trail, numbers, holding = [plan.top], [plan.begun], [False]
    with opened(path) as file:
        for event, element in _parser(file, ("start", "end")):
            if event == "start":
                place = trail[-1].below(element.tag)
                if place.last_parent == numbers[-1]:
                    place.repeats = True
                place.last_parent, holding[-1] = numbers[-1], True
                plan.begun += 1
                trail.append(place)
                numbers.append(plan.begun)
                holding.append(False)
                if path not in plan.attributes:
                    _refuse_entities(element, path)
                    plan.attributes[path] = _attributes(element, set())
                if place.depth > _DEEPEST:
                    raise _refused(
                        path,
                        f"nests elements more than {_DEEPEST} deep, as no export does. Export it in another format",
                    )
                continue
            place = trail.pop()
            numbers.pop()
            if not holding.pop() and not place.is_plain:
                place.is_plain = not element.attrib
            if place.repeats or place.depth <= _CHILD:
                _forget(element)


def _mark_streamed(place: _Place) -> bool:
    """Marks what is taken out one by one, below a place that does not repeat; says whether there is any."""
    for inner in place.by_name.values():
        if inner.repeats:
            inner.is_streamed = inner.depth == _CHILD or not inner.is_plain
        else:
            inner.is_emptied = _mark_streamed(inner)
    return any(inner.is_streamed or inner.is_emptied for inner in place.by_name.values())


def _elements(path: Path, plan: _Plan) -> Iterator[tuple[etree._Element, list[_Place]]]:
    """Each streamed element and each child of the root, with the places it is in from there on; forgotten afterwards."""
    held: etree._Element | None = None
    with opened(path) as file:
        for _, element in _parser(file, ("end",), sorted(set(plan.root.read_tags()))):
            trail = _trail(element, plan.root)
            if trail and trail[-1].is_streamed:
                yield element, trail
                element.clear()
                _drop(held)
                held = element
            elif len(trail) == 1:
                held = None
                yield element, trail
                _forget(element)


def _parser(
    file: IO[bytes], events: tuple[str, ...], tags: Sequence[str] | None = None
) -> Iterator[tuple[str, etree._Element]]:
    """Elements as they begin or end; nothing that a file declares is fetched or put in its place."""
    parsed: Iterator[tuple[str, etree._Element]] = etree.iterparse(
        file,
        events=events,
        tag=tags,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
    )
    return parsed


def _trail(element: etree._Element, root: _Place) -> list[_Place]:
    """The places an element is in, without the root."""
    tags = [str(element.tag), *(str(outer.tag) for outer in element.iterancestors())]
    trail, place = list[_Place](), root
    for tag in reversed(tags[:-1]):
        place = place.below(tag)
        trail.append(place)
    return trail


def _refuse_entities(root: etree._Element, path: Path) -> None:
    """Attributes are expanded whatever the parser is told, a few lines to gigabytes."""
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and declared.entities():  # type: ignore[attr-defined]  # the stubs do not know it
        raise _refused(path, "declares entities of its own, which can do harm. Export it without them")


def _refused(path: Path, what: str) -> SourceUnreadableError:
    return SourceUnreadableError(f"The file {path.name!r} {what}.", source=path.name, reason="UNREADABLE")


def _drop(element: etree._Element | None) -> None:
    """Takes an element that was dealt with out of its parent; the one being read must stay a while."""
    parent = element.getparent() if element is not None else None
    if element is not None and parent is not None:
        parent.remove(element)


def _forget(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _record(element: etree._Element, place: _Place) -> Nested:
    """An element as text, or as a record of its attributes and inner elements."""
    text = (element.text or "").strip() or None
    attributes = element.items()
    if not attributes and not len(element):
        return text
    inner = [
        (child, inside)
        for child in element
        if isinstance(child.tag, str) and not (inside := place.below(child.tag)).is_streamed
    ]
    if not inner and not attributes:
        return text
    record = _attributes(element, {inside.name for _, inside in inner}) if attributes else {}
    for child, inside in inner:
        value = _record(child, inside)
        if value is None and inside.is_emptied:
            continue
        if inside.repeats:
            held = record.setdefault(inside.name, [])
            if isinstance(held, list):
                held.append(value)
        else:
            record[inside.name] = value
    if text and not inner:
        record["value"] = text
    return record


def _attributes(element: etree._Element, names: set[str]) -> dict[str, Nested]:
    """The attributes; one that is called like an inner element gets a sign before its name."""
    named = ((_local(str(name)), str(value)) for name, value in element.items())
    return {f"@{name}" if name in names else name: value for name, value in named}


def _local(name: str) -> str:
    return name.rsplit("}", maxsplit=1)[-1]
