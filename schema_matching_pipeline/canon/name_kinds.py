"""What kind of values a column's name announces: read from the head of the name, not from any word in it.

``email_verified`` is a flag and ``phone_type`` a code; only ``email`` and ``home_phone`` announce what they
say. A name that announces nothing plainly gives None.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from schema_matching_pipeline.canon.names import english_words, expand, name_tokens


class NameKind(StrEnum):
    """A kind of values that a name can announce."""

    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    IP = "ip"
    STREET = "street"
    CITY = "city"
    STATE = "state"
    POSTAL_CODE = "postal_code"
    COUNTRY = "country"
    PERSON_NAME = "person_name"
    BIRTH_DATE = "birth_date"
    DATE = "date"
    YEAR = "year"
    TIME = "time"
    GENDER = "gender"
    RELATIONSHIP = "relationship"
    AMOUNT = "amount"
    QUANTITY = "quantity"
    PERCENT = "percent"
    CODE = "code"
    FLAG = "flag"
    NOTE = "note"
    SSN = "ssn"
    PERSONAL_NUMBER = "personal_number"
    NPI = "npi"
    IBAN = "iban"
    UUID = "uuid"
    NAME = "name"
    KEY = "key"
    NUMBER = "number"


_BY_PHRASE: dict[tuple[str, ...], NameKind] = {
    ("date", "of", "birth"): NameKind.BIRTH_DATE,
    ("birth", "date"): NameKind.BIRTH_DATE,
    ("birth", "day"): NameKind.BIRTH_DATE,
    ("birth", "year"): NameKind.YEAR,
    ("place", "of", "service"): NameKind.CODE,
    ("zip", "code"): NameKind.POSTAL_CODE,
    ("postal", "code"): NameKind.POSTAL_CODE,
    ("post", "code"): NameKind.POSTAL_CODE,
    ("code", "postal"): NameKind.POSTAL_CODE,
    ("codigo", "postal"): NameKind.POSTAL_CODE,
    ("codice", "postale"): NameKind.POSTAL_CODE,
    ("country", "code"): NameKind.CODE,
    ("phone", "number"): NameKind.PHONE,
    ("telephone", "number"): NameKind.PHONE,
    ("mobile", "number"): NameKind.PHONE,
    ("cell", "number"): NameKind.PHONE,
    ("fax", "number"): NameKind.PHONE,
    ("cell", "phone"): NameKind.PHONE,
    ("mobile", "phone"): NameKind.PHONE,
    ("email", "address"): NameKind.EMAIL,
    ("ip", "address"): NameKind.IP,
    ("web", "site"): NameKind.URL,
    ("home", "page"): NameKind.URL,
    ("web", "address"): NameKind.URL,
    ("first", "name"): NameKind.PERSON_NAME,
    ("last", "name"): NameKind.PERSON_NAME,
    ("middle", "name"): NameKind.PERSON_NAME,
    ("given", "name"): NameKind.PERSON_NAME,
    ("family", "name"): NameKind.PERSON_NAME,
    ("maiden", "name"): NameKind.PERSON_NAME,
    ("full", "name"): NameKind.PERSON_NAME,
    ("person", "name"): NameKind.PERSON_NAME,
    ("patient", "name"): NameKind.PERSON_NAME,
    ("contact", "name"): NameKind.PERSON_NAME,
    ("guardian", "name"): NameKind.PERSON_NAME,
    ("subscriber", "name"): NameKind.PERSON_NAME,
    ("owner", "name"): NameKind.PERSON_NAME,
    ("physician", "name"): NameKind.PERSON_NAME,
    ("doctor", "name"): NameKind.PERSON_NAME,
    ("employee", "name"): NameKind.PERSON_NAME,
    ("dob", "date"): NameKind.BIRTH_DATE,
    ("social", "security", "number"): NameKind.SSN,
    ("soc", "sec", "number"): NameKind.SSN,
    ("ss", "number"): NameKind.SSN,
    ("chart", "number"): NameKind.PERSONAL_NUMBER,
    ("drv", "license"): NameKind.PERSONAL_NUMBER,
    ("driver", "licence"): NameKind.PERSONAL_NUMBER,
    ("driving", "licence"): NameKind.PERSONAL_NUMBER,
    ("vehicle", "identification", "number"): NameKind.PERSONAL_NUMBER,
    ("social", "security"): NameKind.SSN,
    ("driver", "license"): NameKind.PERSONAL_NUMBER,
    ("drivers", "license"): NameKind.PERSONAL_NUMBER,
    ("license", "plate"): NameKind.PERSONAL_NUMBER,
    ("passport", "number"): NameKind.PERSONAL_NUMBER,
    ("pass", "port"): NameKind.PERSONAL_NUMBER,
    ("pass", "port", "number"): NameKind.PERSONAL_NUMBER,
    ("insurance", "number"): NameKind.PERSONAL_NUMBER,
    ("tax", "id"): NameKind.PERSONAL_NUMBER,
    ("national", "id"): NameKind.PERSONAL_NUMBER,
    ("national", "identifier"): NameKind.PERSONAL_NUMBER,
    ("medical", "record", "number"): NameKind.PERSONAL_NUMBER,
    ("policy", "number"): NameKind.PERSONAL_NUMBER,
    ("member", "number"): NameKind.PERSONAL_NUMBER,
    ("national", "provider", "identifier"): NameKind.NPI,
    ("house", "number"): NameKind.NUMBER,
    ("mac", "address"): NameKind.KEY,
    ("birth", "place"): NameKind.CITY,
    ("place", "of", "birth"): NameKind.CITY,
    ("check", "sum"): NameKind.KEY,
}
# Announcing only where they are the whole name.
_ALONE = {
    "first": NameKind.PERSON_NAME,
    "last": NameKind.PERSON_NAME,
    "maiden": NameKind.PERSON_NAME,
}

_BY_HEAD: dict[NameKind, str] = {
    NameKind.EMAIL: "email mail correo courriel emailadresse mailadresse",
    NameKind.PHONE: "phone telephone tel telefon telefono fax mobile mobil handy cellphone cell pager telnr telefax telefonnummer handynummer movil",
    NameKind.URL: "url website homepage webseite uri web",
    NameKind.IP: "ip ipaddress",
    NameKind.STREET: "street strasse str calle rue via streetname address adresse anschrift direccion indirizzo",
    NameKind.CITY: "city town ort stadt ciudad ville citta wohnort municipality",
    NameKind.STATE: "state province bundesland estado provincia county landkreis",
    NameKind.POSTAL_CODE: "zip zipcode plz postleitzahl postcode postalcode",
    NameKind.COUNTRY: "country land pais pays nation paese",
    NameKind.PERSON_NAME: "fname lname mname firstname lastname surname forename vorname nachname familienname geburtsname nombre apellido prenom cognome middlename maidenname fullname",
    NameKind.BIRTH_DATE: "dob birthdate birthday geburtsdatum gebdat gebdatum geburtstag birth bday bdate birthdt brthdt dtnaiss datenaiss dtnasc datanasc nascita naissance nacimiento nascimento fecnac fnac ddn",
    NameKind.DATE: "date datum dat dt fecha timestamp datetime",
    NameKind.YEAR: "year jahr ano annee anno yr",
    NameKind.TIME: "time uhrzeit zeit hora heure ora",
    NameKind.GENDER: "gender sex geschlecht sexo sexe sesso",
    NameKind.RELATIONSHIP: "relationship relation verhaeltnis kinship verwandtschaft",
    NameKind.AMOUNT: "amount amt price cost fee charge total balance copay betrag preis kosten summe salary gehalt deductible monto importe prix montant subtotal revenue wage freight discount income saldo outstanding",
    NameKind.QUANTITY: "quantity qty count anzahl menge units refills cantidad weight height age alter width length size",
    NameKind.PERCENT: "percent percentage pct prozent",
    NameKind.CODE: "code cd kode codigo schluessel kennzeichen",
    NameKind.FLAG: "flag indicator active aktiv enabled deleted verified is yn",
    NameKind.NOTE: "note notes comment comments remark remarks description memo bemerkung kommentar notiz notizen anmerkung beschreibung text descr",
    NameKind.SSN: "ssn ss socialsecurity",
    NameKind.PERSONAL_NUMBER: "passport drivers mrn vin kvnr versichertennummer svnr nino steuernummer",
    NameKind.NPI: "npi",
    NameKind.IBAN: "iban",
    NameKind.UUID: "uuid guid",
    NameKind.NAME: "name title titel label bezeichnung",
    NameKind.KEY: "id key identifier uid oid pk fk",
    NameKind.NUMBER: "number no nr num nummer",
}  # fmt: skip
# A date, number, key or name that abbreviated or foreign words before it may make one of these.
_GENERAL = frozenset((NameKind.DATE, NameKind.NUMBER, NameKind.KEY, NameKind.NAME))
_PARTICULAR = frozenset(
    (
        NameKind.BIRTH_DATE,
        NameKind.SSN,
        NameKind.PERSONAL_NUMBER,
        NameKind.PHONE,
        NameKind.PERSON_NAME,
        NameKind.NPI,
    )
)
_HEADS = {word: kind for kind, words in _BY_HEAD.items() for word in words.split()}

# Said after or before the head, these tell which one is meant, not what kind it is.
_QUALIFIERS = frozenset(
    (
        "home", "work", "biz", "business", "private", "main", "primary", "secondary", "other", "old", "new",
        "alt", "alternate", "direct", "daytime", "evening", "emergency", "office", "priv", "gesch",
        "contact", "personal", "billing", "mailing", "shipping", "first", "second", "third", "one", "two",
        "three", "cell", "mobile", "privat", "geschaeftlich", "dienstlich", "eins", "zwei", "headquartered",
        "legacy", "permanent", "temporary", "current", "former", "original", "orig", "tmp", "temp",
    )
)  # fmt: skip


@lru_cache(maxsize=100_000)
def kind_of_name(name: str) -> NameKind | None:
    """The kind of values a name announces, or None.

    >>> kind_of_name("EMAIL_VERIFIED"), kind_of_name("Phone_Home"), kind_of_name("date_of_birth")
    (<NameKind.FLAG: 'flag'>, <NameKind.PHONE: 'phone'>, <NameKind.BIRTH_DATE: 'birth_date'>)
    """
    tokens = tuple(token for token in name_tokens(name) if not token.isdigit())
    plain = _read(tokens)
    if plain is not None and plain not in _GENERAL:
        return plain
    in_english = _read(_head_in_english(tokens))
    return in_english if plain is None or in_english in _PARTICULAR else plain


def _read(tokens: tuple[str, ...]) -> NameKind | None:
    tokens = _without_tail(tokens)
    for start in range(len(tokens)):
        kind = _BY_PHRASE.get(tokens[start:])
        if kind is not None:
            return kind
    if not tokens:
        return None
    if len(tokens) == 1 and tokens[0] in _ALONE:
        return _ALONE[tokens[0]]
    # The date of a visit is a date, and the weight at birth a weight.
    end = next(
        (
            place
            for place, word in enumerate(tokens)
            if place and (word == "of" or (word == "at" and tokens[place + 1 :]))
        ),
        0,
    )
    if end:
        return _read(tokens[:end])
    head = _HEADS.get(tokens[-1])
    if head is NameKind.NUMBER and len(tokens) > 1 and _HEADS.get(tokens[-2]) is NameKind.PHONE:
        return NameKind.PHONE
    return head


def _without_tail(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The tokens up to the head: a qualifier at the end is dropped while a head stands before it."""
    while len(tokens) > 1 and tokens[-1] in _QUALIFIERS and any(token in _HEADS for token in tokens[:-1]):
        tokens = tokens[:-1]
    return tokens


def in_english(tokens: Iterable[str]) -> tuple[str, ...]:
    """The words that tokens most likely stand for: abbreviations and other languages spelled out.

    A token that is an English word stands for itself, whatever it may mean elsewhere.

    >>> in_english(("dob", "data", "plz"))
    ('date', 'of', 'birth', 'data', 'postal', 'code')
    """
    return _in_english(tuple(tokens))


@lru_cache(maxsize=50_000)
def _in_english(tokens: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for token in tokens for word in _spelled(token).split())


def _head_in_english(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The tokens in English; before the head a token that means "x of y" stays, lest its x be taken for the head."""
    before = [token if " of " in _spelled(token) else _spelled(token) for token in tokens[:-1]]
    return tuple(" ".join((*before, *(_spelled(token) for token in tokens[-1:]))).split())


def _spelled(token: str) -> str:
    return token if token in english_words() else next(iter(expand(token)), token)
