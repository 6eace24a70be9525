"""COMA as Valentine ships it: by names and structure, and by what is in the columns, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from schema_matching_pipeline.adapters.peers.catalog import PEERS
from schema_matching_pipeline.errors import MissingDataError, MissingExtraError, SourceUnreadableError
from schema_matching_pipeline.model.bench import TaskSide
from schema_matching_pipeline.model.source import ColumnRef, SourceTable

if TYPE_CHECKING:
    import pandas as pd

HIGHEST = 1.0  # a cosine of single precision comes out a hair above it now and then
WORD_LIST = "stopwords"  # all that COMA reads; its library fetches more, for another matcher


def by_coma(
    source: TaskSide, target: TaskSide, *, use_instances: bool
) -> Iterator[tuple[ColumnRef, ColumnRef, float]]:
    """What COMA finds between every two tables; pairs that it does not name have no score."""
    try:
        from valentine import valentine_match
        from valentine.algorithms import Coma
    except ImportError:
        raise MissingExtraError("COMA", "bench") from None
    if use_instances:
        _require_word_list()
    fields = _frames(target)
    for name, columns in _frames(source).items():
        for other, theirs in fields.items():
            found = valentine_match(
                [columns, theirs], Coma(use_instances=use_instances), ["source", "target"]
            )
            for pair, score in found.items():
                yield (
                    ColumnRef(table=name, column=pair.source_column),
                    ColumnRef(table=other, column=pair.target_column),
                    min(float(score), HIGHEST),
                )


def _require_word_list() -> None:
    """Looks before Valentine does, which would go to the network for it."""
    import nltk

    try:
        nltk.data.find(f"corpora/{WORD_LIST}")
    except LookupError:
        raise MissingDataError("COMA with instances", f"python -m nltk.downloader {WORD_LIST}") from None


def _frames(side: TaskSide) -> Mapping[str, pd.DataFrame]:
    return {table.name: _frame(side, table) for table in side.tables.tables}


def _frame(side: TaskSide, table: SourceTable) -> pd.DataFrame:
    """The rows of a table as text; a table without a file has its columns and no row."""
    import pandas as pd

    names = [column.name for column in table.columns]
    file = side.folder / f"{table.name}.csv"
    try:
        rows = pd.read_csv(file, dtype=str) if file.is_file() else pd.DataFrame(columns=names)
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise SourceUnreadableError(
            f"The rows of {table.name} cannot be read for COMA ({type(error).__name__}).",
            source=str(side.folder),
        ) from None
    return rows.reindex(columns=names)


PEERS.register("COMA")(partial(by_coma, use_instances=False))
PEERS.register("COMA with instances")(partial(by_coma, use_instances=True))
