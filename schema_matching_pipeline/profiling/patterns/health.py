"""Codes of health care."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stdnum import verhoeff

from schema_matching_pipeline.profiling.pattern import PATTERNS, following

_SNOMED_TERM = re.compile(r"^.*:| ?\|.*$")
_icd10 = following(
    r"(?:ICD-?10[A-Z-]*:)?[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4}|[0-9A-Z]{0,4})[!*+\u2020-]?|[a-tv-z]\d[\da-z]\.[\da-z]{1,4}"
)
_icd9 = following(r"(?:ICD-?9[A-Z-]*:)?(?:\d{3}|V\d{2}|E\d{3})\.\d{1,2}")
_hcpcs = following(r"(?:HCPCS:)?[A-CEGHJ-MP-V]\d{4}(?:-[A-Z\d]{2}){0,4}", flags=re.IGNORECASE)
_cpt = following(r"(?:CPT4?:)?(?:00[1-9]\d\d|0[1-9]\d{3}|[1-9]\d{4}|\d{4}[FTU])(?:-(?:\d{2}|[A-Z][A-Z\d]))*")
_loinc = following(r"(?:LOINC:)?\d{1,5}-\d", lambda text: _loinc_digit(text.rpartition(":")[2]))
_snomed = following(
    r"(?:SNOMED(?:-CT)?:)?[1-9]\d{5,17}(?: ?\|[^|]*\|)?", lambda text: _is_snomed(_SNOMED_TERM.sub("", text))
)
_ndc = following(
    r"(?:NDC[: ]?)?(?:\d{4}-\d{4}-\d{2}|\d{5}-\*?\d{3}-\d{2}|\d{5}-\d{4}-\*?\d|\d{5}-\d{4}-\d{2})"
)
_atc = following(r"[A-DGHJLMNPRSV]\d{2}[A-Z]{2}\d{2}")


def _loinc_digit(text: str) -> bool:
    """Whether the check digit is right: Luhn's sum over the digits before the dash."""
    body, _, check = text.partition("-")
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))]
    return (10 - sum(value // 10 + value % 10 for value in doubled) % 10) % 10 == int(check)


def _is_snomed(text: str) -> bool:
    """Whether the check digit and the partition, third and second digit from the right, are those of a concept."""
    return text[-3:-1] in {"00", "10"} and verhoeff.is_valid(text)


@PATTERNS.register("icd10")
def icd10(values: Sequence[str]) -> list[bool]:
    """Diagnoses by the tenth revision of the ICD and its national modifications."""
    return list(_icd10(values))


@PATTERNS.register("icd9")
def icd9(values: Sequence[str]) -> list[bool]:
    """Diagnoses by the ninth revision of the ICD, with their point."""
    return list(_icd9(values))


@PATTERNS.register("hcpcs")
def hcpcs(values: Sequence[str]) -> list[bool]:
    """Supplies and services by HCPCS level II: a letter and four digits."""
    return list(_hcpcs(values))


@PATTERNS.register("cpt")
def cpt(values: Sequence[str]) -> list[bool]:
    """Procedures by CPT: five characters, the first four digits. ZIP codes look the same; the name decides."""
    return list(_cpt(values))


@PATTERNS.register("loinc")
def loinc(values: Sequence[str]) -> list[bool]:
    """Observations by LOINC, with a right check digit."""
    return list(_loinc(values))


@PATTERNS.register("snomed")
def snomed(values: Sequence[str]) -> list[bool]:
    """Concepts of SNOMED CT, with a right check digit and a concept's partition."""
    return list(_snomed(values))


@PATTERNS.register("ndc")
def ndc(values: Sequence[str]) -> list[bool]:
    """Drug packages by the national drug code, with dashes."""
    return list(_ndc(values))


@PATTERNS.register("atc")
def atc(values: Sequence[str]) -> list[bool]:
    """Active substances by ATC, all seven characters."""
    return list(_atc(values))
