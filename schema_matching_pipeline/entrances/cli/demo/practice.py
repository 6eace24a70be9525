"""One made-up practice: people, visits and money in plausible proportions, decided by a seed alone.

A child has no widow, a visit lies between registration and the last day, a bill follows its visit, and a
payment follows its bill. The records are clean; each client adds its own dirt afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import TypeVar

from schema_matching_pipeline.entrances.cli.demo.records import (
    Allergy,
    Appointment,
    Claim,
    ClaimLine,
    Coverage,
    Diagnosis,
    Encounter,
    Immunization,
    Medication,
    Observation,
    Patient,
    Payment,
    Practice,
    Procedure,
    Provider,
    Site,
)
from schema_matching_pipeline.entrances.cli.demo.vocabulary import Insurer, Place, Vocabulary

Record = TypeVar("Record")

_AGE_BANDS = ((0, 17), (18, 39), (40, 64), (65, 84), (85, 97))
_AGE_WEIGHTS = (17, 25, 32, 22, 4)
_VISITS = (0, 1, 2, 3, 4, 6, 9)
_VISIT_WEIGHTS = (10, 30, 24, 16, 10, 7, 3)
_RACES = ("white", "black", "asian", "native", "other")
_RACE_WEIGHTS = (72, 13, 6, 2, 7)
_OPENING_MINUTES = tuple(range(8 * 60, 17 * 60, 15))
_ADULT_YEARS = 18


class Dice:
    """Draws of one seed; two dice of the same seed fall alike for ever."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)  # noqa: S311 - made-up data, not secrets
        self.pick = self.random.choice
        self.between = self.random.randint

    def chance(self, share: float) -> bool:
        """True in this share of all draws."""
        return self.random.random() < share

    def weigh(self, options: tuple[Record, ...], weights: tuple[int, ...]) -> Record:
        """One of the options, as often as its weight says."""
        return self.random.choices(options, weights)[0]

    def maybe(self, share: float, value: Record) -> Record | None:
        """The value in this share of all draws, else nothing."""
        return value if self.random.random() < share else None

    def day(self, first: date, last: date) -> date:
        """A day of the span, both ends included."""
        return first + timedelta(days=self.between(0, max((last - first).days, 0)))


