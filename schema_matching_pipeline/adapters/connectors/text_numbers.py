"""Numbers for texts: as long as a collection lasts, the same text has the same number.

A text of up to 23 bytes is three words of eight bytes, its length the last byte. The words of all texts of a table are
looked up at once in a table of slots, of which no two hold the same words; Python need not touch a text that is known.
Longer texts stand in a dictionary.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.text_bytes import sizes_of, words_of

Numbers = npt.NDArray[np.intp]
_Words = npt.NDArray[np.uint64]

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
        numbers[is_short] = self._of_short(pc.filter(values, pa.array(is_short)), sizes[is_short])
        numbers[~is_short] = [
            self._of_long(text) for text in pc.filter(values, pa.array(~is_short)).to_pylist()
        ]
        return numbers

    def _of_long(self, text: str) -> int:
        number = self._long.setdefault(text, len(self.texts))
        if number == len(self.texts):
            self.texts.append(text)
        return number

    def _of_short(self, values: pa.StringArray, sizes: npt.NDArray[np.int32]) -> Numbers:
        words = np.stack(words_of(values, _WORDS), axis=1)
        words[:, -1] |= sizes.astype(np.uint64) << np.uint64(8 * _LONGEST % 64)
        slots = _slots(words)
        numbers = np.empty(len(values), dtype=np.intp)
        pending = np.arange(len(values))
        while len(pending):
            held = self._slots[slots[pending]] - 1
            is_free = held < 0
            if is_free.any():
                self._take_in(values, words, slots, pending[is_free])
                held = self._slots[slots[pending]] - 1
            is_same = (self._words[held] == words[pending]).all(axis=1)
            numbers[pending[is_same]] = held[is_same]
            pending = pending[~is_same]
            slots[pending] = (slots[pending] + 1) & (len(self._slots) - 1)
        return numbers

    def _take_in(
        self, values: pa.StringArray, words: _Words, slots: npt.NDArray[np.int64], new: npt.NDArray[np.intp]
    ) -> None:
        """Gives each free slot to one of the new texts that want it; the others look again."""
        wanted = slots[new]
        self._slots[wanted] = np.arange(1, len(new) + 1)  # of several the last one stays
        taken = new[self._slots[wanted] == np.arange(1, len(new) + 1)]
        first = len(self.texts)
        self._slots[slots[taken]] = np.arange(first + 1, first + len(taken) + 1)
        self._words[first : first + len(taken)] = words[taken]
        self.texts += values.take(pa.array(taken)).to_pylist()


def _slots(words: _Words) -> npt.NDArray[np.int64]:
    """The slot where a text is looked for first."""
    mixed = words * _MIXING
    together = mixed[:, 0] ^ mixed[:, 1] ^ mixed[:, 2]
    together = (together ^ (together >> np.uint64(32))) * _MIXING[0]
    slots: npt.NDArray[np.int64] = (together >> np.uint64(64 - _SLOT_BITS)).astype(np.int64)
    return slots
