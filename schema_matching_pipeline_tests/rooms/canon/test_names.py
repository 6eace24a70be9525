import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.canon.names import abbreviations, expand, foreign_words, is_word, name_tokens


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("patient_birth_date", ("patient", "birth", "date")),
        ("PatientBirthDate", ("patient", "birth", "date")),
        ("IDPatient", ("id", "patient")),
        ("CUSTOMERID", ("customer", "id")),
        ("dateofbirth", ("date", "of", "birth")),
        ("addr.line2", ("addr", "line", "2")),
        ("Straße", ("strasse",)),
        ("Größe", ("groesse",)),
        ("numéro", ("numero",)),
        ("Versichertenkarte", ("versicherten", "karte")),
        ("LEISTDAT", ("leist", "dat")),
        ("VERORDNR", ("verord", "nr")),
        ("zeitvon", ("zeit", "von")),
        ("eMail", ("email",)),
        ("價格", ("價格",)),
        ("Цена_2", ("цена", "2")),
        ("", ()),
        ('"; DROP TABLE x; --', ("drop", "table", "x")),
    ],
)
def test_a_name_is_cut_at_separators_humps_digits_and_word_seams(name, tokens):
    assert name_tokens(name) == tokens


def test_a_word_that_only_looks_like_a_compound_stays_whole():
    assert name_tokens("category") == ("category",)
    assert name_tokens("season") == ("season",)
    assert name_tokens("contrastart") == ("contrastart",)


def test_an_abbreviation_has_several_meanings_the_likeliest_first():
    assert expand("dr") == ("doctor", "drive", "debit")
    assert expand("dob") == ("date of birth",)


def test_foreign_words_and_their_abbreviations_are_translated():
    assert expand("geburtsdatum") == ("birth date",)
    assert expand("montant") == ("amount",)
    assert expand("cognome") == ("last name",)
    assert expand("fecha") == ("date",)


@pytest.mark.parametrize(
    ("token", "meaning"),
    [
        ("bezeichn", "name"),
        ("bundesl", "state"),
        ("rechng", "invoice"),
        ("krkasse", "health insurance company"),
        ("ortstl", "district"),
    ],
)
def test_a_shortened_foreign_word_is_read_as_the_word(token, meaning):
    assert expand(token) == (meaning,)


@pytest.mark.parametrize("token", ["four", "auto", "vent", "haart", "fasta", "respns", "dentl"])
def test_a_short_or_distant_likeness_is_no_shortening(token):
    assert expand(token) == ()


@pytest.mark.parametrize("token", ["scanner", "patent", "pharm", "contin", "appli", "gener"])
def test_what_may_be_english_is_not_read_as_short_for_a_foreign_word(token):
    assert expand(token) == ()


def test_usual_english_abbreviations_have_no_foreign_reading():
    assert expand("re") == ()
    assert expand("term") == ("terminal", "termination")
    assert expand("pos") == ("position", "positive", "point of sale")
    assert expand("dos") == ("date of service", "dosage")


@pytest.mark.parametrize(
    ("name", "tokens", "meanings"),
    [
        ("GEBDAT", ("geb", "dat"), ("birth", "date")),
        ("HAUSNR", ("haus", "nr"), ("house", "number")),
        ("ARZTNR", ("arzt", "nr"), ("physician", "number")),
        ("FACHR", ("fachr",), ("specialty",)),
        ("FAMSTAND", ("famstand",), ("marital status",)),
    ],
)
def test_a_short_german_header_is_read_from_its_parts_and_not_listed_whole(name, tokens, meanings):
    assert name_tokens(name) == tokens
    assert tuple(expand(token)[0] for token in tokens) == meanings
    assert name.lower() not in foreign_words()


def test_words_that_yaml_would_read_as_truth_values_stay_words():
    assert expand("no") == ("number",)
    assert name_tokens("no") == ("no",)


def test_an_unknown_token_has_no_meaning():
    assert expand("qqxz") == ()
    assert not is_word("qqxz")
    assert is_word("patient")


def test_every_listed_abbreviation_and_word_is_in_the_form_that_tokens_have():
    listed = [*abbreviations(), *foreign_words()]
    assert [token for token in listed if token != token.lower() or not token.isascii()] == []


@given(st.text(max_size=80))
def test_tokens_hold_letters_or_digits_and_no_capital(name):
    assert all(
        token and token == token.lower() and not set(token) & set(" _-.;") for token in name_tokens(name)
    )


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", max_size=30))
def test_the_letters_of_a_plain_name_survive_in_order(name):
    letters = iter(name)
    assert all(letter in letters for letter in "".join(name_tokens(name)))


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("lien_parente", "relationship"),
        ("Payé", "paid"),
        ("PRESCRIPTEUR", "prescriber"),
        ("malade", "patient"),
    ],
)
def test_a_french_word_is_read(name, meaning):
    assert meaning in [each for token in name_tokens(name) for each in expand(token)]
