"""Which items the queue shows, as it stands in the address of the page."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Depends, Query

from schema_matching_pipeline.entrances.api.pagination import USUAL
from schema_matching_pipeline.entrances.api.ui.skipped import TheSkipped
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.review import ItemKind, QueueOrder
from schema_matching_pipeline.workflows.list_review import ItemFilter

LOW, HIGH = 0.5, 0.9
Band = Literal["", "low", "middle", "high"]
Age = Literal["", "1", "7", "30"]
SAID_KINDS: dict[ItemKind | Literal[""], str] = {
    "": "all",
    ItemKind.MAPPING: "mapping",
    ItemKind.QUALITY: "quality",
    ItemKind.CLASSIFICATION: "classification",
    ItemKind.VALIDATION: "validation",
}
SAID_BANDS: dict[Band, str] = {
    "": "all",
    "high": "0.90 and more",
    "middle": "0.50 to 0.90",
    "low": "below 0.50",
}
SAID_ORDERS: dict[QueueOrder, str] = {
    QueueOrder.VALUE: "what an answer is worth",
    QueueOrder.RISK: "riskiest and least certain",
    QueueOrder.AGE: "oldest",
    QueueOrder.CONFIDENCE: "surest",
    QueueOrder.ROWS: "most rows",
    QueueOrder.TABLE: "table by table",
}
SAID_AGES: dict[Age, str] = {
    "": "any time",
    "1": "more than a day",
    "7": "more than a week",
    "30": "more than a month",
}
_BOUNDS: dict[Band, tuple[float | None, float | None]] = {
    "": (None, None),
    "low": (None, LOW),
    "middle": (LOW, HIGH),
    "high": (HIGH, None),
}


class QueueQuery(Frozen):
    """The filters of a queue and the page of it; what is empty filters nothing.

    ``skipped`` are items that come last for this person; they are part of no address.
    """

    client: str = ""
    kind: ItemKind | Literal[""] = ""
    risk: RiskClass | Literal[""] = ""
    table: str = ""
    entity: str = ""
    band: Band = ""
    age: Age = ""
    words: str = ""
    flagged: bool = False
    assignee: str = ""
    decided: bool = False
    order: QueueOrder = QueueOrder.VALUE
    page: int = 1
    skipped: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The query of an address, without what is empty.

        >>> QueueQuery(client="acme", page=2).text, QueueQuery().text
        ('client=acme&page=2', '')
        """
        given = self.model_dump(mode="json", exclude_defaults=True, exclude={"skipped"})
        return urlencode(
            {name: str(value).lower() if value is True else value for name, value in given.items()}
        )

    @property
    def narrowed(self) -> int:
        """How many filters are set, the client left out."""
        return len(self.model_dump(exclude_defaults=True).keys() - {"client", "order", "page", "skipped"})

    @property
    def in_words(self) -> str:
        """The filters as people read them, the client left out.

        >>> QueueQuery(client="acme", band="low", table="staff", decided=True).in_words
        'table staff, confidence below 0.50, decided'
        """
        said = (
            SAID_KINDS[self.kind] if self.kind else "",
            str(self.risk),
            f"table {self.table}" if self.table else "",
            f"entity {self.entity}" if self.entity else "",
            f"confidence {SAID_BANDS[self.band]}" if self.band else "",
            f"open for {SAID_AGES[self.age]}" if self.age else "",
            f"with {self.words}" if self.words else "",
            "flagged" if self.flagged else "",
            f"of {self.assignee}" if self.assignee else "",
            "decided" if self.decided else "",
        )
        return ", ".join(filter(None, said))

    def at(self, page: int) -> str:
        """The query of another page of the same queue."""
        return self.but(page=page).text

    def wanted(self) -> ItemFilter:
        """The filter of the list."""
        at_least, below = _BOUNDS[self.band]
        return ItemFilter(
            client=self.client or None,
            kind=self.kind or None,
            table=self.table or None,
            entity=self.entity or None,
            risk=self.risk or None,
            at_least=at_least,
            below=below,
            older_than_days=int(self.age) if self.age else None,
            text=self.words or None,
            without=self.skipped or None,
            flagged=self.flagged or None,
            assignee=self.assignee or None,
            decided=self.decided,
            order=self.order,
            page=self.page,
            size=USUAL,
            candidates=False,
        )


async def queue_query(
    skipped: TheSkipped,
    client: Annotated[str, Query(max_length=100)] = "",
    kind: ItemKind | Literal[""] = "",
    risk: RiskClass | Literal[""] = "",
    table: Annotated[str, Query(max_length=300)] = "",
    entity: Annotated[str, Query(max_length=200)] = "",
    band: Band = "",
    age: Age = "",
    words: Annotated[str, Query(max_length=200)] = "",
    flagged: bool = False,
    assignee: Annotated[str, Query(max_length=100)] = "",
    order: QueueOrder = QueueOrder.VALUE,
    decided: bool = False,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> QueueQuery:
    """The queue that the address names."""
    return QueueQuery(
        client=client,
        kind=kind,
        risk=risk,
        table=table.strip(),
        entity=entity.strip(),
        band=band,
        age=age,
        words=words.strip(),
        flagged=flagged,
        assignee=assignee,
        decided=decided,
        order=order,
        page=page,
        skipped=() if decided else skipped,
    )


TheQueue = Annotated[QueueQuery, Depends(queue_query)]
