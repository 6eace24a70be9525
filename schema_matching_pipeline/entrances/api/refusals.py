"""What refuses a request before any workflow hears of it."""

from __future__ import annotations

import math
from typing import ClassVar

from schema_matching_pipeline.errors import SmpError


class RefusedRequestError(SmpError):
    """A request that is refused before any workflow hears of it: it is forged."""

    code: ClassVar[str] = "FORBIDDEN"


class TooManyRequestsError(SmpError):
    """Somebody sent more requests than his share; after ``seconds`` another may be tried."""

    code: ClassVar[str] = "RATE_LIMITED"
    retryable: ClassVar[bool] = True

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, math.ceil(seconds))
        super().__init__(f"Too many requests. Wait {self.seconds} second(s), then go on more slowly.")
