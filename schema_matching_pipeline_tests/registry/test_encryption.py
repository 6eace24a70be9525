import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.errors import SecretKeyError
from schema_matching_pipeline.registry.encryption import KEY_BYTES, Sealed, SecretBox, key_id

KEY = bytes(range(KEY_BYTES))
OTHER = bytes(range(1, KEY_BYTES + 1))


@given(secret=st.binary(max_size=200), context=st.text(max_size=40))
def test_what_is_sealed_opens_with_the_same_key_and_context(secret, context):
    box = SecretBox(KEY)
    assert box.open(box.seal(secret, context), context) == secret


def test_a_sealed_text_does_not_show_the_secret_and_never_repeats():
    box = SecretBox(KEY)
    first, second = box.seal(b"hunter2-hunter2", "here"), box.seal(b"hunter2-hunter2", "here")
    assert b"hunter2" not in first.blob
    assert first.blob != second.blob
    assert first.key_id == key_id(KEY)


def test_another_key_fails_closed_and_names_the_wanted_one():
    sealed = SecretBox(KEY).seal(b"secret", "here")
    with pytest.raises(SecretKeyError, match=key_id(KEY)):
        SecretBox(OTHER).open(sealed, "here")


def test_a_sealed_text_moved_to_another_place_does_not_open():
    box = SecretBox(KEY)
    with pytest.raises(SecretKeyError, match="changed or moved"):
        box.open(box.seal(b"secret", "here"), "there")


@pytest.mark.parametrize("at", [0, 12, -1], ids=["nonce", "text", "tag"])
def test_one_changed_bit_is_noticed(at):
    box = SecretBox(KEY)
    blob = bytearray(box.seal(b"secret", "here").blob)
    blob[at] ^= 1
    with pytest.raises(SecretKeyError, match="changed or moved"):
        box.open(Sealed(key_id(KEY), bytes(blob)), "here")


def test_a_blob_too_short_to_hold_anything_is_refused():
    with pytest.raises(SecretKeyError, match="changed or moved"):
        SecretBox(KEY).open(Sealed(key_id(KEY), b"short"), "here")


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_size_is_refused(size):
    with pytest.raises(SecretKeyError, match=f"has {size} bytes"):
        SecretBox(b"k" * size)
