"""A made-up client about which a hundred things are asked: its tables, and what a person knows of each column."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle, islice

ROWS = 40
TRUST = """
review_floor: 0.02
trust_profiles:
  conservative:
    auto_accept_threshold: 1.0
"""
"""Under which nothing is accepted without a person, however sure it is, and little is too unsure to be asked about."""


def _ids(first: int) -> tuple[str, ...]:
    return tuple(str(first + row) for row in range(ROWS))


def _days(year: int, month: int) -> tuple[str, ...]:
    return tuple(f"{year}-{month:02}-{row % 28 + 1:02}" for row in range(ROWS))


def _again(*values: str) -> tuple[str, ...]:
    return tuple(islice(cycle(values), ROWS))


def _amounts(least: int) -> tuple[str, ...]:
    return tuple(f"{least + row * 7 % 97}.{row * 13 % 100:02}" for row in range(ROWS))


def _gaps(values: tuple[str, ...]) -> tuple[str, ...]:
    return (*("",) * 10, *values[10:])


PATIENTS = _ids(1)
NOTHING = ("",) * ROWS

# In every table the columns whose names say what they are, those whose names do not, and an empty one.
_PLAIN: Mapping[str, Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "patients": {
        "patient_id": ("patient.patient_id", PATIENTS),
        "first_name": ("patient.first_name", _gaps(_again("Ada", "Ben", "Cleo", "Dan"))),
        "last_name": ("patient.last_name", _gaps(_again("Ames", "Birch", "Cole", "Dorn"))),
        "date_of_birth": ("patient.birth_date", _gaps(tuple(f"19{50 + row}-03-07" for row in range(ROWS)))),
        "gender": ("patient.sex", _again("F", "M")),
    },
    "allergies": {
        "patient_id": ("allergy.patient_id", PATIENTS),
        "substance_name": ("allergy.substance_name", _gaps(_again("Peanut", "Latex", "Pollen"))),
    },
    "payments": {
        "payment_date": ("payment.payment_date", _days(2021, 3)),
        "amount": ("payment.amount", _gaps(_amounts(10))),
    },
    "medications": {
        "medication_id": ("medication.medication_id", _ids(100)),
        "patient_id": ("medication.patient_id", PATIENTS),
        "drug_name": ("medication.drug_name", _again("Aspirin", "Ibuprofen")),
        "dose": ("medication.dose", _again("10", "20")),
        "dose_unit": ("medication.dose_unit", _again("mg", "ml")),
        "start_date": ("medication.start_date", _days(2021, 3)),
        "route": ("medication.route", _again("oral", "topical")),
        "quantity": ("medication.quantity", _again("10", "20", "30")),
        "refills": ("medication.refills", _again("0", "1", "2")),
    },
    "claim_lines": {
        "claim_line_id": ("claim_line.claim_line_id", _ids(300)),
        "patient_id": ("claim_line.patient_id", PATIENTS),
        "procedure_code": ("claim_line.procedure_code", _again("99213", "99214")),
        "description": ("claim_line.description", _again("visit", "visit long")),
        "units": ("claim_line.units", _again("1", "2")),
        "charge_amount": ("claim_line.charge_amount", _amounts(10)),
        "service_date": ("claim_line.service_date", _days(2021, 3)),
        "modifier": ("claim_line.modifier", _again("25", "59")),
    },
    "observations": {
        "observation_id": ("observation.observation_id", _ids(400)),
        "patient_id": ("observation.patient_id", PATIENTS),
        "observed_at": ("observation.observed_at", _days(2021, 3)),
        "category": ("observation.category", _again("vital", "lab")),
        "code": ("observation.code", _again("8302-2", "29463-7")),
        "value": ("observation.value", _ids(50)),
        "unit": ("observation.unit", _again("cm", "kg")),
    },
    "appointments": {
        "appointment_id": ("appointment.appointment_id", _ids(500)),
        "patient_id": ("appointment.patient_id", PATIENTS),
        "appointment_date": ("appointment.appointment_date", _days(2021, 3)),
        "start_time": ("appointment.start_time", _again("09:00", "10:30")),
        "end_time": ("appointment.end_time", _again("09:30", "11:00")),
        "status": ("appointment.status", _again("booked", "arrived", "cancelled")),
        "title": ("appointment.title", _again("Check", "Follow-up")),
    },
    "diagnoses": {
        "diagnosis_id": ("diagnosis.diagnosis_id", _ids(600)),
        "patient_id": ("diagnosis.patient_id", PATIENTS),
        "code": ("diagnosis.code", _again("E11.9", "I10", "J45.909")),
        "description": ("diagnosis.description", _again("Diabetes", "Hypertension", "Asthma")),
        "onset_date": ("diagnosis.onset_date", _days(2020, 3)),
        "resolution_date": ("diagnosis.resolution_date", _days(2021, 5)),
        "sequence": ("diagnosis.sequence", _again("1", "2")),
    },
    "procedures": {
        "procedure_id": ("procedure.procedure_id", _ids(700)),
        "patient_id": ("procedure.patient_id", PATIENTS),
        "code": ("procedure.code", _again("47562", "44970")),
        "description": ("procedure.description", _again("Gallbladder removal", "Appendix removal")),
        "sequence": ("procedure.sequence", _again("1", "2")),
        "cost": ("procedure.cost", _amounts(500)),
    },
    "organizations": {
        "organization_id": ("organization.organization_id", _ids(1)),
        "name": ("organization.name", tuple(f"Clinic number {row}" for row in range(ROWS))),
        "street_address": ("organization.street_address", tuple(f"{row} Oak Avenue" for row in range(ROWS))),
        "city": ("organization.city", _again("Boston", "Salem", "Lowell")),
        "state": ("organization.state", _again("MA", "NH")),
        "postal_code": ("organization.postal_code", _again("02101", "01970", "01850")),
        "phone": ("organization.phone", tuple(f"617556{row:04}" for row in range(ROWS))),
    },
}
_DARK: Mapping[str, Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "medications": {
        "thru": ("medication.end_date", _days(2021, 9)),
        "rx": ("medication.drug_code", _again("N02BA01", "M01AE01")),
        "chg": ("medication.cost", _amounts(20)),
    },
    "claim_lines": {
        "doctor": ("claim_line.provider_id", _again("1", "2", "3")),
        "ins": ("claim_line.payer_id", _again("7", "8")),
    },
    "observations": {"hl": ("observation.interpretation", _again("high", "low", "normal"))},
    "appointments": {
        "mins": ("appointment.duration", _again("30", "45")),
        "kind": ("appointment.appointment_type", _again("first", "repeat")),
        "who": ("appointment.provider_id", _again("1", "2", "3")),
        "place": ("appointment.organization_id", _again("1", "2")),
    },
    "diagnoses": {"visit": ("diagnosis.encounter_id", _ids(7000))},
    "procedures": {"began": ("procedure.start_datetime", _days(2021, 6))},
    "organizations": {
        "fx": ("organization.fax", tuple(f"617557{row:04}" for row in range(ROWS))),
        "tin": ("organization.tax_id", tuple(f"04-{1_000_000 + row * 37}" for row in range(ROWS))),
    },
    "immunizations": {
        "pat": ("immunization.patient_id", PATIENTS),
        "given": ("immunization.administered_at", _days(2021, 3)),
        "vaccine": ("immunization.vaccine_name", _again("Influenza", "Tetanus", "Mumps", "Polio")),
        "cvx": ("immunization.vaccine_code", _again("140", "09", "07", "10")),
        "batch": ("immunization.lot_number", tuple(f"L{row:04}" for row in range(ROWS))),
        "maker": ("immunization.manufacturer", _again("Merck", "Pfizer")),
        "amt": ("immunization.cost", _amounts(30)),
    },
    "providers": {
        "id": ("provider.provider_id", _ids(1)),
        "name": ("provider.full_name", tuple(f"Dr Ada Ames {row}" for row in range(ROWS))),
        "tel": ("provider.phone", tuple(f"617555{row:04}" for row in range(ROWS))),
        "inst": ("provider.organization_id", _again("1", "2")),
    },
}
EMPTY: Mapping[str, str] = {
    "patients": "old_remark",
    "medications": "qual",
    "claim_lines": "note3",
    "observations": "old_val",
    "appointments": "room",
    "diagnoses": "memo",
    "procedures": "ext",
    "organizations": "spare",
    "immunizations": "flag2",
    "providers": "spare1",
}
EASY: Mapping[str, str] = {
    f"{table}.{name}": target for table, some in _PLAIN.items() for name, (target, _) in some.items()
}
AMBIGUOUS: Mapping[str, str] = {
    f"{table}.{name}": target for table, some in _DARK.items() for name, (target, _) in some.items()
}
WITHOUT_TARGET = frozenset(f"{table}.{name}" for table, name in EMPTY.items())
CRITICAL = frozenset(
    {
        "patients.first_name",
        "patients.last_name",
        "patients.date_of_birth",
        "allergies.substance_name",
        "payments.amount",
    }
)
"""Columns with gaps where their fields must be filled, of entities for which two people must live with that."""

TABLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    table: {
        **{name: values for name, (_, values) in _PLAIN.get(table, {}).items()},
        **{name: values for name, (_, values) in _DARK.get(table, {}).items()},
        **({EMPTY[table]: NOTHING} if table in EMPTY else {}),
    }
    for table in dict.fromkeys((*_PLAIN, *_DARK))
}
