"""One thing in the many ways it is written: a second corpus, made from libraries' own rules for numbers and telephones."""

from __future__ import annotations

import random
import string
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address

import phonenumbers
import pytest
from stdnum import luhn, verhoeff
from stdnum.br import cpf
from stdnum.ch import ssn as ahv
from stdnum.cn import ric
from stdnum.cz import rc
from stdnum.fi import hetu
from stdnum.gb import nhs
from stdnum.iban import calc_check_digits as iban_digits
from stdnum.in_ import aadhaar, pan
from stdnum.mx import curp
from stdnum.no import fodselsnummer
from stdnum.ro import cnp
from stdnum.se import personnummer
from stdnum.tr import tckimlik
from stdnum.za import idnr

from schema_matching_pipeline.profiling.known_texts import KnownTexts
from schema_matching_pipeline.profiling.pattern import find_patterns
from schema_matching_pipeline.profiling.values import weigh
from schema_matching_pipeline_tests.builders import POLICY, a_measurement

ROWS = 60
ENOUGH, LOOKS_LIKE = 0.9, 0.5
MICROMOLAR = "\u00b5mol/L"
Make = Callable[[random.Random], str]


def _digits(c: random.Random, count: int) -> str:
    return "".join(c.choices(string.digits, k=count))


def _letters(c: random.Random, count: int) -> str:
    return "".join(c.choices(string.ascii_uppercase, k=count))


def _valid(make: Make, holds: Callable[[str], bool]) -> Make:
    """Tries until the check digits are right."""

    def made(c: random.Random) -> str:
        while not holds(text := make(c)):
            pass
        return text

    return made


def _one_of(*makes: Make | str) -> Make:
    def made(c: random.Random) -> str:
        make = c.choice(makes)
        return make if isinstance(make, str) else make(c)

    return made


def _moment(c: random.Random) -> datetime:
    return datetime(1960, 1, 1) + timedelta(seconds=c.randrange(2_000_000_000))  # noqa: DTZ001 - only to be written


def _written(*forms: str) -> Make:
    return lambda c: _moment(c).strftime(c.choice(forms))


def _phone(region: str, form: int) -> Make:
    """Numbers of a country's own example, with other last digits, as the library of telephone numbers writes them."""
    example = phonenumbers.example_number(region) or phonenumbers.PhoneNumber()
    first = (example.national_number or 0) // 1000 * 1000

    def made(c: random.Random) -> str:
        number = phonenumbers.PhoneNumber(
            country_code=example.country_code,
            national_number=first + c.randrange(1000),
            italian_leading_zero=example.italian_leading_zero,
        )
        return phonenumbers.format_number(number, form)

    return made


def _iban(country: str, length: int, *, parted: bool = False) -> Make:
    def made(c: random.Random) -> str:
        account = _digits(c, length - 4)
        number = country + iban_digits(f"{country}00{account}") + account
        return " ".join(number[at : at + 4] for at in range(0, length, 4)) if parted else number

    return made


def _card(start: str, length: int, parts: Sequence[int] = ()) -> Make:
    def made(c: random.Random) -> str:
        body = start + _digits(c, length - len(start) - 1)
        number, at, pieces = body + luhn.calc_check_digit(body), 0, list[str]()
        for size in parts or (length,):
            pieces.append(number[at : at + size])
            at += size
        return " ".join(pieces)

    return made


def _snomed(c: random.Random) -> str:
    body = str(c.randint(1, 9)) + _digits(c, c.randint(3, 6)) + c.choice(("00", "10"))
    return body + verhoeff.calc_check_digit(body)


def _loinc(c: random.Random) -> str:
    body = str(c.randint(100, 99999))
    return f"{body}-{luhn.calc_check_digit(body)}"


def _npi(c: random.Random) -> str:
    body = c.choice("12") + _digits(c, 8)
    return body + luhn.calc_check_digit("80840" + body)


