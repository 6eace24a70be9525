"""The rows of one table while they are judged: source texts, what rules make of them, and columns derived from both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.figures import WITH_POINT
from schema_matching_pipeline.adapters.connectors.judged_rows import DistinctTexts
from schema_matching_pipeline.adapters.connectors.rules import made_texts
from schema_matching_pipeline.model.rule import ToDecimal, ToInteger, Transformed


@dataclass(slots=True, repr=False)
class JudgedFrame:
    """The rows of one table, and the columns derived from them under plain names of our own.

    ``meant`` are the rows that a column is about, where those are not all.
    """

    texts: pa.Table
    rules: Mapping[str, Transformed] = field(default_factory=dict)
    meant: Mapping[str, npt.NDArray[np.bool_]] = field(default_factory=dict)
    columns: dict[str, npt.NDArray[np.generic]] = field(default_factory=dict)
    _shown: dict[str, str] = field(default_factory=dict)
    _distinct: dict[str, DistinctTexts] = field(default_factory=dict)

    def distinct(self, column: str) -> DistinctTexts:
        """The distinct texts of a column, as its rule makes them where it has one; worked out once."""
        if column not in self._distinct:
            self._distinct[column] = self._judged(column)
        return self._distinct[column]

    def keeps_value(self, column: str) -> npt.NDArray[np.object_]:
        """Whether a value is left of each row's value; None where there was none."""
        kept = self.has_value(column)
        kept[DistinctTexts.of(self.texts.column(column)).places < 0] = None
        return kept

    def has_value(self, column: str) -> npt.NDArray[np.object_]:
        """Whether each row has a value; None for rows that the column is not about."""
        held = (self.distinct(column).places >= 0).astype(object)
        if column in self.meant:
            held[~self.meant[column]] = None
        return held

    def put(self, column: str, values: npt.NDArray[np.generic]) -> str:
        """The name under which a derived column now stands; failures show the source column's text."""
        name = f"x{len(self.columns)}"
        self.columns[name] = values
        self._shown[name] = column
        return name

    def sample(self, name: str, rows: Sequence[int], most: int) -> tuple[str, ...]:
        """The distinct source texts of some rows; a row without one has nothing to show."""
        found = pc.drop_null(self.texts.column(self._shown[name]).take(pa.array(rows, pa.int64())))
        return tuple(dict.fromkeys(text for text in found.to_pylist() if text))[:most]

    def _judged(self, column: str) -> DistinctTexts:
        texts, rule = self.texts.column(column), self.rules.get(column)
        if rule is None:
            return DistinctTexts.of(texts)
        makes_number = isinstance(rule.steps[-1], ToDecimal | ToInteger)
        return DistinctTexts.of(made_texts(texts, rule), form=WITH_POINT if makes_number else None)
