"""Where the boxes and lines of a diagram of references lie: what is referred to stands left of what refers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schema_matching_pipeline.entrances.cli.profiled.view import ProfileView

MOST_BOXES = 40
BOX_WIDTH, BOX_HEIGHT = 184, 40
_SURELY_FITS = 19  # characters, in whatever font the reader has
_GAP_ACROSS, _GAP_DOWN, _MARGIN = 64, 12, 8
_NAME_LENGTH = 24
Edge = tuple[str, str, bool]  # what refers, what is referred to, declared


@dataclass(frozen=True)
class Box:
    """One table."""

    name: str
    shown: str
    squeezed: bool
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
    """The diagram of all tables that refer to another or are referred to; None where none does."""
    edges = [
        (table, key.referred_table, key.declared)
        for table, key in view.references
        if key.referred_table != table and view.place_of(key.referred_table)
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
        width=max(box.x for box in boxes) + BOX_WIDTH + _MARGIN,
        height=max(box.y for box in boxes) + BOX_HEIGHT + _MARGIN,
        boxes=boxes,
        lines=_lines({box.name: box for box in boxes}, drawn),
        left_out=len(degrees) - len(kept),
    )


def _columns(names: Iterable[str], edges: Sequence[Edge]) -> list[list[str]]:
    """Names by how many references lead on from them at most, each column in the order of what it refers to."""
    levels = dict.fromkeys(sorted(names), 0)
    for _ in range(len(levels)):  # a circle of references would climb for ever
        raised = {
            child: levels[parent] + 1 for child, parent, _ in edges if levels[child] <= levels[parent] < 6
        }
        if not raised:
            break
        levels.update(raised)
    columns: defaultdict[int, list[str]] = defaultdict(list)
    for name, level in levels.items():
        columns[level].append(name)
    parents: defaultdict[str, list[str]] = defaultdict(list)
    for child, parent, _ in edges:
        parents[child].append(parent)
    ordered, heights = [], dict[str, float]()
    for level in sorted(columns):
        column = sorted(columns[level], key=lambda name: (_middle(parents[name], heights), name))
        heights.update({name: place / len(column) for place, name in enumerate(column)})
        ordered.append(column)
    return ordered


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
            shown=name if len(name) <= _NAME_LENGTH else f"{name[: _NAME_LENGTH - 1]}…",
            squeezed=len(name) > _SURELY_FITS,
            detail=f"{tables[name].profile.row_count:,} rows",
            place=tables[name].place,
            x=_MARGIN + across * (BOX_WIDTH + _GAP_ACROSS),
            y=_MARGIN + (down + (highest - len(column)) / 2) * step,
        )
        for across, column in enumerate(columns)
        for down, name in enumerate(column)
    )


def _lines(boxes: dict[str, Box], edges: Sequence[Edge]) -> tuple[Line, ...]:
    ends: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for child, parent, declared in edges:
        ends[child, parent].append(declared)
    return tuple(
        Line(
            path=_curve(boxes[child], boxes[parent]),
            title=f"{child} refers to {parent}" + (f", {len(kinds)} times" if len(kinds) > 1 else ""),
            declared=any(kinds),
        )
        for (child, parent), kinds in ends.items()
    )


def _curve(child: Box, parent: Box) -> str:
    """From the left edge of what refers to the right edge of what is referred to; round about within a column."""
    start, end = child.y + BOX_HEIGHT / 2, parent.y + BOX_HEIGHT / 2
    if child.x > parent.x:
        left, right = parent.x + BOX_WIDTH, child.x
        bend = (right - left) / 2
        return f"M{right:g} {start:g}C{right - bend:g} {start:g} {left + bend:g} {end:g} {left:g} {end:g}"
    edge, bend = max(child.x, parent.x) + BOX_WIDTH, _GAP_ACROSS / 2
    return f"M{child.x + BOX_WIDTH:g} {start:g}C{edge + bend:g} {start:g} {edge + bend:g} {end:g} {parent.x + BOX_WIDTH:g} {end:g}"
