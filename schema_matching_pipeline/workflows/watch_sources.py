"""Which clients' files are others than they were, told by listing them alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client
from schema_matching_pipeline.workflows.world import World


class Watched(Frozen):
    """A client's files as they are ``seen`` now and as they were ``known`` when they were last read, and how often they changed.

    >>> first = Watched.first("a")
    >>> copied = first.next("b"); copied.is_due, copied.next("c").is_due, copied.next("b").is_due
    (False, False, True)
    >>> read = copied.next("b").read; read.is_due, read.known, read.changes
    (False, 'b', 1)
    >>> copied.next("a").is_due
    False
    """

    seen: str
    known: str
    changes: int = 0
    still: bool = False

    @classmethod
    def first(cls, mark: str) -> Watched:
        """Where nothing was seen before, the files are taken as they are."""
        return cls(seen=mark, known=mark)

    def next(self, mark: str) -> Watched:
        """After another look: what changes between two looks may still be written."""
        return self.but(seen=mark, still=mark == self.seen)

    @property
    def is_due(self) -> bool:
        """Whether they are others than were read, and nobody writes them any more."""
        return self.still and self.seen != self.known

    @property
    def read(self) -> Watched:
        """Once a run is to read them."""
        return self.but(known=self.seen, changes=self.changes + 1)


def listing_marks(world: World, clients: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The mark of each client's files; sources that are no files, or cannot be listed now, are passed over."""
    for client in clients:
        with open_client(world, client, RunStamp()) as unit:
            address = unit.sources.address(unit.clients.get(client).connection_id)
        try:
            mark = world.sources.listing_mark(address)
        except SourceError:
            continue  # the nightly run tells of it
        if mark is not None:
            yield client, mark
