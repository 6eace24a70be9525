"""Where the boxes and lines of a diagram of references lie: what is referred to stands left of what refers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schema_matching_pipeline.entrances.reports.profiled.view import ProfileView

MOST_BOXES = 40
BOX_WIDTH, BOX_HEIGHT = 184, 40
_SURELY_FITS = 18  # characters, in whatever font the reader has; longer names are written smaller
_NAME_LENGTH, _NAME_START = (
    22,
    9,
)  # of a longer name the start and more of the end: tables of one kind begin alike
_GAP_ACROSS, _GAP_DOWN, _MARGIN = 64, 12, 8
_DEEPEST = 6  # references in a row; what leads on from there is drawn in one column
_TALLEST = 16  # boxes; more of one level stand side by side
Edge = tuple[str, str, bool]  # what refers, what is referred to, declared


@dataclass(frozen=True)
class Box:
    """One table."""

    name: str
    shown: str
    is_long: bool
    detail: str
    place: int
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """One reference, or several between the same tables, as the path of a curve."""

    path: str
    title: str
    declared: bool


@dataclass(frozen=True)
class Diagram:
    """Boxes and lines on a sheet; ``left_out`` tables did not find room."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    left_out: int


def draw_references(view: ProfileView) -> Diagram | None:
    """The diagram of all tables that refer to one or are referred to; None where none does."""
    edges = [
        (table, key.referred_table, key.declared)
        for table, key in view.references
        if view.place_of(key.referred_table)
    ]
    degrees = Counter(name for edge in edges for name in edge[:2])
    if not degrees:
        return None
    in_use = {table.profile.name for table in view.with_rows}
    ranked = sorted(degrees, key=lambda name: (name not in in_use, -degrees[name], name))
    kept = set(ranked[:MOST_BOXES])
    drawn = [edge for edge in edges if kept.issuperset(edge[:2])]
    boxes = _boxes(view, _columns(kept, drawn))
    return Diagram(
        width=max(box.x for box in boxes) + BOX_WIDTH + _MARGIN + _GAP_ACROSS / 2,
        height=max(box.y for box in boxes) + BOX_HEIGHT + _MARGIN,
        boxes=boxes,
        lines=_lines({box.name: box for box in boxes}, drawn),
        left_out=len(degrees) - len(kept),
    )


def _columns(names: Iterable[str], edges: Sequence[Edge]) -> list[list[str]]:
    """Names by how many references lead on from them at most, each column in the order of what it refers to."""
    parents: defaultdict[str, list[str]] = defaultdict(list)
    for child, parent, _ in edges:
        parents[child].append(parent)
    levels: defaultdict[int, list[str]] = defaultdict(list)
    for name, level in _levels(sorted(names), parents).items():
        levels[min(level, _DEEPEST)].append(name)
    ordered, heights = list[list[str]](), dict[str, float]()
    for level in sorted(levels):
        column = sorted(levels[level], key=lambda name: (_middle(parents[name], heights), name))
        heights.update({name: place / len(column) for place, name in enumerate(column)})
        size = -(-len(column) // -(-len(column) // _TALLEST))
        ordered += (column[start : start + size] for start in range(0, len(column), size))
    return ordered


def _levels(names: Iterable[str], parents: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """How many references lead on from each name at most; the one that closes a circle leads nowhere."""
    levels: dict[str, int] = {}

    def climb(name: str, below: frozenset[str]) -> int:
        if name not in levels:
            path = below | {name}
            levels[name] = max(
                (1 + climb(parent, path) for parent in parents.get(name, ()) if parent not in path), default=0
            )
        return levels[name]

    for name in names:
        climb(name, frozenset())
    return levels


def _middle(parents: Sequence[str], heights: dict[str, float]) -> float:
    known = [heights[parent] for parent in parents if parent in heights]
    return sum(known) / len(known) if known else 0.0


def _boxes(view: ProfileView, columns: Sequence[Sequence[str]]) -> tuple[Box, ...]:
    tables = {table.profile.name: table for table in view.tables}
    highest = max(len(column) for column in columns)
    step = BOX_HEIGHT + _GAP_DOWN
    return tuple(
        Box(
            name=name,
            shown=_shortened(name),
            is_long=len(name) > _SURELY_FITS,
            detail=f"{tables[name].profile.row_count:,} rows",
            place=tables[name].place,
            x=_MARGIN + across * (BOX_WIDTH + _GAP_ACROSS),
            y=_MARGIN + (down + (highest - len(column)) / 2) * step,
        )
        for across, column in enumerate(columns)
        for down, name in enumerate(column)
    )


def _shortened(name: str) -> str:
    if len(name) <= _NAME_LENGTH:
        return name
    return f"{name[:_NAME_START]}…{name[1 + _NAME_START - _NAME_LENGTH :]}"


def _lines(boxes: dict[str, Box], edges: Sequence[Edge]) -> tuple[Line, ...]:
    ends: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for child, parent, declared in edges:
        ends[child, parent].append(declared)
    columns: defaultdict[float, list[Box]] = defaultdict(list)
    for box in boxes.values():
        columns[box.x].append(box)
    return tuple(
        Line(
            path=_curve(boxes[child], boxes[parent], columns),
            title=f"{child} refers to {'itself' if parent == child else parent}"
            + (f", {len(kinds)} times" if len(kinds) > 1 else ""),
            declared=any(kinds),
        )
        for (child, parent), kinds in ends.items()
    )


def _curve(child: Box, parent: Box, columns: Mapping[float, Sequence[Box]]) -> str:
    """From the left edge of what refers to the right edge of what is referred to, between the boxes of other columns.

    Round about within a column, and to the same box.
    """
    start, end = child.y + BOX_HEIGHT / 2, parent.y + BOX_HEIGHT / 2
    if child.x > parent.x:
        crossed = sorted((x for x in columns if parent.x < x < child.x), reverse=True)
        path, at, height = f"M{child.x:g} {start:g}", child.x, start
        for x in crossed:
            straight = start + (end - start) * (child.x - x) / (child.x - parent.x)
            lane = min(_lanes(columns[x]), key=lambda y: abs(y - straight))
            path += f"{_bend(at, height, x + BOX_WIDTH, lane)}H{x:g}"
            at, height = x, lane
        return f"{path}{_bend(at, height, parent.x + BOX_WIDTH, end)}"
    if child == parent:
        start, end = start - BOX_HEIGHT / 4, end + BOX_HEIGHT / 4
    edge, bend = max(child.x, parent.x) + BOX_WIDTH, _GAP_ACROSS / 2
    return f"M{child.x + BOX_WIDTH:g} {start:g}C{edge + bend:g} {start:g} {edge + bend:g} {end:g} {parent.x + BOX_WIDTH:g} {end:g}"


def _bend(x: float, y: float, to_x: float, to_y: float) -> str:
    middle = (x + to_x) / 2
    return f"C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}"


def _lanes(column: Sequence[Box]) -> list[float]:
    """The heights at which a line passes a column: above it, between its boxes and below it."""
    return [column[0].y - _GAP_DOWN / 2, *(box.y + BOX_HEIGHT + _GAP_DOWN / 2 for box in column)]
