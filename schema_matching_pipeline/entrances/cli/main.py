"""``smp``: every command, and what its exit code means."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from traceback import extract_tb

import structlog
import typer
from typer import Abort
from typer._click.exceptions import ClickException

from schema_matching_pipeline import __version__
from schema_matching_pipeline.entrances.cli import (
    audit,
    canonical,
    client,
    database,
    doctor,
    erasure,
    llm,
    notify,
    release,
    review,
    run,
    source,
    user,
    user_key,
    values,
)
from schema_matching_pipeline.entrances.cli.bench import bench
from schema_matching_pipeline.entrances.cli.demo_command import demo
from schema_matching_pipeline.entrances.cli.desk import desk
from schema_matching_pipeline.entrances.cli.exit_codes import ExitCode, exit_code_of
from schema_matching_pipeline.entrances.cli.explain import explain
from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import settings, trace_id
from schema_matching_pipeline.entrances.cli.mappings import mappings
from schema_matching_pipeline.entrances.cli.match import match
from schema_matching_pipeline.entrances.cli.onboard import approve, onboard
from schema_matching_pipeline.entrances.cli.output import prepare_streams, report_fault
from schema_matching_pipeline.entrances.cli.profile import profile
from schema_matching_pipeline.entrances.cli.similar import similar
from schema_matching_pipeline.entrances.cli.status import status
from schema_matching_pipeline.entrances.cli.trust import trust
from schema_matching_pipeline.entrances.cli.up import down, up
from schema_matching_pipeline.entrances.cli.validation import validation
from schema_matching_pipeline.errors import SmpError, UsageError, way_of
from schema_matching_pipeline.runtime import configure_logging

EPILOG = (
    "Exit codes: 0 done, 1 fault, 2 usage, 3 waits for a human, 4 source trouble, 5 refused by a gate, "
    "130 stopped by Ctrl-C. "
    "Every command takes --json; its faults are JSON on standard error."
)

app = typer.Typer(
    cls=Commands,
    name="smp",
    help="Maps each new client's database to one canonical schema, and stops for people where that is right.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(client.app, name="client")
app.add_typer(source.app, name="source")
app.command()(onboard)
app.command()(status)
app.command()(profile)
app.command()(mappings)
app.command()(explain)
app.command()(similar)
app.command()(validation)
app.add_typer(review.app, name="review")
app.add_typer(values.app, name="values")
app.command()(approve)
app.add_typer(run.app, name="run")
app.add_typer(release.app, name="release")
app.add_typer(canonical.app, name="canonical")
app.command()(match)
app.command()(bench)
app.command()(trust)
app.add_typer(llm.app, name="llm")
user.app.add_typer(user_key.app, name="key")
app.add_typer(user.app, name="user")
app.add_typer(notify.app, name="notify")
app.add_typer(audit.app, name="audit")
app.add_typer(erasure.app, name="erasure")
app.add_typer(database.app, name="db")
app.command()(doctor.doctor)
app.command()(up)
app.command()(desk)
app.command()(down)
app.command()(demo)


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    """Maps each new client's database to one canonical schema, and stops for people where that is right."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Runs a command and exits with its code."""
    prepare_streams()
    with structlog.contextvars.bound_contextvars(trace_id=trace_id()):
        sys.exit(_run(sys.argv[1:]))


def _run(words: list[str]) -> int:
    """The exit code of a command; every fault is told in words, as JSON where that was asked for."""
    as_json = "--json" in words
    try:
        return int(app(words, standalone_mode=False) or ExitCode.DONE)
    except SmpError as error:
        report_fault(error, as_json=as_json)
        return exit_code_of(error)
    except ClickException as error:
        error.message = error.message.removeprefix("Value error, ")  # Typer leaves it to Pydantic to say so
        if as_json:
            report_fault(UsageError(error.format_message()), as_json=True)
        else:
            error.show()
        return error.exit_code
    except Abort:
        report_fault(UsageError("Nothing was answered, so nothing was done."), as_json=as_json)
        return ExitCode.USAGE
    except Exception as error:  # noqa: BLE001 - an entrance: nobody above it could tell the person
        report_fault(_unexpected(error), as_json=as_json)
        return ExitCode.FAULT


def _unexpected(error: Exception) -> SmpError:
    """What nobody foresaw, by its class and place alone: its own words may quote a client's data."""
    frames = extract_tb(error.__traceback__)
    with suppress(SmpError):
        configure_logging(settings())
        structlog.get_logger().debug("unexpected fault", kind=type(error).__name__, way=way_of(error))
    kind = type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        kind += f" ({error.strerror})"  # the system's words, which name no value
    place = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return SmpError(
        f"This should not have happened: {kind}{place}. "
        "Please report it; SMP_LOG_LEVEL=DEBUG shows how it came about."
    )


if __name__ == "__main__":
    main()
