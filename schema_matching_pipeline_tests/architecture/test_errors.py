from __future__ import annotations

import pickle

import pytest

from schema_matching_pipeline.errors import RunFailedError, SmpError, UnknownNameError

FAULTS: list[SmpError] = [
    RunFailedError("acme", "mappings", "SOURCE_REFUSED", "The password is wrong."),
    UnknownNameError("client", "amce", ["acme", "other"]),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code)
def test_a_fault_crosses_to_another_process_with_its_message_and_its_facts(fault):
    arrived = pickle.loads(pickle.dumps(fault))  # noqa: S301 - our own bytes
    assert (type(arrived), str(arrived), vars(arrived)) == (type(fault), str(fault), vars(fault))
