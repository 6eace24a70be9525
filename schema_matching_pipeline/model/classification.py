"""What columns mean, before anybody asks which canonical field they fill."""

from __future__ import annotations

from enum import StrEnum

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.source import ColumnRef


class VerdictSource(StrEnum):
    """Who said so."""

    RULES = "rules"
    VALUE_BANK = "value_bank"
    LANGUAGE_MODEL = "language_model"
    STEWARD = "steward"


class SemanticType(Frozen):
    """A kind of content: birth_date, email, currency_amount ... as listed in ``canon/data``."""

    name: str
    description: str
    personal: bool = False


class Verdict(Frozen):
    """What one column means. ``semantic_type`` is None where nobody knows; ``entity`` is the best guess at whose it is."""

    ref: ColumnRef
    semantic_type: str | None
    entity: str | None = None
    confidence: float
    source: VerdictSource
    reasons: tuple[str, ...] = ()


class Classification(Frozen):
    """One verdict for every usable column."""

    verdicts: tuple[Verdict, ...]

    def by_ref(self) -> dict[ColumnRef, Verdict]:
        """Verdicts by column."""
        return {verdict.ref: verdict for verdict in self.verdicts}
