"""Values that stand for no value: placeholders, sentinels, and what people type to try a form out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from schema_matching_pipeline.canon.absent import NO_CONTENT, PLACEHOLDERS
from schema_matching_pipeline.canon.masking import CUT, mask_shape
from schema_matching_pipeline.profiling.shapes import Shapes

_PLACEHOLDER_SHAPES = frozenset(mask_shape(text).casefold() for text in PLACEHOLDERS)

_SENTINEL_SHAPES = re.compile(
    r"(?:9{4}[-/.]99[-/.]99|99[./-]99[./-]9{4}|9?9/9?9/9{4}|9{8}).*|-?9{3,}(?:\.9+)?|-9{1,2}(?:\.9+)?"
)

# Words that are only typed to try something out, and words that are nothing more when they stand beside one.
_TEST_WORDS = frozenset(
    (
        "test", "tests", "tester", "teste", "testing", "dummy", "mock", "fake", "foo", "foobar", "bar", "baz", "bla", "blah", "lorem", "ipsum",
        "dolor", "sample", "beispiel", "muster", "mustermann", "musterfrau", "musterstadt", "musterstrasse", "musterstraße", "prueba", "ejemplo",
        "essai", "essais", "prova", "esempio", "exemple", "exemplo", "proef", "voorbeeld", "demo", "abc", "abcd", "abcdef", "xyz",
    )
)  # fmt: skip
_BESIDE_TEST_WORDS = frozenset(
    (
        "user", "patient", "account", "data", "daten", "entry", "eintrag", "name", "person", "value", "wert", "provider", "org", "organization",
        "company", "firma", "customer", "kunde", "client", "record", "row", "case", "doctor", "dr", "mr", "mrs", "ms", "herr", "frau", "street",
        "strasse", "straße", "city", "stadt", "address", "phone", "email", "mail", "note", "notes", "comment", "text", "string", "item",
        "product", "claim", "payer", "plan", "insurance", "do", "not", "use", "ignore", "please", "only", "nur", "zum", "first", "last", "max",
        "herrn", "fall", "arzt", "termin", "bitte", "gmbh", "ag", "inc", "ltd", "llc", "sa", "srl", "paciente", "usuario", "usuaria",
        "cliente", "datos", "registro", "nombre", "apellido", "doctora", "empresa", "calle", "ciudad", "texto", "de", "del", "el", "los", "una", "un", "utilisateur", "données", "nom", "prénom", "société", "le", "les", "des", "du", "pour", "paziente",
        "utente", "dati", "nome", "cognome", "azienda", "di", "il", "lo", "utilizador", "dados", "do", "da", "patiënt",
        "klant", "gebruiker", "naam", "gegevens", "bedrijf", "een", "van", "voor", "het",
        "erika", "new", "the", "this", "is", "a", "for", "der", "die", "das", "ein", "eine", "delete", "me", "sit", "amet",
    )
)  # fmt: skip
_COMPOUNDED = ("test", "muster", "dummy", "demo", "fake")  # testpatient, musterfirma
_LEAST_COMPOUNDED = 3  # characters
_WORD = re.compile(r"[^\W_]+")
# Keys that lie side by side, three of them twice over, or four in a row.
_KEYS = re.compile(
    r"(?:(?:asd|sdf|dfg|fgh|ghj|hjk|jkl|qwe|wer|ert|rtz|rty|zxc|xcv|cvb|vbn|yxc){2,}|(?:hj|jk|kl|df|fg|sd){3,})[a-z]?"
)
_TO_BE_DELETED = frozenset(
    (
        "no usar", "no utilizar", "para borrar", "para eliminar", "bitte löschen", "zu löschen", "wird gelöscht", "à supprimer", "a supprimer",
        "ne pas utiliser", "da cancellare", "non usare", "não usar", "para apagar", "niet gebruiken", "please delete", "to be deleted",
    )
)  # fmt: skip
_IN_COMPANY = frozenset(
    ("asd", "qwe", "yxc", "123", "1234", "12345", "123123", "testje", "borrar", "eliminar", "apagar", "supprimer", "löschen", "cancellare", "verwijderen", "delete")
)  # fmt: skip
_COMPANY = 2  # times as many different values as are surely made up
_TEST_PHRASE = re.compile(
    r"lorem ipsum|\bdo not use\b|\bdelete me\b|\bdeleteme\b|\bnicht verwenden\b|\bdummy\b|\basdf|\bqwert[yz]|\byxcv|\bzxcv|\bhjkl"
    r"|^(?:john|jane) doe$|^max mustermann$|^donald duck$|^mickey mouse$"
)
_TEST_ADDRESS = re.compile(
    r"(?:(?:test|dummy|fake|sample|foo|asdf|nobody|noreply|no-reply|none)[\w.+-]{0,20}|a|aa+|x|xx+)@[\w.-]+"
    r"|(?:prueba|prova|teste|essai|(?:max\.|erika\.)?muster(?:mann|frau)?)(?:[\d._+-][\w.+-]{0,20})?@[\w.-]+"
    r"|[\w.+-]+@(?:test|example|sample|dummy|fake|foo|asdf|localhost|domain|beispiel|muster\w*|prueba|ejemplo|prova|esempio|teste|exemplo|essai|exemple)"
    r"(?:\.[\w.]+)?"
    r"|([\w-]+)@\1\.[\w.]+"
)
_TRIPLES = tuple(3 * letter for letter in "abcdefghijklmnopqrstuvwxyz")
# Whatever is made up holds one of these, or a letter three times in a row; most values hold none and need no closer look.
_TEST_HINTS = (
    "test", "dummy", "mock", "fake", "foo", "bar", "baz", "bla", "lorem", "ipsum", "dolor", "sample", "beispiel", "muster", "prueba", "ejemplo",
    "essai", "prova", "esempio", "exempl", "proef", "voorbeeld", "demo", "abc", "xyz", "qwe", "asd", "sdf", "dfg", "fgh", "ghj", "hjk", "jkl", "yxc",
    "zxc", "xcv", "not use", "delete", "nicht", "doe", "duck", "mouse", "@", "borrar", "no u", "eliminar", "lösch", "supprimer", "utiliser",
    "cancellare", "non usare", "não usar", "apagar", "gebruiken",
)  # fmt: skip
_SHORT_CODE, _CODES = 4, 20  # characters of a code, and so many of its length make a list
_LONGEST_TEST = 200  # characters; longer texts are judged by their first words
_ONE_LETTER = re.compile(r"([a-z])\1{2,}")
_NOT_DIGITS = re.compile(r"[\s().+/-]")
_COUNTED = ("1234567890", "0123456789", "9876543210", "0987654321")
_AREA_NEVER_ISSUED = re.compile(r"(?:\+?1[ .-]?)?\(?(?:000|123|555|999)\)?[ .-]{1,2}\d{3}[ .-]\d{4}")
_COUNTRY = re.compile(r"\+\d{1,3}(?=\D)")
_NEVER_ISSUED = re.compile(r"(?:999|000|666)[- ]?\d{2}[- ]?\d{4}|\d{3}[- ]00[- ]\d{4}|\d{3}[- ]\d{2}[- ]0000")
_SHORTEST_NUMBER = 7  # characters
_NUMBER_STARTS = frozenset("+(0123456789")
_NUMBER_SHAPE = re.compile(r"[+(]?\d[\d\s().+/-]{5,}\d")
_NUMBER_SHAPES = re.compile(rf"[+(]?9[9 ·().+/-]{{5,}}(?:9|{CUT})")
_COUNTED_DIGITS = 9  # so many of a run, or the same all over without a mark between, are no chance


@lru_cache(maxsize=4_000)
def may_be_placeholder(shape: str) -> bool:
    """Whether a value of this shape may say that there is none."""
    return shape.casefold() in _PLACEHOLDER_SHAPES or NO_CONTENT.fullmatch(shape) is not None


@lru_cache(maxsize=4_000)
def may_be_sentinel(shape: str) -> bool:
    """Whether a value of this shape may be a sentinel."""
    return _SENTINEL_SHAPES.fullmatch(shape) is not None


def is_test_value(text: str) -> bool:
    """Whether somebody typed the value to try something out.

    >>> is_test_value("Test Patient 2"), is_test_value("asdfgh"), is_test_value("Pregnancy test")
    (True, True, False)
    """
    return _is_made_up(text, (*_TEST_HINTS, *_TRIPLES))


def _is_made_up(text: str, hints: Sequence[str]) -> bool:
    lowered = text.casefold()
    if len(lowered) > _LONGEST_TEST:
        return lowered.startswith("lorem ipsum")
    if not any(hint in lowered for hint in hints):
        return _is_made_up_number(text)
    return _is_test_text(lowered) or _TEST_ADDRESS.fullmatch(lowered) is not None


def _is_test_text(lowered: str) -> bool:
    """Whether a test word stands alone or beside words that mean nothing without one."""
    if _TEST_PHRASE.search(lowered) or lowered in _TO_BE_DELETED:
        return True
    words = [word.rstrip("0123456789") for word in _WORD.findall(lowered)]
    spoken = [word for word in words if word and not _ONE_LETTER.fullmatch(word)]
    if words and not spoken:
        return any(_ONE_LETTER.fullmatch(word) for word in words)
    told = [word for word in spoken if word not in _BESIDE_TEST_WORDS]
    return bool(told) and all(map(_is_test_word, told))


@lru_cache(maxsize=4_000)
def _is_test_word(word: str) -> bool:
    """A word for trying out, one beside a word that means nothing without it (testpatient), or a row of keys."""
    if word in _TEST_WORDS or _KEYS.fullmatch(word):
        return True
    return any(
        word.startswith(known)
        and len(word) >= len(known) + _LEAST_COMPOUNDED
        and word[len(known) :] in _BESIDE_TEST_WORDS
        for known in _COMPOUNDED
    )


class MadeUp(NamedTuple):
    """Places of texts: ``hinted`` hold what made-up ones do, ``lettered`` hold letters; what is made up and which numbers are."""

    hinted: Sequence[int]
    lettered: Sequence[int]
    surely: Sequence[int]
    numbers: Sequence[int]


def look_for_made_up(texts: Sequence[str], shapes: Shapes) -> MadeUp:
    """Which texts somebody typed to try something out, each by itself; one look over all of them spares most."""
    lowered = [text.casefold() for text in texts]
    hints = _hints_in("\n".join(lowered))
    hinted = {place for hint in hints for place, text in enumerate(lowered) if hint in text}
    counted = {*shapes.where(_may_be_counted), *_of_one_digit(texts, shapes)}
    return MadeUp(
        sorted(hinted),
        [place for place, text in enumerate(lowered) if text.islower()],
        [place for place in sorted(hinted | counted) if _is_made_up(texts[place], hints)],
        [place for place in sorted(counted) if _is_made_up_number(texts[place])],
    )


def with_their_company(sure: list[int], texts: Sequence[str]) -> list[int]:
    """The places of made-up values, and of those that are so only among them: asd, 123, or a word for "delete"."""
    doubtful = [place for place, text in enumerate(texts) if text.casefold() in _IN_COMPANY]
    return sorted({*sure, *doubtful}) if len(doubtful) <= _COMPANY * len(sure) else sure


def is_one_of_a_list(text: str, lengths: Mapping[int, int]) -> bool:
    """Whether a short word stands among many of its length: of all codes of three letters one is xxx."""
    return len(text) <= _SHORT_CODE and lengths[len(text)] >= max(_CODES, 0.5 * sum(lengths.values()))


def _hints_in(lowered: str) -> list[str]:
    triples = _TRIPLES if _repeats_thrice(lowered) else ()
    return [hint for hint in (*_TEST_HINTS, *triples) if hint in lowered]


def _of_one_digit(texts: Sequence[str], shapes: Shapes) -> list[int]:
    """Where numbers stand that are too short to be counted, but may be one digit all over: it ends them too."""
    places = shapes.where(_may_be_of_one_digit)
    return [place for place in places if texts[place][-1] in texts[place][:2]]


@lru_cache(maxsize=4_000)
def _may_be_counted(shape: str) -> bool:
    cut = shape.endswith(CUT)
    return (cut or shape.count("9") >= _COUNTED_DIGITS) and _NUMBER_SHAPES.fullmatch(shape) is not None


@lru_cache(maxsize=4_000)
def _may_be_of_one_digit(shape: str) -> bool:
    return not _may_be_counted(shape) and _NUMBER_SHAPES.fullmatch(shape) is not None


def _repeats_thrice(text: str) -> bool:
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    same = codes[1:] == codes[:-1]
    return bool((same[1:] & same[:-1] & (codes[2:] >= ord("a"))).any())


def is_unissued_number(text: str) -> bool:
    """Whether a US social security number lies in a range that is never given out, as generators use on purpose.

    >>> is_unissued_number("999-12-3456"), is_unissued_number("212-12-3456")
    (True, False)
    """
    return _NEVER_ISSUED.fullmatch(text) is not None or _is_made_up_number(text)


def _is_made_up_number(text: str) -> bool:
    """One digit all over, or digits counted up or down, in something long enough to be a number on purpose."""
    if len(text) < _SHORTEST_NUMBER or text[0] not in _NUMBER_STARTS:
        return False
    separated = not text.isdecimal()
    if separated and not _NUMBER_SHAPE.fullmatch(text):
        return False
    if separated and _AREA_NEVER_ISSUED.fullmatch(text):
        return True
    digits = _NOT_DIGITS.sub("", _COUNTRY.sub("", text)) if separated else text
    if not digits:
        return False
    if digits.count(digits[0]) == len(digits):
        return separated or len(digits) >= _COUNTED_DIGITS
    return len(digits) >= _COUNTED_DIGITS and any(digits in run or run in digits for run in _COUNTED)
