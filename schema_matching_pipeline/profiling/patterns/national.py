"""Numbers that states and their health services give to persons."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.se import personnummer

from schema_matching_pipeline.profiling.pattern import PATTERNS, following

# What a number must look like before its check digit is asked for.
_NATIONAL: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = tuple(
    (re.compile(form), check)
    for form, check in (
        (r"\d{3}\.\d{3}\.\d{3}-\d{2}|\d{11}", cpf.is_valid),  # Brazil
        (r"\d{3}[ -]\d{3}[ -]\d{3}", sin.is_valid),  # Canada
        (r"756\.?\d{4}\.?\d{4}\.?\d{2}", ahv.is_valid),  # Switzerland
        (r"[1-9]\d ?\d{3} ?\d{3} ?\d{3}", idnr.is_valid),  # Germany
        (r"\d{8}-?[A-Z]", dni.is_valid),  # Spain
        (r"[XYZ]-?\d{7}-?[A-Z]", nie.is_valid),  # Spain, foreigners
        (r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}", nir.is_valid),  # France
        (r"\d{3} \d{3} \d{4}|[1-9]\d{9}", nhs.is_valid),  # United Kingdom, health service
        (r"(?![DFIQUV])[A-Z](?![DFIQUVO])[A-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]", bool),  # the same, insurance
        (r"[2-9]\d{3} \d{4} \d{4}|[2-9]\d{11}", aadhaar.is_valid),  # India
        (r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", codicefiscale.is_valid),  # Italy
        (r"\d{9}", bsn.is_valid),  # the Netherlands
        (r"\d{11}", pesel.is_valid),  # Poland
        (r"\d{6}[-+]?\d{4}|(?:19|20)\d{6}-?\d{4}", personnummer.is_valid),  # Sweden
    )
)
# Eleven characters of which every second to third is a letter that looks like no digit.
_mbi = following(
    r"[1-9](?![SLOIBZ])[A-Z](?![SLOIBZ])[A-Z0-9]\d(?![SLOIBZ])[A-Z](?![SLOIBZ])[A-Z0-9]\d(?:(?![SLOIBZ])[A-Z]){2}\d{2}"
)


@PATTERNS.register("national_id")
def national_id(values: Sequence[str]) -> list[bool]:
    """Numbers of persons in a dozen countries, with right check digits; those of the United States have none."""
    return [8 <= len(value) <= 21 and _is_national(value) for value in values]


def _is_national(text: str) -> bool:
    return any(form.fullmatch(text) and check(text) for form, check in _NATIONAL)


@PATTERNS.register("mbi_us")
def mbi_us(values: Sequence[str]) -> list[bool]:
    """Numbers of the insured of Medicare in the United States, with or without their dashes."""
    return list(_mbi([value.replace("-", "") for value in values]))
