"""The shapes of a column's values: there are few of them, and most values can be judged by theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.canon.masking import mask_shapes


@dataclass(frozen=True, repr=False)
class Shapes:
    """The distinct shapes of some values, and which of them each value has.

    Only a value in ``plain`` characters, those of ASCII, can be judged by its shape: there a 9 is a digit and
    an x a letter, and nothing else is.
    """

    names: tuple[str, ...]
    places: npt.NDArray[np.intp]
    plain: npt.NDArray[np.bool_] | None

    def where(self, may_hold: Callable[[str], bool]) -> list[int]:
        """Where the values stand that may satisfy a condition: those whose shape may, and all not in plain characters."""
        may = np.fromiter(map(may_hold, self.names), dtype=np.bool_, count=len(self.names))
        held = may[self.places] if self.plain is None else may[self.places] | ~self.plain
        return np.flatnonzero(held).tolist()

    def told(self, tell: Callable[[str], str | None]) -> list[str | None]:
        """What the shape of each value tells of it; None for those not in plain characters."""
        answers = np.array([tell(name) for name in self.names], dtype=np.object_)[self.places]
        if self.plain is not None:
            answers[~self.plain] = None
        return answers.tolist()  # type: ignore[no-any-return]  # untyped in NumPy


def shapes_of(texts: Sequence[str], *, limit: int) -> Shapes:
    """The shapes of values."""
    known: dict[str, int] = {}
    places = [known.setdefault(shape, len(known)) for shape in mask_shapes(texts, limit=limit)]
    plain = None
    if not "".join(texts).isascii():
        plain = np.fromiter(map(str.isascii, texts), dtype=np.bool_, count=len(texts))
    return Shapes(tuple(known), np.array(places, dtype=np.intp), plain)
