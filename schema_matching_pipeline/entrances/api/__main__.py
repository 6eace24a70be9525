"""Serves the pages and the REST interface on loopback: ``python -m schema_matching_pipeline.entrances.api``."""

from __future__ import annotations

import uvicorn

from schema_matching_pipeline.entrances.api.app import create_app
from schema_matching_pipeline.runtime import build_world
from schema_matching_pipeline.settings import load_settings

LOOPBACK = "127.0.0.1"
PATIENCE_SECONDS = 5


def main() -> None:
    """Serves until asked to end."""
    settings = load_settings()
    app = create_app(build_world(settings), settings)
    uvicorn.run(
        app,
        host=LOOPBACK,
        port=settings.desk_port,
        access_log=False,  # every request is a line of our own, with its trace
        server_header=False,
        timeout_graceful_shutdown=PATIENCE_SECONDS,
    )


if __name__ == "__main__":
    main()
