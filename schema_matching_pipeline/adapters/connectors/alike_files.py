"""Files of one folder that hold the same kind of records, to be read as one: one file per patient, per page, per part.

What speaks for it is that they have the same shape, and their names: names that are alike but for a number or another
identifier; names that hold long identifiers, whatever else is in them; or, of files that are a single record each,
that there are many names in them, or a text that no two of them share. Lists of codes and names have one shape, too,
and stay tables of their own; so do files whose names end in the numbers of versions, as no parts are counted. The table is called after what the names share, else after the folder: never after one
of the files, which may be called after persons.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from schema_matching_pipeline.adapters.connectors.dated_exports import is_dated
from schema_matching_pipeline.adapters.connectors.record_kinds import kind_field
from schema_matching_pipeline.adapters.connectors.record_shape import Shape
from schema_matching_pipeline.canon.given_names import names_a_person

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_LONG = re.compile(rf"{_UUID}|(?<![^\W_])(?=[a-fA-F]*\d)[0-9a-fA-F]{{8,}}(?![^\W_])|\d{{4,}}")
_SHORT = re.compile(r"\d+")
_ENDS = " _-.()[]"
_LEAST_ALIKE = 0.7
_FEWEST = 3  # files whose names say nothing
_MANY_NAMES = 20
_FEWEST_OWN = 3  # texts and figures of a record itself


@dataclass(frozen=True, slots=True)
class Looked:
    """A file, how it is called without a suffix, and its shape; none where it cannot be read."""

    path: Path
    stem: str
    shape: Shape | None


@dataclass(frozen=True, slots=True)
class Alike:
    """Files that are read as one, and what that is called."""

    name: str
    files: tuple[Path, ...]


def alike_files(looked: Sequence[Looked]) -> tuple[Alike, ...]:
    """The files of one folder that belong together; the others stay alone.

    One that cannot be read goes with the others where they are all of one kind.
    """
    readable = [file for file in looked if file.shape and not is_dated(re.sub(_UUID, "", file.stem))]
    broken = [file for file in looked if not file.shape]
    found = [Alike(name, _paths(files)) for name, files in _named_alike(readable)]
    taken = {path for alike in found for path in alike.files}
    left = [file for file in readable if file.path not in taken]
    found += [Alike(looked[0].path.parent.name, _paths(files)) for files in _shaped_alike(left)]
    if len(found) == 1 and len(found[0].files) + len(broken) == len(looked):
        return (Alike(found[0].name, tuple(sorted((*found[0].files, *_paths(broken))))),)
    return tuple(found)


def _named_alike(files: Sequence[Looked]) -> list[tuple[str, list[Looked]]]:
    """Files whose names are alike but for identifiers, name no person, and whose shapes are alike."""
    by_name = defaultdict[str, list[Looked]](list)
    for file in files:
        rest = _without_ids(file.stem)
        if rest != file.stem.strip(_ENDS) and not _may_name_a_person(file.stem):
            by_name[rest.casefold()].append(file)
    groups = []
    for named in by_name.values():
        largest = max(_clusters(named), key=len)
        rest = _without_ids(named[0].stem)
        if len(largest) > 1 and not _are_versions([file.stem for file in largest]):
            groups.append((rest or named[0].path.parent.name, largest))
    return groups


def _shaped_alike(files: Sequence[Looked]) -> list[list[Looked]]:
    """Files that are alike whatever their names."""
    return [
        cluster
        for cluster in _clusters(files)
        if (len(cluster) > 1 and all(_is_told_by_name(file.stem) for file in cluster))
        or _are_records(cluster)
    ]


def _is_told_by_name(stem: str) -> bool:
    """Whether a name tells which of many a file is: by a long identifier, or by a person."""
    return _LONG.search(stem) is not None or _may_name_a_person(stem)


def _are_records(files: Sequence[Looked]) -> bool:
    """Whether files with any names are records of one thing."""
    shapes = [file.shape for file in files if file.shape]
    if len(files) < _FEWEST or not all(shape.is_document for shape in shapes):
        return False
    if _are_kinds(files):
        return True
    if len(frozenset.intersection(*(shape.names for shape in shapes))) >= _MANY_NAMES:
        return True
    own = [dict(sight.texts) for shape in shapes for sight in shape.sights]
    if not own:  # of XML no text is kept
        return False
    shared = set.intersection(*(set(texts) for texts in own))
    told_apart = any(len({texts[path] for texts in own}) == len(own) for path in shared)
    plain = frozenset.intersection(*(sight.plain for shape in shapes for sight in shape.sights))
    return told_apart and len(plain) >= _FEWEST_OWN


def _clusters(files: Sequence[Looked]) -> list[list[Looked]]:
    """Files of like shapes, the one with the most names before others; single records of several kinds go together."""
    if len(files) >= _FEWEST and _are_kinds(files):
        return [[*files]]
    clusters: list[tuple[set[tuple[str, ...]], list[Looked]]] = []
    for file in sorted(files, key=lambda file: (-len(_names(file)), file.path)):
        names = _names(file)
        held = next((one for one in clusters if _is_within(names, one[0])), None)
        if held is None:
            clusters.append((set(names), [file]))
        else:
            held[0].update(names)
            held[1].append(file)
    return [cluster for _, cluster in clusters]


def _are_kinds(files: Sequence[Looked]) -> bool:
    """Whether each file is one record, and a text in each names its kind."""
    shapes = [file.shape for file in files if file.shape]
    tops = [sight for shape in shapes for sight in shape.sights]
    return all(shape.is_document for shape in shapes) and kind_field(tops) is not None


def _is_within(names: frozenset[tuple[str, ...]], others: set[tuple[str, ...]]) -> bool:
    return bool(names) and len(names & others) >= _LEAST_ALIKE * len(names)


def _names(file: Looked) -> frozenset[tuple[str, ...]]:
    return file.shape.names if file.shape else frozenset()


def _without_ids(stem: str) -> str:
    """What is left of a name without its identifiers.

    >>> _without_ids("visits_0007"), _without_ids("Ann_Lee_fc712d1f-5a2e-4407-9c55-a2a2bad623c2"), _without_ids("12")
    ('visits', 'Ann_Lee', '')
    """
    parts = (part.strip(_ENDS) for part in _SHORT.sub("\0", _LONG.sub("\0", stem)).split("\0"))
    return "_".join(part for part in parts if part)


def _are_versions(stems: Sequence[str]) -> bool:
    """Whether the numbers in names follow one another from later than 1: parts are counted from the start, or padded.

    >>> _are_versions(["Icd_9", "Icd_10"]), _are_versions(["page_1", "page_2"]), _are_versions(["ward_09", "ward_10"])
    (True, False, False)
    """
    if any(_LONG.search(stem) for stem in stems):
        return False
    differing = [{*texts} for texts in zip(*(_SHORT.findall(stem) for stem in stems), strict=False)]
    told_by = [texts for texts in differing if len(texts) > 1]
    if len(told_by) != 1 or any(text.startswith("0") for text in told_by[0]):
        return False
    numbers = sorted(map(int, told_by[0]))
    return numbers[0] > 1 and numbers[-1] - numbers[0] == len(numbers) - 1


def _may_name_a_person(stem: str) -> bool:
    """Whether a file may be called after a person, so that no table is to be called as it is.

    >>> _may_name_a_person("Ann_Lee_1"), _may_name_a_person("visits_0007")
    (True, False)
    """
    return bool(re.search(_UUID, stem)) or names_a_person(_without_ids(stem))


def _paths(files: Iterable[Looked]) -> tuple[Path, ...]:
    return tuple(sorted(file.path for file in files))
