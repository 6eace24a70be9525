"""The first lines of ``smp``: until the commands are loaded, Ctrl-C ends it without a word, and the version is told."""

from __future__ import annotations

import sys

from schema_matching_pipeline import __version__

INTERRUPTED = 130  # what a shell gives a command that Ctrl-C ended


def start() -> None:
    """Loads the commands and runs one; the version alone needs none of them."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"{__version__}\n")
        return
    try:
        from schema_matching_pipeline.entrances.cli.main import main  # takes most of a second

        main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
