"""What tests in a real browser share: the browser, and the folder that keeps what was seen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

KEPT = Path(__file__).parents[2] / "test-artifacts" / "pages"
PATIENCE_MS = 30_000  # a busy machine is slow; it is no failure of the code under test


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; one a file, since no event loop of another test can run beside Playwright's."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed here (Debian: apt-get install chromium)")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures of pages are kept: ``SMP_SCREENSHOTS``, else a folder of the checkout that git ignores."""
    folder = Path(os.environ.get("SMP_SCREENSHOTS") or KEPT)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says what tests measured."""
    for report in terminalreporter.stats.get("passed", ()):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {name}: {value}")
