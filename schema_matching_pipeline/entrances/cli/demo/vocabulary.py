"""The words of one country's practices: names, places, and the codes and texts of medicine and billing."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A town with its surroundings; ``area`` is the telephone area code."""

    city: str
    county: str
    state: str
    postal_prefix: str
    area: str


class Disease(NamedTuple):
    """A diagnosis: code, text, how common it is, and whether it lasts."""

    code: str
    text: str
    weight: int
    lasting: bool


class Service(NamedTuple):
    """A billable service: code, text, price and how common it is."""

    code: str
    text: str
    price: float
    weight: int


class Drug(NamedTuple):
    """A product: its code in the national list, its international ATC code, and how it is taken."""

    code: str
    atc: str
    name: str
    dose: str
    unit: str
    route: str
    price: float


class Substance(NamedTuple):
    """Something people react to: code, text, category and the usual reaction."""

    code: str
    text: str
    category: str
    reaction: str


class Measure(NamedTuple):
    """A measurement: LOINC code, text, unit, category, mean, spread and number of decimals."""

    code: str
    text: str
    unit: str
    category: str
    mean: float
    spread: float
    decimals: int


class Vaccine(NamedTuple):
    """A vaccine: code, text, manufacturer and price."""

    code: str
    text: str
    manufacturer: str
    price: float


class Insurer(NamedTuple):
    """A payer: name, electronic number and the names of its plans."""

    name: str
    electronic_code: str
    plans: tuple[str, ...]


class Coded(NamedTuple):
    """A code with its text."""

    code: str
    text: str


class Vocabulary(NamedTuple):
    """Everything a made-up practice of one country says."""

    country: str
    female_names: tuple[str, ...]
    male_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    places: tuple[Place, ...]
    mail_domains: tuple[str, ...]
    languages: tuple[str, ...]
    occupations: tuple[str, ...]
    site_names: tuple[str, ...]
    insurers: tuple[Insurer, ...]
    specialties: tuple[Coded, ...]
    reasons: tuple[Coded, ...]
    visit_types: tuple[Coded, ...]
    diseases: tuple[Disease, ...]
    services: tuple[Service, ...]
    drugs: tuple[Drug, ...]
    substances: tuple[Substance, ...]
    measures: tuple[Measure, ...]
    vaccines: tuple[Vaccine, ...]
