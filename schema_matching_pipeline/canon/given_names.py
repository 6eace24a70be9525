"""Whether words are the name of a person: common given names, as packaged, and how family names end or begin."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from schema_matching_pipeline.canon.packaged import packaged_mappings

# What accents do not explain.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "\u0131": "i", "þ": "th", "ð": "d"}
)
_FAMILY = re.compile(
    r"\w{2,}(?:sson|sdottir|sdotter|ova|sky|wski|wska|icki|icka|ecki|ecka|inen|ovic|evic|escu|opoulos|opoulou|idis|akis|oglu|enko|shvili"
    r"|adze|vich|vych|ичев|овна|евна|ович|евич|ова|ева|ина|ская|скии|енко|чук|ов|ев|ин|οπουλοσ|οπουλου|ιδησ|ιδου|ακησ|ακη)"
)
_HAN_NAME = re.compile(r"[\u4e00-\u9fff]{1,4}[ \u3000]?[\u3040-\u30ff\u4e00-\u9fff]{1,4}")
_MOST_WORDS = 4
_HANGUL_NAME = re.compile(r"[\uac00-\ud7af]{2,5}")


@lru_cache(maxsize=1)
def given_names() -> frozenset[str]:
    """Given names of many languages, in lower case and without accents."""
    return _listed("names") | _listed("native_names")


def is_given_name(word: str) -> bool:
    """Whether a word is a common given name, however it is written.

    >>> is_given_name("Jürgen"), is_given_name("ZOË"), is_given_name("Table")
    (True, True, False)
    """
    return _plain(word) in given_names()


def names_a_person(text: str) -> bool:
    """Whether a short text that is to name something has a given name among its few words.

    >>> names_a_person("Ann_Lee"), names_a_person("lab results"), names_a_person("Condition")
    (True, False, False)
    """
    words = re.findall(r"[^\W\d_]+", text)
    return len(words) <= _MOST_WORDS and any(is_given_name(word) for word in words)


@lru_cache(maxsize=4_000)
def is_family_name(word: str) -> bool:
    """Whether a capitalised word ends as family names of some languages do, and few other words."""
    return word[:1].isupper() and _FAMILY.fullmatch(_plain(word)) is not None


def is_east_asian_name(text: str) -> bool:
    """Whether a text is as long as a Chinese, Japanese or Korean name and begins with a common family name."""
    if _HANGUL_NAME.fullmatch(text):
        return 3 <= len(text) <= 4 and text[0] in _listed("korean_families")
    if not _HAN_NAME.fullmatch(text):
        return False
    japanese, chinese = _listed("japanese_families"), _listed("chinese_families")
    is_chinese = 2 <= len(text) <= 3 and (text[0] in chinese)
    return is_chinese or any(text[:size] in japanese for size in (2, 3, 1) if size < len(text))


def _plain(word: str) -> str:
    """A word in lower case and without accents."""
    lowered = word.casefold()
    if lowered.isascii():
        return lowered
    bare = unicodedata.normalize("NFKD", lowered.translate(_LETTERS))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


@lru_cache(maxsize=8)
def _listed(name: str) -> frozenset[str]:
    return frozenset(" ".join(packaged_mappings("lexicon")["lexicon/given_names"][name]).split())
