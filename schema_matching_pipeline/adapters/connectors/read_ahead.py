"""Reading that goes on while what was read before is worked on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def read_ahead(items: Iterable[Item], most: int) -> Iterator[Item]:
    """The same, in their order; up to ``most`` of the next are made, in a thread of their own, while one is worked on.

    What fails to be made is raised where it would have come. Whoever wants no more waits for the one being made.

    >>> list(read_ahead(iter("abc"), most=2))
    ['a', 'b', 'c']
    """
    coming = iter(items)
    with ThreadPoolExecutor(1) as reader:
        made = deque(reader.submit(_next, coming) for _ in range(most))
        try:
            while found := made.popleft().result():
                made.append(reader.submit(_next, coming))
                yield found[0]
        finally:
            reader.shutdown(cancel_futures=True)


def _next(items: Iterator[Item]) -> tuple[Item] | None:
    """The next alone; nothing at the end."""
    for item in items:
        return (item,)
    return None
