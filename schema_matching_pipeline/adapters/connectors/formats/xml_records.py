"""XML: the elements that repeat under the root are the records of a table.

Attributes and inner elements become columns, repeated inner elements tables of their own. Entities are not
resolved and nothing is fetched; namespaces are left out of the names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from schema_matching_pipeline.adapters.connectors.catalog import FORMATS, FileTables, Setup
from schema_matching_pipeline.adapters.connectors.faults import translated
from schema_matching_pipeline.adapters.connectors.packing import opened
from schema_matching_pipeline.adapters.connectors.records import Nested, RecordTables
from schema_matching_pipeline.adapters.connectors.spilled import SpilledTable
from schema_matching_pipeline.errors import SourceUnreadableError

_Path = tuple[str, ...]


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


def _collect(path: Path, name: str, folder: Path) -> tuple[SpilledTable, ...]:
    """Streams the children of the root: those that repeat are records, the rest belongs to the root."""
    repeated = _repeated_paths(path)
    tags = {found[1] for found in repeated if len(found) == 2}
    records, rest = RecordTables(folder), dict[str, Nested]()
    for element, root in _children_of_root(path):
        tag = _tag(element)
        value = _record(element, (root, tag), repeated)
        if tag in tags:
            records.add(name if len(tags) == 1 else f"{name}_{tag}", value)
        else:
            rest[tag] = value
    if rest:
        records.add(name if not tags else f"{name}_document", rest)
    return records.finish()


def _events(path: Path) -> Iterator[tuple[str, etree._Element]]:
    with opened(path) as file:
        yield from etree.iterparse(
            file,
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=True,
        )


def _repeated_paths(path: Path) -> set[_Path]:
    """Paths of elements that occur more than once within the same parent, anywhere in the file."""
    trail: list[str] = []
    counts: list[Counter[str]] = [Counter()]
    repeated: set[_Path] = set()
    for event, element in _events(path):
        if event == "start":
            tag = _tag(element)
            counts[-1][tag] += 1
            trail.append(tag)
            if counts[-1][tag] > 1:
                repeated.add(tuple(trail))
            counts.append(Counter())
        else:
            trail.pop()
            counts.pop()
            _forget(element)
    return repeated


def _children_of_root(path: Path) -> Iterator[tuple[etree._Element, str]]:
    """Each child of the root, complete, with the root's tag; it is forgotten afterwards."""
    trail: list[str] = []
    for event, element in _events(path):
        if event == "start":
            trail.append(_tag(element))
            continue
        trail.pop()
        if len(trail) == 1:
            yield element, trail[0]
            _forget(element)


def _forget(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _record(element: etree._Element, path: _Path, repeated: set[_Path]) -> Nested:
    """An element as text, or as a record of its attributes and inner elements."""
    inner = [child for child in element if isinstance(child.tag, str)]
    text = (element.text or "").strip() or None
    if not inner and not element.attrib:
        return text
    tags = {_tag(child) for child in inner}
    record: dict[str, Nested] = {
        f"@{name}" if name in tags else name: value
        for name, value in ((_local(str(name)), str(value)) for name, value in element.attrib.items())
    }
    for child in inner:
        tag = _tag(child)
        value = _record(child, (*path, tag), repeated)
        if (*path, tag) in repeated:
            held = record.setdefault(tag, [])
            if isinstance(held, list):
                held.append(value)
        else:
            record[tag] = value
    if text and not inner:
        record["value"] = text
    return record


def _tag(element: etree._Element) -> str:
    return _local(str(element.tag))


def _local(name: str) -> str:
    return name.rsplit("}", maxsplit=1)[-1]
