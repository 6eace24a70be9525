"""Client ``sonnental``: CSV, Excel and JSON exports of a German practice system with legacy abbreviations.

Semicolons, decimal commas, dd.mm.yyyy; some files in cp1252, some in UTF-8 with a byte order mark; a workbook
whose second sheet has its header below a title.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import PurePosixPath
from string import ascii_uppercase
from typing import NamedTuple

from schema_matching_pipeline.entrances.cli.demo.check_digits import (
    doctor_number,
    health_insurance_number,
    iban,
    pension_number,
    with_wrong_check_digit,
)
from schema_matching_pipeline.entrances.cli.demo.client import FaultName
from schema_matching_pipeline.entrances.cli.demo.draft import Draft, Sheet, named
from schema_matching_pipeline.entrances.cli.demo.german import GERMAN
from schema_matching_pipeline.entrances.cli.demo.practice import Dice, build_practice
from schema_matching_pipeline.entrances.cli.demo.records import Coverage, Patient, Practice
from schema_matching_pipeline.model.quality import LabelName

SLUG = "sonnental"
DESCRIPTION = "Folder of CSV, Excel and JSON exports of a German practice, with legacy abbreviations"
FIRST_DAY, LAST_DAY = date(2017, 1, 9), date(2025, 9, 30)
PAPER_FORM_UNTIL = date(2019, 12, 20)

_BOOK = "VERSICHERUNG"
_GESCHL = {True: "W", False: "M"}
_FAMSTD = {"single": "LED", "married": "VH", "divorced": "GESCH", "widowed": "VERW"}
_TSTATUS = {"kept": "ERSCH", "cancelled": "ABGES", "missed": "NERSCH", "booked": "GEPL"}
_FALLART = {"ambulatory": "AMB", "emergency": "NOT", "virtual": "VID", "home": "HB"}
_SCHWERE = {"mild": "leicht", "moderate": "mittel", "severe": "schwer"}
_BEWERT = {"low": "-", "normal": "N", "high": "+"}
_VERWGRAD = {"self": "SELBST", "spouse": "EHEP", "child": "KIND", "other": "SONST"}
_REFSTATUS = {"paid": "BEZ", "open": "OFFEN", "denied": "ABGEL", "sent": "VERS"}
_ZART = {"transfer": "UEBW", "cheque": "SCHECK", "cash": "BAR", "card": "EC"}
_SACHBEARBEITER = ("KR", "MH", "SB", "IMPORT")


class Export(NamedTuple):
    """One table and the file it is written to; workbooks take several, ``title`` stands above the header."""

    sheet: Sheet
    file: PurePosixPath
    encoding: str = "cp1252"
    title: tuple[str, ...] = ()


def build_exports(*, patients: int, seed: int) -> list[Export]:
    """All exports of the client, planted faults included."""
    practice = build_practice(
        GERMAN, patients=patients, seed=f"{SLUG} {seed}", first_day=FIRST_DAY, last_day=LAST_DAY
    )
    dice = Dice(f"{SLUG} dirt {seed}")
    return [
        _csv(_betriebsstaetten(practice, dice), "utf-8-sig"),
        _csv(_aerzte(practice, dice), "utf-8-sig"),
        _csv(_patienten(practice, dice)),
        _page(_kassen(practice, dice)),
        _page(
            _versverh(practice, dice),
            ("Praxis Sonnental - Versicherungsverhältnisse", "Stand 30.09.2025", ""),
        ),
        _csv(_termine(practice, dice)),
        _csv(_behandlungen(practice, dice)),
        _csv(_diagnosen(practice, dice), "utf-8-sig"),
        _csv(_leistungen(practice, dice)),
        _json(_verordnungen(practice, dice)),
        _json(_allergien(practice, dice)),
        _csv(_labor(practice, dice), "utf-8-sig"),
        _json(_impfungen(practice, dice)),
        _csv(_rechnungen(practice, dice)),
        _csv(_rechnungspositionen(practice, dice)),
        _csv(_zahlungen(practice, dice)),
    ]


def _csv(sheet: Sheet, encoding: str = "cp1252") -> Export:
    return Export(sheet, PurePosixPath(f"{sheet.name}.csv"), encoding)


def _json(sheet: Sheet) -> Export:
    return Export(sheet, PurePosixPath(f"{sheet.name}.json"), "utf-8")


def _page(sheet: Sheet, title: tuple[str, ...] = ()) -> Export:
    """A sheet of the workbook; its table is named after both."""
    return Export(sheet, PurePosixPath(f"{_BOOK}.xlsx"), "", title)


def _patnr(patient: Patient) -> str:
    return f"P{patient.id:06d}"


def _kknr(payer: int) -> str:
    return f"KK{payer:02d}"


def _arztnr(provider_id: int) -> str:
    return f"A{provider_id:03d}"


def _bsnr(serial: int) -> str:
    return f"79{serial % 10_000_000:07d}"


def _fallnr(encounter_id: int) -> str:
    return f"F{encounter_id:07d}"


def _versichertennummer(cover: Coverage) -> str:
    return health_insurance_number(ascii_uppercase[cover.serial % 26], f"{cover.serial:08d}")


def _rentenversicherungsnummer(patient: Patient) -> str:
    initial = (patient.maiden_name or patient.last_name)[0]
    letter = {"Ä": "A", "Ö": "O", "Ü": "U"}.get(initial, initial)
    serial = f"{patient.serial % 50 + (50 if patient.female else 0):02d}"
    return pension_number(f"{patient.serial % 27 + 53:02d}", f"{patient.birth_date:%d%m%y}", letter, serial)


def _betriebsstaetten(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("BETRIEBSST", practice.sites, dice)
    table.column("BSNR", lambda site: _bsnr(site.serial), "organization.organization_id")
    table.column("BEZEICHN", lambda site: site.name, "organization.name")
    table.column("STRASSE", lambda site: site.street, "organization.street_address")
    table.column("PLZ", lambda site: site.postal_code, "organization.postal_code")
    table.column("ORT", lambda site: site.place.city, "organization.city")
    table.column("BUNDESL", lambda site: site.place.state, "organization.state")
    table.column("LAND", lambda _: "D", "organization.country")
    table.column(
        "TELNR", lambda site: f"{site.place.area} {site.serial % 900_000 + 100_000}", "organization.phone"
    )
    table.column(
        "FAXNR", lambda site: f"{site.place.area} {site.serial % 900_000 + 100_009}", "organization.fax"
    )
    table.column("EMAIL", lambda site: f"info{site.id}@praxis.netzpost.example", "organization.email")
    return table


def _aerzte(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("AERZTE", practice.providers, dice)
    table.column("ARZTNR", lambda doctor: _arztnr(doctor.id), "provider.provider_id")
    table.column(
        "LANR",
        lambda doctor: doctor_number(f"{doctor.serial % 1_000_000:06d}", doctor.specialty.code),
        "provider.npi",
    )
    table.column("VNAME", lambda doctor: doctor.first_name, "provider.first_name")
    table.column("NNAME", lambda doctor: doctor.last_name, "provider.last_name")
    table.column("GESCHL", lambda doctor: _GESCHL[doctor.female], "provider.sex")
    table.column("FACHR", lambda doctor: doctor.specialty.text, "provider.specialty")
    table.column("BSNR", lambda doctor: _bsnr(doctor.site.serial), "provider.organization_id")
    table.column("TELNR", lambda doctor: doctor.phone, "provider.phone")
    table.column("EMAIL", lambda doctor: doctor.email, "provider.email")
    table.column("AKTIV", lambda doctor: doctor.active, "provider.is_active")
    table.column("KUERZEL", lambda doctor: doctor.last_name[:2].upper() + doctor.first_name[0])
    return table


def _patienten(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("PATSTAMM", practice.patients, dice)
    table.column("PATNR", _patnr, "patient.patient_id")
    table.column(
        "AKTENZ", lambda person: f"{person.registered.year}/{person.id}", "patient.medical_record_number"
    )
    table.column("ANREDE", lambda person: "Frau" if person.female else "Herr", "patient.name_prefix")
    table.column("VNAME", lambda person: person.first_name, "patient.first_name")
    table.column("NNAME", lambda person: person.last_name, "patient.last_name")
    table.column("GEBNAME", lambda person: person.maiden_name, "patient.maiden_name")
    table.column("GEBDAT", lambda person: person.birth_date, "patient.birth_date")
    table.column("VERSTDAT", lambda person: person.death_date, "patient.death_date")
    table.column("GESCHL", lambda person: _GESCHL[person.female], "patient.sex")
    table.column("FAMSTD", lambda person: _FAMSTD[person.marital_status], "patient.marital_status")
    table.column("SPRACHE", lambda person: person.language, "patient.preferred_language")
    table.column("BERUF", lambda person: person.occupation, "patient.occupation")
    table.column("RVNR", _rentenversicherungsnummer, "patient.social_security_number")
    table.column("EMAIL", lambda person: person.email, "patient.email")
    table.column("TELPRIV", lambda person: person.home_phone, "patient.home_phone")
    table.column("TELDIENST", lambda person: person.work_phone, "patient.work_phone")
    table.column("MOBIL", lambda person: person.mobile_phone, "patient.mobile_phone")
    table.column("FAXPRIV", lambda _: None, label=LabelName.EMPTY)
    table.column("STRASSE", lambda person: person.street, "patient.street_address")
    table.column("PLZ", lambda person: person.postal_code, "patient.postal_code")
    table.column("ORT", lambda person: person.place.city, "patient.city")
    table.column("LKREIS", lambda person: person.place.county, "patient.county")
    table.column("BUNDESL", lambda person: person.place.state, "patient.state")
    table.column("LAND", lambda _: "D", "patient.country")
    table.column("HAUSARZT", lambda person: _arztnr(person.provider.id), "patient.primary_provider_id")
    table.column("IBAN", lambda person: iban("DE", f"68050101{person.serial * 7 % 10_000_000_000:010d}"))
    table.column("MAHNSPERRE", lambda person: person.serial % 29 == 0)
    table.column("ANLDAT", lambda person: person.registered)
    table.column("SACHB", lambda _: dice.pick(_SACHBEARBEITER))
    table.spoil(
        "GEBDAT", FaultName.NOT_CASTABLE, 9, lambda row: ("31.02.1987", "unbekannt", "00.00.1955")[row % 3]
    )
    table.spoil("NNAME", FaultName.MISSING, 7, lambda _: None)
    table.spoil("GEBDAT", FaultName.SENTINEL_DATE, 12, lambda _: date(1900, 1, 1))
    table.spoil("HAUSARZT", FaultName.ORPHAN, 14, lambda row: f"A{900 + row % 40}")
    table.repeat_rows(8)
    return table


def _kassen(practice: Practice, dice: Dice) -> Sheet:
    table = Draft(f"{_BOOK}_KASSEN", list(enumerate(practice.payers, start=1)), dice)
    table.column("KKNR", lambda entry: _kknr(entry[0]), "insurance_payer.payer_id")
    table.column("KKNAME", lambda entry: entry[1].name, "insurance_payer.name")
    table.column("IKNR", lambda entry: entry[1].electronic_code, "insurance_payer.electronic_payer_code")
    table.column("STRASSE", lambda entry: f"Kassenallee {entry[0] * 3}", "insurance_payer.street_address")
    table.column("PLZ", lambda entry: f"{70173 + entry[0] * 96}", "insurance_payer.postal_code")
    table.column(
        "ORT", lambda entry: ("Stuttgart", "Berlin", "Hamburg")[entry[0] % 3], "insurance_payer.city"
    )
    table.column("TELNR", lambda entry: f"0711 {entry[0] * 78_113 + 200_000}", "insurance_payer.phone")
    return table


def _versverh(practice: Practice, dice: Dice) -> Sheet:
    table = Draft(f"{_BOOK}_VERSVERH", practice.coverages, dice)
    table.column("VERSID", lambda cover: 40_000 + cover.id, "coverage.coverage_id")
    table.column("PATNR", lambda cover: _patnr(cover.patient), "coverage.patient_id")
    table.column("KKASSE", lambda cover: _kknr(cover.payer), "coverage.payer_id")
    table.column("VERSNR", _versichertennummer, "coverage.policy_number")
    table.column("VERSART", lambda cover: cover.plan, "coverage.plan_name")
    table.column("RANG", lambda cover: cover.priority, "coverage.priority")
    table.column("GUELTVON", lambda cover: cover.start, "coverage.start_date")
    table.column("GUELTBIS", lambda cover: cover.end, "coverage.end_date")
    table.column(
        "HVERSNAME",
        lambda cover: f"{cover.subscriber.last_name}, {cover.subscriber.first_name}",
        "coverage.subscriber_name",
    )
    table.column("HVERSGEB", lambda cover: cover.subscriber.birth_date, "coverage.subscriber_birth_date")
    table.column("VERWGRAD", lambda cover: _VERWGRAD[cover.relationship], "coverage.subscriber_relationship")
    table.column("ZUZAHL", lambda cover: cover.copay, "coverage.copay")
    table.column("KARTEGEL", lambda cover: cover.serial % 11 > 0)
    numbers, starts = named(table, "VERSNR").values, [cover.start for cover in practice.coverages]
    table.spoil(
        "VERSNR", FaultName.WRONG_CHECK_DIGIT, 11, lambda row: with_wrong_check_digit(str(numbers[row]))
    )
    table.spoil("GUELTBIS", FaultName.WRONG_ORDER, 5, lambda row: starts[row] - timedelta(days=40 + row % 90))
    table.spoil("PATNR", FaultName.ORPHAN, 10, lambda row: f"P9{row % 100_000:05d}")
    return table


def _termine(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("TERMINE", practice.appointments, dice)
    table.column("TERMNR", lambda slot: 100_000 + slot.id, "appointment.appointment_id")
    table.column("PATNR", lambda slot: _patnr(slot.patient), "appointment.patient_id")
    table.column("ARZTNR", lambda slot: _arztnr(slot.provider.id), "appointment.provider_id")
    table.column("BSNR", lambda slot: _bsnr(slot.provider.site.serial), "appointment.organization_id")
    table.column("TERMDAT", lambda slot: slot.starts.date(), "appointment.appointment_date")
    table.column("ZEITVON", lambda slot: slot.starts.time(), "appointment.start_time")
    table.column("ZEITBIS", lambda slot: slot.ends.time(), "appointment.end_time")
    table.column("DAUERMIN", lambda slot: slot.minutes, "appointment.duration")
    table.column("TSTATUS", lambda slot: _TSTATUS[slot.status], "appointment.status")
    table.column("TERMART", lambda slot: slot.kind.code, "appointment.appointment_type")
    table.column("BETREFF", lambda slot: slot.title, "appointment.title")
    table.column("ERINN", lambda slot: slot.id % 4 > 0)
    return table


def _behandlungen(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("BEHANDLG", practice.encounters, dice)
    table.column("FALLNR", lambda visit: _fallnr(visit.id), "encounter.encounter_id")
    table.column("PATNR", lambda visit: _patnr(visit.patient), "encounter.patient_id")
    table.column("ARZTNR", lambda visit: _arztnr(visit.provider.id), "encounter.provider_id")
    table.column("BSNR", lambda visit: _bsnr(visit.provider.site.serial), "encounter.organization_id")
    table.column("KKASSE", lambda visit: _kknr(visit.coverage.payer), "encounter.payer_id")
    table.column("BEHBEG", lambda visit: visit.starts, "encounter.start_datetime")
    table.column("BEHENDE", lambda visit: visit.ends, "encounter.end_datetime")
    table.column("FALLART", lambda visit: _FALLART[visit.setting], "encounter.encounter_class")
    table.column("KONTART", lambda visit: visit.kind.code, "encounter.type_code")
    table.column("KONTTEXT", lambda visit: visit.kind.text, "encounter.type_description")
    table.column("BESCHWERDE", lambda visit: visit.reason.text, "encounter.reason_description")
    table.column("GESBETRAG", lambda visit: visit.total, "encounter.total_charge")
    table.column(
        "SCHEINNR",
        lambda visit: (
            f"S{visit.id * 17 % 900_000 + 100_000}" if visit.starts.date() <= PAPER_FORM_UNTIL else None
        ),
        label=LabelName.ABANDONED,
        until=PAPER_FORM_UNTIL,
    )
    table.column("STAPELNR", lambda visit: visit.starts.year * 100 + visit.starts.month)
    starts = [visit.starts for visit in practice.encounters]
    table.spoil(
        "BEHENDE", FaultName.WRONG_ORDER, 8, lambda row: starts[row] - timedelta(minutes=30 + row % 600)
    )
    return table


def _diagnosen(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("DIAGNOSE", practice.diagnoses, dice)
    table.column("DIAGNR", lambda found: 200_000 + found.id, "diagnosis.diagnosis_id")
    table.column("PATNR", lambda found: _patnr(found.encounter.patient), "diagnosis.patient_id")
    table.column("FALLNR", lambda found: _fallnr(found.encounter.id), "diagnosis.encounter_id")
    table.column("ICD10", lambda found: found.disease.code, "diagnosis.code")
    table.column("DIAGTEXT", lambda found: found.disease.text, "diagnosis.description")
    table.column("DIAGBEG", lambda found: found.onset, "diagnosis.onset_date")
    table.column("DIAGENDE", lambda found: found.resolved, "diagnosis.resolution_date")
    table.column("LFDNR", lambda found: found.rank, "diagnosis.sequence")
    table.column("SICHERH", lambda _: dice.pick("GGGGVZA"))
    return table


def _leistungen(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("LEISTUNG", practice.procedures, dice)
    table.column("LEISTNR", lambda done: 300_000 + done.id, "procedure.procedure_id")
    table.column("PATNR", lambda done: _patnr(done.encounter.patient), "procedure.patient_id")
    table.column("FALLNR", lambda done: _fallnr(done.encounter.id), "procedure.encounter_id")
    table.column("ARZTNR", lambda done: _arztnr(done.encounter.provider.id), "procedure.provider_id")
    table.column("GOPNR", lambda done: done.service.code, "procedure.code")
    table.column("LEISTTEXT", lambda done: done.service.text, "procedure.description")
    table.column("LEISTBEG", lambda done: done.starts, "procedure.start_datetime")
    table.column("LEISTENDE", lambda done: done.ends, "procedure.end_datetime")
    table.column("LFDNR", lambda done: done.rank, "procedure.sequence")
    table.column("EINZPREIS", lambda done: done.price, "procedure.cost")
    return table


def _verordnungen(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("VERORDNG", practice.medications, dice)
    table.column("VERORDNR", lambda order: 400_000 + order.id, "medication.medication_id")
    table.column("PATNR", lambda order: _patnr(order.encounter.patient), "medication.patient_id")
    table.column("FALLNR", lambda order: _fallnr(order.encounter.id), "medication.encounter_id")
    table.column("ARZTNR", lambda order: _arztnr(order.encounter.provider.id), "medication.provider_id")
    table.column("PZN", lambda order: order.drug.code, "medication.drug_code")
    table.column("ATC", lambda order: order.drug.atc, also=("medication.drug_code",))
    table.column("PRAEPARAT", lambda order: order.drug.name, "medication.drug_name")
    table.column("DOSIS", lambda order: order.drug.dose, "medication.dose")
    table.column("DOSEINH", lambda order: order.drug.unit, "medication.dose_unit")
    table.column("APPLART", lambda order: order.drug.route, "medication.route")
    table.column("VERORDDAT", lambda order: order.start, "medication.start_date")
    table.column("ENDDAT", lambda order: order.end, "medication.end_date")
    table.column("MENGE", lambda order: order.quantity, "medication.quantity")
    table.column("PREIS", lambda order: order.cost, "medication.cost")
    table.column("AUTIDEM", lambda order: order.id % 6 == 0)
    return table


def _allergien(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("ALLERGIE", practice.allergies, dice)
    table.column("ALLNR", lambda known: 50_000 + known.id, "allergy.allergy_id")
    table.column("PATNR", lambda known: _patnr(known.encounter.patient), "allergy.patient_id")
    table.column("FALLNR", lambda known: _fallnr(known.encounter.id), "allergy.encounter_id")
    table.column("STOFFCODE", lambda known: known.substance.code, "allergy.substance_code")
    table.column("STOFF", lambda known: known.substance.text, "allergy.substance_name")
    table.column("KATEG", lambda known: known.substance.category, "allergy.category")
    table.column("REAKTION", lambda known: known.substance.reaction, "allergy.reaction")
    table.column("SCHWERE", lambda known: _SCHWERE[known.severity], "allergy.severity")
    table.column("SEITDAT", lambda known: known.onset, "allergy.onset_date")
    return table


def _labor(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("LABOR", practice.observations, dice)
    table.column("BEFUNDNR", lambda taken: 500_000 + taken.id, "observation.observation_id")
    table.column("PATNR", lambda taken: _patnr(taken.encounter.patient), "observation.patient_id")
    table.column("FALLNR", lambda taken: _fallnr(taken.encounter.id), "observation.encounter_id")
    table.column("MESSZEIT", lambda taken: taken.at, "observation.observed_at")
    table.column("GRUPPE", lambda taken: taken.measure.category, "observation.category")
    table.column("LOINC", lambda taken: taken.measure.code, "observation.code")
    table.column("PARAM", lambda taken: taken.measure.text, "observation.description")
    table.column("MESSWERT", lambda taken: taken.value, "observation.value")
    table.column("EINHEIT", lambda taken: taken.measure.unit, "observation.unit")
    table.column("BEWERT", lambda taken: _BEWERT[taken.flag], "observation.interpretation")
    table.column(
        "BEMERK",
        lambda taken: ("Test", "test", "asdf", "xxx")[taken.id // 120 % 4] if taken.id % 120 == 0 else None,
        label=LabelName.TEST_ONLY,
    )
    return table


def _impfungen(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("IMPFUNG", practice.immunizations, dice)
    table.column("IMPFNR", lambda shot: 60_000 + shot.id, "immunization.immunization_id")
    table.column("PATNR", lambda shot: _patnr(shot.encounter.patient), "immunization.patient_id")
    table.column("FALLNR", lambda shot: _fallnr(shot.encounter.id), "immunization.encounter_id")
    table.column("IMPFDAT", lambda shot: shot.at.date(), "immunization.administered_at")
    table.column("IMPFCODE", lambda shot: shot.vaccine.code, "immunization.vaccine_code")
    table.column("IMPFSTOFF", lambda shot: shot.vaccine.text, "immunization.vaccine_name")
    table.column("CHARGENR", lambda shot: shot.lot, "immunization.lot_number")
    table.column("HERST", lambda shot: shot.vaccine.manufacturer, "immunization.manufacturer")
    return table


def _rechnungen(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("RECHNG", practice.claims, dice)
    table.column("RECHNR", lambda claim: f"R{claim.id:06d}", "claim.claim_id")
    table.column("PATNR", lambda claim: _patnr(claim.encounter.patient), "claim.patient_id")
    table.column("ARZTNR", lambda claim: _arztnr(claim.encounter.provider.id), "claim.provider_id")
    table.column(
        "UEBWARZT",
        lambda claim: _arztnr(claim.referrer.id) if claim.referrer else None,
        "claim.referring_provider_id",
    )
    table.column("FALLNR", lambda claim: _fallnr(claim.encounter.id), "claim.encounter_id")
    table.column("KKASSE", lambda claim: _kknr(claim.encounter.coverage.payer), "claim.primary_payer_id")
    table.column("BEHDAT", lambda claim: claim.encounter.starts.date(), "claim.service_date")
    table.column("REDAT", lambda claim: claim.billed, "claim.billed_date")
    table.column("RESTATUS", lambda claim: _REFSTATUS[claim.status], "claim.status")
    table.column("HAUPTICD", lambda claim: claim.diagnosis, "claim.primary_diagnosis_code")
    table.column("OFFBETRAG", lambda claim: claim.outstanding, "claim.outstanding_amount")
    table.column("MAHNST", lambda claim: claim.id % 4 if claim.status == "open" else 0)
    table.spoil("FALLNR", FaultName.ORPHAN, 13, lambda row: f"F9{row % 1_000_000:06d}")
    return table


def _rechnungspositionen(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("RECHPOS", practice.claim_lines, dice)
    table.column("POSNR", lambda line: 700_000 + line.id, "claim_line.claim_line_id")
    table.column("RECHNR", lambda line: f"R{line.claim.id:06d}", "claim_line.claim_id")
    table.column("PATNR", lambda line: _patnr(line.claim.encounter.patient), "claim_line.patient_id")
    table.column("LEISTDAT", lambda line: line.procedure.starts, "claim_line.service_date")
    table.column("GOPNR", lambda line: line.procedure.service.code, "claim_line.procedure_code")
    table.column("LEISTTEXT", lambda line: line.procedure.service.text, "claim_line.description")
    table.column("ANZAHL", lambda line: line.units, "claim_line.units")
    table.column("BETRAG", lambda line: line.charge, "claim_line.charge_amount")
    table.column("MWSTKZ", lambda _: 0)
    table.spoil(
        "BETRAG", FaultName.NOT_CASTABLE, 15, lambda row: ("k.A.", "siehe Vertrag", "gratis")[row % 3]
    )
    return table


def _zahlungen(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("ZAHLUNG", practice.payments, dice)
    table.column("ZAHLNR", lambda money: 800_000 + money.id, "payment.payment_id")
    table.column("RECHNR", lambda money: f"R{money.claim.id:06d}", "payment.claim_id")
    table.column("PATNR", lambda money: _patnr(money.claim.encounter.patient), "payment.patient_id")
    table.column("ZAHLDAT", lambda money: money.paid.date(), "payment.payment_date")
    table.column("ZAHLBETR", lambda money: money.amount, "payment.amount")
    table.column("ABSCHLAG", lambda money: money.adjustment, "payment.adjustment_amount")
    table.column("ZAHLART", lambda money: _ZART[money.method], "payment.method")
    table.column("BELEGNR", lambda money: money.reference, "payment.reference_number")
    return table
