"""How people and places are reached."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_interface

import phonenumbers

from schema_matching_pipeline.profiling.dates import date_form
from schema_matching_pipeline.profiling.pattern import PATTERNS, following

_EMAIL = r"(?:mailto:)?[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,24}"
_URL = r"[a-z][a-z\d+.-]{1,11}://\S+|urn:[a-z\d][a-z\d-]{1,30}:\S+|www\.[\w-]+(?:\.[\w-]+)+\S*"
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?:com|org|net|edu|gov|mil|int|info|biz|io|dev|app|ai|tech|cloud|online|shop|site|store|health|care|clinic|de|at|ch|fr|es|it|uk|nl|be|eu|us|ca|au|nz|ie|jp|cn|br|mx|pl|se|no|dk|fi|cz|pt|gr|hu|ro|ru|tr|za|kr|il|in|ar|cl|co|me|tv)(?::\d{2,5})?(?:[/?#]\S*)?"
_PHONE_LIKE = re.compile(
    r"(?:(?:tel|phone|fax|mobil|cell)\w*[.:]{0,2} ?)?\+?[\d(][\d\s().+/\u2013-]{5,24}\d(?: ?(?:x|ext\.?|#|durchwahl) ?\d{1,6})?",
    re.IGNORECASE,
)
_SEPARATED = re.compile(r"[\s().+/\u2013-]")
_OTHER_NUMBERS = re.compile(
    r"\d{3}[- ]\d{2}[- ]\d{4}|\d{5}-\d{4}|\d{3}\.\d{3}\.\d{3}-\d{2}|756\.\d{4}\.\d{4}\.\d{2}|[2-9]\d{3} \d{4} \d{4}|\d{4,5}-\*?\d{3,4}-\d{1,2}|\d{4}-\d{6}-\d{4,5}|[3-6]\d{3} \d{6} \d{4,5}"
    r"|\d{6}/\d{3,4}|[\d.]{7,15}/\d{1,2}|\d{1,3}(?:\.\d{1,3}){3}|\d+\.\d+|\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}"
    r"|(?:97[89][- ]?)?\d{1,5}-\d+-\d+-[\dX]|[1-9]\d{0,2}(?:[ .]\d{3})+|\d{1,5}-\d|\d{5}-\d{2}|\d{4}[-/]\d{2,4}|(?:1[89]|20)\d\d \d{2,4}|\d{4} \d{2,3}"
    r"|(?:\d\s+)+\d|\d{6,8}[-+]\d{3,7}|[(]\d+[)]"
)
_GROUPED = re.compile(
    r"[1-9]\d\d(?: \d{3}){2}"
)  # a telephone number in some countries, an amount of millions in others
_REGIONS = (
    "US",
    "DE",
    "GB",
    "FR",
    "ES",
    "IT",
    "NL",
    "CH",
    "AT",
    "BR",
    "IN",
    "AU",
    "MX",
    "JP",
    "SE",
    "PL",
    "BE",
    "CZ",
    "GR",
    "HR",
    "HU",
    "IL",
    "RO",
    "ZA",
)
_GROUPING_REGIONS = ("ES", "PL", "PT", "CZ")
# Streets by how each language names them: the words of English ones (those of the postal service of the United States
# among them), endings grown together with the name, words before a name, and words after it.
_STREET_WORD = (
    r"(?:street|str?\.?|road|rd|avenue|ave|av|boulevard|blvd|drive|dr|lane|ln|court|ct|place|pl|plaza|square|sq|highway|hwy|parkway|pkwy|terrace"
    r"|ter|circle|cir|way|walks?|trail|row|alley|rte|route|unit|apt|apartment|suite|ste|floor|broadway|gardens?|close|crescent|hills?|park|mews|yard|box"
    r"|annex|arcade|bayou|beach|bend|bluffs?|bottom|branch|bridge|brooks?|burgs?|bypass|camp|canyon|cape|causeway|cent(?:er|re)s?|cliffs?|club|commons?"
    r"|corners?|course|coves?|creek|crest|crossing|crossroads?|curve|dale|dam|divide|estates?|expressway|extensions?|falls?|ferry|fields?|flats?|fords?"
    r"|forest|forges?|forks?|fort|freeway|gateway|glens?|greens?|groves?|harbors?|haven|heights|hollow|inlet|islands?|isle|junctions?|keys?|knolls?|lakes?"
    r"|landing|lights?|loaf|locks?|lodge|loop|mall|manors?|meadows?|mills?|mission|motorway|mount|mountains?|neck|orchard|oval|overpass|pass|passage|path"
    r"|pike|pines?|plains?|points?|ports?|prairie|radial|ramp|ranch|rapids?|rest|ridges?|river|shoals?|shores?|skyway|springs?|spurs?|station|stravenue"
    r"|stream|summit|throughway|trace|track|trafficway|tunnel|turnpike|underpass|unions?|valleys?|via|viaduct|views?|villages?|ville|vista|wall|wells?|run"
    r"|quay|rise|drove|fold|esplanade|promenade|parade|grange|villas)"
)
_DWELLING = r"(?:(?:flat|suite|unit|apt|apartment|studio|level|lot|house|h\.? ?no)\.?:? ?\w{1,5}[\s,]+)"
_GROWN_TOGETHER = (
    r"(?:str(?:\.|a(?:ß|ss)e)|weg|platz|allee|gasse|ring|damm|ufer|chaussee|graben|steig|stieg|pfad|laan|straat|plein|gracht|kade|dijk|dreef|singel|steeg"
    r"|boulevard|gatan?|vägen|väg|gränd|torget|stigen|allén|vej|gade|stræde|allé|vænge|ve[ig]en|gaten|gate|gata|vei|veg|gt\.?|plass|katu|tie|kuja|polku|bulevardi|kaari"
    r"|raitti|rinne)"
)
_BEFORE_NAME = (
    r"(?:rue|avenue|boulevard|calle|av\.?|avenida|plaza|via|viale|piazza|rua|c/|chemin|impasse|place|quai)"
)
# These words are common in other texts too: a number must follow.
_BEFORE_NAME_AND_NUMBER = (
    r"(?:avda\.?|laan|paseo|pº|p\.º|pza\.?|ronda|camino|carretera|ctra\.?|travesía|pasaje|alameda|cuesta|glorieta|callejón|urb(?:anización|\.)|rambla|carrer"
    r"|passeig|cerrada|calzada|privada|prolongación|circuito|diagonal|travessa|largo|estrada|rodovia|praça|praceta|corso|vicolo|strada|borgo|contrada"
    r"|piazzale|rotonda|salita|stretto|allée|cours|route|sentier|montée|faubourg|ulica|ul\.|al\.|aleja|pl\.|plac|os\.|osiedle|náměstí|nám\.|třída|bulevardul"
    r"|b-?dul|bd\.?|aleea|calea|[sș]oseaua|splaiul|pia[tț]a|ул(?:ица|\.)|пр(?:оспект|-т|\.)|пер(?:еулок|\.)|наб\.|бул(?:ьвар|\.)|алл\.|шоссе|ш\.|пл\."
    r"|вул(?:иця|\.)|οδ[οό]ς|λεωφ(?:[οό]ρος|\.)|am|an der|im|in der|auf de[mr]|zum|zur|beim)"
)
_AFTER_NAME = r"(?:utca|út|útja|tér|körút|köz|sor|u\.|sokağ\u0131|sokak|sok\.|caddesi|cad\.|bulvar\u0131|rd|marg|nagar|chowk)"
_FLAGS = re.IGNORECASE | re.DOTALL
_NUMBER_FIRST = re.compile(
    rf"\d+[a-z]?(?:[-/]\d+)?,? (?:[\w.'\u2019-]+ ){{0,5}}{_STREET_WORD}\b.*"
    r"|\d+,? ?(?:bis |ter )?(?:rue|avenue|boulevard|place|chemin|quai|allée|cours|route|impasse|montée) .*",
    _FLAGS,
)
_NAME_FIRST = re.compile(
    rf"{_DWELLING}(?:\d+[a-z]?(?:[-/]\d+)?,? )?(?:[\w.'\u2019-]+ ){{0,5}}{_STREET_WORD}\b.*"
    rf"|[^\d]{{3,40}}{_GROWN_TOGETHER}\s*\d+\s?[a-z]?(?:[-/]\d+)?.*"
    rf"|{_BEFORE_NAME_AND_NUMBER} ?[^\d]{{2,40}} ?\d+.*"
    rf"|[^\d]{{2,40}} {_AFTER_NAME},? \d+.*"
    r"|(?:p\.? ?o\.? ?box|postfach|postbus|apartado) ?\d+.*"
    r"|.{1,30}(?:\d丁目|\d番地?|\d号|\d號|[路街道]\d+|(?:로|길)\s?\d).*",
    _FLAGS,
)
_NAME_ALONE = re.compile(rf"{_BEFORE_NAME} [^\d]{{2,40}},? ?\d*.*", _FLAGS)
_DIGIT = re.compile(r"\d")


@PATTERNS.register("email")
def email(values: Sequence[str]) -> list[bool]:
    """E-mail addresses with a top-level domain."""
    return list(_email(values))


_email = following(_EMAIL)


@PATTERNS.register("url")
def url(values: Sequence[str]) -> list[bool]:
    """Web addresses and names of the web: with a scheme, a URN, with ``www``, or a bare domain of a common ending."""
    return list(_url(values))


_url = following(f"{_URL}|{_DOMAIN}", flags=re.IGNORECASE)


@PATTERNS.register("phone")
def phone(values: Sequence[str]) -> list[bool]:
    """Telephone and fax numbers: separated digits of a possible length, or bare digits valid in a country."""
    return [_is_phone(value) for value in values]


@lru_cache(maxsize=20_000)
def _is_phone(text: str) -> bool:
    if not _PHONE_LIKE.fullmatch(text) or date_form(text):
        return False
    if _OTHER_NUMBERS.fullmatch(text):
        return _GROUPED.fullmatch(text) is not None and _is_valid_in(text, _GROUPING_REGIONS)
    digits = sum(character.isdigit() for character in text)
    if not 7 <= digits <= 20:
        return False
    if _SEPARATED.search(text):
        return digits <= 15 or "x" in text.casefold()
    return digits in {10, 11, 12} and _is_valid_in(text, _regions_of(text))


def _regions_of(digits: str) -> Sequence[str]:
    """Where bare digits may be a number: with a leading zero in many countries, else where they have a length of their own."""
    if digits[0] == "0":
        return _REGIONS
    if len(digits) == len("2025550123"):
        return ("US",)
    return (
        {"1": ("CN",), "7": ("RU",), "8": ("RU",)}.get(digits[0], ())
        if len(digits) == len("12025550123")
        else ()
    )


def _is_valid_in(text: str, regions: Sequence[str]) -> bool:
    for region in regions:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(text, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


@PATTERNS.register("street_address")
def street_address(values: Sequence[str]) -> list[bool]:
    """Streets with house numbers, as a score of languages order and name them."""
    return [len(value) <= 120 and _is_street(value) for value in values]


def _is_street(text: str) -> bool:
    if text[0].isdecimal():
        return " " in text and _NUMBER_FIRST.fullmatch(text) is not None
    if _DIGIT.search(text) and _NAME_FIRST.fullmatch(text):
        return True
    return _NAME_ALONE.fullmatch(text) is not None


@PATTERNS.register("ip")
def ip(values: Sequence[str]) -> list[bool]:
    """Internet addresses of either version."""
    return list(_ip(values))


def _is_address(text: str) -> bool:
    """Whether it is one of either version, alone or as the start of a network."""
    try:
        ip_interface(text)
    except ValueError:
        return False
    return True


_ip = following(
    r"(?:\d{1,3}\.){3}\d{1,3}(?:/\d\d?)?|(?=.*:.*:)[0-9a-fA-F:.]{3,45}(?:/\d{1,3})?",
    _is_address,
)
