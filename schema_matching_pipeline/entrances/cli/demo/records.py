"""What happens in a made-up practice, one kind of record each; identifiers count from 1 inside a kind.

The records are neutral: every client turns them into its own tables, names, codes and spellings.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from schema_matching_pipeline.entrances.cli.demo.vocabulary import (
    Coded,
    Disease,
    Drug,
    Insurer,
    Measure,
    Place,
    Service,
    Substance,
    Vaccine,
)


class Site(NamedTuple):
    """A place where care is given."""

    id: int
    name: str
    street: str
    place: Place
    postal_code: str
    serial: int


class Provider(NamedTuple):
    """A clinician; ``serial`` is the body of national numbers."""

    id: int
    female: bool
    first_name: str
    middle_name: str
    last_name: str
    specialty: Coded
    site: Site
    serial: int
    email: str
    phone: str
    active: bool


class Patient(NamedTuple):
    """A person who receives care; ``serial`` is the body of the person's own numbers."""

    id: int
    female: bool
    first_name: str
    middle_name: str | None
    last_name: str
    maiden_name: str | None
    birth_date: date
    death_date: date | None
    marital_status: str
    language: str
    race: str
    hispanic: bool
    occupation: str | None
    street: str
    place: Place
    postal_code: str
    email: str | None
    home_phone: str | None
    work_phone: str | None
    mobile_phone: str | None
    registered: date
    provider: Provider
    serial: int


class Coverage(NamedTuple):
    """An insurance policy of one patient."""

    id: int
    patient: Patient
    payer: int
    insurer: Insurer
    priority: int
    plan: str
    serial: int
    group: int
    start: date
    end: date | None
    relationship: str
    subscriber: Patient
    copay: Decimal


class Appointment(NamedTuple):
    """A booked slot."""

    id: int
    patient: Patient
    provider: Provider
    starts: datetime
    ends: datetime
    minutes: int
    status: str
    kind: Coded
    title: str


class Encounter(NamedTuple):
    """A visit that took place; it grew out of an appointment."""

    id: int
    patient: Patient
    provider: Provider
    coverage: Coverage
    starts: datetime
    ends: datetime
    kind: Coded
    reason: Coded
    setting: str
    total: Decimal


class Diagnosis(NamedTuple):
    """A disease found in a visit."""

    id: int
    encounter: Encounter
    disease: Disease
    onset: date
    resolved: date | None
    rank: int


class Procedure(NamedTuple):
    """A service carried out in a visit."""

    id: int
    encounter: Encounter
    service: Service
    starts: datetime
    ends: datetime
    rank: int
    price: Decimal


class Medication(NamedTuple):
    """A drug ordered in a visit."""

    id: int
    encounter: Encounter
    drug: Drug
    start: date
    end: date
    quantity: int
    refills: int
    cost: Decimal


class Allergy(NamedTuple):
    """An intolerance recorded in a visit."""

    id: int
    encounter: Encounter
    substance: Substance
    severity: str
    onset: date
    end: date | None


class Observation(NamedTuple):
    """A measurement taken in a visit; ``flag`` is low, normal or high."""

    id: int
    encounter: Encounter
    measure: Measure
    at: datetime
    value: Decimal
    flag: str


class Immunization(NamedTuple):
    """A vaccination given in a visit."""

    id: int
    encounter: Encounter
    vaccine: Vaccine
    at: datetime
    lot: str


class Claim(NamedTuple):
    """A bill for one visit."""

    id: int
    encounter: Encounter
    referrer: Provider | None
    secondary_payer: int | None
    billed: date
    status: str
    diagnosis: str
    outstanding: Decimal


class ClaimLine(NamedTuple):
    """One charged item of a bill."""

    id: int
    claim: Claim
    procedure: Procedure
    modifier: str | None
    units: int
    charge: Decimal


class Payment(NamedTuple):
    """Money received for a bill."""

    id: int
    claim: Claim
    paid: datetime
    by_payer: bool
    amount: Decimal
    adjustment: Decimal
    method: str
    reference: str


class Practice(NamedTuple):
    """One practice with all its records."""

    sites: list[Site]
    providers: list[Provider]
    payers: tuple[Insurer, ...]
    patients: list[Patient]
    coverages: list[Coverage]
    appointments: list[Appointment]
    encounters: list[Encounter]
    diagnoses: list[Diagnosis]
    procedures: list[Procedure]
    medications: list[Medication]
    allergies: list[Allergy]
    observations: list[Observation]
    immunizations: list[Immunization]
    claims: list[Claim]
    claim_lines: list[ClaimLine]
    payments: list[Payment]
