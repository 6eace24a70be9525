"""Client ``oldmill``: the SQLite file of an old system, with cryptic names and twenty years of neglect.

Nothing is declared but names and loose types. Some columns were never used, some stopped at a change-over,
some hold what no name suggests, and some hold only what a tester typed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from schema_matching_pipeline.entrances.cli.demo.check_digits import npi, with_wrong_check_digit
from schema_matching_pipeline.entrances.cli.demo.client import FaultName
from schema_matching_pipeline.entrances.cli.demo.draft import Draft, Sheet, named
from schema_matching_pipeline.entrances.cli.demo.english import AMERICAN, MIDLANDS
from schema_matching_pipeline.entrances.cli.demo.practice import Dice, build_practice
from schema_matching_pipeline.entrances.cli.demo.records import ClaimLine, Encounter, Patient, Practice
from schema_matching_pipeline.model.quality import LabelName

SLUG = "oldmill"
DESCRIPTION = "SQLite file of an old practice system, cryptic names, many columns out of use"
FIRST_DAY, LAST_DAY = date(2009, 2, 2), date(2024, 12, 20)
PAGER_UNTIL = date(2013, 8, 30)
ICD9_UNTIL = date(2015, 9, 30)
SERVICE_TYPE_UNTIL = date(2017, 3, 31)

_SITES = 4
_SEX = {True: "2", False: "1"}
_MARITAL = {"single": "S", "married": "M", "divorced": "D", "widowed": "W"}
_RACE = {"white": "W", "black": "B", "asian": "A", "native": "N", "other": "O"}
_SCHED_STATUS = {"kept": "K", "cancelled": "C", "missed": "N", "booked": "B"}
_SEVERITY = {"mild": 1, "moderate": 2, "severe": 3}
_RELATION = {"self": "18", "spouse": "01", "child": "19", "other": "G8"}
_CLAIM_STATUS = {"paid": "P", "open": "O", "denied": "D", "sent": "S"}
_TENDER = {"transfer": "EF", "cheque": "CK", "cash": "CA", "card": "CC"}
_PLACE_OF_SERVICE = {"ambulatory": "11", "emergency": "23", "virtual": "02", "home": "12"}
_ICD9 = ("401.9", "250.00", "272.4", "465.9", "724.2", "300.02", "530.81", "493.90")
_NOTES = (
    "pt called to confirm",
    "see paper chart",
    "daughter drives her, call before noon",
    "wants copy of labs mailed",
    "arrived late, seen anyway",
    "ask about new insurance card",
    "needs interpreter next time",
)
_TEST_WORDS = ("test", "TEST", "asdf", "zzz test", "xxx", "test test")
_TEST_NUMBERS = ("999-99-9999", "111-11-1111", "000-00-0000", "123-45-6789")


def build_tables(*, patients: int, seed: int) -> list[Sheet]:
    """All tables of the client, planted faults included."""
    words = AMERICAN._replace(places=MIDLANDS, site_names=AMERICAN.site_names[_SITES:])
    practice = build_practice(
        words, patients=patients, seed=f"{SLUG} {seed}", first_day=FIRST_DAY, last_day=LAST_DAY
    )
    dice = Dice(f"{SLUG} dirt {seed}")
    return [
        _locations(practice, dice),
        _providers(practice, dice),
        _insurers(practice, dice),
        _patients(practice, dice),
        _policies(practice, dice),
        _schedule(practice, dice),
        _visits(practice, dice),
        _diagnoses(practice, dice),
        _procedures(practice, dice),
        _orders(practice, dice),
        _allergies(practice, dice),
        _results(practice, dice),
        _shots(practice, dice),
        _claims(practice, dice),
        _charges(practice, dice),
        _receipts(practice, dice),
    ]


def _pt_no(patient: Patient) -> str:
    return f"{patient.id:07d}"


def _vst_no(visit: Encounter) -> str:
    return f"V{visit.id:06d}"


def _locations(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("LOCMST", practice.sites, dice)
    table.column("LOC_CD", lambda site: f"L{site.id:02d}", "organization.organization_id")
    table.column("LOC_NM", lambda site: site.name.upper(), "organization.name")
    table.column("LOC_NPI", lambda site: npi(f"2{site.serial:08d}"), "organization.npi")
    table.column(
        "LOC_EIN",
        lambda site: f"{site.serial % 90 + 10}-{site.serial % 9_000_000 + 1_000_000}",
        "organization.tax_id",
    )
    table.column("ADDR1", lambda site: site.street.upper(), "organization.street_address")
    table.column("CTY", lambda site: site.place.city.upper(), "organization.city")
    table.column("ST", lambda site: site.place.state, "organization.state")
    table.column("ZIP_CD", lambda site: site.postal_code, "organization.postal_code")
    table.column("PHN_NO", lambda site: _dashed(site.place.area, site.serial), "organization.phone")
    return table


def _providers(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("PRVMST", practice.providers, dice)
    table.column("PRV_CD", lambda doctor: f"D{doctor.id:03d}", "provider.provider_id")
    table.column("PRV_LNM", lambda doctor: doctor.last_name.upper(), "provider.last_name")
    table.column("PRV_FNM", lambda doctor: doctor.first_name.upper(), "provider.first_name")
    table.column("NPI_NO", lambda doctor: npi(f"1{doctor.serial:08d}"), "provider.npi")
    table.column("SPCLTY", lambda doctor: doctor.specialty.text, "provider.specialty")
    table.column("LOC_CD", lambda doctor: f"L{doctor.site.id:02d}", "provider.organization_id")
    table.column("PHN_NO", lambda doctor: _dashed(doctor.site.place.area, doctor.serial), "provider.phone")
    table.column("ACTV_FLG", lambda doctor: "Y" if doctor.active else "N", "provider.is_active")
    table.column("CMSN_PCT", lambda doctor: doctor.serial % 7 * 5)
    numbers = named(table, "NPI_NO").values
    table.spoil(
        "NPI_NO", FaultName.WRONG_CHECK_DIGIT, 3, lambda row: with_wrong_check_digit(str(numbers[row]))
    )
    return table


def _insurers(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("INSCO", list(enumerate(practice.payers, start=1)), dice)
    table.column("INS_CD", lambda entry: f"I{entry[0]:03d}", "insurance_payer.payer_id")
    table.column("INS_NM", lambda entry: entry[1].name.upper(), "insurance_payer.name")
    table.column("EDI_NO", lambda entry: entry[1].electronic_code, "insurance_payer.electronic_payer_code")
    table.column("ADDR1", lambda entry: f"PO BOX {entry[0] * 977}", "insurance_payer.street_address")
    table.column("CTY", lambda entry: ("COLUMBUS", "CHICAGO", "TAMPA")[entry[0] % 3], "insurance_payer.city")
    table.column("ST", lambda entry: ("OH", "IL", "FL")[entry[0] % 3], "insurance_payer.state")
    table.column(
        "ZIP_CD", lambda entry: ("43215", "60601", "33602")[entry[0] % 3], "insurance_payer.postal_code"
    )
    table.column("PHN_NO", lambda entry: _dashed("800", entry[0] * 771), "insurance_payer.phone")
    return table


def _patients(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("PTMAST", practice.patients, dice)
    table.column("PT_NO", _pt_no, "patient.patient_id")
    table.column(
        "CHRT_NO", lambda person: f"C{person.serial % 900_000 + 100_000}", "patient.medical_record_number"
    )
    table.column("PT_LNM", lambda person: person.last_name.upper(), "patient.last_name")
    table.column("PT_FNM", lambda person: person.first_name.upper(), "patient.first_name")
    table.column(
        "PT_MI", lambda person: person.middle_name[0] if person.middle_name else None, "patient.middle_name"
    )
    table.column(
        "PT_MDN_NM", lambda person: person.maiden_name and person.maiden_name.upper(), "patient.maiden_name"
    )
    table.column("DOB", lambda person: person.birth_date, "patient.birth_date")
    table.column("DOD", lambda person: person.death_date, "patient.death_date")
    table.column("SEX_CD", lambda person: _SEX[person.female], "patient.sex")
    table.column("RACE_CD", lambda person: _RACE[person.race], "patient.race")
    table.column("MAR_STS", lambda person: _MARITAL[person.marital_status], "patient.marital_status")
    table.column("LANG_CD", lambda person: person.language, "patient.preferred_language")
    table.column("PT_OCCUP", lambda person: person.occupation, "patient.occupation")
    table.column(
        "SSN_NO",
        lambda person: (
            f"{person.serial % 665 + 1:03d}-{person.serial // 665 % 99 + 1:02d}-{person.serial % 9998 + 1:04d}"
        ),
        "patient.social_security_number",
    )
    table.column("ADDR1", lambda person: person.street.upper(), "patient.street_address")
    table.column("CTY", lambda person: person.place.city.upper(), "patient.city")
    table.column("CNTY", lambda person: person.place.county.upper(), "patient.county")
    table.column("ST", lambda person: person.place.state, "patient.state")
    table.column("ZIP_CD", lambda person: person.postal_code, "patient.postal_code")
    table.column("HM_PHN", lambda person: person.home_phone, "patient.home_phone")
    table.column("WK_PHN", lambda person: person.work_phone, "patient.work_phone")
    table.column("CELL_PHN", lambda person: person.mobile_phone, "patient.mobile_phone")
    table.column("PCP_CD", lambda person: f"D{person.provider.id:03d}", "patient.primary_provider_id")
    table.column("REG_DT", lambda person: person.registered)
    table.column(
        "EMAIL_ADR",
        lambda person: _second_phone(person) if person.serial % 8 < 5 else None,
        label=LabelName.MISUSED,
    )
    table.column(
        "PGR_NO",
        lambda person: (
            _dashed(person.place.area, person.serial) if person.registered <= PAGER_UNTIL else None
        ),
        label=LabelName.ABANDONED,
        until=PAGER_UNTIL,
    )
    table.column("FAX_NO", lambda _: None, label=LabelName.EMPTY)
    table.column("USR_DEF1", lambda _: None, label=LabelName.EMPTY)
    table.column("USR_DEF2", _tester_typed(60), label=LabelName.TEST_ONLY)
    table.column("DL_NO", _tester_number(75), also=("patient.drivers_license",), label=LabelName.TEST_ONLY)
    table.column("STMT_FLG", lambda person: "Y" if person.serial % 4 else "N")
    table.column("UPD_USR", lambda _: dice.pick(("JEN", "MARGE", "BATCH01", "DRK")))
    table.fill_wrongly("DOB", FaultName.FUTURE_DATE, 17, lambda row: date(2062 + row % 7, 1 + row % 12, 9))
    table.fill_wrongly("DOB", FaultName.SENTINEL_DATE, 38, lambda _: date(1900, 1, 1))
    table.fill_wrongly("DOB", FaultName.NOT_CASTABLE, 10, lambda row: ("UNKNOWN", "1957/??/12", "5")[row % 3])
    table.spoil("PT_LNM", FaultName.MISSING, 6, lambda _: None)
    table.spoil("PCP_CD", FaultName.ORPHAN, 21, lambda row: f"D{900 + row % 60}")
    table.repeat_rows(25)
    return table


def _policies(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("PTINS", practice.coverages, dice)
    table.column("PTINS_ID", lambda cover: cover.id, "coverage.coverage_id")
    table.column("PT_NO", lambda cover: _pt_no(cover.patient), "coverage.patient_id")
    table.column("INS_CD", lambda cover: f"I{cover.payer:03d}", "coverage.payer_id")
    table.column("INS_PRTY", lambda cover: cover.priority, "coverage.priority")
    table.column("INS_PLN_NM", lambda cover: cover.plan, "coverage.plan_name")
    table.column(
        "INS_PLCY_NO",
        lambda cover: f"{cover.insurer.name[:3].upper()}{cover.serial}",
        "coverage.policy_number",
    )
    table.column("INS_GRP_NO", lambda cover: f"G{cover.group}", "coverage.group_number")
    table.column("EFF_DT", lambda cover: cover.start, "coverage.start_date")
    table.column("TERM_DT", lambda cover: cover.end, "coverage.end_date")
    table.column(
        "SUBSC_LNM", lambda cover: cover.subscriber.last_name.upper(), "coverage.subscriber_last_name"
    )
    table.column(
        "SUBSC_FNM", lambda cover: cover.subscriber.first_name.upper(), "coverage.subscriber_first_name"
    )
    table.column("SUBSC_DOB", lambda cover: cover.subscriber.birth_date, "coverage.subscriber_birth_date")
    table.column("RELSHP_CD", lambda cover: _RELATION[cover.relationship], "coverage.subscriber_relationship")
    table.column("COPAY_AMT", lambda cover: cover.copay, "coverage.copay")
    table.column("CARD_SCN", lambda _: None, label=LabelName.EMPTY)
    starts = [cover.start for cover in practice.coverages]
    table.spoil(
        "TERM_DT", FaultName.WRONG_ORDER, 16, lambda row: starts[row] - timedelta(days=60 + row % 400)
    )
    table.spoil("PT_NO", FaultName.ORPHAN, 33, lambda row: f"99{row % 100_000:05d}")
    table.fill_wrongly("EFF_DT", FaultName.SENTINEL_DATE, 44, lambda _: date(1900, 1, 1))
    return table


def _schedule(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("SCHED", practice.appointments, dice)
    table.column("APPT_ID", lambda slot: slot.id, "appointment.appointment_id")
    table.column("PT_NO", lambda slot: _pt_no(slot.patient), "appointment.patient_id")
    table.column("PRV_CD", lambda slot: f"D{slot.provider.id:03d}", "appointment.provider_id")
    table.column("LOC_CD", lambda slot: f"L{slot.provider.site.id:02d}", "appointment.organization_id")
    table.column("APPT_DT", lambda slot: slot.starts.date(), "appointment.appointment_date")
    table.column("BEG_TM", lambda slot: slot.starts.time(), "appointment.start_time")
    table.column("END_TM", lambda slot: slot.ends.time(), "appointment.end_time")
    table.column("DUR_MIN", lambda slot: slot.minutes, "appointment.duration")
    table.column("APPT_STS", lambda slot: _SCHED_STATUS[slot.status], "appointment.status")
    table.column("APPT_TYP", lambda slot: slot.kind.code, "appointment.appointment_type")
    table.column("APPT_DSC", lambda slot: slot.title, "appointment.title")
    table.column("RMND_STS", lambda _: None, label=LabelName.EMPTY)
    return table


def _visits(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("VISIT", practice.encounters, dice)
    table.column("VST_NO", _vst_no, "encounter.encounter_id")
    table.column("PT_NO", lambda visit: _pt_no(visit.patient), "encounter.patient_id")
    table.column("PRV_CD", lambda visit: f"D{visit.provider.id:03d}", "encounter.provider_id")
    table.column("LOC_CD", lambda visit: f"L{visit.provider.site.id:02d}", "encounter.organization_id")
    table.column("INS_CD", lambda visit: f"I{visit.coverage.payer:03d}", "encounter.payer_id")
    table.column("VST_BEG_DTM", lambda visit: visit.starts, "encounter.start_datetime")
    table.column("VST_END_DTM", lambda visit: visit.ends, "encounter.end_datetime")
    table.column("POS_CD", lambda visit: _PLACE_OF_SERVICE[visit.setting], "encounter.encounter_class")
    table.column("VST_TYP", lambda visit: visit.kind.code, "encounter.type_code")
    table.column("RSN_DSC", lambda visit: visit.reason.text, "encounter.reason_description")
    table.column("TOT_CHG", lambda visit: visit.total, "encounter.total_charge")
    table.column(
        "RSN_CD",
        lambda visit: _NOTES[visit.id % len(_NOTES)] if visit.id % 5 < 3 else None,
        label=LabelName.MISUSED,
    )
    table.column(
        "ICD9_CD",
        lambda visit: _ICD9[visit.id % len(_ICD9)] if visit.starts.date() <= ICD9_UNTIL else None,
        label=LabelName.ABANDONED,
        until=ICD9_UNTIL,
    )
    table.column("BTCH_NO", lambda visit: (visit.starts.date() - FIRST_DAY).days // 7)
    starts = [visit.starts for visit in practice.encounters]
    table.spoil(
        "VST_END_DTM", FaultName.WRONG_ORDER, 19, lambda row: starts[row] - timedelta(hours=2 + row % 30)
    )
    table.spoil("PT_NO", FaultName.ORPHAN, 42, lambda row: f"98{row % 100_000:05d}")
    return table


def _diagnoses(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("VSTDX", practice.diagnoses, dice)
    table.column("DX_ID", lambda found: found.id, "diagnosis.diagnosis_id")
    table.column("PT_NO", lambda found: _pt_no(found.encounter.patient), "diagnosis.patient_id")
    table.column("VST_NO", lambda found: _vst_no(found.encounter), "diagnosis.encounter_id")
    table.column("DX_CD", lambda found: found.disease.code, "diagnosis.code")
    table.column("DX_DSC", lambda found: found.disease.text, "diagnosis.description")
    table.column("ONST_DT", lambda found: found.onset, "diagnosis.onset_date")
    table.column("RSLV_DT", lambda found: found.resolved, "diagnosis.resolution_date")
    table.column("DX_SEQ", lambda found: found.rank, "diagnosis.sequence")
    return table


def _procedures(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("VSTPX", practice.procedures, dice)
    table.column("PX_ID", lambda done: done.id, "procedure.procedure_id")
    table.column("PT_NO", lambda done: _pt_no(done.encounter.patient), "procedure.patient_id")
    table.column("VST_NO", lambda done: _vst_no(done.encounter), "procedure.encounter_id")
    table.column("PRV_CD", lambda done: f"D{done.encounter.provider.id:03d}", "procedure.provider_id")
    table.column("CPT_CD", lambda done: done.service.code, "procedure.code")
    table.column("PX_DSC", lambda done: done.service.text, "procedure.description")
    table.column("PX_DTM", lambda done: done.starts, "procedure.start_datetime")
    table.column("PX_SEQ", lambda done: done.rank, "procedure.sequence")
    table.column("FEE_AMT", lambda done: done.price, "procedure.cost")
    table.spoil("VST_NO", FaultName.ORPHAN, 27, lambda row: f"V9{row % 100_000:05d}")
    return table


def _orders(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("RXORD", practice.medications, dice)
    table.column("RX_NO", lambda order: order.id, "medication.medication_id")
    table.column("PT_NO", lambda order: _pt_no(order.encounter.patient), "medication.patient_id")
    table.column("VST_NO", lambda order: _vst_no(order.encounter), "medication.encounter_id")
    table.column("PRV_CD", lambda order: f"D{order.encounter.provider.id:03d}", "medication.provider_id")
    table.column("NDC_CD", lambda order: order.drug.code, "medication.drug_code")
    table.column("DRG_NM", lambda order: order.drug.name, "medication.drug_name")
    table.column("DOSE_AMT", lambda order: order.drug.dose, "medication.dose")
    table.column("DOSE_UNT", lambda order: order.drug.unit, "medication.dose_unit")
    table.column("RTE_CD", lambda order: order.drug.route, "medication.route")
    table.column("STRT_DT", lambda order: order.start, "medication.start_date")
    table.column("STOP_DT", lambda order: order.end, "medication.end_date")
    table.column("QTY", lambda order: order.quantity, "medication.quantity")
    table.column("RFL_CNT", lambda order: order.refills, "medication.refills")
    table.column("FMLRY_TIER", lambda _: None, label=LabelName.EMPTY)
    starts = [order.start for order in practice.medications]
    table.spoil("STOP_DT", FaultName.WRONG_ORDER, 14, lambda row: starts[row] - timedelta(days=3 + row % 60))
    return table


def _allergies(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("ALRGY", practice.allergies, dice)
    table.column("ALG_ID", lambda known: known.id, "allergy.allergy_id")
    table.column("PT_NO", lambda known: _pt_no(known.encounter.patient), "allergy.patient_id")
    table.column("VST_NO", lambda known: _vst_no(known.encounter), "allergy.encounter_id")
    table.column("ALG_CD", lambda known: known.substance.code, "allergy.substance_code")
    table.column("ALG_NM", lambda known: known.substance.text, "allergy.substance_name")
    table.column("ALG_CAT", lambda known: known.substance.category[0].upper(), "allergy.category")
    table.column("RXN_DSC", lambda known: known.substance.reaction, "allergy.reaction")
    table.column("SVRTY", lambda known: _SEVERITY[known.severity], "allergy.severity")
    table.column("ONST_DT", lambda known: known.onset, "allergy.onset_date")
    return table


def _results(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("VITLAB", practice.observations, dice)
    table.column("RSLT_ID", lambda taken: taken.id, "observation.observation_id")
    table.column("PT_NO", lambda taken: _pt_no(taken.encounter.patient), "observation.patient_id")
    table.column("VST_NO", lambda taken: _vst_no(taken.encounter), "observation.encounter_id")
    table.column("RSLT_DTM", lambda taken: taken.at, "observation.observed_at")
    table.column("RSLT_CAT", lambda taken: taken.measure.category[:3].upper(), "observation.category")
    table.column("LOINC_CD", lambda taken: taken.measure.code, "observation.code")
    table.column("RSLT_NM", lambda taken: taken.measure.text, "observation.description")
    table.column(
        "RSLT_VAL",
        lambda taken: (
            ("<5", "hemolyzed", "QNS")[taken.id // 25 % 3] if taken.id % 25 == 0 else float(taken.value)
        ),
        "observation.value",
    )
    table.column("RSLT_UNT", lambda taken: taken.measure.unit, "observation.unit")
    table.column("ABN_FLG", lambda taken: taken.flag[0].upper(), "observation.interpretation")
    return table


def _shots(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("IMMUN", practice.immunizations, dice)
    table.column("IMM_ID", lambda shot: shot.id, "immunization.immunization_id")
    table.column("PT_NO", lambda shot: _pt_no(shot.encounter.patient), "immunization.patient_id")
    table.column("VST_NO", lambda shot: _vst_no(shot.encounter), "immunization.encounter_id")
    table.column("ADMN_DTM", lambda shot: shot.at, "immunization.administered_at")
    table.column("CVX_CD", lambda shot: shot.vaccine.code, "immunization.vaccine_code")
    table.column("VAX_NM", lambda shot: shot.vaccine.text, "immunization.vaccine_name")
    table.column("LOT_NO", lambda shot: shot.lot, "immunization.lot_number")
    table.column("MFR_NM", lambda shot: shot.vaccine.manufacturer, "immunization.manufacturer")
    return table


def _claims(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("CLMHDR", practice.claims, dice)
    table.column("CLM_NO", lambda claim: claim.id, "claim.claim_id")
    table.column("PT_NO", lambda claim: _pt_no(claim.encounter.patient), "claim.patient_id")
    table.column("PRV_CD", lambda claim: f"D{claim.encounter.provider.id:03d}", "claim.provider_id")
    table.column(
        "REF_PRV_CD",
        lambda claim: f"D{claim.referrer.id:03d}" if claim.referrer else None,
        "claim.referring_provider_id",
    )
    table.column("VST_NO", lambda claim: _vst_no(claim.encounter), "claim.encounter_id")
    table.column("INS_CD1", lambda claim: f"I{claim.encounter.coverage.payer:03d}", "claim.primary_payer_id")
    table.column(
        "INS_CD2",
        lambda claim: f"I{claim.secondary_payer:03d}" if claim.secondary_payer else None,
        "claim.secondary_payer_id",
    )
    table.column("SVC_DT", lambda claim: _american(claim.encounter.starts.date()), "claim.service_date")
    table.column("BILL_DT", lambda claim: _american(claim.billed), "claim.billed_date")
    table.column("CLM_STS", lambda claim: _CLAIM_STATUS[claim.status], "claim.status")
    table.column("PRIM_DX", lambda claim: claim.diagnosis, "claim.primary_diagnosis_code")
    table.column("BAL_AMT", lambda claim: claim.outstanding, "claim.outstanding_amount")
    table.column("XMIT_BTCH", lambda claim: claim.billed.toordinal() % 10_000)
    return table


def _charges(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("CLMLIN", practice.claim_lines, dice)
    table.column("LIN_ID", lambda line: line.id, "claim_line.claim_line_id")
    table.column("CLM_NO", lambda line: line.claim.id, "claim_line.claim_id")
    table.column("PT_NO", lambda line: _pt_no(line.claim.encounter.patient), "claim_line.patient_id")
    table.column("SVC_DT", lambda line: line.procedure.starts.date(), "claim_line.service_date")
    table.column("CPT_CD", lambda line: line.procedure.service.code, "claim_line.procedure_code")
    table.column("LIN_DSC", lambda line: line.procedure.service.text, "claim_line.description")
    table.column("MOD_CD", lambda line: line.modifier, "claim_line.modifier")
    table.column("UNT_CNT", lambda line: line.units, "claim_line.units")
    table.column("CHG_AMT", lambda line: line.charge, "claim_line.charge_amount")
    table.column(
        "TOS_CD",
        lambda line: str(line.id % 5 + 1) if line.procedure.starts.date() <= SERVICE_TYPE_UNTIL else None,
        label=LabelName.ABANDONED,
        until=SERVICE_TYPE_UNTIL,
    )
    table.column("TST_IND", _tester_typed(110), label=LabelName.TEST_ONLY)
    table.spoil("CHG_AMT", FaultName.NOT_CASTABLE, 28, lambda row: ("N/C", "see note", "TBD")[row % 3])
    table.spoil("CHG_AMT", FaultName.NEGATIVE_AMOUNT, 12, lambda row: -float(10 + row % 90))
    table.spoil("CLM_NO", FaultName.ORPHAN, 36, lambda row: 9_000_000 + row)
    return table


def _receipts(practice: Practice, dice: Dice) -> Sheet:
    table = Draft("PMTRCV", practice.payments, dice)
    table.column("PMT_ID", lambda money: money.id, "payment.payment_id")
    table.column("CLM_NO", lambda money: money.claim.id, "payment.claim_id")
    table.column("PT_NO", lambda money: _pt_no(money.claim.encounter.patient), "payment.patient_id")
    table.column(
        "INS_CD",
        lambda money: f"I{money.claim.encounter.coverage.payer:03d}" if money.by_payer else None,
        "payment.payer_id",
    )
    table.column("PMT_DT", lambda money: money.paid.date(), "payment.payment_date")
    table.column("PMT_AMT", lambda money: money.amount, "payment.amount")
    table.column("ADJ_AMT", lambda money: money.adjustment, "payment.adjustment_amount")
    table.column("PMT_MTHD", lambda money: _TENDER[money.method], "payment.method")
    table.column("CHK_NO", lambda money: money.reference, "payment.reference_number")
    table.column("GL_ACCT", lambda money: 4000 + money.id % 6 * 10)
    table.repeat_rows(9)
    return table


def _dashed(area: str, serial: int) -> str:
    return f"{area}-555-{serial % 10_000:04d}"


def _second_phone(person: Patient) -> str:
    return _dashed(person.place.area, person.serial * 3)


def _tester_typed(every: int) -> Callable[[Patient | ClaimLine], str | None]:
    return lambda record: (
        _TEST_WORDS[record.id // every % len(_TEST_WORDS)] if record.id % every == 0 else None
    )


def _tester_number(every: int) -> Callable[[Patient], str | None]:
    return lambda record: (
        _TEST_NUMBERS[record.id // every % len(_TEST_NUMBERS)] if record.id % every == 0 else None
    )


def _american(day: date) -> str:
    return f"{day:%m/%d/%Y}"
