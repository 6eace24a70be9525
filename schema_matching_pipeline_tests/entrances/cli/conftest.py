"""One installation as ``smp`` makes it by itself, and one client of it that waits for review, for each worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from schema_matching_pipeline.registry.embedded import EmbeddedServer
from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables

NOTHING_PASSES_ALONE = """\
default_trust_profile: conservative
review_floor: 0.5
trust_profiles:
  conservative: &never
    auto_accept_threshold: 1.0
    review_required_before_production: true
    auto_exclude_flagged_columns: false
    auto_verify_high_occurrence_values: false
  standard: *never
  permissive: *never
risk_classes:
  critical: {entities: [], minimum_confidence: 1.0, validation_required: true}
  important: {entities: [], minimum_confidence: 1.0, validation_required: true}
  optional: {entities: [], minimum_confidence: 1.0, validation_required: false}
"""
"""What is asked here does not depend on how sure the matcher is of a column."""


@pytest.fixture(scope="session")
def smp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    folder = tmp_path_factory.mktemp("terminal")
    terminal = Terminal(home=folder / "home", folder=folder)
    terminal.trust_file.write_text(NOTHING_PASSES_ALONE)
    yield terminal
    EmbeddedServer(folder / "home").destroy()


@pytest.fixture(scope="session")
def acme(smp: Terminal) -> str:
    """A client whose queue no test decides."""
    return smp.onboarded(write_tables(smp.folder / "acme", patients=PATIENTS), name="acme")
