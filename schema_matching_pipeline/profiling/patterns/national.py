"""Numbers that states and their health services give to persons."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from stdnum.ar import cuit
from stdnum.at import vnr
from stdnum.au import tfn
from stdnum.be import nn
from stdnum.bg import egn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.cn import ric
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.ee import ik
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.gr import amka
from stdnum.hr import oib
from stdnum.ie import pps
from stdnum.in_ import aadhaar, pan
from stdnum.is_ import kennitala
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.mx import curp, rfc
from stdnum.my import nric
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.pt import nif
from stdnum.ro import cnp
from stdnum.ru import inn
from stdnum.se import personnummer
from stdnum.si import emso
from stdnum.th import pin
from stdnum.tr import tckimlik
from stdnum.za import idnr as za_id

from schema_matching_pipeline.profiling.pattern import PATTERNS, following

_PENSION_WEIGHTS = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)


def _is_german_pension(text: str) -> bool:
    """Whether the number of a German pension insurance ends in its check digit; its letter counts as two digits."""
    bare = text.replace(" ", "")
    digits = f"{bare[:8]}{ord(bare[8]) - 64:02d}{bare[9:11]}"
    products = (int(digit) * weight for digit, weight in zip(digits, _PENSION_WEIGHTS, strict=True))
    return sum(product // 10 + product % 10 for product in products) % 10 == int(bare[11])


def _is_australian_medicare(text: str) -> bool:
    """Whether the ninth digit is the check digit of the eight before it."""
    digits = text.replace(" ", "")
    return sum(
        int(digit) * weight for digit, weight in zip(digits, (1, 3, 7, 9) * 2, strict=False)
    ) % 10 == int(digits[8])


# What a number must look like before its check digit is asked for. Bare digits are listed where the number holds a day of
# birth or has two check digits, or has no other form; one check digit alone would be right by chance too often.
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
        (r"\d{2} ?\d{6} ?[A-Z] ?\d{3}", _is_german_pension),
        (r"\d{6} ?\d{5}", fodselsnummer.is_valid),  # Norway
        (r"\d{6}-?\d{4}", cpr.is_valid),  # Denmark
        (r"\d{6}-?\d{4}", kennitala.is_valid),  # Iceland
        (r"\d{6}[-+A-FU-Y]\d{3}[\dA-Y]", hetu.is_valid),  # Finland
        (r"\d{4} ?\d{6}", vnr.is_valid),  # Austria
        (r"\d{2}\.?\d{2}\.?\d{2}-?\d{3}\.?\d{2}", nn.is_valid),  # Belgium
        (r"\d{7}[A-W][A-IW]?", pps.is_valid),  # Ireland
        (r"[123]\d{8}|[123]\d{2} \d{3} \d{3}", nif.is_valid),  # Portugal
        (r"\d{6}/?\d{3,4}", rc.is_valid),  # Czechia and Slovakia
        (r"[1-9]\d{12}", cnp.is_valid),  # Romania
        (r"\d{10}", egn.is_valid),  # Bulgaria
        (r"\d{11}", amka.is_valid),  # Greece
        (r"\d{11}", oib.is_valid),  # Croatia
        (r"\d{13}", emso.is_valid),  # Slovenia, Serbia and their neighbours
        (r"[1-6]\d{10}", ik.is_valid),  # Estonia and Lithuania
        (r"[1-9]\d{10}", tckimlik.is_valid),  # Turkey
        (r"\d{12}", inn.is_valid),  # Russia
        (r"\d{3} \d{3} \d{3}", tfn.is_valid),  # Australia, tax
        (r"[2-6]\d{3} \d{5} \d", _is_australian_medicare),
        (r"[A-Z]{3}P[A-Z]\d{4}[A-Z]", pan.is_valid),  # India, tax of persons
        (r"\d{17}[\dX]", ric.is_valid),  # China
        (r"\d{6}-\d{7}", rrn.is_valid),  # South Korea
        (r"\d{6}-\d{2}-\d{4}", nric.is_valid),  # Malaysia
        (r"\d-\d{4}-\d{5}-\d{2}-\d", pin.is_valid),  # Thailand
        (r"\d{13}", za_id.is_valid),  # South Africa
        (r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d", curp.is_valid),  # Mexico
        (r"[A-Z]{4}\d{6}[A-Z\d]{3}", rfc.is_valid),  # Mexico, tax of persons
        (r"\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]", rut.is_valid),  # Chile
        (r"2[0347]-\d{8}-\d", cuit.is_valid),  # Argentina, persons
    )
)
_ANY_NATIONAL = re.compile("|".join(f"(?:{form.pattern})" for form, _ in _NATIONAL))
# Eleven characters of which every second to third is a letter that looks like no digit.
_mbi = following(
    r"[1-9](?![SLOIBZ])[A-Z](?![SLOIBZ])[A-Z0-9]\d(?![SLOIBZ])[A-Z](?![SLOIBZ])[A-Z0-9]\d(?:(?![SLOIBZ])[A-Z]){2}\d{2}"
)


@PATTERNS.register("national_id")
def national_id(values: Sequence[str]) -> list[bool]:
    """Numbers of persons in some forty countries, with right check digits; those of the United States have none."""
    return [8 <= len(value) <= 21 and _is_national(value) for value in values]


def _is_national(text: str) -> bool:
    if not _ANY_NATIONAL.fullmatch(text):
        return False
    return any(form.fullmatch(text) and check(text) for form, check in _NATIONAL)


@PATTERNS.register("mbi_us")
def mbi_us(values: Sequence[str]) -> list[bool]:
    """Numbers of the insured of Medicare in the United States, with or without their dashes."""
    return list(_mbi([value.replace("-", "") for value in values]))
