"""Lines that were signed: any change of them shows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.canon.signed_lines import broken, signed
from schema_matching_pipeline.registry.encryption import SecretBox

SIGN, ANOTHER = SecretBox(bytes(32)).sign, SecretBox(bytes(range(32))).sign
LINES = st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])), max_size=6)


def judged(lines):
    seal, trouble = broken(lines)
    assert seal is not None
    return seal, trouble


@given(LINES)
def test_what_was_signed_is_whole(lines):
    seal, trouble = judged(signed(lines, SIGN))
    assert (seal.lines, trouble) == (len(lines), None)


@given(LINES.filter(bool), st.data())
def test_any_change_of_a_line_shows(lines, data):
    whole = list(signed(lines, SIGN))
    place = data.draw(st.integers(0, len(lines) - 1))
    changes = {
        "edited": [*whole[:place], whole[place] + "x", *whole[place + 1 :]],
        "removed": whole[:place] + whole[place + 1 :],
        "added": [*whole[:place], "", *whole[place:]],
        "cut off": whole[:-1],
        "signed by hand": [
            *whole[:place],
            whole[place] + "x",
            *whole[place + 1 : -1],
            *list(signed([], SIGN)),
        ],
    }
    if place + 1 < len(lines) and whole[place] != whole[place + 1]:
        changes["swapped"] = [*whole[:place], whole[place + 1], whole[place], *whole[place + 2 :]]
    assert [how for how, changed in changes.items() if broken(changed)[1] is None] == []


def test_a_seal_is_of_the_key_that_it_names():
    (ours, _), (theirs, trouble) = judged(signed(["a"], SIGN)), judged(signed(["a"], ANOTHER))
    assert trouble is None
    assert ours.key != theirs.key
    line, seal = signed(["a"], ANOTHER)
    _, forged = judged([line, seal.replace(theirs.key, ours.key)])
    assert "not what was signed" in str(forged)
