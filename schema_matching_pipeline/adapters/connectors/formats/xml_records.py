"""XML: the elements that repeat under the root are the records of a table.

Attributes and inner elements become columns, repeated inner elements tables of their own. The file is read record by
record, wherever in it they begin to repeat. Files that declare entities are refused and nothing is fetched;
namespaces are left out of the names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lxml import etree

from schema_matching_pipeline.adapters.connectors.catalog import FORMATS, FileTables, Setup
from schema_matching_pipeline.adapters.connectors.faults import translated
from schema_matching_pipeline.adapters.connectors.packing import opened
from schema_matching_pipeline.adapters.connectors.records import Nested, RecordTables
from schema_matching_pipeline.adapters.connectors.spilled import SpilledTable
from schema_matching_pipeline.errors import SourceUnreadableError

_Path = tuple[str, ...]

_DEEPEST = 200


class XmlRecords:
    """Reads XML files of records."""

    suffixes: tuple[str, ...] = (".xml",)

    def tables(self, path: Path, name: str, setup: Setup) -> FileTables:
        """The tables of the file.

        Raises:
            SourceUnreadableError: it is not well-formed; the message names the line.
        """
        with translated(path.name, table=name):
            try:
                return FileTables(_collect(path, name, setup.folder))
            except etree.XMLSyntaxError as error:
                raise SourceUnreadableError(
                    f"Table {name!r} cannot be read: line {error.lineno or 1} of {path.name!r} is not well-formed XML. Mend the file or export it again.",
                    source=path.name,
                    table=name,
                    reason="UNREADABLE",
                ) from None


FORMATS.register("xml")(XmlRecords())


@dataclass(frozen=True)
class _Plan:
    """What the first look at a file finds: the paths that repeat, and those taken out one by one in the second.

    ``streamed`` are the outermost that repeat, where each is a record and none a plain text.
    """

    repeated: frozenset[_Path]
    streamed: frozenset[_Path]

    @cached_property
    def emptied(self) -> frozenset[_Path]:
        """The paths of what streamed elements were taken out of."""
        return frozenset(found[:end] for found in self.streamed for end in range(1, len(found)))


def _collect(path: Path, name: str, folder: Path) -> tuple[SpilledTable, ...]:
    """Streams the records: what repeats directly below the root is tables, the rest belongs to the document."""
    plan = _plan(path)
    tags = {found[1] for found in plan.repeated if len(found) == 2}
    document = f"{name}_document" if tags else name
    records, rest = RecordTables(folder), dict[str, Nested]()
    for element, trail in _elements(path, plan.streamed):
        if len(trail) == 1:
            rest |= {} if tags else _attributes(element, set())
        elif len(trail) == 2 and trail in plan.repeated:
            table = name if len(tags) == 1 else f"{name}_{trail[1]}"
            records.add(table, _record(element, trail, plan))
        elif trail in plan.streamed:
            table = "_".join((document, *trail[1:]))
            records.add(table, _record(element, trail, plan), parent=document, parent_key="1")
        elif (value := _record(element, trail, plan)) is not None or trail not in plan.emptied:
            rest[trail[1]] = value
    if rest:
        records.add(document, rest)
    return records.finish()


def _events(path: Path) -> Iterator[tuple[str, etree._Element, _Path]]:
    """Beginnings and ends of elements, with their tags from the root on.

    Raises:
        SourceUnreadableError: the file declares entities, or nests beyond measure: made to do harm.
    """
    trail: list[str] = []
    with opened(path) as file:
        parser = etree.iterparse(
            file,
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=True,
        )
        for event, element in parser:
            if event == "start":
                if not trail:
                    _refuse_entities(element, path)
                trail.append(_tag(element))
                if len(trail) > _DEEPEST:
                    raise _refused(
                        path,
                        f"nests elements more than {_DEEPEST} deep, as no export does. Export it in another format",
                    )
            yield event, element, tuple(trail)
            if event == "end":
                trail.pop()


def _refuse_entities(root: etree._Element, path: Path) -> None:
    """Attributes are expanded whatever the parser is told, a few lines to gigabytes."""
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and declared.entities():  # type: ignore[attr-defined]  # the stubs do not know it
        raise _refused(path, "declares entities of its own, which can do harm. Export it without them")


def _refused(path: Path, what: str) -> SourceUnreadableError:
    return SourceUnreadableError(f"The file {path.name!r} {what}.", source=path.name, reason="UNREADABLE")


def _plan(path: Path) -> _Plan:
    """Paths of elements that occur more than once within the same parent, anywhere in the file."""
    counts: list[Counter[str]] = [Counter()]
    repeated, plain = set[_Path](), set[_Path]()
    for event, element, trail in _events(path):
        if event == "start":
            counts[-1][trail[-1]] += 1
            if counts[-1][trail[-1]] > 1:
                repeated.add(trail)
            counts.append(Counter())
            continue
        if not counts.pop() and not element.attrib:
            plain.add(trail)
        _forget(element)
    outermost = {
        found for found in repeated if not any(found[:end] in repeated for end in range(2, len(found)))
    }
    return _Plan(
        frozenset(repeated), frozenset(found for found in outermost if len(found) == 2 or found not in plain)
    )


def _elements(path: Path, streamed: frozenset[_Path]) -> Iterator[tuple[etree._Element, _Path]]:
    """The root as it begins, then each streamed element and each child of the root; forgotten afterwards."""
    held: etree._Element | None = None
    for event, element, trail in _events(path):
        if event == "start":
            if len(trail) == 1:
                yield element, trail
            continue
        if trail in streamed:
            yield element, trail
            element.clear()
            _drop(held)
            held = element
        elif len(trail) == 2:
            held = None
            yield element, trail
            _forget(element)


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


def _record(element: etree._Element, path: _Path, plan: _Plan) -> Nested:
    """An element as text, or as a record of its attributes and inner elements."""
    inner = [
        child for child in element if isinstance(child.tag, str) and (*path, _tag(child)) not in plan.streamed
    ]
    text = (element.text or "").strip() or None
    if not inner and not element.attrib:
        return text
    record = _attributes(element, {_tag(child) for child in inner})
    for child in inner:
        tag = _tag(child)
        value = _record(child, (*path, tag), plan)
        if value is None and (*path, tag) in plan.emptied:
            continue
        if (*path, tag) in plan.repeated:
            held = record.setdefault(tag, [])
            if isinstance(held, list):
                held.append(value)
        else:
            record[tag] = value
    if text and not inner:
        record["value"] = text
    return record


def _attributes(element: etree._Element, tags: set[str]) -> dict[str, Nested]:
    """The attributes; one that is called like an inner element gets a sign before its name."""
    named = ((_local(str(name)), str(value)) for name, value in element.attrib.items())
    return {f"@{name}" if name in tags else name: value for name, value in named}


def _tag(element: etree._Element) -> str:
    return _local(str(element.tag))


def _local(name: str) -> str:
    return name.rsplit("}", maxsplit=1)[-1]
