"""Column names as tokens, and what tokens may stand for: abbreviations, and words of other languages.

The lists are YAML files under ``canon/data``: ``abbreviations`` (several meanings each, the likeliest
first), ``words`` (other languages to English, and plain English words), ``synonyms`` (words that name the
same thing in a field of work).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache

from schema_matching_pipeline.canon.packaged import packaged_mappings
from schema_matching_pipeline.canon.shortened import is_cut_off, meanings_of_short

SHORTEST_COMPOUND = 6  # shorter names are not searched for a hidden seam
SHORTEST_PART = 3  # shorter parts make seams where there are none
LONGEST_SEARCHED = 48  # a longer run of letters is data, not a name

_PIECES = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^\W\d_a-zA-Z]+")
_SPELLED_OUT = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "ß": "ss",
        "æ": "ae",
        "ø": "oe",
        "å": "a",
    }
)
_LAST_PARTS = frozenset({"id", "no", "nr", "cd", "dt", "nm", "am", "ab"})
_SHORT_LAST_PARTS = frozenset(
    {"art", "beg", "betr", "bez", "bis", "dat", "ende", "std", "tag", "typ", "von"}
)  # German
_LINKING_LETTERS = ("", "s", "n", "en", "es")
_ENGLISH_ENDINGS = ("s", "es", "d", "ed", "r", "er", "or", "ing", "ly", "al", "able", "ment")
_JOINED = {
    ("e", "mail"): "email",
    ("time", "stamp"): "timestamp",
    ("date", "time"): "datetime",
    ("follow", "up"): "followup",
}


@lru_cache(maxsize=200_000)
def name_tokens(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case: cut at separators, humps, digits and known word seams.

    >>> name_tokens("PatientBirthDate"), name_tokens("ADDR_LINE2")
    (('patient', 'birth', 'date'), ('addr', 'line', '2'))
    >>> name_tokens("Straße"), name_tokens("rechnungsbetrag"), name_tokens("CUSTOMERID")
    (('strasse',), ('rechnungsbetrag',), ('customer', 'id'))
    """
    pieces = [piece.lower() for piece in _PIECES.findall(plain_text(name))]
    cut = [part for piece in pieces for part in _cut_compound(piece)]
    return tuple(_join_known_pairs(cut))


def plain_text(text: str) -> str:
    """The text with Latin letters in ASCII: umlauts written out, accents dropped; other scripts stay.

    >>> plain_text("Größe numéro 價格")
    'Groesse numero 價格'
    """
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text).translate(_SPELLED_OUT)
    parted = unicodedata.normalize("NFKD", composed)
    return "".join(letter for letter in parted if not unicodedata.combining(letter))


@lru_cache(maxsize=50_000)
def expand(token: str) -> tuple[str, ...]:
    """What a token may stand for, in English, the likeliest first; empty where no list knows it.

    A token that no list knows is read as the listed foreign word it is short for, where there is one, unless it
    may as well be English.

    >>> expand("dob"), expand("geburtsdatum"), expand("patient"), expand("rechng")
    (('date of birth',), ('birth date',), (), ('invoice',))
    """
    if not _is_known(token):
        return () if _may_be_english(token) else meanings_of_short(token, foreign_words())
    found = (*abbreviations().get(token, ()), *foreign_words().get(token, ()))
    return tuple(dict.fromkeys(meaning for meaning in found if meaning != token))


def is_word(token: str) -> bool:
    """Whether a token is a plain word of a known language rather than an abbreviation."""
    return token in english_words() or (len(token) >= SHORTEST_COMPOUND and token in foreign_words())


@lru_cache(maxsize=1)
def abbreviations() -> dict[str, tuple[str, ...]]:
    """Every packaged abbreviation with its meanings, those of all lists together."""
    return _all_meanings("abbreviations/general", "abbreviations")


@lru_cache(maxsize=1)
def foreign_words() -> dict[str, tuple[str, ...]]:
    """Every packaged word of another language with its English meanings."""
    return _all_meanings("words/german", "words")


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """Plain English words of column names, with the words that abbreviations stand for."""
    listed = " ".join(packaged_mappings("lexicon")["lexicon/english"]["words"]).split()
    spelled = (word for meanings in abbreviations().values() for text in meanings for word in text.split())
    return frozenset(listed) | frozenset(word for word in spelled if len(word) >= SHORTEST_PART)


