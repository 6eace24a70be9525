"""Files that come or change start their client's pipeline, where the installation watches them."""

# No postponed annotations here: Dagster reads the contexts' types as objects.
import time
from collections.abc import Sequence

import dagster as dg
from pydantic import TypeAdapter

from schema_matching_pipeline.entrances.orchestration.jobs import propose
from schema_matching_pipeline.entrances.orchestration.partitions import CLIENTS_NAME
from schema_matching_pipeline.entrances.orchestration.sensors import registry_may_move
from schema_matching_pipeline.entrances.orchestration.tags import CHANGED, KIND, tags_back
from schema_matching_pipeline.model.pipeline import RequestKind
from schema_matching_pipeline.workflows.run_state import was_begun
from schema_matching_pipeline.workflows.watch_sources import Watched, listing_marks
from schema_matching_pipeline.workflows.world import World

LISTING_SECONDS = 30.0
"""How long one look lists files; Dagster ends a look after a minute, and those who are left come first in the next."""
_KNOWN = TypeAdapter(dict[str, Watched])


def changed_files(seconds: int) -> dg.SensorDefinition:
    """A sensor that looks so often at the files of every active client, and starts those whose files changed and rest."""

    @dg.sensor(
        name="changed_files",
        job=propose,
        minimum_interval_seconds=seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Lists the files of clients, reads none, and profiles again whose files came or changed.",
    )
    def sensor(context: dg.SensorEvaluationContext, world: dg.ResourceParam[World]) -> dg.SensorResult:
        known = _KNOWN.validate_json(context.cursor) if context.cursor else {}
        due: list[dg.RunRequest] = []
        with registry_may_move():
            there = set(context.instance.get_dynamic_partitions(CLIENTS_NAME))
            clients = [
                slug for slug, _tenant, active in world.registry.all_clients() if active and slug in there
            ]
            begun = time.monotonic()
            for client, mark in listing_marks(world, _waiting_longest_first(clients, known)):
                before = known.pop(client, None)
                now = before.next(mark) if before else Watched.first(mark)
                if now.is_due and not was_begun(world, client):
                    now = Watched.first(mark)  # its first run will read them as they are
                if now.is_due:
                    now = now.read
                    due.append(_run(client, now, world.desk_address))
                known[client] = now  # behind all others
                if time.monotonic() - begun > LISTING_SECONDS:
                    break
        left = {client: watched for client, watched in known.items() if client in clients}
        return dg.SensorResult(run_requests=due, cursor=_KNOWN.dump_json(left).decode())

    return sensor


def _waiting_longest_first(clients: Sequence[str], known: dict[str, Watched]) -> list[str]:
    """New ones first, then those whose turn is longest ago.

    >>> _waiting_longest_first(["a", "b", "c"], {"b": Watched.first("x"), "a": Watched.first("x")})
    ['c', 'b', 'a']
    """
    order = list(known)
    return sorted(clients, key=lambda client: order.index(client) if client in known else -1)


def _run(client: str, watched: Watched, desk: str) -> dg.RunRequest:
    """Dagster launches a key once: a look that is repeated after a crash starts nothing again."""
    return dg.RunRequest(
        run_key=f"changed:{client}:{watched.changes}:{watched.known}",
        partition_key=client,
        tags={
            KIND: str(RequestKind.REPROFILE),
            CHANGED: "files",
            **tags_back(client, desk, trace_id=None),
        },
    )
