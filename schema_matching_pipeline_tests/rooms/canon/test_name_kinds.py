from __future__ import annotations

import pytest

from schema_matching_pipeline.canon.name_kinds import NameKind, kind_of_name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("email", NameKind.EMAIL),
        ("CustomerEmailAddress", NameKind.EMAIL),
        ("email_verified", NameKind.FLAG),
        ("EMAIL_COUNT", NameKind.QUANTITY),
        ("phone_type", None),
        ("Phone_Home", NameKind.PHONE),
        ("phone_number2", NameKind.PHONE),
        ("TelNr", NameKind.PHONE),
        ("geburtsdatum", NameKind.BIRTH_DATE),
        ("date_of_birth", NameKind.BIRTH_DATE),
        ("PLACEOFSERVICE", NameKind.CODE),
        ("ZipCode", NameKind.POSTAL_CODE),
        ("code_text", NameKind.NOTE),
        ("DOB", NameKind.BIRTH_DATE),
        ("DOSEINH", None),
        ("dos_unit", None),
        ("ACADEMIC_YEAR_CODE", NameKind.CODE),
        ("scenario_code", NameKind.CODE),
        ("END_YEAR", NameKind.YEAR),
        ("LAST", NameKind.PERSON_NAME),
        ("last_login", None),
        ("load_checksum", NameKind.KEY),
        ("unitPrice", NameKind.AMOUNT),
        ("", None),
        ("___", None),
    ],
)
def test_the_head_of_a_name_announces_its_values(name, kind):
    assert kind_of_name(name) == kind
