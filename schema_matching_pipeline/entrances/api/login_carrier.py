"""What brings logins into the audit once they are answered."""

from __future__ import annotations

from threading import Lock, Thread

import structlog

from schema_matching_pipeline.errors import way_of
from schema_matching_pipeline.workflows.carry_logins import carry_logins
from schema_matching_pipeline.workflows.world import World

_log = structlog.get_logger("smp.api")


class LoginCarrier:
    """Threads of its own: they alone wait where somebody holds the end of the audit, and none that answers requests.

    One carries and at most one waits for its turn; the process ends without waiting for either. What they cannot bring,
    or do not come to, the daemon brings later.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._asked, self._turn = Lock(), Lock()

    def soon(self) -> None:
        """Asks for a round; many who ask before it begins get one together."""
        if self._asked.acquire(blocking=False):
            Thread(target=self._carry, name="logins", daemon=True).start()

    def _carry(self) -> None:
        with self._turn:
            self._asked.release()  # whoever asks from now on may have come too late for this round
            try:
                carry_logins(self._world)
            except Exception as fault:  # noqa: BLE001 - nobody waits for the thread who could be told
                code = getattr(fault, "code", "INTERNAL_ERROR")
                kind = type(fault).__name__
                _log.error("logins_not_carried", code=code, kind=kind, way=way_of(fault))
