from __future__ import annotations

import numpy as np
import pytest

from schema_matching_pipeline.adapters.llm.embedders import HashedNgrams


def likeness(one: str, other: str) -> float:
    first, second = HashedNgrams().embed([one, other]).vectors
    return float(first @ second)


def test_the_same_text_gives_the_same_vector_on_every_machine():
    (vector,) = HashedNgrams().embed(["dob patient.birth_date"]).vectors
    heavy = {int(place): round(float(vector[place]), 4) for place in np.flatnonzero(np.abs(vector) > 0.2)}
    assert HashedNgrams().model == "hashed_ngrams-1"
    assert vector.shape == (1536,)
    assert heavy == {119: -0.4243, 903: -0.2828, 1168: -0.2828, 1320: 0.2828}  # date, patient, dob, birth


@pytest.mark.parametrize("text", ["", "---", "birthDate", "Geburtsdatum ä", "\ud800"], ids=ascii)
def test_every_vector_has_length_one(text):
    (vector,) = HashedNgrams().embed([text]).vectors
    assert np.linalg.norm(vector) == pytest.approx(1.0)


def test_one_name_in_two_spellings_is_one_vector():
    assert likeness("birthDate", "BIRTH_DATE") == pytest.approx(1.0)


def test_names_that_share_pieces_are_closer_than_such_as_share_none():
    assert likeness("patient_birthdate", "birth_date") > 0.3
    assert abs(likeness("claim_amount", "birth_date")) < 0.1


def test_no_texts_give_no_rows():
    assert HashedNgrams().embed([]).vectors.shape == (0, 1536)
