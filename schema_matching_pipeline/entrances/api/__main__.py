"""Serves the pages and the REST interface on loopback: ``python -m schema_matching_pipeline.entrances.api``."""

from __future__ import annotations

import uvicorn

from schema_matching_pipeline.entrances.api.shared_figures import share_figures
from schema_matching_pipeline.settings import load_settings

LOOPBACK = "127.0.0.1"
PATIENCE_SECONDS = 5
KEPT_OPEN_SECONDS = 75
"""Longer than proxies and programs keep a connection that they may use again: one that ended meanwhile loses a request."""


def main() -> None:
    """Serves until asked to end."""
    settings = load_settings()
    if settings.desk_workers > 1:
        share_figures(settings.home.absolute() / "figures")
    uvicorn.run(
        "schema_matching_pipeline.entrances.api.served:served",
        factory=True,
        workers=settings.desk_workers,
        host=LOOPBACK,
        port=settings.desk_port,
        access_log=False,  # every request is a line of our own, with its trace
        server_header=False,
        timeout_graceful_shutdown=PATIENCE_SECONDS,
        timeout_keep_alive=KEPT_OPEN_SECONDS,
    )


if __name__ == "__main__":
    main()
