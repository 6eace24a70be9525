"""Words and phrases that name the same thing, from the packaged synonym lists."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from schema_matching_pipeline.canon.names import abbreviations, english_words, expand, foreign_words
from schema_matching_pipeline.canon.packaged import packaged_mappings

FILLERS = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "de",
        "der",
        "des",
        "di",
        "die",
        "du",
        "for",
        "in",
        "is",
        "of",
        "on",
        "or",
        "the",
        "to",
        "und",
        "von",
        "with",
    ]
)
ITSELF = 1.0
FIRST_MEANING = 0.97  # what an abbreviation stands for most often
OTHER_MEANING = 0.9
FALSE_FRIEND = 0.6  # what a word that is English, too, means in another language
SAME_PHRASE = 0.85  # a phrase of several words that names the same thing


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a token: as these words, believed to this degree."""

    words: tuple[str, ...]
    belief: float


@lru_cache(maxsize=1)
def synonym_groups() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Every group of synonyms: the head and its phrases."""
    lists = packaged_mappings("synonyms")
    return tuple((head, phrases) for name in sorted(lists) for head, phrases in lists[name].items())


@lru_cache(maxsize=50_000)
def readings(token: str) -> tuple[Reading, ...]:
    """Every way to read a token: as itself, as its meanings, as phrases that name the same thing.

    >>> [reading.words for reading in readings("dob")]
    [('dob',), ('date', 'birth')]
    """
    meanings = expand(token)
    texts = [(token, ITSELF), *((text, FIRST_MEANING) for text in meanings[:1])]
    texts += [(text, OTHER_MEANING) for text in meanings[1:]]
    texts = [
        (text, min(belief, FALSE_FRIEND) if _is_false_friend(token, text) else belief)
        for text, belief in texts
    ]
    texts += [(phrase, SAME_PHRASE) for phrase in _phrases_by_word().get(token, ())]
    found = {words_of(text): belief for text, belief in reversed(texts) if words_of(text)}
    return tuple(Reading(words, belief) for words, belief in reversed(found.items())) or (
        Reading((token,), ITSELF),
    )


def _is_false_friend(token: str, text: str) -> bool:
    """Whether an English word would have to be one of another language, spelled the same, to mean the text."""
    listed = token in english_words() and text in foreign_words().get(token, ())
    return listed and text != token and text not in abbreviations().get(token, ())


def words_of(text: str) -> tuple[str, ...]:
    """The words of a phrase that carry meaning.

    >>> words_of("date of birth")
    ('date', 'birth')
    """
    return tuple(word for word in text.split() if word not in FILLERS)


@lru_cache(maxsize=1)
def _phrases_by_word() -> dict[str, tuple[str, ...]]:
    """For single words, the phrases of several words in their groups."""
    phrases: dict[str, list[str]] = {}
    for head, members in synonym_groups():
        for word in (text for text in (head, *members) if " " not in text):
            phrases.setdefault(word, []).extend(
                text for text in (head, *members) if " " in text and word not in text.split()
            )
    return {word: tuple(dict.fromkeys(texts)) for word, texts in phrases.items()}
