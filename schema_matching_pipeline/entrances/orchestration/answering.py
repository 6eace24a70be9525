"""Whether a service of the installation answers."""

from __future__ import annotations

from urllib.error import URLError
from urllib.request import urlopen

PATIENCE_SECONDS = 2.0


def answers(url: str, patience_seconds: float = PATIENCE_SECONDS) -> bool:
    """Whether a service on this machine gives that page; where nobody listens, that is told at once."""
    try:
        with urlopen(url, timeout=patience_seconds) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
