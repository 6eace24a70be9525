"""When an onboarding is over: what is published, and what waits since."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.entrances.cli.onboard import is_done
from schema_matching_pipeline.model.review import GateState, HoldingItem

WAITING = HoldingItem(kind="mapping", what="a.b to c.d", needed="a decision", who="a steward", item_id="i1")


@pytest.mark.parametrize(
    ("version", "published", "waiting", "done"),
    [(None, None, (), False), (2, 1, (), False), (2, 2, (), True), (2, 2, (WAITING,), False)],
    ids=["nothing proposed", "newer than published", "published", "published, and asked about since"],
)
def test_an_onboarding_is_over_once_all_is_published_and_nothing_waits(version, published, waiting, done):
    gate = GateState(
        client="acme",
        version=version,
        digest=None,
        validated=True,
        approved=True,
        published_version=published,
        holding_review=waiting,
    )
    assert is_done(gate) is done
