"""What brings logins into the audit once they are answered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import structlog

from schema_matching_pipeline.errors import SmpError
from schema_matching_pipeline.workflows.carry_logins import carry_logins
from schema_matching_pipeline.workflows.world import World

_log = structlog.get_logger("smp.api")


class LoginCarrier:
    """One thread of its own: it alone waits where somebody holds the end of the audit, and none that answers requests.

    What it cannot bring, or does not come to since the process ends, the daemon brings later.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._thread = ThreadPoolExecutor(1, "logins")
        self._asked = Lock()

    def soon(self) -> None:
        """Asks for a round; many who ask before it begins get one together."""
        if self._asked.acquire(blocking=False):
            self._thread.submit(self._carry)

    def _carry(self) -> None:
        self._asked.release()  # whoever asks from now on may have come too late for this round
        try:
            carry_logins(self._world)
        except SmpError as fault:
            _log.warning("logins_not_carried", code=fault.code)
