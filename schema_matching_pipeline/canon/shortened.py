"""Listed words that a token may be short for, where old systems allow eight or ten letters a name.

Two ways of shortening are understood: cutting a word off (``bundesl`` for bundesland), and leaving letters out
(``rechng`` for rechnung, ``kkasse`` for krankenkasse). Where letters were left out, consonants stand together that
no whole word puts there; without such a run a token is a word of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

SHORTEST_CUT = 5  # a shorter beginning begins too many words
SHORTEST_SQUEEZED = 6
LEAST_KEPT = 0.5  # of its letters, for a word to be recognised where letters are left out
NEARLY_AS_GOOD = 0.1  # a word that keeps this much less of its letters is as good a reading
MOST_MEANINGS = 2  # more readings than this are none

_LEFT_OUT = re.compile(r"^([^aeiouy])\1|[^aeiouy]{3}")  # a doubled beginning, or a run of consonants

Words = Mapping[str, tuple[str, ...]]


def meanings_of_short(token: str, words: Words) -> tuple[str, ...]:
    """What the words mean that a token may be short for; empty where none fits, or too many do.

    >>> words = {"rechnung": ("invoice",), "rechnungsdatum": ("invoice date",), "reaktion": ("reaction",)}
    >>> meanings_of_short("rechn", words), meanings_of_short("rechng", words), meanings_of_short("rexy", words)
    (('invoice',), ('invoice',), ())
    """
    found = _cut_off(token, words) or _squeezed(token, words)
    meanings = tuple(dict.fromkeys(meaning for word in found for meaning in words[word][:1]))
    return meanings if len(meanings) <= MOST_MEANINGS else ()


def is_cut_off(token: str, words: Words) -> bool:
    """Whether the token is the beginning of listed words that mean one thing or two."""
    found = _cut_off(token, words)
    return 0 < len({words[word][:1] for word in found}) <= MOST_MEANINGS


def _cut_off(token: str, words: Words) -> tuple[str, ...]:
    if len(token) < SHORTEST_CUT:
        return ()
    return _without_compounds(sorted(word for word in words if word.startswith(token) and word != token))


def _squeezed(token: str, words: Words) -> tuple[str, ...]:
    if len(token) < SHORTEST_SQUEEZED or not _LEFT_OUT.search(token):
        return ()
    kept = {
        word: len(token) / len(word)
        for word in words
        if (word[0], word[-1]) == (token[0], token[-1])
        and LEAST_KEPT <= len(token) / len(word) < 1
        and _in_order(token, word)
    }
    best = max(kept.values(), default=0.0)
    return _without_compounds(sorted(word for word, share in kept.items() if share >= best - NEARLY_AS_GOOD))


def _without_compounds(in_order: Iterable[str]) -> tuple[str, ...]:
    """Of words that begin alike the shortest: what begins with another word is that word's compound."""
    found: list[str] = []
    for word in in_order:
        if not found or not word.startswith(found[-1]):
            found.append(word)
    return tuple(found)


def _in_order(letters: str, word: str) -> bool:
    rest = iter(word)
    return all(letter in rest for letter in letters)
