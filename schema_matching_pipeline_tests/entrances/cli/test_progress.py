"""What a long command says of its work where standard error is a file."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from time import monotonic, sleep

from schema_matching_pipeline.entrances.cli.output import progress_bar


def _said(err: io.StringIO, line: str) -> bool:
    """Whether a line comes within some seconds."""
    until = monotonic() + 30
    while line not in err.getvalue().splitlines():
        if monotonic() > until:
            return False
        sleep(0.05)
    return True


def test_each_step_is_said_at_once_and_what_it_is_at_now_and_then() -> None:
    with redirect_stderr(io.StringIO()) as err, progress_bar("acme", quiet=False) as told:
        told("reading the catalogue", 0, 1)
        told("profiling visits", 0, 3)
        told("profiling bills", 1, 3)
        at_once = err.getvalue().splitlines()
        assert _said(err, "acme: profiling bills (1 of 3 done)")
    assert at_once == [
        "acme: reading the catalogue (0 of 1 done)",
        "acme: profiling visits (0 of 3 done)",
    ]


def test_nothing_is_said_to_a_program() -> None:
    with redirect_stderr(io.StringIO()) as err, progress_bar("acme", quiet=True) as told:
        told("profiling visits", 0, 3)
    assert err.getvalue() == ""
