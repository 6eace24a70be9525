"""Classification: what the columns of a client mean, whichever model they are mapped to.

Comes in:        SourceProfile, the columns to leave out, Knowledge; then the answers of a language model.
Goes out:        Classification, one verdict for every usable column, with confidence and reasons.
How it decides:  known values first, then words of names, patterns and types; a language model is asked for
                 what these leave open, and alone can raise no confidence above a cap.
To add to it:    an entry in ``canon/data/semantic_types.yaml``.
It must never:   send or keep a value that is not masked, or trust an answer outside the closed list.
"""

from schema_matching_pipeline.classification.answers import is_answer, settle
from schema_matching_pipeline.classification.prompts import as_request, questions
from schema_matching_pipeline.classification.rules import classify_by_rules

__all__ = ["as_request", "classify_by_rules", "is_answer", "questions", "settle"]
