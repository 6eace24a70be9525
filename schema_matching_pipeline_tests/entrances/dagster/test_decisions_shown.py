"""What people decide shows on the timelines of the assets that it concerns, once, and who did."""

from __future__ import annotations

import dagster as dg
import pytest

from schema_matching_pipeline.entrances.orchestration.sensors import decisions
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation


@pytest.fixture
def look(installation: Installation):
    """Looks at what was decided since the look before: the observations, as what they say by asset and client."""
    cursor: list[str | None] = [None]

    def looked() -> list[tuple[str, str | None, str | None]]:
        with installation.dagster() as instance:
            context = dg.build_sensor_context(
                instance=instance, cursor=cursor[0], resources={"world": installation.world}
            )
            result = decisions(context)
        assert isinstance(result, dg.SensorResult)
        cursor[0] = result.cursor
        return [
            (event.asset_key.to_user_string(), event.partition, event.description)
            for event in result.asset_events
        ]

    return looked


def test_decisions_and_the_final_approval_are_told_once_with_who_made_them(installation: Installation, look):
    client = installation.add_client("observed")
    installation.propose(client)
    assert look() == []
    decided = installation.decide_all(client)
    told = [line for line in look() if line[1] == client]
    assert {asset for asset, _, _ in told} == {"mappings"}
    assert any(line[2].startswith("test:steward decided ") for line in told)
    assert sum(int(line[2].split()[2]) for line in told) >= decided
    assert look() == []
    installation.clear_queue(client)
    look()
    installation.approve(client)
    version = installation.gate(client).version
    assert look() == [
        ("published_mappings", client, f"test:steward approved version {version} for production.")
    ]
