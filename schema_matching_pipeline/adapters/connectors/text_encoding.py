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
_CHUNK_BYTES = 64 * 1024  # what is in the cache of a core still when it is looked at
# Those of Windows, old Macs and DOS, the most usual first.
_CODE_PAGES = ("cp1252", "mac_roman", "cp850", "cp1250")
_WESTERN = frozenset({"cp1252", "latin-1"})
_FEWEST_LETTERS = 200
# Capitals within words, and signs beside letters, which no western text has: the bytes are those of another code page.
_ODD = re.compile(
    r"(?<=[a-z\xdf-\xf6\xf8-\xff])[\u0152\u0160\u0178\u017d\xc0-\xd6\xd8-\xde](?![A-Z])"
    r"|(?<=[A-Z])[\u0152\u0160\u0178\u017d\xc0-\xd6\xd8-\xde](?=[a-z])"
    r"|(?<=[^\W\d_])[\u2020-\u2022\u02c6\u2030\u2039\u203a\u2122\xa1-\xa6\xa8\xac\xaf\xb1-\xb3\xb5\xb6\xb8\xb9\xbc-\xbf](?=[^\W\d_])"
    r"|(?<!\w)[\xa3\xaf\xb1\xb3\xb5\xb6\xb9\xbc-\xbe](?=[a-z\xdf-\xf6\xf8-\xff])"
)
_BEYOND = re.compile(r"[^\x00-\x7f]")
_MOST_ODD = 0.1


def encoding_of(path: Path, head: bytes) -> str:
    """The encoding of a file that begins with ``head``."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if b"\0" in head[:4096]:
        return _utf16(head)
    return "utf-8" if _is_utf8(path) else _one_byte(path)


def is_weak_guess(path: Path, encoding: str) -> bool:
    """Whether nothing but a few letters speaks for the encoding of a file, or its words look odd in it."""
    if encoding.startswith("utf"):
        return False
    if encoding in _WESTERN:
        return _looks_odd(_telling_lines(path).decode(encoding, "replace"))
    return sum(map(len, _BEYOND_ASCII.findall(_telling_lines(path)))) < _FEWEST_LETTERS


def _looks_odd(text: str) -> bool:
    """Whether letters beyond ASCII stand where no western word has them: capitals and signs within words."""
    return len(_ODD.findall(text)) > _MOST_ODD * len(_BEYOND.findall(text))


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
            while chunk := file.read(_CHUNK_BYTES):
                if not chunk.isascii() or decoder.getstate()[0]:
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _one_byte(path: Path) -> str:
    """Windows' western code page, unless the letters beyond ASCII are those of another script, or make no words in it."""
    telling = _telling_lines(path)
    runs = _BEYOND_ASCII.findall(telling)
    side_by_side = sum(len(run) for run in runs if len(run) > 1)
    if side_by_side > _MOST_SIDE_BY_SIDE * sum(map(len, runs)):
        return _guessed(telling) or "latin-1"
    fitting = [name for name in _CODE_PAGES if _fits(telling, name)]
    plain = [name for name in fitting if not _looks_odd(telling.decode(name))]
    if plain:
        return plain[0]
    return "cp1252" if "cp1252" in fitting else _guessed(telling) or "latin-1"


def _fits(telling: bytes, encoding: str) -> bool:
    try:
        telling.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


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
