"""What is told before a command has begun: the version, and what is wrong with the environment."""

from __future__ import annotations

import sys

import pytest

from schema_matching_pipeline import __version__
from schema_matching_pipeline.entrances.cli.start import start
from schema_matching_pipeline.entrances.orchestration.schedules import require_schedule
from schema_matching_pipeline.errors import ConfigurationError
from schema_matching_pipeline.settings import load_settings

URL = "it must be a URL such as postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE"
OPEN_LINE = (
    "SMP_DATABASE_URL: the server is elsewhere, and nothing says how safe the line to it is. Add ?sslmode=verify-full&sslrootcert=system "
    "(or the file of its authority in place of system), or another sslmode that you accept"
)
EXTERNAL = {"SMP_DATABASE_URL": "postgresql://app:x@db/smp"}


def test_the_version_is_told_without_the_commands(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["smp", "--version"])
    start()
    assert capsys.readouterr().out == f"{__version__}\n"


@pytest.mark.parametrize(
    ("environment", "mistakes"),
    [
        (
            {"SMP_DATABASE_URL": "nonsense", "SMP_MIGRATION_URL": "mysql://me:x@db/smp"},
            [f"SMP_DATABASE_URL: {URL}", f"SMP_MIGRATION_URL: {URL}"],
        ),
        ({"SMP_DATABASE_URL": "postgresql://me:x@db:port/smp"}, [f"SMP_DATABASE_URL: {URL}"]),
        (
            EXTERNAL,
            ["SMP_DATABASE_URL selects an external server; it also needs SMP_DAGSTER_URL, SMP_SECRET_KEY"],
        ),
        (
            {
                **EXTERNAL,
                "SMP_DAGSTER_URL": "postgresql://dagster:x@db/dagster?sslmode=disable",
                "SMP_SECRET_KEY": 64 * "a",
            },
            [OPEN_LINE],
        ),
        (
            {"SMP_TIMEZONE": "Mars/Olympus", "SMP_LOG_LEVEL": "loud"},
            [
                "SMP_TIMEZONE: there is no time zone named 'Mars/Olympus'; Europe/Berlin is one",
                "SMP_LOG_LEVEL: Input should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'",
            ],
        ),
    ],
    ids=["no PostgreSQL", "no port", "too little", "an open line", "no zone and no level"],
)
def test_mistakes_of_the_environment_are_named_by_their_variable(monkeypatch, environment, mistakes):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert list(caught.value.mistakes) == mistakes


def test_a_line_that_the_environment_says_all_about_is_taken(monkeypatch):
    for name, value in {
        **EXTERNAL,
        "SMP_DAGSTER_URL": EXTERNAL["SMP_DATABASE_URL"],
        "SMP_SECRET_KEY": 64 * "a",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert not load_settings().embedded


def test_levels_may_be_written_small(monkeypatch):
    monkeypatch.setenv("SMP_LOG_LEVEL", "info")
    assert load_settings().log_level == "INFO"


def test_a_nightly_schedule_that_is_none_is_told_before_dagster_starts():
    with pytest.raises(ConfigurationError) as caught:
        require_schedule("every night", "UTC")
    assert caught.value.mistakes == (
        "SMP_NIGHTLY_CRON: 'every night' is no schedule; five fields as cron has them are: 0 2 * * *",
    )
