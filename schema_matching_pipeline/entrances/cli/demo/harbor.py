"""Client ``harbor``: a well-kept PostgreSQL schema with keys, comments and a house style of its own.

Keys end in ``_no``, days in ``_on``, moments in ``_at``, codes in ``_code``; every table carries stamps that
mean nothing to anybody else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from schema_matching_pipeline.entrances.cli.demo.check_digits import dea_number, npi, with_wrong_check_digit
from schema_matching_pipeline.entrances.cli.demo.client import FaultName
from schema_matching_pipeline.entrances.cli.demo.draft import Draft, Record, Sheet, named
from schema_matching_pipeline.entrances.cli.demo.english import AMERICAN, COAST
from schema_matching_pipeline.entrances.cli.demo.practice import Dice, build_practice
from schema_matching_pipeline.entrances.cli.demo.records import Practice, Provider
from schema_matching_pipeline.model.quality import LabelName

SLUG = "harbor"
DESCRIPTION = "PostgreSQL schema of a coastal family practice, with declared keys and comments"
FIRST_DAY, LAST_DAY = date(2016, 1, 4), date(2025, 9, 30)
OLD_CHART_UNTIL = date(2018, 6, 29)

_SITES = 4
_PERSON, _CLINICIAN, _SITE, _PAYER, _POLICY = 100_000, 500, 10, 900, 300_000
_BOOKING, _VISIT, _PROBLEM, _SERVICE, _PRESCRIPTION = 1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000
_SENSITIVITY, _READING, _SHOT, _INVOICE, _ITEM, _RECEIPT = (
    60_000,
    6_000_000,
    70_000,
    7_000_000,
    8_000_000,
    9_000_000,
)
_CLERKS = ("mwest", "tkane", "jruiz", "nightly_import")
_GENDER = {True: "F", False: "M"}
_MARITAL = {"single": "S", "married": "M", "divorced": "D", "widowed": "W"}
_RACE = {
    "white": "2106-3",
    "black": "2054-5",
    "asian": "2028-9",
    "native": "1002-5",
    "other": "2131-1",
}
_BOOKING_STATUS = {"kept": "fulfilled", "cancelled": "cancelled", "missed": "noshow", "booked": "booked"}
_SETTING = {"ambulatory": "AMB", "emergency": "EMER", "virtual": "VR", "home": "HH"}


def build_tables(*, patients: int, seed: int) -> list[Sheet]:
    """All tables of the client, parents before children, planted faults included."""
    words = AMERICAN._replace(places=COAST, site_names=AMERICAN.site_names[:_SITES])
    practice = build_practice(
        words, patients=patients, seed=f"{SLUG} {seed}", first_day=FIRST_DAY, last_day=LAST_DAY
    )
    dice = Dice(f"{SLUG} dirt {seed}")
    return [
        _clinic_site(practice, dice),
        _clinician(practice, dice),
        _payer(practice, dice),
        _person(practice, dice),
        _policy(practice, dice),
        _booking(practice, dice),
        _visit(practice, dice),
        _problem(practice, dice),
        _service(practice, dice),
        _prescription(practice, dice),
        _sensitivity(practice, dice),
        _reading(practice, dice),
        _vaccination(practice, dice),
        _invoice(practice, dice),
        _invoice_item(practice, dice),
        _receipt(practice, dice),
    ]


def provider_npi(provider: Provider) -> str:
    """The national number of a clinician."""
    return npi(f"1{provider.serial:08d}")


def _clinic_site(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("clinic_site", practice.sites, dice)
    table.column("site_no", lambda site: _SITE + site.id, "organization.organization_id")
    table.column("site_name", lambda site: site.name, "organization.name")
    table.column("npi_no", lambda site: npi(f"2{site.serial:08d}"), "organization.npi", comment="Type 2 NPI")
    table.column(
        "tax_no",
        lambda site: f"{site.serial % 90 + 10}-{site.serial % 9_000_000 + 1_000_000}",
        "organization.tax_id",
    )
    table.column("street_line", lambda site: site.street, "organization.street_address")
    table.column("city", lambda site: site.place.city, "organization.city")
    table.column("state_code", lambda site: site.place.state, "organization.state")
    table.column("zip_code", lambda site: site.postal_code, "organization.postal_code")
    table.column(
        "phone_no", lambda site: f"({site.place.area}) 555-{site.serial % 10_000:04d}", "organization.phone"
    )
    table.column(
        "fax_no", lambda site: f"({site.place.area}) 555-{(site.serial + 1) % 10_000:04d}", "organization.fax"
    )
    _stamps(table, lambda _: datetime(2016, 1, 4, 7, 30))  # noqa: DTZ001 - the source stores local time
    return table


def _clinician(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("clinician", practice.providers, dice)
    table.column("clinician_no", lambda doctor: _CLINICIAN + doctor.id, "provider.provider_id")
    table.column("given_name", lambda doctor: doctor.first_name, "provider.first_name")
    table.column("middle_initial", lambda doctor: doctor.middle_name[0], "provider.middle_name")
    table.column("family_name", lambda doctor: doctor.last_name, "provider.last_name")
    table.column("gender_code", lambda doctor: _GENDER[doctor.female], "provider.sex")
    table.column("npi_no", provider_npi, "provider.npi", comment="National Provider Identifier")
    table.column(
        "dea_no",
        lambda doctor: dea_number(f"B{doctor.last_name[0]}", f"{doctor.serial % 1_000_000:06d}"),
        "provider.drug_license_number",
    )
    table.column("taxonomy_code", lambda doctor: doctor.specialty.code, "provider.specialty")
    table.column(
        "home_site_no",
        lambda doctor: _SITE + doctor.site.id,
        "provider.organization_id",
        references="clinic_site.site_no",
    )
    table.column("email_address", lambda doctor: doctor.email, "provider.email")
    table.column("phone_no", lambda doctor: doctor.phone, "provider.phone")
    table.column("is_active", lambda doctor: doctor.active, "provider.is_active")
    _stamps(table, lambda _: datetime(2016, 1, 4, 8, 0))  # noqa: DTZ001 - the source stores local time
    numbers = named(table, "npi_no").values
    table.spoil(
        "npi_no", FaultName.WRONG_CHECK_DIGIT, 2, lambda row: with_wrong_check_digit(str(numbers[row]))
    )
    return table


def _payer(practice: Practice, dice: Dice) -> Sheet:
    payers = list(enumerate(practice.payers, start=1))
    table = Draft("payer", payers, dice)
    table.column("payer_no", lambda entry: _PAYER + entry[0], "insurance_payer.payer_id")
    table.column("payer_name", lambda entry: entry[1].name, "insurance_payer.name")
    table.column(
        "edi_payer_code",
        lambda entry: entry[1].electronic_code,
        "insurance_payer.electronic_payer_code",
        comment="Payer id on electronic claims",
    )
    table.column("mail_street", lambda entry: f"PO Box {entry[0] * 1231}", "insurance_payer.street_address")
    table.column(
        "mail_city", lambda entry: ("Hartford", "Augusta", "Concord")[entry[0] % 3], "insurance_payer.city"
    )
    table.column("mail_state_code", lambda entry: ("CT", "ME", "NH")[entry[0] % 3], "insurance_payer.state")
    table.column(
        "mail_zip_code",
        lambda entry: ("06103", "04330", "03301")[entry[0] % 3],
        "insurance_payer.postal_code",
    )
    table.column(
        "phone_no", lambda entry: f"(800) 555-{entry[0] * 617 % 10_000:04d}", "insurance_payer.phone"
    )
    _stamps(table, lambda _: datetime(2016, 1, 4, 8, 15))  # noqa: DTZ001 - the source stores local time
    return table


def _person(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("person", practice.patients, dice)
    table.column("person_no", lambda person: _PERSON + person.id, "patient.patient_id")
    table.column(
        "chart_no",
        lambda person: f"HFM-{person.serial % 1_000_000:06d}",
        "patient.medical_record_number",
        comment="Medical record number printed on documents",
    )
    table.column("given_name", lambda person: person.first_name, "patient.first_name")
    table.column("middle_name", lambda person: person.middle_name, "patient.middle_name")
    table.column("family_name", lambda person: person.last_name, "patient.last_name")
    table.column("birth_family_name", lambda person: person.maiden_name, "patient.maiden_name")
    table.column("born_on", lambda person: person.birth_date, "patient.birth_date", comment="Date of birth")
    table.column("died_on", lambda person: person.death_date, "patient.death_date")
    table.column("gender_code", lambda person: _GENDER[person.female], "patient.sex")
    table.column("race_code", lambda person: _RACE[person.race], "patient.race", comment="CDC race code")
    table.column(
        "ethnicity_code", lambda person: "2135-2" if person.hispanic else "2186-5", "patient.ethnicity"
    )
    table.column("marital_code", lambda person: _MARITAL[person.marital_status], "patient.marital_status")
    table.column("language_code", lambda person: person.language, "patient.preferred_language")
    table.column("occupation", lambda person: person.occupation, "patient.occupation")
    table.column(
        "ssn",
        lambda person: (
            f"{person.serial % 665 + 1:03d}-{person.serial // 665 % 99 + 1:02d}-{person.serial % 9998 + 1:04d}"
        ),
        "patient.social_security_number",
    )
    table.column("email_address", lambda person: person.email, "patient.email")
    table.column("home_phone_no", lambda person: person.home_phone, "patient.home_phone")
    table.column("work_phone_no", lambda person: person.work_phone, "patient.work_phone")
    table.column("cell_phone_no", lambda person: person.mobile_phone, "patient.mobile_phone")
    table.column("street_line", lambda person: person.street, "patient.street_address")
    table.column("city", lambda person: person.place.city, "patient.city")
    table.column("county", lambda person: person.place.county, "patient.county")
    table.column("state_code", lambda person: person.place.state, "patient.state")
    table.column("zip_code", lambda person: person.postal_code, "patient.postal_code")
    table.column(
        "usual_clinician_no",
        lambda person: _CLINICIAN + person.provider.id,
        "patient.primary_provider_id",
        references="clinician.clinician_no",
    )
    table.column("portal_opt_in", lambda person: person.email is not None and person.serial % 3 > 0)
    table.column("pager_no", lambda _: None, label=LabelName.EMPTY, sql_type="varchar(20)")
    _stamps(table, lambda person: datetime.combine(person.registered, datetime.min.time()))
    table.fill_wrongly("born_on", FaultName.FUTURE_DATE, 4, lambda row: date(2061 + row % 8, 3, 1 + row % 28))
    table.spoil("family_name", FaultName.MISSING, 5, lambda _: None)
    return table


def _policy(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("policy", practice.coverages, dice)
    table.column(
        "policy_no", lambda cover: _POLICY + cover.id, "coverage.coverage_id", comment="Row key, not the card"
    )
    table.column(
        "person_no",
        lambda cover: _PERSON + cover.patient.id,
        "coverage.patient_id",
        references="person.person_no",
    )
    table.column(
        "payer_no", lambda cover: _PAYER + cover.payer, "coverage.payer_id", references="payer.payer_no"
    )
    table.column("rank_code", lambda cover: "PS"[cover.priority - 1], "coverage.priority")
    table.column("plan_name", lambda cover: cover.plan, "coverage.plan_name")
    table.column(
        "member_no",
        lambda cover: f"{cover.insurer.name[:3].upper()}{cover.serial}",
        "coverage.policy_number",
        comment="Number on the insurance card",
    )
    table.column("group_no", lambda cover: f"G{cover.group}", "coverage.group_number")
    table.column("effective_on", lambda cover: cover.start, "coverage.start_date")
    table.column("terminates_on", lambda cover: cover.end, "coverage.end_date")
    table.column(
        "holder_given_name", lambda cover: cover.subscriber.first_name, "coverage.subscriber_first_name"
    )
    table.column(
        "holder_family_name", lambda cover: cover.subscriber.last_name, "coverage.subscriber_last_name"
    )
    table.column(
        "holder_born_on", lambda cover: cover.subscriber.birth_date, "coverage.subscriber_birth_date"
    )
    table.column("holder_relation_code", lambda cover: cover.relationship, "coverage.subscriber_relationship")
    table.column("copay_amount", lambda cover: cover.copay, "coverage.copay")
    _stamps(table, lambda cover: datetime.combine(cover.start, datetime.min.time()))
    starts = [cover.start for cover in practice.coverages]
    table.spoil(
        "terminates_on", FaultName.WRONG_ORDER, 6, lambda row: starts[row] - timedelta(days=30 + row % 300)
    )
    return table


def _booking(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("booking", practice.appointments, dice)
    table.column("booking_no", lambda slot: _BOOKING + slot.id, "appointment.appointment_id")
    table.column(
        "person_no",
        lambda slot: _PERSON + slot.patient.id,
        "appointment.patient_id",
        references="person.person_no",
    )
    table.column(
        "clinician_no",
        lambda slot: _CLINICIAN + slot.provider.id,
        "appointment.provider_id",
        references="clinician.clinician_no",
    )
    table.column(
        "site_no",
        lambda slot: _SITE + slot.provider.site.id,
        "appointment.organization_id",
        references="clinic_site.site_no",
    )
    table.column("booked_for_on", lambda slot: slot.starts.date(), "appointment.appointment_date")
    table.column("begins_at", lambda slot: slot.starts.time(), "appointment.start_time")
    table.column("finishes_at", lambda slot: slot.ends.time(), "appointment.end_time")
    table.column("slot_minutes", lambda slot: slot.minutes, "appointment.duration")
    table.column("booking_status", lambda slot: _BOOKING_STATUS[slot.status], "appointment.status")
    table.column("booking_type_code", lambda slot: slot.kind.code, "appointment.appointment_type")
    table.column("calendar_text", lambda slot: slot.title, "appointment.title")
    table.column("reminder_sent", lambda slot: slot.id % 5 > 0)
    _stamps(table, lambda slot: slot.starts - timedelta(days=slot.id % 40))
    return table


def _visit(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("visit", practice.encounters, dice)
    table.column("visit_no", lambda visit: _VISIT + visit.id, "encounter.encounter_id")
    table.column(
        "person_no",
        lambda visit: _PERSON + visit.patient.id,
        "encounter.patient_id",
        references="person.person_no",
    )
    table.column(
        "clinician_no",
        lambda visit: _CLINICIAN + visit.provider.id,
        "encounter.provider_id",
        references="clinician.clinician_no",
    )
    table.column(
        "site_no",
        lambda visit: _SITE + visit.provider.site.id,
        "encounter.organization_id",
        references="clinic_site.site_no",
    )
    table.column(
        "payer_no",
        lambda visit: _PAYER + visit.coverage.payer,
        "encounter.payer_id",
        references="payer.payer_no",
    )
    table.column("arrived_at", lambda visit: visit.starts, "encounter.start_datetime")
    table.column("left_at", lambda visit: visit.ends, "encounter.end_datetime")
    table.column("setting_code", lambda visit: _SETTING[visit.setting], "encounter.encounter_class")
    table.column("visit_type_code", lambda visit: visit.kind.code, "encounter.type_code")
    table.column("visit_type_text", lambda visit: visit.kind.text, "encounter.type_description")
    table.column("reason_code", lambda visit: visit.reason.code, "encounter.reason_code", comment="SNOMED CT")
    table.column("reason_text", lambda visit: visit.reason.text, "encounter.reason_description")
    table.column("charge_total", lambda visit: visit.total, "encounter.total_charge")
    table.column(
        "paper_chart_ref",
        lambda visit: f"SHELF {visit.id % 40}/{visit.id}" if visit.starts.date() <= OLD_CHART_UNTIL else None,
        label=LabelName.ABANDONED,
        until=OLD_CHART_UNTIL,
    )
    _stamps(table, lambda visit: visit.starts)
    starts = [visit.starts for visit in practice.encounters]
    table.spoil("left_at", FaultName.WRONG_ORDER, 7, lambda row: starts[row] - timedelta(hours=1 + row % 20))
    return table


def _problem(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("visit_problem", practice.diagnoses, dice)
    table.column("problem_no", lambda found: _PROBLEM + found.id, "diagnosis.diagnosis_id")
    table.column(
        "person_no",
        lambda found: _PERSON + found.encounter.patient.id,
        "diagnosis.patient_id",
        references="person.person_no",
    )
    table.column(
        "visit_no",
        lambda found: _VISIT + found.encounter.id,
        "diagnosis.encounter_id",
        references="visit.visit_no",
    )
    table.column("icd10_code", lambda found: found.disease.code, "diagnosis.code", comment="ICD-10-CM")
    table.column("problem_text", lambda found: found.disease.text, "diagnosis.description")
    table.column("began_on", lambda found: found.onset, "diagnosis.onset_date")
    table.column("ended_on", lambda found: found.resolved, "diagnosis.resolution_date")
    table.column("rank_no", lambda found: found.rank, "diagnosis.sequence")
    _stamps(table, lambda found: found.encounter.starts)
    return table


def _service(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("service_done", practice.procedures, dice)
    table.column("service_no", lambda done: _SERVICE + done.id, "procedure.procedure_id")
    table.column(
        "person_no",
        lambda done: _PERSON + done.encounter.patient.id,
        "procedure.patient_id",
        references="person.person_no",
    )
    table.column(
        "visit_no",
        lambda done: _VISIT + done.encounter.id,
        "procedure.encounter_id",
        references="visit.visit_no",
    )
    table.column(
        "clinician_no",
        lambda done: _CLINICIAN + done.encounter.provider.id,
        "procedure.provider_id",
        references="clinician.clinician_no",
    )
    table.column("cpt_code", lambda done: done.service.code, "procedure.code", comment="Service code")
    table.column("service_text", lambda done: done.service.text, "procedure.description")
    table.column("begun_at", lambda done: done.starts, "procedure.start_datetime")
    table.column("done_at", lambda done: done.ends, "procedure.end_datetime")
    table.column("rank_no", lambda done: done.rank, "procedure.sequence")
    table.column("list_price", lambda done: done.price, "procedure.cost")
    _stamps(table, lambda done: done.starts)
    return table


def _prescription(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("prescription", practice.medications, dice)
    table.column("prescription_no", lambda order: _PRESCRIPTION + order.id, "medication.medication_id")
    table.column(
        "person_no",
        lambda order: _PERSON + order.encounter.patient.id,
        "medication.patient_id",
        references="person.person_no",
    )
    table.column(
        "visit_no",
        lambda order: _VISIT + order.encounter.id,
        "medication.encounter_id",
        references="visit.visit_no",
    )
    table.column(
        "clinician_no",
        lambda order: _CLINICIAN + order.encounter.provider.id,
        "medication.provider_id",
        references="clinician.clinician_no",
    )
    table.column(
        "ndc_code", lambda order: order.drug.code, "medication.drug_code", comment="National Drug Code"
    )
    table.column("atc_code", lambda order: order.drug.atc, also=("medication.drug_code",))
    table.column("drug_name", lambda order: order.drug.name, "medication.drug_name")
    table.column("dose_amount", lambda order: order.drug.dose, "medication.dose")
    table.column("dose_unit_code", lambda order: order.drug.unit, "medication.dose_unit")
    table.column("route_code", lambda order: order.drug.route, "medication.route")
    table.column("starts_on", lambda order: order.start, "medication.start_date")
    table.column("stops_on", lambda order: order.end, "medication.end_date")
    table.column("quantity", lambda order: order.quantity, "medication.quantity")
    table.column("refill_count", lambda order: order.refills, "medication.refills")
    table.column("total_price", lambda order: order.cost, "medication.cost")
    _stamps(table, lambda order: order.encounter.starts)
    return table


def _sensitivity(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("sensitivity", practice.allergies, dice)
    table.column("sensitivity_no", lambda known: _SENSITIVITY + known.id, "allergy.allergy_id")
    table.column(
        "person_no",
        lambda known: _PERSON + known.encounter.patient.id,
        "allergy.patient_id",
        references="person.person_no",
    )
    table.column(
        "visit_no",
        lambda known: _VISIT + known.encounter.id,
        "allergy.encounter_id",
        references="visit.visit_no",
    )
    table.column("substance_code", lambda known: known.substance.code, "allergy.substance_code")
    table.column("substance_name", lambda known: known.substance.text, "allergy.substance_name")
    table.column("category", lambda known: known.substance.category, "allergy.category")
    table.column("reaction_text", lambda known: known.substance.reaction, "allergy.reaction")
    table.column("severity_code", lambda known: known.severity, "allergy.severity")
    table.column("noticed_on", lambda known: known.onset, "allergy.onset_date")
    table.column("ended_on", lambda known: known.end, "allergy.end_date")
    _stamps(table, lambda known: known.encounter.starts)
    return table


def _reading(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("reading", practice.observations, dice)
    table.column("reading_no", lambda taken: _READING + taken.id, "observation.observation_id")
    table.column(
        "person_no",
        lambda taken: _PERSON + taken.encounter.patient.id,
        "observation.patient_id",
        references="person.person_no",
    )
    table.column(
        "visit_no",
        lambda taken: _VISIT + taken.encounter.id,
        "observation.encounter_id",
        references="visit.visit_no",
    )
    table.column("taken_at", lambda taken: taken.at, "observation.observed_at")
    table.column("category", lambda taken: taken.measure.category, "observation.category")
    table.column("loinc_code", lambda taken: taken.measure.code, "observation.code", comment="LOINC")
    table.column("reading_name", lambda taken: taken.measure.text, "observation.description")
    table.column("reading_value", lambda taken: str(taken.value), "observation.value")
    table.column("unit_code", lambda taken: taken.measure.unit, "observation.unit", comment="UCUM")
    table.column("abnormal_code", lambda taken: taken.flag[0].upper(), "observation.interpretation")
    table.column(
        "device_tag",
        lambda taken: (
            ("test", "TEST", "asdf", "xxx", "test123")[taken.id // 90 % 5] if taken.id % 90 == 0 else None
        ),
        label=LabelName.TEST_ONLY,
    )
    _stamps(table, lambda taken: taken.at)
    return table


def _vaccination(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("vaccination", practice.immunizations, dice)
    table.column("vaccination_no", lambda shot: _SHOT + shot.id, "immunization.immunization_id")
    table.column(
        "person_no",
        lambda shot: _PERSON + shot.encounter.patient.id,
        "immunization.patient_id",
        references="person.person_no",
    )
    table.column(
        "visit_no",
        lambda shot: _VISIT + shot.encounter.id,
        "immunization.encounter_id",
        references="visit.visit_no",
    )
    table.column("given_at", lambda shot: shot.at, "immunization.administered_at")
    table.column("cvx_code", lambda shot: shot.vaccine.code, "immunization.vaccine_code", comment="CVX")
    table.column("vaccine_name", lambda shot: shot.vaccine.text, "immunization.vaccine_name")
    table.column("lot_no", lambda shot: shot.lot, "immunization.lot_number")
    table.column("manufacturer_name", lambda shot: shot.vaccine.manufacturer, "immunization.manufacturer")
    table.column("price", lambda shot: shot.vaccine.price, "immunization.cost", sql_type="numeric(10,2)")
    _stamps(table, lambda shot: shot.at)
    return table


def _invoice(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("invoice", practice.claims, dice)
    table.column(
        "invoice_no", lambda claim: _INVOICE + claim.id, "claim.claim_id", comment="One bill to a payer"
    )
    table.column(
        "person_no",
        lambda claim: _PERSON + claim.encounter.patient.id,
        "claim.patient_id",
        references="person.person_no",
    )
    table.column(
        "clinician_no",
        lambda claim: _CLINICIAN + claim.encounter.provider.id,
        "claim.provider_id",
        references="clinician.clinician_no",
    )
    table.column(
        "referrer_no",
        lambda claim: _CLINICIAN + claim.referrer.id if claim.referrer else None,
        "claim.referring_provider_id",
        references="clinician.clinician_no",
    )
    table.column(
        "visit_no",
        lambda claim: _VISIT + claim.encounter.id,
        "claim.encounter_id",
        references="visit.visit_no",
    )
    table.column(
        "payer_no",
        lambda claim: _PAYER + claim.encounter.coverage.payer,
        "claim.primary_payer_id",
        references="payer.payer_no",
    )
    table.column(
        "second_payer_no",
        lambda claim: _PAYER + claim.secondary_payer if claim.secondary_payer else None,
        "claim.secondary_payer_id",
        references="payer.payer_no",
    )
    table.column("served_on", lambda claim: claim.encounter.starts.date(), "claim.service_date")
    table.column("billed_on", lambda claim: claim.billed, "claim.billed_date")
    table.column("invoice_status", lambda claim: claim.status, "claim.status")
    table.column("main_icd10_code", lambda claim: claim.diagnosis, "claim.primary_diagnosis_code")
    table.column("open_amount", lambda claim: claim.outstanding, "claim.outstanding_amount")
    table.column("export_batch_no", lambda claim: claim.billed.toordinal() - FIRST_DAY.toordinal())
    _stamps(table, lambda claim: datetime.combine(claim.billed, datetime.min.time()))
    return table


def _invoice_item(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("invoice_item", practice.claim_lines, dice)
    table.column("item_no", lambda line: _ITEM + line.id, "claim_line.claim_line_id")
    table.column(
        "invoice_no",
        lambda line: _INVOICE + line.claim.id,
        "claim_line.claim_id",
        references="invoice.invoice_no",
    )
    table.column(
        "person_no",
        lambda line: _PERSON + line.claim.encounter.patient.id,
        "claim_line.patient_id",
        references="person.person_no",
    )
    table.column("served_at", lambda line: line.procedure.starts, "claim_line.service_date")
    table.column("cpt_code", lambda line: line.procedure.service.code, "claim_line.procedure_code")
    table.column("service_text", lambda line: line.procedure.service.text, "claim_line.description")
    table.column("modifier_code", lambda line: line.modifier, "claim_line.modifier")
    table.column("unit_count", lambda line: line.units, "claim_line.units")
    table.column("charge_amount", lambda line: line.charge, "claim_line.charge_amount")
    _stamps(table, lambda line: datetime.combine(line.claim.billed, datetime.min.time()))
    return table


def _receipt(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("receipt", practice.payments, dice)
    table.column("receipt_no", lambda money: _RECEIPT + money.id, "payment.payment_id")
    table.column(
        "invoice_no",
        lambda money: _INVOICE + money.claim.id,
        "payment.claim_id",
        references="invoice.invoice_no",
    )
    table.column(
        "person_no",
        lambda money: _PERSON + money.claim.encounter.patient.id,
        "payment.patient_id",
        references="person.person_no",
    )
    table.column(
        "payer_no",
        lambda money: _PAYER + money.claim.encounter.coverage.payer if money.by_payer else None,
        "payment.payer_id",
        references="payer.payer_no",
    )
    table.column("received_at", lambda money: money.paid, "payment.payment_date")
    table.column("paid_amount", lambda money: money.amount, "payment.amount")
    table.column("written_off_amount", lambda money: money.adjustment, "payment.adjustment_amount")
    table.column("method_code", lambda money: money.method, "payment.method")
    table.column("reference_no", lambda money: money.reference, "payment.reference_number")
    table.column("deposit_batch_no", lambda money: money.paid.date().toordinal() - FIRST_DAY.toordinal())
    _stamps(table, lambda money: money.paid)
    return table


def _stamps(table: Draft[Record], moment: Callable[[Record], datetime]) -> None:
    table.column("row_created_at", moment)
    table.column("row_changed_by", lambda _: table.dice.pick(_CLERKS))