@lru_cache(maxsize=1)
def _languages() -> tuple[dict[str, tuple[str, ...]], ...]:
    """The words of each packaged language by itself."""
    return tuple(packaged_mappings("words").values())


def _all_meanings(first: str, folder: str) -> dict[str, tuple[str, ...]]:
    lists = packaged_mappings(folder)
    meanings: dict[str, list[str]] = {}
    for name in sorted(lists, key=lambda name: (name != first, name)):
        for token, value in lists[name].items():
            meanings.setdefault(token, []).extend(value)
    return {token: tuple(dict.fromkeys(texts)) for token, texts in meanings.items()}


def _cut_compound(piece: str) -> tuple[str, ...]:
    if not SHORTEST_COMPOUND <= len(piece) <= LONGEST_SEARCHED or _is_known(piece) or not piece.isascii():
        return (piece,)
    return _best_cut(piece) or _cut_behind_short(piece) or (piece,)


def _cut_behind_short(piece: str) -> tuple[str, ...]:
    """A shortened word before a known one of the same language, as in ``leistdat``; the longest first part wins."""
    for seam in range(len(piece) - len("nr"), SHORTEST_PART - 1, -1):
        head, tail = piece[:seam], piece[seam:]
        short = not _may_be_english(head)
        if any(
            (head in words or (short and is_cut_off(head, words))) and _ends_a_name(tail, words)
            for words in _languages()
        ):
            return (head, tail)
    return ()


def _ends_a_name(part: str, words: Mapping[str, tuple[str, ...]]) -> bool:
    return part in words and (len(part) > SHORTEST_PART or part in _SHORT_LAST_PARTS)


def _best_cut(piece: str) -> tuple[str, ...]:
    """The cut into the fewest known parts; of several, the one with the longest first part."""
    best: list[tuple[str, ...] | None] = [()] + [None] * len(piece)
    for end in range(1, len(piece) + 1):
        for start in range(end):
            before = best[start]
            if before is None:
                continue
            part = _known_part(piece, start, end)
            if part and (best[end] is None or len(before) + 1 < len(best[end] or ())):
                best[end] = (*before, part)
    return best[-1] or ()


def _known_part(piece: str, start: int, end: int) -> str:
    part, last = piece[start:end], end == len(piece)
    if last and start and part in _LAST_PARTS:
        return part
    if len(part) < SHORTEST_PART:
        return part if part == "of" and start and not last else ""
    if part in english_words() or (len(part) > SHORTEST_PART and _is_known(part)):
        return part
    if not start and len(piece) > SHORTEST_COMPOUND and part in abbreviations():
        return part
    return "" if last else _without_linking_letters(part)


def _without_linking_letters(part: str) -> str:
    """German joins its words with s, n, en or es, English a genitive with s; the word without them."""
    stems = (part.removesuffix(letters) for letters in _LINKING_LETTERS[1:] if part.endswith(letters))
    return next(
        (
            stem
            for stem in stems
            if len(stem) > SHORTEST_PART and (stem in foreign_words() or stem in english_words())
        ),
        "",
    )


@lru_cache(maxsize=50_000)
def _may_be_english(token: str) -> bool:
    """Whether a token begins an English word, or is one with an ending, as ``pharm`` and ``scanner``."""
    words = english_words()
    stems = {token.removesuffix(ending) for ending in _ENGLISH_ENDINGS if token.endswith(ending)}
    undoubled = {stem[:-1] for stem in stems if stem[-1:] == stem[-2:-1]}
    return (
        token in words
        or any(len(stem) > SHORTEST_PART and stem in words for stem in stems | undoubled)
        or _begins_a_word(token)
    )


def _begins_a_word(token: str) -> bool:
    words = _words_in_order()
    place = bisect_left(words, token)
    return place < len(words) and words[place].startswith(token)


@lru_cache(maxsize=1)
def _words_in_order() -> list[str]:
    return sorted(english_words())


def _is_known(token: str) -> bool:
    return token in english_words() or token in abbreviations() or token in foreign_words()


def _join_known_pairs(tokens: list[str]) -> list[str]:
    joined: list[str] = []
    for token in tokens:
        pair = _JOINED.get((joined[-1], token)) if joined else None
        joined = [*joined[:-1], pair] if pair else [*joined, token]
    return joined
