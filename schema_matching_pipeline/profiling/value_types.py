"""Which type the values of a column have, and how surely, judged by the values themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.canon.absent import is_sentinel
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import PatternShare, ValueType
from schema_matching_pipeline.profiling.dates import DateForm, DayOrder, day_order
from schema_matching_pipeline.profiling.kinds import KINDS
from schema_matching_pipeline.profiling.pattern_shares import pattern_shares
from schema_matching_pipeline.profiling.values import WeighedValues

Kinds = npt.NDArray[np.int8]
Forms = npt.NDArray[np.int32]

_TRUTHS = (
    {"true", "false"}, {"t", "f"}, {"yes", "no"}, {"y", "n"}, {"ja", "nein"}, {"j", "n"}, {"on", "off"}, {"wahr", "falsch"},
    {"oui", "non"}, {"o", "n"}, {"si", "no"}, {"sí", "no"}, {"s", "n"}, {"sim", "não"}, {"vero", "falso"}, {"1", "0"},
)  # fmt: skip
_COUNTING = frozenset(
    ("id", "count", "number", "no", "nr", "num", "anzahl", "qty", "quantity", "amount", "sum", "total", "level", "score", "order", "seq",
     "sequence", "position", "index", "size", "age", "copay", "fee", "cost", "price", "balance", "value", "menge", "betrag", "points", "rank",
     "refills", "refill", "days", "day", "month", "year", "minutes", "hours", "line", "version", "priority")
)  # fmt: skip
_DATED = frozenset(("date", "dat", "datum", "day", "dt", "fecha", "data", "dob", "birth", "birthday", "geburtsdatum", "time", "timestamp", "created", "updated", "on", "am"))  # fmt: skip
_BLOBS = ("blob", "binary", "bytea", "varbinary", "image", "raw")


@dataclass(frozen=True, slots=True)
class Typing:
    """The type of a column's values, the share of filled rows it holds for, and every type seen with its share.

    ``notes`` are names of peculiarities: ``decimal_comma``, ``ambiguous_day_month``, ``leading_zeros``,
    ``several_date_formats``. ``forms`` gives the form of each value that says something, -1 where it is no date.
    """

    value_type: ValueType
    share: float
    shares: tuple[PatternShare, ...] = ()
    date_format: str | None = None
    order: DayOrder = DayOrder.DAY_FIRST
    notes: tuple[str, ...] = ()
    forms: Forms | None = None


def judge_type(
    values: WeighedValues,
    policy: ProfilePolicy,
    *,
    declared: str = "",
    tokens: tuple[str, ...] = (),
) -> Typing:
    """The type that holds for enough of the values, placeholders aside; else text."""
    if not len(values):
        return Typing(ValueType.EMPTY, 1.0)
    if any(word in declared.casefold() for word in _BLOBS):
        return Typing(ValueType.BINARY, 1.0)
    spoken = values.spoken
    if not len(spoken):
        return Typing(ValueType.TEXT, 1.0)
    if _is_boolean(spoken, declared, tokens):
        return Typing(ValueType.BOOLEAN, 1.0, (PatternShare(name="boolean", share=1.0),))
    return _judge_kinds(spoken, policy, tokens)


def _is_boolean(values: WeighedValues, declared: str, tokens: tuple[str, ...]) -> bool:
    """Whether the values are the two words of one pair of truths; 1 and 0 may also be a small count."""
    if len(values) > 4 or (not values.complete and len(values) > 2):
        return False
    seen = {text.casefold() for text in values.first(3)}
    pair = next((truths for truths in _TRUTHS if seen <= truths), None)
    if pair is None:
        return False
    if _is_declared_boolean(declared):
        return True
    if pair == {"1", "0"}:
        return seen == pair and not set(tokens[-2:]) & _COUNTING
    return len(seen) == 2 or any(len(word) > 2 for word in seen)


def _is_declared_boolean(declared: str) -> bool:
    lowered = declared.casefold().replace(" ", "")
    return (
        lowered.startswith(("bool", "bit")) and not lowered.startswith("bitvar")
    ) or lowered == "tinyint(1)"


def _judge_kinds(values: WeighedValues, policy: ProfilePolicy, tokens: tuple[str, ...]) -> Typing:
    told = values.told
    if not _DATED.isdisjoint(tokens):
        told = values.known.with_compact_dates(told, values.places)
    weights = np.bincount(told.kind, values.weights).tolist()
    seen = np.flatnonzero(np.bincount(told.kind)).tolist()
    total = values.total
    shares = {KINDS[kind]: weights[kind] / total for kind in seen}
    return _settle(values, _resolve_numbers(shares, values, told.kind), told.form, policy)


def _resolve_numbers(shares: dict[str, float], values: WeighedValues, kinds: Kinds) -> dict[str, float]:
    """Groups of three after a point or comma mean thousands or decimals; the rest of the column decides."""
    resolved = dict(shares)
    point, comma = resolved.pop("thousands_point", 0.0), resolved.pop("thousands_comma", 0.0)
    if point:
        target = (
            "decimal_comma" if resolved.get("decimal_comma") and not resolved.get("decimal") else "decimal"
        )
        resolved[target] = resolved.get(target, 0.0) + point
    if comma:
        target = "decimal_comma" if resolved.get("decimal_comma") else "integer"
        target = "decimal" if resolved.get("decimal") else target
        resolved[target] = resolved.get(target, 0.0) + comma
    if resolved.get("leading_zero"):
        resolved = _as_identifiers(resolved, values, kinds)
    return resolved


def _as_identifiers(shares: dict[str, float], values: WeighedValues, kinds: Kinds) -> dict[str, float]:
    """Digits beside digits with leading zeros are identifiers, and those are text."""
    padded = [values.texts[place] for place in np.flatnonzero(kinds == KINDS.index("leading_zero"))]
    if all(is_sentinel(text) or not text.strip("0+-") for text in padded):
        return {**shares, "integer": shares.get("integer", 0.0) + shares["leading_zero"], "leading_zero": 0.0}
    return {**shares, "leading_zero": shares["leading_zero"] + shares.get("integer", 0.0), "integer": 0.0}


_NAMED = {
    "integer": ValueType.INTEGER,
    "decimal": ValueType.DECIMAL,
    "decimal_comma": ValueType.DECIMAL,
    "date": ValueType.DATE,
    "datetime": ValueType.DATETIME,
    "time": ValueType.TIME,
    "uuid": ValueType.UUID,
    "json": ValueType.JSON,
    "leading_zero": ValueType.TEXT,
    "text": ValueType.TEXT,
}


def _settle(values: WeighedValues, kinds: dict[str, float], forms: Forms, policy: ProfilePolicy) -> Typing:
    types: dict[ValueType, float] = {}
    for kind, share in kinds.items():
        types[_NAMED[kind]] = types.get(_NAMED[kind], 0.0) + share
    value_type, share = _widest(types, policy.type_share)
    shares = pattern_shares(
        (str(name), round(part, 4))
        for name, part in sorted(types.items(), key=lambda item: (-item[1], item[0]))
        if part > 0
    )
    used = _used(values, forms)
    order, decided = day_order(used)
    dated = value_type in {ValueType.DATE, ValueType.DATETIME}
    return Typing(
        value_type,
        round(min(share, 1.0), 4),
        shares,
        date_format=_commonest(values, forms, order) if dated else None,
        order=order,
        notes=tuple(_notes(kinds, used, order, decided=decided, dated=dated)),
        forms=forms if dated else None,
    )


def _used(values: WeighedValues, forms: Forms) -> dict[DateForm, int]:
    """The forms of dates and how many values have each."""
    dates = forms[forms >= 0]
    if not len(dates):
        return {}
    used, counts = np.unique(dates, return_counts=True)
    return {
        values.known.forms[form]: count for form, count in zip(used.tolist(), counts.tolist(), strict=True)
    }


def _widest(types: Mapping[ValueType, float], enough: float) -> tuple[ValueType, float]:
    """The narrowest type that holds for enough of the values: whole numbers are decimals too, days are moments."""
    integers, decimals = types.get(ValueType.INTEGER, 0.0), types.get(ValueType.DECIMAL, 0.0)
    days, moments = types.get(ValueType.DATE, 0.0), types.get(ValueType.DATETIME, 0.0)
    if decimals and integers + decimals >= enough:
        return ValueType.DECIMAL, integers + decimals
    if moments and days + moments >= enough:
        return (ValueType.DATETIME if moments >= 1 - enough else ValueType.DATE), days + moments
    value_type, share = max(types.items(), key=lambda item: (item[1], item[0]))
    return (value_type, share) if share >= enough else (ValueType.TEXT, 1.0)


def _commonest(values: WeighedValues, forms: Forms, order: DayOrder) -> str | None:
    formats: defaultdict[str, float] = defaultdict(float)
    dates = forms >= 0
    weights = np.bincount(forms[dates], values.weights[dates])
    for form in np.flatnonzero(weights).tolist():
        formats[values.known.forms[form].format(order)] += float(weights[form])
    return max(formats, key=lambda name: (formats[name], name)) if formats else None


def _notes(
    kinds: Mapping[str, float], forms: Iterable[DateForm], order: DayOrder, *, decided: bool, dated: bool
) -> list[str]:
    notes = []
    if kinds.get("decimal_comma"):
        notes.append("decimal_comma")
    if kinds.get("leading_zero"):
        notes.append("leading_zeros")
    if dated and not decided:
        notes.append("ambiguous_day_month")
    written = {form.format(order) for form in forms}
    if dated and len({form.split("%H")[0].split("%I")[0].rstrip("T ") for form in written}) > 1:
        notes.append("several_date_formats")
    return notes
