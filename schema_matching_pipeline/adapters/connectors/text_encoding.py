"""Which encoding a text file is in: by its mark, by trying UTF-8 on all of it, else by what its letters make."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from charset_normalizer import from_bytes

from schema_matching_pipeline.adapters.connectors.packing import opened

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# In western text a letter beyond ASCII stands alone among others; in other scripts they stand side by side.
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_MOST_SIDE_BY_SIDE = 0.5
_BYTES_JUDGED = 64 * 1024
_WESTERN = frozenset({"cp1252", "latin-1"})
_FEWEST_LETTERS = 200


def encoding_of(path: Path, head: bytes) -> str:
    """The encoding of a file that begins with ``head``."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if b"\0" in head[:4096]:
        return _utf16(head)
    return "utf-8" if _is_utf8(path) else _one_byte(path)


def is_weak_guess(path: Path, encoding: str) -> bool:
    """Whether nothing but a few letters speaks for the encoding of a file."""
    if encoding.startswith("utf") or encoding in _WESTERN:
        return False
    return sum(map(len, _BEYOND_ASCII.findall(_telling_lines(path)))) < _FEWEST_LETTERS


def decoded(head: bytes, encoding: str) -> str:
    """The beginning of a file as text; a character cut in two at its end is left out."""
    return codecs.getincrementaldecoder(encoding)().decode(head)


def _utf16(head: bytes) -> str:
    """Which half of each pair of bytes is empty tells the order; an even mixture is no text at all."""
    even, odd = head[:4096:2].count(0), head[1:4096:2].count(0)
    if max(even, odd) < 4 * (min(even, odd) + 1):
        return "utf-8"
    return "utf-16-be" if even > odd else "utf-16-le"


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with opened(path) as file:
        try:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _one_byte(path: Path) -> str:
    """Windows' western code page, unless the letters beyond ASCII are those of another script."""
    telling = _telling_lines(path)
    runs = _BEYOND_ASCII.findall(telling)
    side_by_side = sum(len(run) for run in runs if len(run) > 1)
    if side_by_side > _MOST_SIDE_BY_SIDE * sum(map(len, runs)):
        return _guessed(telling) or "latin-1"
    try:
        telling.decode("cp1252")
    except UnicodeDecodeError:
        return _guessed(telling) or "latin-1"
    return "cp1252"


def _telling_lines(path: Path) -> bytes:
    """The lines that hold more than ASCII, up to a limit; all others fit every encoding."""
    lines, held = list[bytes](), 0
    with opened(path) as file:
        for line in file:
            if not line.isascii():
                lines.append(line)
                held += len(line)
                if held > _BYTES_JUDGED:
                    break
    return b"".join(lines)


def _guessed(telling: bytes) -> str | None:
    found = from_bytes(telling).best()
    return found.encoding if found else None
