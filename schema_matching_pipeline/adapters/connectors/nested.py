"""What a document holds after parsing: texts, figures, truth values, nothing, lists and records."""

from __future__ import annotations

from collections.abc import Mapping

Nested = Mapping[str, "Nested | list[Nested] | str | bool | None"] | list["Nested"] | str | bool | None


class Figure(str):
    """A number as the file writes it."""

    __slots__ = ()
