import pytest

from schema_matching_pipeline.canon.representation import Representation, announced


@pytest.mark.parametrize(
    ("name", "description", "form"),
    [
        ("x", "The number of visits.", Representation.COUNT),
        ("x", "Time interval between two visits.", Representation.COUNT),
        ("x", "Numeric value of the dose.", Representation.MEASURE),
        ("x", "Yes/no indicator that somebody smokes.", Representation.INDICATOR),
        ("x", "Text term used to indicate whether somebody smokes.", Representation.INDICATOR),
        ("x", "Dates of birth.", Representation.DATE),
        ("x", "Day of the first visit.", Representation.DATE),
        ("x", "Code of the disease.", Representation.CODE),
        ("x", "Unique identifier of the visit.", Representation.IDENTIFIER),
        ("x", "Free-text remark.", Representation.TEXT),
        ("licence_id", "Number of the licence.", Representation.IDENTIFIER),
        ("paid_amt", "What was paid.", Representation.MEASURE),
        ("GEBDAT", "", Representation.DATE),
        ("aktiv_flag", "", Representation.INDICATOR),
        ("x", "How far it has spread, especially whether it left its site.", None),
        ("xq_7", "", None),
    ],
)
def test_a_description_announces_a_form_else_the_name_does(name, description, form):
    assert announced(name, description) is form


def test_what_a_description_says_late_announces_nothing():
    assert (
        announced("x", f"{'Something that somebody told at some other place. ' * 3}Number of visits.") is None
    )
