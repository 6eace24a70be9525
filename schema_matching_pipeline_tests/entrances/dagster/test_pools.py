from __future__ import annotations

from schema_matching_pipeline.entrances.orchestration.pools import POOLS
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation


def test_the_pools_exist_before_the_first_run(installation: Installation):
    with installation.dagster() as instance:
        for pool in POOLS:
            instance.event_log_storage.delete_concurrency_limit(pool)
    with installation.dagster() as instance:
        assert instance.event_log_storage.get_concurrency_keys() == POOLS