def build_practice(
    words: Vocabulary, *, patients: int, seed: str, first_day: date, last_day: date
) -> Practice:
    """A practice of that many patients, open from the first to the last day."""
    dice = Dice(seed)
    span = (first_day, last_day)
    sites = [_site(dice, words, number, name) for number, name in enumerate(words.site_names, start=1)]
    providers = [_provider(dice, words, number, sites) for number in range(1, max(12, patients // 120) + 1)]
    people = [_patient(dice, words, number, providers, span) for number in range(1, patients + 1)]
    coverages = _coverages(dice, words.insurers, people, last_day)
    encounters, appointments = _visits(dice, words, coverages, last_day)
    procedures = _procedures(dice, words, encounters)
    encounters, procedures = _with_totals(encounters, procedures)
    diagnoses = _diagnoses(dice, words, encounters)
    claims = _claims(dice, coverages, encounters, diagnoses, last_day)
    lines = _claim_lines(dice, claims, procedures)
    return Practice(
        sites=sites,
        providers=providers,
        payers=words.insurers,
        patients=people,
        coverages=coverages,
        appointments=appointments,
        encounters=encounters,
        diagnoses=diagnoses,
        procedures=procedures,
        medications=_some(encounters, lambda visit, ids: _medications(dice, words, visit, ids)),
        allergies=_some(
            encounters, _first_visit_only(lambda visit, ids: _allergies(dice, words, visit, ids))
        ),
        observations=_some(encounters, lambda visit, ids: _observations(dice, words, visit, ids)),
        immunizations=_some(encounters, lambda visit, ids: _immunizations(dice, words, visit, ids)),
        claims=claims,
        claim_lines=lines,
        payments=_payments(dice, claims, last_day),
    )


def _site(dice: Dice, words: Vocabulary, number: int, name: str) -> Site:
    place = dice.pick(words.places)
    street = _street(dice, words)
    return Site(number, name, street, place, _postal_code(dice, place), dice.between(10_000_000, 99_999_999))


def _provider(dice: Dice, words: Vocabulary, number: int, sites: list[Site]) -> Provider:
    female = dice.chance(0.55)
    first, last = _first_name(dice, words, female=female), dice.pick(words.last_names)
    site = dice.pick(sites)
    return Provider(
        id=number,
        female=female,
        first_name=first,
        middle_name=_first_name(dice, words, female=female),
        last_name=last,
        specialty=dice.pick(words.specialties),
        site=site,
        serial=dice.between(10_000_000, 99_999_999),
        email=f"{_ascii(first[0] + last)}{number}@praxis.{words.mail_domains[0]}",
        phone=_phone(dice, words, site.place.area),
        active=dice.chance(0.88),
    )


def _patient(
    dice: Dice, words: Vocabulary, number: int, providers: list[Provider], span: tuple[date, date]
) -> Patient:
    first_day, last_day = span
    female = dice.chance(0.53)
    youngest, oldest = dice.weigh(_AGE_BANDS, _AGE_WEIGHTS)
    birth = last_day - timedelta(days=dice.between(youngest * 365, oldest * 365 + 364))
    age = (last_day - birth).days // 365
    registered = dice.day(max(first_day, birth), last_day - timedelta(days=30))
    adult = age >= _ADULT_YEARS
    place = dice.pick(words.places)
    first, last = _first_name(dice, words, female=female), dice.pick(words.last_names)
    married = dice.weigh(("single", "married", "divorced", "widowed"), (30, 48, 13, 9)) if adult else "single"
    return Patient(
        id=number,
        female=female,
        first_name=first,
        middle_name=dice.maybe(0.6, _first_name(dice, words, female=female)),
        last_name=last,
        maiden_name=dice.pick(words.last_names)
        if female and married != "single" and dice.chance(0.7)
        else None,
        birth_date=birth,
        death_date=_death(dice, age, registered, last_day),
        marital_status=married,
        language=dice.pick(words.languages),
        race=dice.weigh(_RACES, _RACE_WEIGHTS),
        hispanic=dice.chance(0.14),
        occupation=dice.maybe(0.8, dice.pick(words.occupations)) if adult else None,
        street=_street(dice, words),
        place=place,
        postal_code=_postal_code(dice, place),
        email=dice.maybe(0.72, _email(dice, words, first, last)),
        home_phone=dice.maybe(0.8, _phone(dice, words, place.area)),
        work_phone=dice.maybe(0.35, _phone(dice, words, place.area)) if adult else None,
        mobile_phone=dice.maybe(0.75, _mobile(dice, words, place.area)),
        registered=registered,
        provider=dice.pick(providers),
        serial=dice.between(10_000_000, 89_999_999),
    )


def _death(dice: Dice, age: int, registered: date, last_day: date) -> date | None:
    if not dice.chance(0.22 if age > 84 else 0.06 if age > 64 else 0.004):
        return None
    return dice.day(registered + timedelta(days=20), last_day)


def _first_name(dice: Dice, words: Vocabulary, *, female: bool) -> str:
    return dice.pick(words.female_names if female else words.male_names)


def _street(dice: Dice, words: Vocabulary) -> str:
    number = dice.between(1, 180)
    name = dice.pick(words.streets)
    return f"{number} {name}" if words.country == "US" else f"{name} {number}"


def _postal_code(dice: Dice, place: Place) -> str:
    return place.postal_prefix + f"{dice.between(1, 98):02d}"


def _phone(dice: Dice, words: Vocabulary, area: str) -> str:
    if words.country == "US":  # exchange 555 is kept free for fiction
        return f"({area}) 555-{dice.between(0, 9999):04d}"
    return f"{area} {dice.between(100_000, 9_999_999)}"


def _mobile(dice: Dice, words: Vocabulary, area: str) -> str:
    if words.country == "US":
        return _phone(dice, words, area)
    return f"{dice.pick(('0151', '0160', '0171', '0176'))} {dice.between(1_000_000, 99_999_999)}"


def _email(dice: Dice, words: Vocabulary, first: str, last: str) -> str:
    return f"{_ascii(first)}.{_ascii(last)}{dice.between(1, 99)}@{dice.pick(words.mail_domains)}"


_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "'": "", " ": "", "é": "e"})


def _ascii(name: str) -> str:
    return name.lower().translate(_PLAIN)


def _coverages(
    dice: Dice, insurers: tuple[Insurer, ...], people: list[Patient], last_day: date
) -> list[Coverage]:
    ids = count(1)
    weights = tuple(range(len(insurers) + 2, 2, -1))
    numbers = tuple(range(1, len(insurers) + 1))
    found: list[Coverage] = []
    for person in people:
        payers = [dice.weigh(numbers, weights)]
        if dice.chance(0.16):
            payers.append(payers[0] % len(insurers) + 1)
        subscriber = person if dice.chance(0.75) else dice.pick(people)
        for priority, payer in enumerate(payers, start=1):
            start = dice.day(
                max(person.birth_date, person.registered - timedelta(days=900)), person.registered
            )
            end = dice.day(person.registered, last_day) if dice.chance(0.12) else None
            insurer = insurers[payer - 1]
            found.append(
                Coverage(
                    id=next(ids),
                    patient=person,
                    payer=payer,
                    insurer=insurer,
                    priority=priority,
                    plan=dice.pick(insurer.plans),
                    serial=dice.between(10_000_000, 99_999_999),
                    group=dice.between(1000, 1180),
                    start=start,
                    end=end,
                    relationship="self" if subscriber is person else dice.pick(("spouse", "child", "other")),
                    subscriber=subscriber,
                    copay=Decimal(dice.pick((0, 10, 15, 20, 25, 30, 40))),
                )
            )
    return found


def _visits(
    dice: Dice, words: Vocabulary, coverages: list[Coverage], last_day: date
) -> tuple[list[Encounter], list[Appointment]]:
    booked = sorted(
        (
            (_opening(dice, dice.day(cover.patient.registered, cover.patient.death_date or last_day)), cover)
            for cover in coverages
            if cover.priority == 1
            for _ in range(dice.weigh(_VISITS, _VISIT_WEIGHTS))
        ),
        key=lambda slot: (slot[0], slot[1].id),
    )
    encounters: list[Encounter] = []
    appointments: list[Appointment] = []
    for number, (starts, cover) in enumerate(booked, start=1):
        slot = _appointment(dice, words, number, starts, cover.patient)
        appointments.append(slot)
        if slot.status == "kept":
            encounters.append(_encounter(dice, words, len(encounters) + 1, slot, cover))
    return encounters, appointments


def _opening(dice: Dice, day: date) -> datetime:
    hours, minutes = divmod(dice.pick(_OPENING_MINUTES), 60)
    return datetime.combine(day, time(hours, minutes))


def _appointment(
    dice: Dice, words: Vocabulary, number: int, starts: datetime, patient: Patient
) -> Appointment:
    minutes = dice.weigh((15, 20, 30, 45, 60), (40, 20, 25, 5, 10))
    kind = dice.weigh(words.visit_types, (60, 8, 14, 8, 10))
    return Appointment(
        id=number,
        patient=patient,
        provider=patient.provider,
        starts=starts,
        ends=starts + timedelta(minutes=minutes),
        minutes=minutes,
        status=dice.weigh(("kept", "cancelled", "missed", "booked"), (84, 9, 5, 2)),
        kind=kind,
        title=f"{kind.text}: {dice.pick(words.reasons).text}",
    )


def _encounter(dice: Dice, words: Vocabulary, number: int, slot: Appointment, cover: Coverage) -> Encounter:
    starts = slot.starts + timedelta(minutes=dice.between(0, 25))
    return Encounter(
        id=number,
        patient=slot.patient,
        provider=slot.provider,
        coverage=cover,
        starts=starts,
        ends=starts + timedelta(minutes=dice.between(8, 55)),
        kind=slot.kind,
        reason=dice.pick(words.reasons),
        setting=dice.weigh(("ambulatory", "emergency", "virtual", "home"), (82, 5, 9, 4)),
        total=Decimal(0),
    )


def _procedures(dice: Dice, words: Vocabulary, encounters: list[Encounter]) -> list[Procedure]:
    ids = count(1)
    weights = tuple(service.weight for service in words.services)
    found: list[Procedure] = []
    for visit in encounters:
        for rank in range(1, dice.weigh((1, 2, 3), (70, 22, 8)) + 1):
            service = dice.weigh(words.services, weights)
            starts = visit.starts + timedelta(minutes=rank)
            ends = min(starts + timedelta(minutes=dice.between(2, 20)), max(visit.ends, starts))
            price = Decimal(str(service.price)).quantize(Decimal("0.01"))
            found.append(Procedure(next(ids), visit, service, starts, ends, rank, price))
    return found


def _with_totals(
    encounters: list[Encounter], procedures: list[Procedure]
) -> tuple[list[Encounter], list[Procedure]]:
    totals: dict[int, Decimal] = {}
    for done in procedures:
        totals[done.encounter.id] = totals.get(done.encounter.id, Decimal(0)) + done.price
    charged = [visit._replace(total=totals[visit.id]) for visit in encounters]
    return charged, [done._replace(encounter=charged[done.encounter.id - 1]) for done in procedures]


def _diagnoses(dice: Dice, words: Vocabulary, encounters: list[Encounter]) -> list[Diagnosis]:
    ids = count(1)
    weights = tuple(disease.weight for disease in words.diseases)
    found: list[Diagnosis] = []
    for visit in encounters:
        seen = visit.starts.date()
        chosen = {dice.weigh(words.diseases, weights) for _ in range(dice.weigh((1, 2, 3), (66, 25, 9)))}
        for rank, disease in enumerate(sorted(chosen), start=1):
            onset = dice.day(max(visit.patient.birth_date, seen - timedelta(days=400)), seen)
            resolved = None if disease.lasting else seen + timedelta(days=dice.between(3, 40))
            found.append(Diagnosis(next(ids), visit, disease, onset, resolved, rank))
    return found


def _some(
    encounters: list[Encounter], make: Callable[[Encounter, Iterator[int]], Iterator[Record]]
) -> list[Record]:
    ids = count(1)
    return [record for visit in encounters for record in make(visit, ids)]


def _first_visit_only(
    make: Callable[[Encounter, Iterator[int]], Iterator[Record]],
) -> Callable[[Encounter, Iterator[int]], Iterator[Record]]:
    seen: set[int] = set()

    def once(visit: Encounter, ids: Iterator[int]) -> Iterator[Record]:
        if visit.patient.id not in seen:
            seen.add(visit.patient.id)
            yield from make(visit, ids)

    return once


def _medications(dice: Dice, words: Vocabulary, visit: Encounter, ids: Iterator[int]) -> Iterator[Medication]:
    for _ in range(dice.weigh((0, 1, 2), (52, 36, 12))):
        drug = dice.pick(words.drugs)
        start = visit.starts.date()
        quantity, refills = (
            dice.pick((20, 30, 50, 60, 90, 100)),
            dice.weigh((0, 1, 2, 3, 5), (50, 18, 14, 12, 6)),
        )
        cost = Decimal(str(drug.price * quantity / 30)).quantize(Decimal("0.01"))
        end = start + timedelta(days=dice.pick((7, 10, 14, 30, 90, 180)))
        yield Medication(next(ids), visit, drug, start, end, quantity, refills, cost)


def _allergies(dice: Dice, words: Vocabulary, visit: Encounter, ids: Iterator[int]) -> Iterator[Allergy]:
    for _ in range(dice.weigh((0, 1, 2), (58, 32, 10))):
        onset = dice.day(visit.patient.birth_date, visit.starts.date())
        end = dice.maybe(0.1, visit.starts.date())
        severity = dice.weigh(("mild", "moderate", "severe"), (55, 33, 12))
        yield Allergy(next(ids), visit, dice.pick(words.substances), severity, onset, end)


def _observations(
    dice: Dice, words: Vocabulary, visit: Encounter, ids: Iterator[int]
) -> Iterator[Observation]:
    if not dice.chance(0.55):
        return
    for measure in dice.random.sample(words.measures, dice.between(1, 4)):
        drawn = dice.random.gauss(measure.mean, measure.spread)
        value = Decimal(f"{max(drawn, measure.mean / 3):.{measure.decimals}f}")
        distance = (float(value) - measure.mean) / measure.spread
        flag = "high" if distance > 1.4 else "low" if distance < -1.4 else "normal"
        taken = visit.starts + timedelta(minutes=dice.between(1, 8))
        yield Observation(next(ids), visit, measure, taken, value, flag)


def _immunizations(
    dice: Dice, words: Vocabulary, visit: Encounter, ids: Iterator[int]
) -> Iterator[Immunization]:
    if dice.chance(0.22):
        lot = f"{dice.pick('ABCEFHKLRTUX')}{dice.pick('ABCEFHKLRTUX')}{dice.between(1000, 9999)}"
        yield Immunization(
            next(ids), visit, dice.pick(words.vaccines), visit.starts + timedelta(minutes=5), lot
        )


def _claims(
    dice: Dice,
    coverages: list[Coverage],
    encounters: list[Encounter],
    diagnoses: list[Diagnosis],
    last_day: date,
) -> list[Claim]:
    second = {cover.patient.id: cover.payer for cover in coverages if cover.priority == 2}
    main = {found.encounter.id: found.disease.code for found in diagnoses if found.rank == 1}
    providers = list({visit.provider.id: visit.provider for visit in encounters}.values())
    ids = count(1)
    found: list[Claim] = []
    for visit in encounters:
        if not dice.chance(0.9):
            continue
        billed = min(visit.starts.date() + timedelta(days=dice.between(1, 30)), last_day)
        status = dice.weigh(("paid", "open", "denied", "sent"), (74, 8, 6, 12))
        owed = Decimal(0) if status == "paid" else visit.total
        referrer = dice.pick(providers) if dice.chance(0.25) else None
        secondary = second.get(visit.patient.id)
        found.append(Claim(next(ids), visit, referrer, secondary, billed, status, main[visit.id], owed))
    return found


def _claim_lines(dice: Dice, claims: list[Claim], procedures: list[Procedure]) -> list[ClaimLine]:
    by_visit = {claim.encounter.id: claim for claim in claims}
    ids = count(1)
    found: list[ClaimLine] = []
    for done in procedures:
        claim = by_visit.get(done.encounter.id)
        if claim is not None:
            modifier = dice.maybe(0.18, dice.pick(("25", "59", "76", "LT", "RT")))
            units = dice.weigh((1, 2, 3), (93, 5, 2))
            found.append(ClaimLine(next(ids), claim, done, modifier, units, done.price * units))
    return found


def _payments(dice: Dice, claims: list[Claim], last_day: date) -> list[Payment]:
    ids = count(1)
    found: list[Payment] = []
    for claim in claims:
        if claim.status != "paid":
            continue
        day = min(claim.billed + timedelta(days=dice.between(4, 60)), last_day)
        written_off = (claim.encounter.total * dice.between(0, 30) / 100).quantize(Decimal("0.01"))
        by_payer = dice.chance(0.8)
        method = (
            dice.weigh(("transfer", "cheque"), (70, 30))
            if by_payer
            else dice.pick(("cash", "card", "cheque"))
        )
        reference = f"{dice.between(100_000, 9_999_999)}"
        paid = claim.encounter.total - written_off
        at = _opening(dice, day)
        found.append(Payment(next(ids), claim, at, by_payer, paid, written_off, method, reference))
    return found
