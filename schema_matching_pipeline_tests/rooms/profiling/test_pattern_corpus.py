"""A labelled corpus of columns, made by rule: what each is, and what it only looks like."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from stdnum import verhoeff
from stdnum.de import idnr
from stdnum.es import dni
from stdnum.fr import nir
from stdnum.iban import calc_check_digits as iban_digits
from stdnum.it import codicefiscale
from stdnum.luhn import calc_check_digit as luhn_digit
from stdnum.nl import bsn
from stdnum.pl import pesel

from schema_matching_pipeline.profiling.known_texts import KnownTexts
from schema_matching_pipeline.profiling.pattern import find_patterns
from schema_matching_pipeline.profiling.values import weigh
from schema_matching_pipeline_tests.builders import POLICY, a_measurement

ROWS = 80
ENOUGH = 0.9  # a column is right when its pattern holds for so much of it
LOOKS_LIKE = 0.5  # ... and what it only looks like for less than this
Make = Callable[[random.Random], str]


def _listed(words: str) -> list[str]:
    return words.split()


FIRST = _listed(
    "Anna Peter Maria John Elizabeth Thomas Laura Michael Sofia David Emma Daniel Julia Robert Clara"
)
LAST = _listed(
    "Keller Brandt Smith Jones Garcia Rossi Dupont Schmidt Novak Larsson Brown Miller Perez Moreau Weber"
)
STREETS = _listed("Main Oak Maple Park Cedar Washington Lake Hill Elm Church")
MONTHS = _listed("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
MONATE = _listed("Januar Februar März April Mai Juni Juli August September Oktober November Dezember")
SAID = _listed(
    "patient reports mild pain since the last visit and was told to rest for some days before coming back"
)
GESAGT = _listed(
    "bitte vor dem nächsten termin anrufen weil die unterlagen noch nicht vollständig sind und wir sie haben"
)


def _day(c: random.Random) -> date:
    return date(1950, 1, 1) + timedelta(days=c.randrange(26_000))


def _moment(c: random.Random) -> datetime:
    return datetime(2015, 1, 1) + timedelta(seconds=c.randrange(250_000_000))  # noqa: DTZ001 - only to be written


def _digits(c: random.Random, count: int) -> str:
    return "".join(c.choices(string.digits, k=count))


def _until(c: random.Random, make: Make, holds: Callable[[str], bool]) -> str:
    while not holds(text := make(c)):
        pass
    return text


def _with_luhn(body: str, prefix: str = "") -> str:
    return body + luhn_digit(prefix + body)


def _snomed(c: random.Random) -> str:
    body = str(c.randint(1, 9)) + _digits(c, c.randint(2, 5)) + "00"
    return body + verhoeff.calc_check_digit(body)


def _loinc(c: random.Random) -> str:
    body = str(c.randint(1000, 99999))
    return f"{body}-{luhn_digit(body)}"


def _iban(c: random.Random, country: str, length: int) -> str:
    account = _digits(c, length)
    return country + iban_digits(f"{country}00{account}") + account


def _pesel(c: random.Random) -> str:
    body = f"{_day(c):%y%m%d}{_digits(c, 4)}"
    return body + pesel.calc_check_digit(body)


def _nir(c: random.Random) -> str:
    body = f"{c.randint(1, 2)}{c.randint(30, 99)}{c.randint(1, 12):02d}{c.randint(10, 95)}{c.randint(1, 989):03d}{c.randint(1, 999):03d}"
    return body + nir.calc_check_digits(body)


def _fiscale(c: random.Random) -> str:
    letters = "".join(c.choices("BCDFGLMNPRSTV", k=6))
    body = f"{letters}{c.randint(30, 99)}{c.choice('ABCDEHLMPRST')}{c.randint(1, 28):02d}{c.choice('ABCDEFGH')}{c.randint(100, 999)}"
    return body + codicefiscale.calc_check_digit(body)


def _kvnr(c: random.Random) -> str:
    body = c.choice(string.ascii_uppercase) + _digits(c, 8)
    digits = f"{ord(body[0]) - 64:02d}{body[1:]}"
    products = [int(digit) * (1 + place % 2) for place, digit in enumerate(digits)]
    return body + str(sum(product // 10 + product % 10 for product in products) % 10)


def _words(c: random.Random, words: list[str]) -> str:
    return " ".join(c.sample(words, 8)).capitalize() + "."


def _mbi(c: random.Random) -> str:
    letter, either = "ACDEFGHJKMNPQRTUVWXY", "ACDEFGHJKMNPQRTUVWXY0123456789"
    kinds = (
        "123456789",
        letter,
        either,
        string.digits,
        letter,
        either,
        string.digits,
        letter,
        letter,
        string.digits,
        string.digits,
    )
    return "".join(c.choice(kind) for kind in kinds)


def _us_phone(c: random.Random, form: str) -> str:
    return form.format(c.choice((212, 312, 415, 617, 619, 713, 818)), c.randint(200, 999), c.randint(0, 9999))


# Name: what one value looks like, the pattern that must be found, and what must not be taken for it.
COLUMNS: dict[str, tuple[Make, str, tuple[str, ...]]] = {
    "iso days": (lambda c: f"{_day(c):%Y-%m-%d}", "date_iso", ("phone", "timestamp")),
    "US days": (lambda c: f"{_day(c):%m/%d/%Y}", "date_numeric", ("phone",)),
    "German days": (lambda c: f"{_day(c):%d.%m.%Y}", "date_numeric", ("phone", "version_number", "ip")),
    "days of two-digit years": (lambda c: f"{_day(c):%m/%d/%y}", "date_numeric", ("phone",)),
    "worded days": (lambda c: f"{_day(c).day} {MONTHS[_day(c).month - 1]} {_day(c).year}", "date_worded", ("street_address",)),
    "US worded days": (lambda c: f"{MONTHS[c.randrange(12)]} {c.randint(1, 28)}, {c.randint(1950, 2020)}", "date_worded", ("person_name",)),
    "German worded days": (lambda c: f"{c.randint(1, 28)}. {MONATE[c.randrange(12)]} {c.randint(1950, 2020)}", "date_worded", ("street_address",)),
    "compact days": (lambda c: f"{_day(c):%Y%m%d}", "date_compact", ("phone", "payment_card")),
    "moments": (lambda c: f"{_moment(c):%Y-%m-%d %H:%M:%S}", "timestamp", ("phone",)),
    "zoned moments": (lambda c: f"{_moment(c):%Y-%m-%dT%H:%M:%S}+02:00", "timestamp", ()),
    "US moments": (lambda c: f"{_moment(c):%m/%d/%Y %I:%M %p}", "timestamp", ()),
    "times": (lambda c: f"{_moment(c):%H:%M}", "time", ("ip",)),
    "US times": (lambda c: f"{_moment(c):%I:%M %p}", "time", ()),
    "years": (lambda c: str(c.randint(1930, 2024)), "year", ("date_compact",)),
    "durations": (lambda c: f"P{c.randint(1, 30)}DT{c.randint(1, 23)}H", "duration", ()),
    "e-mail": (lambda c: f"{c.choice(FIRST)}.{c.choice(LAST)}{c.randint(1, 99)}@mail.example.org".lower(), "email", ("url",)),
    "phones (US)": (lambda c: _us_phone(c, "({}) {}-{:04d}"), "phone", ("npi", "ssn_us")),
    "phones with dashes": (lambda c: _us_phone(c, "{}-{}-{:04d}"), "phone", ("ssn_us", "npi")),
    "phones of bare digits": (lambda c: _us_phone(c, "{}{}{:04d}"), "phone", ("npi", "national_id", "isbn")),
    "phones (Germany)": (lambda c: f"+49 {c.randint(30, 89)} {c.randint(10**6, 10**7)}", "phone", ("national_id",)),
    "phones (France)": (lambda c: f"0{c.randint(1, 9)} " + " ".join(_digits(c, 2) for _ in range(4)), "phone", ("date_numeric",)),
    "phones (Britain)": (lambda c: f"+44 20 {c.randint(7000, 8999)} {c.randint(1000, 9999)}", "phone", ()),
    "phones (Brazil)": (lambda c: f"({c.randint(11, 99)}) 9{_digits(c, 4)}-{_digits(c, 4)}", "phone", ()),
    "web": (lambda c: f"https://www.{c.choice(LAST).lower()}.com/p/{c.randint(1, 999)}", "url", ("email", "file_path")),
    "IPv4": (lambda c: ".".join(str(c.randint(1, 255)) for _ in range(4)), "ip", ("phone", "version_number")),
    "IPv6": (lambda c: ":".join(f"{c.randint(4096, 65535):x}" for _ in range(8)), "ip", ("time",)),
    "UUIDs": (lambda c: f"{c.getrandbits(128):032x}"[:8] + "-1a2b-4c3d-8e4f-" + f"{c.getrandbits(48):012x}", "uuid", ("phone",)),
    "ZIP": (lambda c: _digits(c, 5), "zip_us", ("phone", "date_compact")),
    "ZIP+4": (lambda c: f"{_digits(c, 5)}-{_digits(c, 4)}", "zip_us", ("phone", "ssn_us")),
    "postal (Britain)": (lambda c: f"{c.choice('BLMNSW')}{c.randint(1, 20)} {c.randint(1, 9)}{c.choice('ABD')}{c.choice('ELN')}", "postal_code", ("phone",)),
    "postal (Canada)": (lambda c: f"{c.choice('KLMV')}{c.randint(0, 9)}A {c.randint(0, 9)}B{c.randint(0, 9)}", "postal_code", ("icd10",)),
    "postal (Netherlands)": (lambda c: f"{c.randint(1000, 9999)} {c.choice('ABC')}{c.choice('XYZ')}", "postal_code", ("measured_quantity",)),
    "postal (Poland)": (lambda c: f"{_digits(c, 2)}-{_digits(c, 3)}", "postal_code", ("phone", "loinc")),
    "postal (Japan)": (lambda c: f"{_digits(c, 3)}-{_digits(c, 4)}", "postal_code", ("ssn_us",)),
    "persons": (lambda c: f"{c.choice(FIRST)} {c.choice(LAST)}", "person_name", ("street_address", "sentence")),
    "persons, last first": (lambda c: f"{c.choice(LAST).upper()}, {c.choice(FIRST).upper()}", "person_name", ("separated_list",)),
    "persons with titles": (lambda c: f"Dr. {c.choice(FIRST)} {c.choice(LAST)}", "person_name", ("sentence",)),
    "streets (US)": (lambda c: f"{c.randint(1, 9999)} {c.choice(STREETS)} Street", "street_address", ("phone", "person_name")),
    "streets with units": (lambda c: f"{c.randint(1, 999)} {c.choice(STREETS)} Ave Apt {c.randint(1, 40)}", "street_address", ("phone",)),
    "streets (Germany)": (lambda c: f"{c.choice(LAST)}straße {c.randint(1, 200)}", "street_address", ("person_name",)),
    "streets (France)": (lambda c: f"{c.randint(1, 200)} rue de {c.choice(LAST)}", "street_address", ()),
    "streets (Spain)": (lambda c: f"Calle {c.choice(LAST)}, {c.randint(1, 90)}", "street_address", ("person_name",)),
    "IBAN (Germany)": (lambda c: _iban(c, "DE", 18), "iban", ("phone",)),
    "IBAN (Austria)": (lambda c: _iban(c, "AT", 16), "iban", ()),
    "cards": (lambda c: _with_luhn("4" + _digits(c, 14)), "payment_card", ("phone",)),
    "SSN": (lambda c: f"{c.randint(100, 665)}-{c.randint(10, 99)}-{c.randint(1000, 9999)}", "ssn_us", ("phone",)),
    "tax numbers (Germany)": (lambda c: _until(c, lambda c: str(c.randint(10**10, 10**11 - 1)), idnr.is_valid), "national_id", ("npi",)),
    "DNI": (lambda c: (body := _digits(c, 8)) + dni.calc_check_digit(body), "national_id", ("phone",)),
    "NIR": (_nir, "national_id", ("payment_card",)),
    "codice fiscale": (_fiscale, "national_id", ()),
    "BSN": (lambda c: _until(c, lambda c: str(c.randint(10**8, 10**9 - 1)), bsn.is_valid), "national_id", ("ssn_us", "phone")),
    "PESEL": (_pesel, "national_id", ("npi",)),
    "KVNR": (_kvnr, "kvnr", ("icd10",)),
    "MBI": (_mbi, "mbi_us", ("icd10",)),
    "NPI": (lambda c: _with_luhn("1" + _digits(c, 8), "80840"), "npi", ("phone", "isbn", "national_id")),
    "ICD-10": (lambda c: f"{c.choice('ABCEFGHIJKLMN')}{_digits(c, 2)}.{_digits(c, c.randint(1, 2))}", "icd10", ("national_id",)),
    "ICD-9": (lambda c: f"{c.randint(100, 999)}.{_digits(c, c.randint(1, 2))}", "icd9", ("phone",)),
    "CPT": (lambda c: str(c.randint(10021, 99499)), "cpt", ("phone", "npi")),
    "HCPCS": (lambda c: f"{c.choice('AEGJKLQ')}{_digits(c, 4)}", "hcpcs", ("national_id",)),
    "LOINC": (_loinc, "loinc", ("phone", "ssn_us")),
    "SNOMED": (_snomed, "snomed", ("phone",)),
    "NDC": (lambda c: f"{_digits(c, 5)}-{_digits(c, 4)}-{_digits(c, 2)}", "ndc", ("ssn_us",)),
    "ATC": (lambda c: f"{c.choice('ABCDJN')}{c.randint(10, 99)}{c.choice('ABC')}{c.choice('ABC')}{c.randint(10, 99)}", "atc", ("national_id",)),
    "currencies": (lambda c: c.choice(["EUR", "USD", "GBP", "CHF", "JPY", "SEK", "PLN"]), "currency_code", ("country_code",)),
    "dollars": (lambda c: f"${c.randint(1, 9999):,}.{c.randint(0, 99):02d}", "money", ("phone",)),
    "euros": (lambda c: f"{c.randint(1, 999)},{c.randint(0, 99):02d} €", "money", ("street_address",)),
    "shares": (lambda c: f"{c.randint(1, 99)}.{c.randint(0, 9)} %", "percent", ("phone",)),
    "doses": (lambda c: f"{c.choice((5, 10, 20, 50, 100, 250))} mg", "measured_quantity", ("street_address",)),
    "units": (lambda c: c.choice(["mg/dL", "mmol/L", "kg", "%", "U/L", "mm[Hg]"]), "unit", ("person_name",)),
    "states": (lambda c: c.choice(["MA", "NY", "CA", "TX", "FL", "WA"]), "us_state", ()),
    "countries": (lambda c: c.choice(["DEU", "FRA", "USA", "GBR", "ITA", "ESP"]), "country_code", ("currency_code",)),
    "languages": (lambda c: c.choice(["de-AT", "en-US", "fr-FR", "es-ES"]), "language_code", ()),
    "relations": (lambda c: c.choice(["spouse", "child", "parent", "self"]), "relationship", ("person_name",)),
    "notes": (lambda c: _words(c, SAID), "sentence", ("person_name", "street_address")),
    "German notes": (lambda c: _words(c, GESAGT), "sentence", ("person_name", "street_address")),
    "JSON": (lambda c: f'{{"id": {c.randint(1, 999)}}}', "json", ()),
    "markup": (lambda c: f"<p>{c.choice(FIRST)}</p>", "markup", ("person_name",)),
    "digests": (lambda c: f"{c.getrandbits(160):040x}", "hash", ("uuid",)),
    "colours": (lambda c: f"#{c.getrandbits(24):06X}", "color", ()),
    "versions": (lambda c: f"{c.randint(1, 9)}.{c.randint(0, 20)}.{c.randint(0, 9)}", "version_number", ("date_numeric", "ip")),
    "files": (lambda c: f"scan_{c.randint(1, 9999)}.pdf", "file_path", ("email",)),
    "codes": (lambda c: f"{c.choice('XYZ')}{c.choice('QWR')}-{_digits(c, 4)}", "short_code", ("icd10", "hcpcs", "phone")),
    # What only looks like something.
    "numbers of ten digits": (lambda c: f"9{_digits(c, 9)}", "short_code", ("npi", "phone", "national_id", "isbn")),
    "numbers of nine digits": (lambda c: f"7{_digits(c, 8)}", "short_code", ("ssn_us", "phone", "national_id")),
    "order numbers": (lambda c: f"5{_digits(c, 15)}", "", ("payment_card", "phone", "iban")),
    "part numbers": (lambda c: f"{_digits(c, 4)}-{c.choice('AB')}{_digits(c, 3)}", "short_code", ("phone", "ndc", "loinc", "national_id")),
    "dashed numbers": (lambda c: f"{_digits(c, 5)}-{_digits(c, 1)}", "", ("loinc", "phone")),
    "towns": (lambda c: c.choice(["Boston", "Springfield", "Worcester", "Hamburg", "Toulouse", "Bologna"]), "words", ("person_name", "sentence")),
    "long numbers": (lambda c: _digits(c, 13), "", ("phone", "payment_card", "isbn", "snomed")),
    "decimals": (lambda c: f"{c.randint(1, 80)}.{_digits(c, 4)}", "", ("phone", "ip", "icd9", "money")),
}  # fmt: skip


def _is_right(name: str) -> bool:
    make, expected, others = COLUMNS[name]
    chance = random.Random(name)
    values = weigh(
        a_measurement(name, [make(chance) for _ in range(ROWS)]), POLICY, KnownTexts(POLICY.shape_length)
    )
    found = {pattern.name: pattern.share for pattern in find_patterns(values, POLICY)}
    taken = [other for other in others if found.get(other, 0.0) >= LOOKS_LIKE]
    return not taken and (not expected or found.get(expected, 0.0) >= ENOUGH)


def test_at_least_95_per_cent_of_a_labelled_corpus_are_right():
    wrong = sorted(name for name in COLUMNS if not _is_right(name))
    assert len(COLUMNS) >= 60
    assert len(wrong) <= 0.05 * len(COLUMNS), wrong


@pytest.mark.parametrize(
    "name", ["NPI", "phones of bare digits", "SSN", "ICD-10", "codes", "numbers of nine digits"]
)
def test_the_best_known_look_alikes_are_told_apart(name):
    assert _is_right(name)
