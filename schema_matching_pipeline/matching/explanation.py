"""Why a pair is proposed and what speaks against it, in a sentence, without a language model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan

from schema_matching_pipeline.canon.figures import confidence
from schema_matching_pipeline.matching.side import SideColumn
from schema_matching_pipeline.matching.value_kind import Kind, kind_of
from schema_matching_pipeline.model.matching import Candidate, SignalScore
from schema_matching_pipeline.model.source import ColumnRef

REASONS_NAMED = 3
WORTH_SAYING = 0.3  # a raw score below this persuades nobody
WORTH_NAMING = 0.15  # log-odds that a reason must add
LOW_OVERLAP = 0.05
LOW_TYPE_FIT = 0.3
NOTHING_BEFORE = "mapped to nothing at an earlier client under the same table and name"
CLOSE_RIVAL = 0.5  # a runner-up with at least this share of the confidence is close

_WITHOUT_SCORE = frozenset({"tables", "agreement", "language_model"})
_SAID = {
    "name_tokens": "the names share their words ({score:.0%})",
    "qualified_name": "with their tables' names the names fit ({score:.0%})",
    "described_name": "the field's name and description have the words of the name ({score:.0%})",
    "spelling": "the names are spelled alike ({score:.0%})",
    "table_name": "the table's name fits {entity}",
    "meaning": "both hold {meaning}",
    "known_values": "its values are known of this field ({score:.0%})",
    "value_overlap": "values overlap {score:.0%}",
    "contained": "its values are among those of the field ({score:.0%})",
    "announced_kind": "its values are of the form that is announced",
    "word_overlap": "the words in the values overlap {score:.0%}",
    "shape_fit": "the values have the same shapes ({score:.0%})",
    "distribution": "the values are distributed alike ({score:.0%})",
    "type_fit": "both are {kind}",
    "description": "the descriptions say the same ({score:.0%})",
    "text": "names and descriptions together say the same ({score:.0%})",
    "name_in_description": "the field's description uses the words of the name ({score:.0%})",
    "description_has_name": "the column's description uses the words of the field ({score:.0%})",
    "keys": "both play the same part as a key",
    "history": "stewards mapped columns of this name so before",
    "tables": "other columns of the table go to {entity}",
    "language_model": "a language model chose it",
    "agreement": "several independent signals agree",
}


def explain(column: SideColumn, field: SideColumn, candidate: Candidate) -> str:
    """A sentence on what speaks for the pair, strongest first."""
    strongest = sorted(candidate.signals, key=lambda signal: -signal.share)
    facts = {
        "entity": field.table,
        "meaning": (column.semantic_type or "the same").replace("_", " "),
        "kind": kind_of(field).value,
    }
    said = [
        _SAID.get(signal.signal, f"{signal.signal} speaks for it ({{score:.0%}})").format(
            score=signal.score, **facts
        )
        for signal in strongest
        if signal.share >= WORTH_NAMING and _is_a_reason(signal)
    ]
    reasons = "; ".join(said[:REASONS_NAMED]) or "nothing else fits better"
    return f"{reasons[0].upper()}{reasons[1:]}."


def objections(
    column: SideColumn,
    field: SideColumn,
    scores: Mapping[str, float],
    runner_up: Candidate | None,
    best: Candidate,
    rivals: Sequence[ColumnRef],
) -> tuple[str, ...]:
    """What speaks against the pair, each in a few words; empty where nothing does."""
    return tuple(
        objection
        for objection in (
            _of_type(column, field, scores),
            _of_values(field, scores),
            _of_runner_up(runner_up, best),
            _of_rivals(rivals),
        )
        if objection
    )


def _is_a_reason(signal: SignalScore) -> bool:
    """A raw score high enough to be named; tables and agreement have none of their own."""
    return signal.signal in _WITHOUT_SCORE or signal.score >= WORTH_SAYING


def explain_nothing(
    nearest: Candidate | None, holder: ColumnRef | None = None, *, before: bool = False
) -> str:
    """Why a column is proposed for no field; ``holder`` is the column that the nearest field went to.

    ``before`` says that people of an earlier client mapped one like it to nothing.
    """
    if nearest is None:
        return "There is no field to compare it with."
    if before:
        return f"{NOTHING_BEFORE[0].upper()}{NOTHING_BEFORE[1:]}; the nearest field is {nearest.target}."
    if holder is not None:
        return f"The nearest field, {nearest.target}, goes to {holder}; no other fits well enough."
    return f"No field fits well enough; the nearest is {nearest.target} at {confidence(nearest.confidence)}."


def _of_type(column: SideColumn, field: SideColumn, scores: Mapping[str, float]) -> str:
    fit = scores.get("type_fit", float("nan"))
    if isnan(fit) or fit > LOW_TYPE_FIT or kind_of(column) is Kind.UNKNOWN:
        return ""
    return f"its values are {kind_of(column).value}, the field wants {kind_of(field).value}"


def _of_values(field: SideColumn, scores: Mapping[str, float]) -> str:
    """Only where the model lists all values a field may hold: other keys, days and figures are no objection."""
    if not field.lists_values:
        return ""
    overlap = scores.get("known_values", float("nan"))
    return "its values are not among those known of the field" if overlap < LOW_OVERLAP else ""


def _of_runner_up(runner_up: Candidate | None, best: Candidate) -> str:
    if runner_up is None or runner_up.confidence < CLOSE_RIVAL * best.confidence:
        return ""
    return f"{runner_up.target} is nearly as likely ({confidence(runner_up.confidence)})"


def _of_rivals(rivals: Sequence[ColumnRef]) -> str:
    if not rivals:
        return ""
    verb = "fits" if len(rivals) == 1 else "fit"
    return f"{', '.join(str(ref) for ref in rivals)} also {verb} this field best"
