"""The trained numbers: small, reviewed, with their provenance; read from package data."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from schema_matching_pipeline.model.base import Frozen


class Provenance(Frozen):
    """Where the numbers come from."""

    script: str
    trained_on: tuple[str, ...]
    date: str
    note: str = ""


class GatedWeight(Frozen):
    """The weight of one feature: a plain one and one for each gate."""

    plain: float
    gated: tuple[float, ...]


class SignalWeights(Frozen):
    """The weights of one signal's features."""

    features: tuple[GatedWeight, ...]


class CombinerWeights(Frozen):
    """First step: signals to log-odds. Second: tables and rivals. Third: confidence of the chosen pair.

    ``canonical_confidence`` is the third step against a canonical model, whose fields are described for
    matching: the same lead over its rivals means more there than between two schemas as they are found.
    ``runner_up`` is the third step for the fields behind the best one, between two schemas, where a column may have
    several right ones: by how sure the best one is, and how far they lie behind it. Empty where they are judged as the
    best one is.
    """

    provenance: Provenance
    intercept: GatedWeight
    signals: dict[str, SignalWeights]
    context: dict[str, float]
    confidence: dict[str, float]
    canonical_confidence: dict[str, float]
    runner_up: dict[str, float]
    nothing: dict[str, float]

    def against_model(self) -> CombinerWeights:
        """The weights whose confidence is that of pairs with a canonical model.

        It leaves out what a table would say more if it were alone: that lifts the columns of all tables that might be the
        same, and the lead of a right one over them would seem smaller than it is.
        """
        return self.but(
            context=self.context | {"from_table_alone": 0.0},
            confidence=self.canonical_confidence,
            runner_up={},
        )


@lru_cache(maxsize=1)
def packaged_weights() -> CombinerWeights:
    """The weights that come with the package."""
    file = resources.files("schema_matching_pipeline.matching").joinpath("combiner.json")
    return CombinerWeights.model_validate_json(file.read_text(encoding="utf-8"))