def _pension(c: random.Random) -> str:
    body = f"{c.randint(10, 89)}{c.randint(1, 28):02d}{c.randint(1, 12):02d}{_digits(c, 2)}{_letters(c, 1)}{_digits(c, 2)}"
    digits = f"{body[:8]}{ord(body[8]) - 64:02d}{body[9:]}"
    weighed = [
        int(digit) * weight
        for digit, weight in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True)
    ]
    return body + str(sum(product // 10 + product % 10 for product in weighed) % 10)


def _born(c: random.Random, form: str) -> str:
    return _moment(c).strftime(form)


EUROPE = (
    "DE",
    "FR",
    "IT",
    "ES",
    "GB",
    "NL",
    "BE",
    "CH",
    "AT",
    "SE",
    "PL",
    "PT",
    "IE",
    "DK",
    "CZ",
    "GR",
    "HU",
    "RO",
    "FI",
    "NO",
)
OVERSEAS = ("US", "CA", "MX", "BR", "AR", "AU", "NZ", "IN", "JP", "KR", "ZA", "TR", "IL", "AE", "SG")

COLUMNS: dict[str, tuple[Make, str, tuple[str, ...]]] = {
    "telephones of Europe, international": (_one_of(*(_phone(region, phonenumbers.PhoneNumberFormat.INTERNATIONAL) for region in EUROPE)), "phone", ("national_id",)),
    "telephones overseas, international": (_one_of(*(_phone(region, phonenumbers.PhoneNumberFormat.INTERNATIONAL) for region in OVERSEAS)), "phone", ("national_id",)),
    "telephones of all countries, E.164": (_one_of(*(_phone(region, phonenumbers.PhoneNumberFormat.E164) for region in EUROPE + OVERSEAS)), "phone", ()),
    "telephones as links": (_one_of(*(_phone(region, phonenumbers.PhoneNumberFormat.RFC3966) for region in ("US", "DE", "GB", "FR"))), "phone", ("url",)),
    **{f"telephones of {region}, national": (_phone(region, phonenumbers.PhoneNumberFormat.NATIONAL), "phone", ("date_numeric", "ssn_us", "national_id")) for region in
       ("US", "CA", "DE", "FR", "IT", "ES", "GB", "NL", "BE", "CH", "AT", "SE", "PL", "CZ", "FI", "HU", "RO", "BR", "MX", "AU", "JP", "ZA", "TR", "IL", "IN", "HR")},
    "telephones with dots": (lambda c: f"{c.choice((212, 415, 617))}.{c.randint(200, 999)}.{_digits(c, 4)}", "phone", ("ip", "version_number", "date_numeric")),
    "telephones with extensions": (lambda c: f"({c.choice((212, 415, 617))}) {c.randint(200, 999)}-{_digits(c, 4)} x{c.randint(1, 9999)}", "phone", ()),
    "telephones with a label": (lambda c: f"Tel.: 0{c.randint(30, 89)}/{c.randint(10**6, 10**7)}", "phone", ("sentence",)),
    "NPI": (_npi, "npi", ("phone", "isbn")),
    "ICD-10-CM without a point": (lambda c: f"{c.choice('ACEFIJKMNS')}{_digits(c, 2)}{c.choice(('', _digits(c, 1), _digits(c, 2), _digits(c, 3) + 'A'))}", "icd10", ("national_id", "postal_code")),
    "ICD-10-GM with marks": (lambda c: f"{c.choice('CEFIJKM')}{_digits(c, 2)}.{_digits(c, 1)}{c.choice('!*+')}", "icd10", ()),
    "ICD-10 in lower case": (lambda c: f"{c.choice('cefijkm')}{_digits(c, 2)}.{_digits(c, 1)}", "icd10", ()),
    "ICD-9 with V and E": (_one_of(lambda c: f"V{_digits(c, 2)}.{_digits(c, 1)}", lambda c: f"E{c.randint(800, 999)}.{_digits(c, 1)}", lambda c: f"{c.randint(1, 999):03d}.{_digits(c, 2)}"), "icd9", ("phone",)),
    "CPT with a modifier": (lambda c: f"{c.randint(10021, 99499)}-{c.choice(('25', '59', 'LT', 'RT', '26'))}", "cpt", ("zip_us", "phone")),
    "CPT of categories II and III": (lambda c: f"{_digits(c, 4)}{c.choice('FT')}", "cpt", ()),
    "HCPCS with a modifier": (lambda c: f"{c.choice('AEGJKLQ')}{_digits(c, 4)}-{c.choice(('NU', 'RR', 'KX'))}", "hcpcs", ()),
    "HCPCS in lower case": (lambda c: f"{c.choice('aegjklq')}{_digits(c, 4)}", "hcpcs", ()),
    "LOINC": (_loinc, "loinc", ("phone", "date_numeric")),
    "LOINC with its system": (lambda c: f"LOINC:{_loinc(c)}", "loinc", ()),
    "NDC of four, four and two": (lambda c: f"{_digits(c, 4)}-{_digits(c, 4)}-{_digits(c, 2)}", "ndc", ("phone", "ssn_us", "national_id")),
    "NDC of five, three and two": (lambda c: f"{_digits(c, 5)}-{_digits(c, 3)}-{_digits(c, 2)}", "ndc", ("phone", "ssn_us")),
    "NDC with a star": (lambda c: f"{_digits(c, 5)}-*{_digits(c, 3)}-{_digits(c, 2)}", "ndc", ("phone",)),
    "SNOMED": (_snomed, "snomed", ("phone", "date_compact")),
    "SNOMED with its term": (lambda c: f"{_snomed(c)} |{c.choice(('Diabetes mellitus', 'Fever', 'Cough'))}|", "snomed", ("sentence",)),
    "UUIDs of version 4": (lambda c: str(uuid.UUID(int=c.getrandbits(128), version=4)), "uuid", ("phone",)),
    "UUIDs in braces": (lambda c: "{" + str(uuid.UUID(int=c.getrandbits(128))).upper() + "}", "uuid", ("json",)),
    "UUIDs as URNs": (lambda c: f"urn:uuid:{uuid.UUID(int=c.getrandbits(128))}", "uuid", ()),
    "UUIDs of bare digits": (lambda c: f"{c.getrandbits(128):032x}", "uuid", ("phone",)),
    **{f"IBAN ({country}{' in fours' if parted else ''})": (_iban(country, length, parted=parted), "iban", ("phone",)) for country, length in
       (("DE", 22), ("ES", 24), ("FR", 27), ("BE", 16), ("NO", 15), ("PT", 25), ("SE", 24), ("PL", 28)) for parted in ((False, True) if country not in {"FR", "ES", "BE", "NO", "PT"} else ())},
    "cards in fours": (_card("4", 16, (4, 4, 4, 4)), "payment_card", ("phone",)),
    "cards of the second series": (_card("2300", 16), "payment_card", ("phone",)),
    "cards of fifteen digits": (_card("37", 15, (4, 6, 5)), "payment_card", ("phone",)),
    "cards of many networks": (_one_of(_card("4", 16), _card("52", 16), _card("34", 15), _card("6011", 16), _card("3528", 16), _card("36", 14)), "payment_card", ("phone", "snomed")),
    "NHS": (_valid(lambda c: f"{c.randint(400, 799)} {_digits(c, 3)} {_digits(c, 4)}", nhs.is_valid), "national_id", ("npi",)),
    "NINO": (lambda c: f"{c.choice('ABCEGHJ')}{c.choice('ABCEGHJ')} {_digits(c, 2)} {_digits(c, 2)} {_digits(c, 2)} {c.choice('ABCD')}", "national_id", ("postal_code",)),
    "CPF": (_valid(lambda c: f"{_digits(c, 3)}.{_digits(c, 3)}.{_digits(c, 3)}-{_digits(c, 2)}", cpf.is_valid), "national_id", ("phone", "ip")),
    "AHV": (_valid(lambda c: f"756.{_digits(c, 4)}.{_digits(c, 4)}.{_digits(c, 2)}", ahv.is_valid), "national_id", ("phone", "ip")),
    "personnummer": (_valid(lambda c: f"{_born(c, '%y%m%d')}-{_digits(c, 4)}", personnummer.is_valid), "national_id", ("phone",)),
    "fødselsnummer": (_valid(lambda c: f"{_born(c, '%d%m%y')}{_digits(c, 5)}", fodselsnummer.is_valid), "national_id", ("phone",)),
    "henkilötunnus": (_valid(lambda c: f"{_born(c, '%d%m%y')}-{_digits(c, 3)}{c.choice('0123456789ABCDEFHJKLMNPRSTUVWXY')}", hetu.is_valid), "national_id", ("phone",)),
    "CPR": (lambda c: f"{_born(c, '%d%m')}{c.randint(40, 99)}-{c.randint(0, 3)}{_digits(c, 3)}", "national_id", ("phone",)),
    "rodné číslo": (_valid(lambda c: f"{_born(c, '%y%m%d')}/{_digits(c, 4)}", rc.is_valid), "national_id", ("date_numeric", "phone")),
    "CNP": (_valid(lambda c: f"{c.randint(1, 2)}{_born(c, '%y%m%d')}{c.randint(1, 46):02d}{_digits(c, 4)}", cnp.is_valid), "national_id", ("payment_card", "snomed")),
    "T.C. kimlik": (_valid(lambda c: str(c.randint(10**10, 10**11 - 1)), tckimlik.is_valid), "national_id", ("phone",)),
    "Aadhaar": (_valid(lambda c: f"{c.randint(2, 9)}{_digits(c, 3)} {_digits(c, 4)} {_digits(c, 4)}", aadhaar.is_valid), "national_id", ("payment_card", "phone")),
    "PAN": (_valid(lambda c: f"{_letters(c, 3)}P{_letters(c, 1)}{c.randint(1, 9999):04d}{_letters(c, 1)}", pan.is_valid), "national_id", ("hcpcs",)),
    "CURP": (_valid(lambda c: f"{c.choice('BCDF')}A{c.choice('GHJK')}{c.choice('LMNP')}{_born(c, '%y%m%d')}{c.choice('HM')}DF{c.choice('BCDF')}{c.choice('GHJK')}{c.choice('LMNP')}0{_digits(c, 1)}", curp.is_valid), "national_id", ()),
    "resident number": (_valid(lambda c: f"110101{c.randint(1940, 2005)}{c.randint(1, 12):02d}{c.randint(1, 28):02d}{_digits(c, 3)}{c.choice('0123456789X')}", ric.is_valid), "national_id", ("payment_card", "snomed")),
    "South African number": (_valid(lambda c: f"{_born(c, '%y%m%d')}{_digits(c, 4)}08{_digits(c, 1)}", idnr.is_valid), "national_id", ("isbn",)),
    "German pension number": (_pension, "national_id", ()),
    "SSN with blanks": (lambda c: f"{c.randint(100, 665)} {c.randint(10, 99)} {c.randint(1000, 9999)}", "ssn_us", ("phone",)),
    "amounts in euros, German": (lambda c: f"{c.randint(1, 9)}.{_digits(c, 3)},{_digits(c, 2)} {c.choice(('€', 'EUR'))}", "money", ("phone", "ip")),
    "amounts with a code first": (lambda c: f"{c.choice(('USD', 'CAD', 'CHF', 'SEK', 'PLN', 'INR', 'AUD'))} {c.randint(1, 9999)}.{_digits(c, 2)}", "money", ("street_address",)),
    "amounts with a code behind": (lambda c: f"{c.randint(1, 9999)}.{_digits(c, 2)} {c.choice(('USD', 'PLN', 'BRL', 'JPY'))}", "money", ("street_address", "measured_quantity")),
    "pounds, rupees and zloty": (lambda c: c.choice((f"£{c.randint(1, 999)}.{_digits(c, 2)}", f"₹ {c.randint(1, 9)},{_digits(c, 3)}", f"{c.randint(1, 999)},{_digits(c, 2)} zł")), "money", ()),
    "losses in brackets": (lambda c: f"($1,{_digits(c, 3)}.{_digits(c, 2)})", "money", ("phone",)),
    "reais and Swiss francs": (lambda c: c.choice((f"R$ {c.randint(1, 9)}.{_digits(c, 3)},{_digits(c, 2)}", f"CHF {c.randint(1, 9)}'{_digits(c, 3)}.{_digits(c, 2)}", f"US$ {c.randint(1, 99)}")), "money", ()),
    "units of a laboratory": (lambda c: c.choice(("mg/dL", "mmol/L", "10*9/L", "10^9/L", "K/uL", "mEq/L", "ng/mL", "pg", "fL", "g/L", "IU/mL", "mOsm/kg", "mm/h", "kPa", "cells/uL", "ratio", "%")), "unit", ("person_name", "url")),
    "quantities of a laboratory": (lambda c: f"{c.randint(1, 200)}{c.choice(('', '.5'))} {c.choice(('mg/dL', 'mmol/L', 'mEq/L', 'ng/mL', 'U/L', 'g/L', 'kPa', 'mmHg', MICROMOLAR))}", "measured_quantity", ("street_address",)),
    "doses": (lambda c: f"{c.choice((2.5, 5, 10, 400))}{c.choice((' mg', 'mg', ' mL', ' mcg/h', ' IU', ' mg/kg', ' puffs', ' gtt', ' tabs'))}", "measured_quantity", ("street_address",)),
    "blood pressures": (lambda c: f"{c.randint(90, 180)}/{c.randint(50, 110)} mmHg", "measured_quantity", ("date_numeric",)),
    "temperatures": (lambda c: f"{c.randint(35, 41)}.{c.randint(0, 9)} °C", "measured_quantity", ("phone",)),
    "postal codes of Sweden": (lambda c: f"{c.randint(100, 999)} {_digits(c, 2)}", "postal_code", ("phone",)),
    "postal codes of Portugal": (lambda c: f"{c.randint(1000, 9999)}-{_digits(c, 3)}", "postal_code", ("phone",)),
    "postal codes of Brazil": (lambda c: f"{_digits(c, 5)}-{_digits(c, 3)}", "postal_code", ("ndc", "zip_us")),
    "postal codes of India": (lambda c: f"{c.randint(110, 855)} {_digits(c, 3)}", "postal_code", ("phone",)),
    "postal codes of Ireland": (lambda c: f"{c.choice('ADHKTV')}{c.randint(10, 95)} {c.choice('ACDEFHK')}{_digits(c, 2)}{c.choice('NPRTVW')}", "postal_code", ("icd10",)),
    "postal codes of Latvia and Lithuania": (lambda c: f"{c.choice(('LV-', 'LT-'))}{_digits(c, 4)}", "postal_code", ()),
    "postal codes of London": (lambda c: f"{c.choice(('SW1A', 'EC1A', 'W1A', 'WC2H'))} {c.randint(1, 9)}{c.choice('ABD')}{c.choice('ELN')}", "postal_code", ()),
    "postal codes of Argentina": (lambda c: f"{c.choice('BCX')}{_digits(c, 4)}{_letters(c, 3)}", "postal_code", ("hcpcs",)),
    "postal codes of Canada without a blank": (lambda c: f"{c.choice('KLMV')}{_digits(c, 1)}{c.choice('ABC')}{_digits(c, 1)}{c.choice('ABC')}{_digits(c, 1)}", "postal_code", ()),
    "times with seconds and fractions": (lambda c: f"{_moment(c):%H:%M:%S}.{_digits(c, 3)}", "time", ("ip",)),
    "times with a zone": (lambda c: f"{_moment(c):%H:%M:%S}{c.choice(('Z', '+02:00', '-05:00'))}", "time", ("ip",)),
    "times, German": (lambda c: f"{_moment(c):%H:%M} Uhr", "time", ("street_address",)),
    "times, short": (lambda c: f"{c.randint(1, 12)}:{c.randint(0, 59):02d}{c.choice(('am', 'pm', ' a.m.', ' PM'))}", "time", ()),
    "times, French": (lambda c: f"{c.randint(0, 23)}h{c.randint(0, 59):02d}", "time", ()),
    "moments of many forms": (_written("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%m/%d/%Y %H:%M:%S"), "timestamp", ("phone",)),
    "moments with a zone by name": (_written("%Y-%m-%d %H:%M:%S UTC"), "timestamp", ()),
    "days in words of two languages": (_one_of(_written("%d %B %Y", "%b %d, %Y"), lambda c: f"{c.randint(1, 28)} {c.choice(('janvier', 'février', 'août', 'décembre'))} {c.randint(1950, 2020)}"), "date_worded", ("street_address", "person_name")),
    "days of the clinic's machine": (_written("%d-%b-%Y", "%d-%b-%y"), "date_worded", ("phone",)),
    "days with slashes, year first": (_written("%Y/%m/%d"), "date_iso", ("phone", "file_path")),
    "IPv4": (lambda c: str(IPv4Address(c.getrandbits(32))), "ip", ("phone", "version_number")),
    "IPv6": (lambda c: str(IPv6Address(c.getrandbits(128))), "ip", ("time",)),
    "networks": (lambda c: f"10.{c.randint(0, 255)}.{c.randint(0, 255)}.0/{c.randint(8, 30)}", "ip", ("date_numeric", "phone")),
    "URLs of many schemes": (lambda c: c.choice((f"http://example.com/a?b={c.randint(1, 99)}#c", f"https://sub.example.co.uk:8443/{c.randint(1, 99)}", f"ftp://files.example.org/{c.randint(1, 9)}.zip", f"s3://bucket/{c.randint(1, 99)}")), "url", ("email", "file_path")),
    "URLs of bare domains": (lambda c: f"{c.choice(('shop', 'www', 'mail'))}{c.randint(1, 99)}.example.{c.choice(('com', 'de', 'co.uk', 'io', 'dev', 'health', 'ca', 'pl'))}", "url", ("email", "file_path")),
    "languages of three letters": (lambda c: c.choice(("eng", "ger", "deu", "fre", "spa", "ita", "por")), "language_code", ("currency_code",)),
    "locales": (lambda c: c.choice(("en_US", "zh-Hans-CN", "pt-BR", "de_CH", "sr-Latn", "es-419")), "language_code", ()),
    "countries of two letters": (lambda c: c.choice(("DE", "FR", "US", "GB", "IT", "ES", "PL", "SE")), "country_code", ()),
    # What only looks like something.
    "hardware addresses": (lambda c: ":".join(f"{c.getrandbits(8):02x}" for _ in range(6)), "", ("ip", "time")),
    "millions parted by blanks": (lambda c: f"{c.randint(1, 99)} {_digits(c, 3)} {_digits(c, 3)}", "", ("phone",)),
    "numbers of eleven digits": (lambda c: f"5{_digits(c, 10)}", "short_code", ("national_id", "phone")),
    "numbers of twelve digits": (lambda c: f"3{_digits(c, 11)}", "short_code", ("national_id", "phone", "payment_card")),
    "numbers of thirteen digits": (lambda c: f"6{_digits(c, 12)}", "", ("national_id", "phone", "payment_card")),
    "licence plates": (lambda c: f"{_letters(c, c.randint(1, 3))}-{_letters(c, 2)} {c.randint(1, 9999)}", "", ("phone", "national_id", "postal_code")),
    "versions": (lambda c: f"{c.randint(1, 9)}.{c.randint(0, 20)}.{c.randint(0, 9)}", "version_number", ("ip", "date_numeric", "phone")),
    "places named after persons": (lambda c: c.choice(("San Antonio", "Santa Clara", "Saint Paul", "St. Louis", "Port Elizabeth", "Fort Wayne")), "words", ("person_name",)),
    "companies named after persons": (lambda c: c.choice(("Schmidt Anna GmbH", "Peter Keller AG", "Johansson & Sons Ltd", "Maria Bank", "Thomas Group Inc")), "", ("person_name",)),
    "drugs": (lambda c: f"{c.choice(('Metformin', 'Lisinopril', 'Ibuprofen'))} {c.choice((10, 50, 500))} MG Oral Tablet", "", ("person_name", "street_address", "measured_quantity")),
    "products": (lambda c: c.choice(("Mishi Kobe Niku", "Queso Cabrales", "Grandma's Boysenberry Spread", "Chef Anton's Gumbo Mix", "Outback Lager", "Tofu", "Chai")), "", ("person_name",)),
}  # fmt: skip

PERSONS = {
    "English": "Olivia Johnson|Mr. James O'Brien|Emily Clarke|Dr. Harriet Wood|Logan Price|Chloe Bennett-Hughes",
    "German": "Jürgen Müller|Prof. Dr. Käthe Groß|Heinz-Peter von Arnim|Annegret Schäfer|Günther Weiß|Sören Petersen",
    "French": "Jean-Baptiste Lefèvre|Aurélie Dubois|Mme Geneviève Petit|Loïc Le Gall|Zoé Marchand|Benoît de la Tour",
    "Spanish": "María José García López|Íñigo Fernández|Begoña Ruiz|José Ángel del Río|Concepción Vargas|Andrés Núñez",
    "Italian": "Giuseppe Esposito|Ludovica De Santis|Niccolò D'Angelo|Rosaria Greco|Pasquale Ferri|Chiara Conti",
    "Polish": "Łukasz Wiśniewski|Małgorzata Kowalska|Zbigniew Nowak|Agnieszka Dąbrowska|Grzegorz Kamiński|Ewelina Mazur",
    "Czech": "Jiří Novák|Kateřina Svobodová|Zdeněk Dvořák|Šárka Procházková|Ondřej Černý|Lenka Kučerová",
    "Swedish and Danish": "Björn Andersson|Åsa Lindström|Søren Kierkegaard|Mette Frederiksen|Gunilla Nyström|Jørgen Jensen",
    "Finnish": "Päivi Virtanen|Jukka Korhonen|Seppo Nieminen|Tuula Mäkinen|Antti Hämäläinen|Kaisa Laine",
    "Hungarian": "Kovács Zoltán|Szabó Ágnes|Nagy László|Tóth Erzsébet|Horváth Attila|Varga Ildikó",
    "Russian": "Иванов Сергей Петрович|Ольга Смирнова|Дмитрий Кузнецов|Петрова Анна|Наталья Соколова|Алексей Попов",
    "Greek": "Γιώργος Παπαδόπουλος|Ελένη Νικολάου|Κωνσταντίνος Γεωργίου|Μαρία Ιωάννου|Δημήτρης Αντωνίου|Κατερίνα Παππά",
    "Turkish": "Mehmet Y\u0131lmaz|Ayşe Demir|Mustafa Kaya|Zeynep Çelik|Emre Şahin|Elif Y\u0131ld\u0131z",
    "Indian": "Priya Sharma|Rajesh Patel|Ananya Iyer|Sanjay Gupta|Lakshmi Nair|Vikram Singh",
    "Arabic": "محمد الأحمد|فاطمة الزهراء|أحمد خليل|مريم حسن|عمر يوسف|ليلى ناصر",
    "Hebrew": "דוד כהן|שרה לוי|יוסף מזרחי|רחל פרץ|משה ביטון|מיכל אברהם",
    "Chinese": "王伟|李娜|张秀英|刘洋|陈静|杨敏",
    "Japanese": "佐藤 太郎|鈴木花子|高橋 健一|田中美咲|渡辺 翔|山本由美",
    "Korean": "김민수|이서연|박지훈|최유진|정하은|강동원",
    "in capitals": "GARCIA MARQUEZ, ANA|O'NEIL, SEAN|SCHMIDT, JÜRGEN|NOWAK, ZOFIA|ROSSI, MARIO|DUPONT, ÉLODIE",
    "with initials": "J. Robert Keller|Anna M. Novak|T. J. Thomas Miller|Peter K. Jones|Laura B. Perez|Daniel C. Smith",
}  # fmt: skip


def _found(values: list[str]) -> dict[str, float]:
    measured = weigh(a_measurement("column", values), POLICY, KnownTexts(POLICY.shape_length))
    return {pattern.name: pattern.share for pattern in find_patterns(measured, POLICY)}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_thing_is_known_in_every_way_it_is_written(name):
    make, expected, others = COLUMNS[name]
    chance = random.Random(name)
    found = _found([make(chance) for _ in range(ROWS)])
    taken = [other for other in others if found.get(other, 0.0) >= LOOKS_LIKE]
    assert (not expected or found.get(expected, 0.0) >= ENOUGH, taken) == (True, []), found


@pytest.mark.parametrize("names", PERSONS.values(), ids=PERSONS)
def test_persons_are_known_in_many_languages(names):
    assert _found(names.split("|")).get("person_name") == 1.0


STREETS = {
    "English": "350 Fifth Avenue, Apt 12B|Flat 4, 18 Baker Street|Unit 5, 77 Harbour Esplanade|1600 Pennsylvania Ave NW|2 Windy Ridge|PO Box 1142",
    "German": "Goethestr. 12|Am Alten Markt 5|Im Winkel 3a|Berliner Allee 2|Zum Sportplatz 7|Lindenweg 44",
    "French": "12 bis rue des Écoles|45 boulevard Saint-Michel|7 allée des Tilleuls|3 impasse du Moulin|Avenue Foch 18|9 quai Voltaire",
    "Spanish": "Calle Mayor, 14, 2º B|Avda. de la Constitución 8|Paseo de Gracia, 92|Plaza España 3|Ctra. de Toledo 55|Ronda de Atocha 21",
    "Italian": "Via Roma, 24|Corso Vittorio Emanuele 108|Piazza Garibaldi 5|Viale Trastevere, 66|Vicolo del Cinque 7|Largo Augusto 3",
    "Portuguese": "Rua Augusta, 1500|Avenida Paulista 1578|Travessa do Carmo 11|Praça da Sé, 9|Largo do Rato 2|Alameda Santos 200",
    "Dutch": "Keizersgracht 313|Dorpsstraat 7a|Laan van Meerdervoort 50|Stationsplein 1|Zeedijk 66|Oudeweg 15",
    "Nordic": "Kungsgatan 44|Storgata 8|Vesterbrogade 3B|Mannerheimintie 12|Karl Johans gate 22|Sveavägen 100",
    "Polish": "ul. Marszałkowska 84/92|al. Jerozolimskie 54|pl. Wolności 3|os. Złotego Wieku 14|ulica Długa 7|ul. Piękna 2",
    "Russian": "ул. Ленина, д. 12|пр. Мира, д. 101|пер. Садовый 4|наб. Фонтанки 20|улица Гагарина 33|бул. Шевченко 5",
    "Romanian and Hungarian": "Strada Victoriei nr. 12|Bd. Unirii 27|Calea Moșilor 300|Kossuth Lajos utca 14|Andrássy út 60.|Deák Ferenc tér 3",
}  # fmt: skip


@pytest.mark.parametrize("streets", STREETS.values(), ids=STREETS)
def test_streets_are_known_in_many_languages(streets):
    assert _found(streets.split("|")).get("street_address") == 1.0
