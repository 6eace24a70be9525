"""Texts: names of persons, sentences, lists, markup, and what stands for nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from schema_matching_pipeline.canon.given_names import is_east_asian_name, is_family_name, is_given_name
from schema_matching_pipeline.profiling.pattern import PATTERNS, following

_NAME_WORD = r"(?:[^\W\d_][\w'\u2019.-]*\d{0,3})"
_PERSON = re.compile(rf"{_NAME_WORD}(?:,? {_NAME_WORD}){{0,6}}")
_NAME_PARTICLES = frozenset(
    ("von", "van", "de", "del", "della", "di", "da", "dos", "das", "do", "du", "la", "le", "der", "den", "zu", "zum", "vom", "bin", "ibn", "al", "y", "e", "ter",
     "ten", "af", "av", "pan", "pani", "dr.", "prof.", "dhr.", "mevr.", "d\u2019", "et", "und", "ap", "ing.", "mgr.", "bc.")
)  # fmt: skip
# Places and companies are named after persons, too.
_BEFORE_PLACES = frozenset(
    ("san", "santa", "santo", "saint", "sainte", "sankt", "são", "st", "mount", "lake", "port", "fort", "new", "north", "south", "east", "west", "el", "los",
     "las", "villa", "ville", "bad", "university", "hospital", "clinic", "place", "plaza")
)  # fmt: skip
_AFTER_NAMES_OF_OTHERS = frozenset(
    ("ab", "hb", "ag", "gmbh", "kg", "ohg", "inc", "llc", "ltd", "plc", "corp", "co", "company", "group", "partners", "sons", "sarl", "sas", "srl", "spa", "bv",
     "nv", "oy", "oyj", "as", "aps", "ltda", "holding", "industries", "ville", "city", "county", "island", "islands", "park", "street", "school", "university",
     "hospital", "clinic", "church", "college", "bank", "hotel", "foundation", "institute", "association", "beach", "hills", "valley", "river")
)  # fmt: skip
_FULL_NAME = re.compile(r"\b([A-ZÀ-Þ][a-zß-ÿ]{2,})[ -](?:[A-Z]\. )?([A-ZÀ-Þ][\w'\u2019]+)")
_TITLED = re.compile(
    r"\b(?:Mrs?|Ms|Miss|Dr|Prof|Herrn?|Frau|Señora?|Sra|Mme|Monsieur|Madame)\.? [A-ZÀ-Þ][\w'\u2019]+"
)
_REACHED = re.compile(r"[\w.+-]+@[\w-]+\.\w+|(?:\+\d{1,3}[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[.-]\d{4}\b")
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_WORDS = 4
_FULL_STOPS = ".!?\u06d4\u0964"
_CHINESE_SENTENCE = re.compile(r".{4,}[\u3002\uff01\uff1f\uff0c].*", re.DOTALL)
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
    if not _PERSON.fullmatch(text):
        return False
    parts = text.replace(",", "").split()
    if any(part[0].islower() and part not in _NAME_PARTICLES for part in parts):
        return False
    lowered = [part.casefold().rstrip(".") for part in parts]
    if len(parts) > 1 and (lowered[0] in _BEFORE_PLACES or not _AFTER_NAMES_OF_OTHERS.isdisjoint(lowered)):
        return False
    words = [word for word in _WORD.findall(text) if word.casefold() not in _TITLES]
    is_told = any(map(is_given_name, words)) or (len(words) > 1 and any(map(is_family_name, words)))
    return is_told or is_east_asian_name(text)


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
    if _CHINESE_SENTENCE.fullmatch(text):
        return True
    if len(spoken) < _SENTENCE_WORDS or text[0] in "{[<":
        return False
    lower = sum(word[0].islower() or (text[-1] in _FULL_STOPS and not word[0].isupper()) for word in spoken)
    return (
        2 * lower >= len(spoken)
        or (text[-1] in ".!?" and lower > 0)
        or "\n" in text
        or len(text) > _LONG_TEXT
    )


@PATTERNS.register("names_in_text")
def names_in_text(values: Sequence[str]) -> list[bool]:
    """Free text that names somebody: a given name before another name, a title before one, or how to reach somebody."""
    return [_names_somebody(value) for value in values]


def _names_somebody(text: str) -> bool:
    if text.count(" ") < _SENTENCE_WORDS - 1 or not _is_sentence(text):
        return False
    if _REACHED.search(text) or _TITLED.search(text):
        return True
    pairs = _FULL_NAME.finditer(text)
    return any(is_given_name(pair[1]) and pair[2].casefold() not in _AFTER_NAMES_OF_OTHERS for pair in pairs)


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
