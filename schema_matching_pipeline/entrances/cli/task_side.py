"""One side of a matching task: a folder of files, with or without a schema.json that declares its tables."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from schema_matching_pipeline.catalog import read_declared
from schema_matching_pipeline.entrances.cli.source import require_told
from schema_matching_pipeline.errors import SourceUnreadableError
from schema_matching_pipeline.model.source import SourceAddress, SourceSnapshot
from schema_matching_pipeline.runtime import standalone_sources


def named_folder(text: str) -> Path:
    """The folder of that name.

    Raises:
        UsageError: the name is empty.
    """
    require_told(text)
    return Path(text)


def side_of(folder: Path) -> tuple[SourceAddress, SourceSnapshot]:
    """Where one side's rows are, and its tables: as a schema.json declares them, else as its files show them."""
    address = SourceAddress(location=SecretStr(str(folder)))
    schema = folder / "schema.json"
    return address, _declared(schema) if schema.is_file() else _shown(address)


def _shown(address: SourceAddress) -> SourceSnapshot:
    """The tables that the files show.

    Raises:
        SourceError: there is no such folder, or no file in it shows a table.
    """
    with standalone_sources().open(address) as connector:
        snapshot = connector.snapshot()
    if not snapshot.tables:
        folder = address.location.get_secret_value()
        why = " ".join(trouble.message for trouble in snapshot.troubles[:1])
        raise SourceUnreadableError(f"No table of {folder} can be read. {why}", source=folder)
    return snapshot


def _declared(schema: Path) -> SourceSnapshot:
    try:
        text = schema.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceUnreadableError(
            f"{schema} cannot be read ({type(error).__name__}). It must be a text in UTF-8 that this user may read.",
            source=str(schema.parent),
        ) from None
    return read_declared(text, str(schema))
