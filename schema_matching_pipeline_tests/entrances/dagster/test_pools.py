from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from schema_matching_pipeline.entrances.orchestration.pools import POOLS
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation


def test_the_pools_exist_before_the_first_run_however_many_open_the_instance_at_once(
    installation: Installation,
):
    with installation.dagster() as instance:
        for pool in POOLS:
            instance.event_log_storage.delete_concurrency_limit(pool)

    def pools(_turn: int) -> set[str]:
        with installation.dagster() as instance:
            return set(instance.event_log_storage.get_concurrency_keys())

    with ThreadPoolExecutor(4) as openers:
        assert all(found == POOLS for found in openers.map(pools, range(4)))
