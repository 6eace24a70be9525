"""One embedded PostgreSQL a test run, and a fresh, migrated database for each test that asks for one."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from schema_matching_pipeline.registry.embedded import APPLICATION, OWNER, SUPERUSER, EmbeddedServer
from schema_matching_pipeline.registry.migrate import migrate
from schema_matching_pipeline.registry.system_account import system_account
from schema_matching_pipeline_tests.registry.people import remember_owner

# A busy machine is no failure of the code under test.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

TEMPLATE = "smp_template"
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of a name of its own in it
MEMORY_NEEDED_BYTES = 2**30
_numbers = count(1)


class RegistryDatabase(NamedTuple):
    """One migrated, empty registry; each URL is for one role."""

    app_url: str
    owner_url: str
    superuser_url: str


@pytest.fixture(scope="session")
def _memory() -> Iterator[Path | None]:
    """A folder in memory that the server may write to, where there is room for one."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < MEMORY_NEEDED_BYTES:
        yield None
        return
    with TemporaryDirectory(prefix="smp_test_", dir=MEMORY) as folder:
        if account := system_account():
            os.chown(folder, account.uid, account.gid)
        yield Path(folder)


@pytest.fixture(scope="session")
def embedded_server(
    _memory: Path | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmbeddedServer]:
    """A running server in a home of its own; every worker of a parallel run has one."""
    server = EmbeddedServer(Path(tmp_path_factory.mktemp("smp_home")), durable=False)
    server.ensure_running()
    yield server
    server.destroy()


@pytest.fixture(scope="session")
def _template(embedded_server: EmbeddedServer, _memory: Path | None) -> str:
    """The database of which each test gets a copy.

    Copies lie where it lies, at best in memory: ext4 is slow to make files where many were just removed, so that
    a copy took ten times as long after some tests as at first.
    """
    migrate(embedded_server.create_database(TEMPLATE))
    if _memory:
        url = embedded_server.url(SUPERUSER, "postgres").replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            place = sql.Literal(str(_memory))
            connection.execute(sql.SQL("CREATE TABLESPACE memory LOCATION {}").format(place))
            connection.execute(f"ALTER DATABASE {TEMPLATE} SET TABLESPACE memory")
    return TEMPLATE


@pytest.fixture
def registry_database(embedded_server: EmbeddedServer, _template: str) -> Iterator[RegistryDatabase]:
    """A migrated registry that no other test sees."""
    yield from _fresh_registry(embedded_server, _template)


@pytest.fixture(scope="module")
def module_registry(embedded_server: EmbeddedServer, _template: str) -> Iterator[RegistryDatabase]:
    """A migrated registry that the tests of one file share: for those that leave nothing behind."""
    yield from _fresh_registry(embedded_server, _template)


def _fresh_registry(server: EmbeddedServer, template: str) -> Iterator[RegistryDatabase]:
    name = f"smp_test_{next(_numbers)}"
    server.create_database(name, template=template)
    made = RegistryDatabase(*(server.url(role, name) for role in (APPLICATION, OWNER, SUPERUSER)))
    remember_owner(made.app_url, made.owner_url)
    yield made
    server.drop_database(name)


@pytest.fixture
def empty_database(embedded_server: EmbeddedServer) -> Iterator[str]:
    """The owner's URL of a database that nothing was migrated into."""
    name = f"smp_test_{next(_numbers)}"
    yield embedded_server.create_database(name)
    embedded_server.drop_database(name)


@pytest.fixture
def app_url(registry_database: RegistryDatabase) -> str:
    """A fresh registry, as the application role."""
    return registry_database.app_url


@pytest.fixture
def owner_url(registry_database: RegistryDatabase) -> str:
    """The same registry, as its owner."""
    return registry_database.owner_url


LONGEST = ("test_running_installation.py", "test_demo.py", "test_bad_inputs.py")
"""What takes longest: the first mostly waits for a daemon, beside the second, which wants more than one core."""


UNTRACED = frozenset(
    (
        "cli",
        "dagster",
        "registry",
        "test_demo.py",
        "test_end_to_end.py",
        "test_review_in_browser.py",
    )
)
TRACED = frozenset(("test_json.py", "test_review_shown.py"))
"""Folders and files whose tests take code that others ask too, and those of them that are traced all the same.

Tracing doubles what Python does in a test, and half of a run is Python. Each command of the terminal is asked once in
what is traced, and the registry by what the desk and the workflows do in it. Of a test with many cases the first one is
traced: the others hardly ever take another way.
"""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first, then the entrances: a parallel run should not end waiting for one of them."""
    items.sort(key=_place)
    seen: set[str] = set()
    for item in sorted(items, key=lambda item: item.nodeid):
        case_of, _, _ = item.nodeid.partition("[")
        elsewhere = case_of in seen or not UNTRACED.isdisjoint((item.path.parent.name, item.path.name))
        seen.add(case_of)
        if elsewhere and item.path.name not in TRACED:
            item.add_marker(pytest.mark.no_cover)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Traces what is set up for a test no more than the test itself."""
    tracing = item.config.pluginmanager.get_plugin("_cov") if item.get_closest_marker("no_cover") else None
    control = getattr(tracing, "cov_controller", None)
    if control:
        control.pause()
    try:
        yield
    finally:
        if control:
            control.resume()


def _place(item: pytest.Item) -> tuple[int, bool]:
    name = item.path.name
    return LONGEST.index(name) if name in LONGEST else len(LONGEST), "entrances" not in item.path.parts


SHARED = Path(os.environ.get("SMP_SHARED") or Path(__file__).parents[2] / "shared")


@pytest.fixture(scope="session")
def shared_clients() -> Path:
    """Real client databases with known truth, which are not part of the project."""
    folder = SHARED / "clients"
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}; name it in SMP_SHARED")
    return folder


def pytest_collection_finish() -> None:
    """What importing and collecting left lives to the end: the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """At the end it must, or the C extensions complain of what they find."""
    gc.unfreeze()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A test without its server is skipped on a plain machine; where the variable is set, it fails instead."""
    if (
        report.skipped
        and os.environ.get("SMP_TESTS_MAY_NOT_SKIP")
        and "not installed" in str(report.longrepr)
    ):
        report.outcome = "failed"
        report.longrepr = f"skipped where everything is installed: {report.longrepr}"
