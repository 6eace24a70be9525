"""Reports as files beside Dagster's own, each with its place among the run's metadata."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from schema_matching_pipeline.entrances.reports.validation import render_validation
from schema_matching_pipeline.entrances.reports.whole_file import write_whole
from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.workflows.show_validation import ValidationView


def write_report(instance: dg.DagsterInstance, view: ValidationView) -> dg.MetadataValue:
    """Writes the client's validation as a page, one for each version; where it lies.

    A page that cannot be written fails no phase: all of it stands in the registry, and a command shows it.
    """
    page = Path(instance.storage_directory()) / "reports" / view.client / f"validation-{view.version}.html"
    command = f"`smp validation {view.client} --html FILE`"
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        write_whole(page, render_validation(view))
    except (OSError, UsageError):
        return dg.MetadataValue.md(f"The page could not be written here; {command} writes it.")
    return dg.MetadataValue.path(page)
