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
    """First step: signals to log-odds. Second: tables and rivals. Third: confidence of the chosen pair."""

    provenance: Provenance
    intercept: GatedWeight
    signals: dict[str, SignalWeights]
    context: dict[str, float]
    confidence: dict[str, float]
    nothing: dict[str, float]


@lru_cache(maxsize=1)
def packaged_weights() -> CombinerWeights:
    """The weights that come with the package."""
    file = resources.files("schema_matching_pipeline.matching").joinpath("combiner.json")
    return CombinerWeights.model_validate_json(file.read_text(encoding="utf-8"))
