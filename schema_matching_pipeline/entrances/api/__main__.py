"""Serves the pages and the REST interface on loopback: ``python -m schema_matching_pipeline.entrances.api``."""

from __future__ import annotations

import os
import shutil

import uvicorn

from schema_matching_pipeline.settings import Settings, load_settings

LOOPBACK = "127.0.0.1"
PATIENCE_SECONDS = 5
KEPT_OPEN_SECONDS = 75
"""Longer than proxies and programs keep a connection that they may use again: one that ended meanwhile loses a request."""
FIGURES = "PROMETHEUS_MULTIPROC_DIR"
"""Where several processes keep their figures for each other; the library looks for it when it is first loaded."""


def main() -> None:
    """Serves until asked to end."""
    settings = load_settings()
    if settings.desk_workers > 1:
        _share_figures(settings)
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


def _share_figures(settings: Settings) -> None:
    """Makes an empty place for the figures of the processes that are to serve; those of earlier ones count no more."""
    place = settings.home.absolute() / "figures"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700, parents=True)
    os.environ[FIGURES] = str(place)


if __name__ == "__main__":
    main()
