"""Numbers for texts: as long as a collection lasts, the same text has the same number.

A text of up to 23 bytes is three words of eight bytes, its length the last byte. The words of all texts of a table are
looked up at once in a table of slots, of which no two hold the same words; Python need not touch a text that is known.
Longer texts stand in a dictionary.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.arrow_views import at_places
from schema_matching_pipeline.adapters.connectors.text_bytes import sizes_of, words_of

Numbers = npt.NDArray[np.intp]
_Words = npt.NDArray[np.uint64]
_Slots = npt.NDArray[np.int64]

_WORDS, _LONGEST = 3, 23  # of bytes, one less than the words have
_SLOT_BITS = 19
_MIXING = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
ROOM = 1 << (_SLOT_BITS - 1)  # texts: half of the slots stay free, so that few share one


class TextNumbers:
    """A collection of texts with their numbers; there must be ``room`` for those to come."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._slots = np.zeros(1 << _SLOT_BITS, dtype=np.int32)  # one more than the number that has it
        self._words = np.zeros((ROOM, _WORDS), dtype=np.uint64)
        self._long: dict[str, int] = {}

    @property
    def room(self) -> int:
        """How many more texts it can take."""
        return ROOM - len(self.texts)

    def of(self, values: pa.StringArray) -> Numbers:
        """The number of each text, of which none is null; new ones are taken in."""
        sizes = sizes_of(values)
        is_short = sizes <= _LONGEST
        if is_short.all():
            return self._of_short(values, sizes)
        numbers = np.empty(len(values), dtype=np.intp)
        short, long = np.flatnonzero(is_short), np.flatnonzero(~is_short)
        numbers[short] = self._of_short(at_places(values, short), sizes[short])
        numbers[long] = [self._of_long(text) for text in at_places(values, long).to_pylist()]
        return numbers

    def _of_long(self, text: str) -> int:
        number = self._long.setdefault(text, len(self.texts))
        if number == len(self.texts):
            self.texts.append(text)
        return number

    def _of_short(self, values: pa.StringArray, sizes: npt.NDArray[np.int32]) -> Numbers:
        *words, last = words_of(values, _WORDS)
        last |= sizes.astype(np.uint64) << np.uint64(8 * _LONGEST % 64)
        slots = _slots([*words, last])
        texts = np.empty((len(values), _WORDS), dtype=np.uint64)
        for place, word in enumerate([*words, last]):
            texts[:, place] = word
        numbers = np.empty(len(values), dtype=np.intp)
        pending = np.arange(len(values))
        while len(pending):
            held = self._slots.take(slots) - 1
            is_free = held < 0
            if is_free.any():
                self._take_in(values, texts[is_free], slots[is_free], pending[is_free])
                held = self._slots.take(slots) - 1
            same = self._words.take(held, axis=0) == texts
            is_same = same[:, 0] & same[:, 1] & same[:, 2]
            if is_same.all():
                numbers[pending] = held
                break
            numbers[pending[is_same]] = held[is_same]
            pending, texts = pending[~is_same], texts[~is_same]
            slots = (slots[~is_same] + 1) & (len(self._slots) - 1)
        return numbers

    def _take_in(self, values: pa.StringArray, words: _Words, slots: _Slots, new: Numbers) -> None:
        """Gives each free slot to one of the new texts that want it; the others look again."""
        order = np.arange(1, len(new) + 1, dtype=np.int32)
        self._slots[slots] = order  # of several the last one stays
        is_taken = self._slots.take(slots) == order
        first, taken = len(self.texts), new[is_taken]
        self._slots[slots[is_taken]] = first + order[: len(taken)]
        self._words[first : first + len(taken)] = words[is_taken]
        self.texts += at_places(values, taken).to_pylist()


def _slots(words: Sequence[npt.NDArray[np.uint64]]) -> _Slots:
    """The slot where a text is looked for first."""
    mixed = [word * factor for word, factor in zip(words, _MIXING, strict=True)]
    together = mixed[0] ^ mixed[1] ^ mixed[2]
    together = (together ^ (together >> np.uint64(32))) * _MIXING[0]
    slots: _Slots = (together >> np.uint64(64 - _SLOT_BITS)).astype(np.int64)
    return slots
