"""Matching: which canonical field each column fills, how surely, and why.

Comes in:        SourceProfile, Classification, Knowledge, MatchPolicy; or the profiles of two sides.
Goes out:        MappingProposal, with candidates, shares and reasons; ranked predictions; a confidence by its steps.
How it decides:  signals score every pair, a gated combiner weighs them, tables and rivals are heard,
                 a calibrated confidence is attached, and the best one-to-one whole is chosen per table.
To add to it:    one file in signals/, a function (columns, fields, evidence) -> matrix; one in derivations/ for
                 fields that a rule over several columns fills.
It must never:   see a value, ask anybody, or look at a clock.
"""

from schema_matching_pipeline.matching.derived import with_derived
from schema_matching_pipeline.matching.match import propose_mapping
from schema_matching_pipeline.matching.model_question import (
    choice_questions,
    choice_request,
    is_choice,
    read_choices,
)
from schema_matching_pipeline.matching.scoring import score_predictions
from schema_matching_pipeline.matching.task import (
    TaskPrediction,
    match_task,
    rank_task,
    task_questions,
    with_choices,
)
from schema_matching_pipeline.matching.unfit import unfit
from schema_matching_pipeline.matching.value_map import translation_of, value_map
from schema_matching_pipeline.matching.waterfall import BASE, confidence_steps

__all__ = [
    "BASE",
    "TaskPrediction",
    "choice_questions",
    "choice_request",
    "confidence_steps",
    "is_choice",
    "match_task",
    "propose_mapping",
    "rank_task",
    "read_choices",
    "score_predictions",
    "task_questions",
    "translation_of",
    "unfit",
    "value_map",
    "with_choices",
    "with_derived",
]
