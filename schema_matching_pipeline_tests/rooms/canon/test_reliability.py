import pytest

from schema_matching_pipeline.canon.reliability import calibration_error, reliability_of
from schema_matching_pipeline.model.reliability import JudgedSuggestion


def test_calibration_error_is_the_mean_distance_over_bins():
    judged = [JudgedSuggestion(confidence=0.95, right=True)] * 3 + [
        JudgedSuggestion(confidence=0.05, right=True)
    ]
    assert calibration_error(reliability_of(judged)) == pytest.approx((3 * 0.05 + 0.95) / 4)
    assert calibration_error(()) == 0.0


def test_full_confidence_belongs_to_the_highest_bin():
    (found,) = reliability_of([JudgedSuggestion(confidence=1.0, right=True)])
    assert (found.low, found.count, found.right) == (0.9, 1, 1)
