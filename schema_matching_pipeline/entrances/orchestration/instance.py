"""Dagster's instance: its folder and its configuration, made from one packaged source."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.pools import POOLS

_PACKAGED = files("schema_matching_pipeline.entrances.orchestration") / "instance"
CONFIGURATION = ("dagster.yaml", "workspace.yaml")


def write_instance_config(dagster_home: Path) -> Path:
    """Brings Dagster's folder up to the packaged configuration; the workspace file in it.

    A file that is right already is left alone, and a changed one is replaced at once, because a daemon may be
    reading it.
    """
    dagster_home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in CONFIGURATION:
        _replace(dagster_home / name, (_PACKAGED / name).read_text(encoding="utf-8"))
    return dagster_home / "workspace.yaml"


def _replace(path: Path, text: str) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


@contextmanager
def open_instance(dagster_home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance of that folder, configured; its connections are closed when the block ends."""
    write_instance_config(dagster_home)
    with dg.DagsterInstance.from_config(str(dagster_home)) as instance:
        _ensure_pools(instance)
        yield instance


def _ensure_pools(instance: dg.DagsterInstance) -> None:
    """Makes the pools before any run needs them.

    Left to itself, Dagster makes a pool at its first use, and of two runs that do so at once one fails.
    """
    storage = instance.event_log_storage
    for pool in POOLS - storage.get_concurrency_keys():
        try:
            storage.initialize_concurrency_limit_to_default(pool)
        except Exception:
            if pool not in storage.get_concurrency_keys():
                raise
