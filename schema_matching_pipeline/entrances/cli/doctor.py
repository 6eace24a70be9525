"""``smp doctor``: is the installation sound."""

from __future__ import annotations

import errno
import os

from rich.console import Console
from typer import Exit

from schema_matching_pipeline.entrances.cli.exit_codes import ExitCode
from schema_matching_pipeline.entrances.cli.identity import settings
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, table
from schema_matching_pipeline.errors import SmpError
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.runtime import (
    build_world,
    command_line_actor,
    knows_who_acts,
    read_trust_file,
)
from schema_matching_pipeline.settings import Settings
from schema_matching_pipeline.workflows.show_trust import unknown_everywhere
from schema_matching_pipeline.workflows.world import World


class Examination(Frozen):
    """One thing looked at: whether it is sound, and what was seen or is to be done."""

    name: str
    sound: bool
    message: str


def doctor(as_json: AsJson = False) -> None:
    """Examine the installation: home, key, trust file, database, role, audit, daemon; exit code 1 when one is unsound."""
    found = examine(settings())

    def show(console: Console) -> None:
        rows = [("ok" if e.sound else "UNSOUND", e.name, e.message) for e in found]
        console.print(table("Installation", ("", "what", "seen"), rows))

    emit(found, as_json, show)
    if not all(examination.sound for examination in found):
        raise Exit(ExitCode.FAULT)


def examine(known: Settings) -> tuple[Examination, ...]:
    """Every examination; one that cannot be made because an earlier one failed is left out."""
    from schema_matching_pipeline.entrances.orchestration.liveness import daemon_is_alive  # loads Dagster

    found = [_home(known), _nightly(known), _trust(known)]
    if not found[-1].sound:
        return tuple(found)
    try:
        world = build_world(known)
    except SmpError as error:
        return (*found, Examination(name="registry", sound=False, message=str(error)))
    kind = "embedded PostgreSQL" if known.embedded else "external PostgreSQL"
    found.append(
        Examination(
            name="registry",
            sound=True,
            message=f"{kind} answers, migrated; the application role cannot get round the gate",
        )
    )
    found.append(_person(known, world))
    if found[-1].sound and knows_who_acts(known):
        found.append(_risk_classes(known, world))
    audit = world.registry.verify_audit(world.registry.tenant_by_name(known.tenant))
    found.append(Examination(name="audit", sound=audit.intact, message=audit.message))
    alive = daemon_is_alive(known)
    daemon = (
        "runs"
        if alive
        else "does not run; `smp onboard` works in process, sensors and schedules need `smp up`"
    )
    found.append(Examination(name="daemon", sound=True, message=daemon))
    model = "configured" if world.model else "none; the rules work alone"
    found.append(Examination(name="language model", sound=True, message=model))
    return tuple(found)


def _person(known: Settings, world: World) -> Examination:
    if not knows_who_acts(known):
        message = "nobody is named: people set SMP_USER and SMP_API_KEY; the first one is made by `smp user add LOGIN --role admin`"
        return Examination(name="person", sound=True, message=message)
    try:
        actor = command_line_actor(known, world)
    except SmpError as error:
        return Examination(name="person", sound=False, message=str(error))
    return Examination(name="person", sound=True, message=f"{actor.login} ({actor.role})")


def _risk_classes(known: Settings, world: World) -> Examination:
    """An entity that no model has leaves the one that was meant in another class, without a word."""
    misspelt = unknown_everywhere(world, command_line_actor(known, world))
    message = " ".join(misspelt) or "every entity they name is one of a canonical model"
    return Examination(name="risk classes", sound=not misspelt, message=message)


def _home(known: Settings) -> Examination:
    """Whether the home can be used; it is made where it is not there yet, as any other command would."""
    home = known.home.absolute()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(home, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        message = f"{home} cannot be used ({error.strerror}). Name another one in SMP_HOME."
        return Examination(name="home", sound=False, message=message)
    loose = home.stat().st_mode & 0o022
    message = f"{home} can be written by others; run: chmod go-w {home}" if loose else str(home)
    return Examination(name="home", sound=not loose, message=message)


def _nightly(known: Settings) -> Examination:
    from schema_matching_pipeline.entrances.orchestration.schedules import require_schedule  # loads Dagster

    try:
        require_schedule(known.nightly_cron, known.timezone)
    except SmpError as error:
        return Examination(name="nightly run", sound=False, message=str(error))
    return Examination(name="nightly run", sound=True, message=f"{known.nightly_cron} {known.timezone}")


def _trust(known: Settings) -> Examination:
    try:
        trust = read_trust_file(known)
    except SmpError as error:
        return Examination(name="trust file", sound=False, message=str(error))
    return Examination(
        name="trust file", sound=True, message=f"default profile {trust.default_trust_profile}"
    )
