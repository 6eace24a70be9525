"""The one table from our faults to Dagster's failures: what may pass is retried, nothing else is."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.interrupts import interrupts_prevail
from schema_matching_pipeline.errors import SmpError

UNEXPECTED_CODE = "INTERNAL"
CODE = "code"
RETRYABLE = "retryable"
"""The metadata keys under which a failure keeps the stable code of its fault, and whether it may pass."""


BACK_OFF = dg.RetryPolicy(max_retries=3, delay=1, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
"""How often what may pass is tried again, and after how long."""


@contextmanager
def faults_as_failures(attempt: int = 0) -> Iterator[None]:
    """Turns every exception of the block into a failure that reads well and tells no value.

    What may pass is tried again after a while; ``attempt`` counts from 0. This is asked for here and not by a
    policy on the asset, because Dagster applies such a policy to a cancelled run as well.

    The cause is cut off: a driver's exception may quote a row, and Dagster stores the whole chain.

    Raises:
        DagsterExecutionInterruptedError: the process was told to end meanwhile.
    """
    try:
        with interrupts_prevail():
            yield
    except SmpError as error:
        failure = failure_of(error)
        if not failure.allow_retries:
            raise failure from None
        raise dg.RetryRequested(BACK_OFF.max_retries, BACK_OFF.calculate_delay(attempt + 1)) from failure
    except dg.Failure:
        raise
    except Exception as error:  # noqa: BLE001 - an entrance: the last place that can say it in words
        raise unexpected_failure(error) from None


def failure_of(error: SmpError) -> dg.Failure:
    """The failure a person reads for a fault."""
    return dg.Failure(
        description=str(error),
        metadata={CODE: error.code, RETRYABLE: error.retryable},
        allow_retries=error.retryable,
    )


def unexpected_failure(error: Exception) -> dg.Failure:
    """The failure for what should not happen: where it happened, without its message."""
    return dg.Failure(
        description=describe_unexpected(error),
        metadata={CODE: UNEXPECTED_CODE, "place": dg.MetadataValue.md(f"```\n{place_of(error)}\n```")},
        allow_retries=False,
    )


def describe(error: Exception) -> str:
    """A fault in its own words; of anything else what may be told."""
    return str(error) if isinstance(error, SmpError) else describe_unexpected(error)


def describe_unexpected(error: Exception) -> str:
    """One sentence on an exception nobody expected and its place, without its message, which may quote a row."""
    innermost = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(innermost.filename).name}, line {innermost.lineno}, in {innermost.name}"
    return f"Something unexpected happened: {type(error).__name__} ({place}). Please report it."


def place_of(error: Exception) -> str:
    """The stack of an exception as lines of code, without its message."""
    return "".join(traceback.format_tb(error.__traceback__)).rstrip()
