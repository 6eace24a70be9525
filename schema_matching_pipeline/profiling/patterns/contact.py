"""How people and places are reached."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import phonenumbers

from schema_matching_pipeline.profiling.dates import date_form
from schema_matching_pipeline.profiling.pattern import PATTERNS, following

_EMAIL = r"(?:mailto:)?[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,24}"
_URL = r"(?:https?|ftp)://\S+|www\.[\w-]+(?:\.[\w-]+)+\S*"
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?:com|org|net|edu|gov|info|biz|io|de|at|ch|fr|es|it|uk|nl|be|eu|us)(?:/\S*)?"
_PHONE_LIKE = re.compile(
    r"(?:(?:tel|phone|fax|mobil|cell)\w*[.:]? ?)?\+?[\d(][\d\s().+/\u2013-]{5,24}\d(?: ?(?:x|ext\.?|#|durchwahl) ?\d{1,6})?",
    re.IGNORECASE,
)
_SEPARATED = re.compile(r"[\s().+/\u2013-]")
_OTHER_NUMBERS = re.compile(
    r"\d{3}-\d{2}-\d{4}|\d{5}-\d{4}|\d{1,3}(?:\.\d{1,3}){3}|\d+\.\d+|\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}"
    r"|(?:97[89][- ]?)?\d{1,5}-\d+-\d+-[\dX]|\d{1,3}(?:[ .]\d{3})+|\d{1,5}-\d|\d{4}[-/ ]\d{2,4}|(?:\d\s+)+\d|\d{6,8}[-+]\d{4}|[(]\d+[)]"
)
_REGIONS = ("US", "DE", "GB", "FR", "ES", "IT", "NL", "CH", "AT", "BR", "IN", "AU", "MX", "JP", "SE", "PL")
_STREET_WORD = (
    r"(?:street|str?\.?|road|rd|avenue|ave|av|boulevard|blvd|drive|dr|lane|ln|court|ct|place|pl|plaza|square|sq|highway|hwy|parkway|pkwy|terrace"
    r"|ter|circle|cir|way|walk|trail|row|alley|rte|route|unit|apt|apartment|suite|ste|floor|broadway|gardens?|close|crescent|hill|park|mews|yard|box)"
)
_STREET = re.compile(
    rf"\d+[a-z]?(?:[-/]\d+)?,? (?:[\w.'\u2019-]+ ){{0,5}}{_STREET_WORD}\b.*"
    r"|[^\d]{3,40}(?:str(?:\.|a(?:ß|ss)e)|weg|platz|allee|gasse|ring|damm|ufer|chaussee|laan|straat)\s*\d+\s?[a-z]?(?:[-/]\d+)?.*"
    r"|(?:rue|avenue|boulevard|calle|av\.?|avenida|plaza|via|viale|piazza|rua|c/|chemin|impasse|place|quai) [^\d]{2,40},? ?\d*.*"
    r"|\d+,? ?(?:bis |ter )?(?:rue|avenue|boulevard|place|chemin|quai) .*"
    r"|(?:p\.? ?o\.? ?box|postfach|apartado) ?\d+.*",
    re.IGNORECASE,
)


@PATTERNS.register("email")
def email(values: Sequence[str]) -> list[bool]:
    """E-mail addresses with a top-level domain."""
    return list(_email(values))


_email = following(_EMAIL)


@PATTERNS.register("url")
def url(values: Sequence[str]) -> list[bool]:
    """Web addresses: with a scheme, with ``www``, or a bare domain of a common ending."""
    return list(_url(values))


_url = following(f"{_URL}|{_DOMAIN}", flags=re.IGNORECASE)


@PATTERNS.register("phone")
def phone(values: Sequence[str]) -> list[bool]:
    """Telephone and fax numbers: separated digits of a possible length, or bare digits valid in a country."""
    return [_is_phone(value) for value in values]


@lru_cache(maxsize=20_000)
def _is_phone(text: str) -> bool:
    if not _PHONE_LIKE.fullmatch(text) or _OTHER_NUMBERS.fullmatch(text) or date_form(text):
        return False
    digits = sum(character.isdigit() for character in text)
    if not 7 <= digits <= 20:
        return False
    if _SEPARATED.search(text):
        return digits <= 15 or "x" in text.casefold()
    return digits in {10, 11, 12} and (text[0] == "0" or digits == 10) and _is_valid_somewhere(text)


def _is_valid_somewhere(digits: str) -> bool:
    regions = _REGIONS if digits[0] == "0" else ("US",)
    for region in regions:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(digits, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


@PATTERNS.register("street_address")
def street_address(values: Sequence[str]) -> list[bool]:
    """Streets with house numbers, in the word orders of English, German, French, Spanish and Italian."""
    return [len(value) <= 120 and _STREET.fullmatch(value) is not None for value in values]


@PATTERNS.register("ip")
def ip(values: Sequence[str]) -> list[bool]:
    """Internet addresses of either version."""
    return list(_ip(values))


_ip = following(
    r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)|(?=.*:.*:)[0-9a-fA-F:]{3,39}",
    lambda text: "." in text or not re.fullmatch(r"[\d:]{5,8}", text),
)
