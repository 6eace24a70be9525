"""Where the processes that serve the desk keep their figures for each other, so that any of them tells of all.

The library of Prometheus looks for the place when it is first loaded, which is why it is named before the app is.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psutil

_PLACE = "PROMETHEUS_MULTIPROC_DIR"


def share_figures(place: Path) -> None:
    """Makes the place, empty, for this process and those that it starts; figures of earlier ones count no more."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700, parents=True)
    os.environ[_PLACE] = str(place)


def are_shared() -> bool:
    """Whether there is such a place."""
    return _PLACE in os.environ


def forget_the_dead() -> None:
    """Takes away what processes that are gone were at; what they had done by then still counts."""
    if not are_shared():
        return
    for kept in Path(os.environ[_PLACE]).glob("gauge_live*_*.db"):
        if not psutil.pid_exists(int(kept.stem.rpartition("_")[2])):
            kept.unlink(missing_ok=True)
