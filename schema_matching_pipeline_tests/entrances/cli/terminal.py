"""A person at a terminal: commands of the real ``smp``, in this process for speed or in one of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from schema_matching_pipeline.entrances.cli import identity
from schema_matching_pipeline.entrances.cli.main import main

SMP = Path(sys.executable).parent / "smp"
LONGEST_COMMAND_SECONDS = 300


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its answer as a program reads it."""
        return json.loads(self.out)

    @property
    def fault(self) -> dict[str, Any]:
        """Its fault as a program reads it."""
        return dict(json.loads(self.err)["error"])


@dataclass(frozen=True)
class Terminal:
    """One SMP_HOME with its own embedded server, and a working folder."""

    home: Path
    folder: Path
    tenant: str = "default"
    names: count[int] = field(default_factory=lambda: count(1))

    def __call__(self, *words: object, typed: str = "", **settings: object) -> Said:
        """The command in this process; ``settings`` are variables of the environment for it alone."""
        return run_here(self.environment(settings), self.folder, *words, typed=typed)

    def process(self, *words: object, **settings: object) -> Said:
        """The command as a program of its own, as a shell starts it."""
        ended = subprocess.run(
            [SMP, *map(str, words)],
            env=self.environment(settings),
            cwd=self.folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=LONGEST_COMMAND_SECONDS,
            check=False,
        )
        return Said(ended.returncode, ended.stdout, ended.stderr)

    @property
    def trust_file(self) -> Path:
        """Where the installation's trust configuration stands."""
        return self.folder / "schema-matching.yml"

    def of(self, tenant: str) -> Terminal:
        """The same installation in another tenant: what is decided and learned there is learned nowhere else."""
        return replace(self, tenant=tenant)

    def environment(self, settings: Mapping[str, object]) -> dict[str, str]:
        """What a command of this installation is told."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("SMP_") and name != "COLUMNS"
        }
        return {
            **inherited,
            "SMP_HOME": str(self.home),
            "SMP_TENANT": self.tenant,
            "SMP_TRUST_FILE": str(self.trust_file),
            **{name: str(value) for name, value in settings.items()},
        }

    def added(self, source: object, *, name: str = "client") -> str:
        """A new client that nothing was done with yet; its slug."""
        slug = f"{name}-{next(self.names)}"
        added = self("client", "add", slug, "--source", source, "--trust-profile", "conservative")
        assert added.code == 0, added.err
        return slug

    def onboarded(self, source: object, *, name: str = "client") -> str:
        """A new client that was taken up to its first gate; its slug."""
        slug = self.added(source, name=name)
        assert self("onboard", slug).code == 3
        return slug

    def decide_all(self, client: str, *, leaving: str = "") -> None:
        """Decides everything that waits, and what a decision brings: flagged columns go, the rest is right.

        Items of the kind ``leaving`` are left.
        """
        while undecided := [
            item for item in self.waiting(client) if item["state"] == "open" and item["kind"] != leaving
        ]:
            for item in undecided:
                words = (
                    ("override", item["id"], "--exclude")
                    if item["kind"] == "quality"
                    else ("approve", item["id"])
                    if item["kind"] == "validation" or item["target"]
                    else ("override", item["id"], "--nothing")
                )
                decided = self("review", *words, "--reason", "looked at")
                assert decided.code == 0, decided.err

    def waiting(self, client: str) -> list[dict[str, Any]]:
        """The client's review items that hold its gate."""
        listed = self("review", "list", client, "--size", 1000, "--json").json["items"]
        return [line["item"] for line in listed if line["item"]["state"] != "spot_check"]


def run_here(environment: Mapping[str, str], folder: Path, *words: object, typed: str = "") -> Said:
    """The command in this process, in that environment and folder and no other."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, chdir(folder):
        for name in set(os.environ) - set(environment):
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["smp", *map(str, words)])
        patch.setattr(sys, "stdin", io.StringIO(typed))
        _forget_if_other(environment)
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
    return Said(int(ended.value.code or 0), out.getvalue(), err.getvalue())


_worlds: dict[str, str] = {}


def _forget_if_other(environment: Mapping[str, str]) -> None:
    """The settings and the world of a process are read once; a command with other settings is another process."""
    told = {name: value for name, value in environment.items() if name.startswith("SMP_")}
    if told != _worlds:
        _worlds.clear()
        _worlds.update(told)
        identity.settings.cache_clear()
        identity.world.cache_clear()
