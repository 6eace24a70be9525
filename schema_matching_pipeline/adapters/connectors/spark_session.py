"""Sessions of Spark: one cluster at a time in a process, shared by all who read from it, left by the last.

Spark knows one cluster a process. A second source of the same cluster shares it; one of another cluster has to
wait until nobody reads from the first any more, and is told so. What somebody else began is left running.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from schema_matching_pipeline.adapters.connectors.engine_faults import translated_engine
from schema_matching_pipeline.adapters.connectors.faults import Trouble, fault
from schema_matching_pipeline.errors import SourceUnreachableError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Names of columns differ by their case alone in some Parquet files; rows come as Arrow batches.
_ALWAYS = {
    "spark.app.name": "schema-matching-pipeline",
    "spark.sql.caseSensitive": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
# A cluster on this machine is nobody else's business.
_LOCAL = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


@dataclass(slots=True)
class _Shared:
    """The session of this process, its cluster and how many read from it."""

    lock: Lock = field(default_factory=Lock)
    session: SparkSession | None = None
    master: str | None = None
    users: int = 0
    is_ours: bool = False


_SHARED = _Shared()


@contextmanager
def spark_session(master: str | None, settings: Mapping[str, str], place: str) -> Iterator[SparkSession]:
    """A session of one's own with a cluster, until the block ends; without a ``master`` the one Spark is set up for.

    Its views are seen by nobody else; options that Spark reads once count for the first who comes.

    Raises:
        SourceError: there is no Java, the cluster does not answer, or this process is busy with another one.
    """
    _check_java(place)
    with _SHARED.lock:
        if _SHARED.users and _SHARED.master != master:
            raise SourceUnreachableError(
                f"{place} has to wait: this process still reads from another Spark cluster, and Spark knows one at a time. Try again later.",
                source=place,
                reason=str(Trouble.LOCKED),
            )
        session = _SHARED.session or _begin(master, settings, place)
        _SHARED.users += 1
    try:
        yield _own_session(session, settings, place)
    finally:
        with _SHARED.lock:
            _SHARED.users -= 1
            if not _SHARED.users:
                _end()


def _check_java(place: str) -> None:
    home = os.environ.get("JAVA_HOME")
    if not shutil.which("java") and not (home and (Path(home) / "bin" / "java").exists()):
        hint = "Spark runs on Java 17 or 21: install it, or name its folder in JAVA_HOME."
        raise fault(Trouble.MISSING_DRIVER, place, hint=hint)


def _begin(master: str | None, settings: Mapping[str, str], place: str) -> SparkSession:
    with translated_engine(place):
        from pyspark.sql import SparkSession

        is_ours = SparkSession.getActiveSession() is None
        builder = SparkSession.builder
        if master:
            builder = builder.master(master)
        local = _LOCAL if (master or "").startswith("local") else {}
        for name, value in {**_ALWAYS, **local, **settings}.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
    _SHARED.session, _SHARED.master, _SHARED.is_ours = session, master, is_ours
    return session


def _own_session(session: SparkSession, settings: Mapping[str, str], place: str) -> SparkSession:
    with translated_engine(place):
        own = session.newSession()
        for name, value in settings.items():
            if own.conf.isModifiable(name):
                own.conf.set(name, value)
    return own


def _end() -> None:
    session, _SHARED.session = _SHARED.session, None
    if session is not None and _SHARED.is_ours:
        session.stop()
