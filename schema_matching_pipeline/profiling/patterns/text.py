"""Texts: names of persons, sentences, lists, markup, and what stands for nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from schema_matching_pipeline.profiling.given_names import given_names
from schema_matching_pipeline.profiling.pattern import PATTERNS, following

_NAME_WORD = r"(?:[A-ZÀ-ÖØ-Þ][\w'\u2019.-]*\d{0,3}|von|van|de|del|della|di|da|la|le|der|den|zu|bin|al|y)"
_PERSON = re.compile(
    rf"(?:(?:Mrs?|Ms|Miss|Dr|Prof|Herr|Frau|Sr|Sra|M|Mme)\.? )?{_NAME_WORD}(?:,? {_NAME_WORD}){{0,4}}(?:,? (?:Jr|Sr|II|III|MD|PhD)\.?)?",
    re.UNICODE,
)
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_WORDS = 4
_LONG_TEXT = 200  # characters; so many words are prose however they are written
_TITLES = frozenset(["mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "sr", "sra", "mme", "jr"])
_RELATIONS = frozenset(
    ("self", "spouse", "husband", "wife", "partner", "child", "son", "daughter", "parent", "mother", "father", "mom", "dad", "brother", "sister",
     "sibling", "grandparent", "grandmother", "grandfather", "grandchild", "grandson", "granddaughter", "uncle", "aunt", "cousin", "nephew", "niece",
     "friend", "neighbor", "neighbour", "guardian", "caregiver", "carer", "employer", "employee", "ward", "stepchild", "stepson", "stepdaughter",
     "dependent", "subscriber", "insured", "other", "life partner", "domestic partner", "roommate", "ex-spouse", "fiance", "fiancé", "fiancee",
     "selbst", "ehemann", "ehefrau", "ehepartner", "ehegatte", "kind", "sohn", "tochter", "mutter", "vater", "eltern", "bruder", "schwester", "oma",
     "opa", "großmutter", "großvater", "onkel", "tante", "freund", "freundin", "nachbar", "nachbarin", "betreuer", "vormund", "lebenspartner",
     "emergency", "emergency contact", "next of kin", "power of attorney", "foster child", "significant other", "padre", "madre", "hijo", "hija",
     "esposo", "esposa", "hermano", "hermana", "mère", "père", "fils", "fille", "conjoint")
)  # fmt: skip


@PATTERNS.register("person_name")
def person_name(values: Sequence[str]) -> list[bool]:
    """Names of persons: capitalised words, one of them a common given name, in mixed or upper case."""
    return [_is_person(value) for value in values]


@lru_cache(maxsize=20_000)
def _is_person(text: str) -> bool:
    if len(text) > 60 or not text[:1].isalpha():
        return False
    shaped = text.title() if text.isupper() and len(text) > 3 else text
    if not _PERSON.fullmatch(shaped):
        return False
    words = [word.casefold() for word in _WORD.findall(text)]
    return any(word in given_names() for word in words if word not in _TITLES)


@PATTERNS.register("relationship")
def relationship(values: Sequence[str]) -> list[bool]:
    """Words that say how two persons are related."""
    return [value.casefold() in _RELATIONS for value in values]


@PATTERNS.register("sentence")
def sentence(values: Sequence[str]) -> list[bool]:
    """Free text: several words, mostly in lower case, or ending like a sentence."""
    return [_is_sentence(value) for value in values]


def _is_sentence(text: str) -> bool:
    spoken = [word for word in text.split() if word[0].isalpha()]
    if len(spoken) < _SENTENCE_WORDS or text[0] in "{[<":
        return False
    lower = sum(word[0].islower() for word in spoken)
    return (
        2 * lower >= len(spoken)
        or (text[-1] in ".!?" and lower > 0)
        or "\n" in text
        or len(text) > _LONG_TEXT
    )


@PATTERNS.register("words")
def words(values: Sequence[str]) -> list[bool]:
    """Letters, blanks and plain punctuation only."""
    return list(_words(values))


_words = following(r"[^\W\d_][^\W\d_ .,'\u2019()&/:;-]*(?:[ .,'\u2019()&/:;-]+[^\W\d_]+)*[.)!?]?")


@PATTERNS.register("json")
def json(values: Sequence[str]) -> list[bool]:
    """Objects and lists in JSON, judged by their outermost marks."""
    return list(_json(values))


_json = following(r'\{\s*(?:"[^"]*"\s*:.*)?\}|\[\s*(?:[\{\["].*|-?\d.*)?\]', flags=re.DOTALL)


@PATTERNS.register("markup")
def markup(values: Sequence[str]) -> list[bool]:
    """Texts in HTML or XML."""
    return list(_markup(values))


_markup = following(r"\s*<(?:\?xml|!DOCTYPE|[A-Za-z][\w:-]*)[^>]*>.*", flags=re.DOTALL)


@PATTERNS.register("separated_list")
def separated_list(values: Sequence[str]) -> list[bool]:
    """Several short items in one value, separated by a bar, semicolon or comma."""
    return list(_separated(values))


_separated = following(
    r"[\w:. -]{1,40}(?:([|;~])[\w:. -]{0,40})(?:\1[\w:. -]{0,40})*|[\w:.-]{1,20}(?:, ?[\w:.-]{1,20}){2,}"
)
