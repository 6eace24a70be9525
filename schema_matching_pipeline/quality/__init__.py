"""Quality: what a column is worth before anybody asks what it means.

Comes in:        SourceProfile and QualityPolicy.
Goes out:        QualityReport: one main label per column, the reason in words, the figures behind it, lesser notes.
How it decides:  every rule looks at every column; of several labels the one that comes first below is the main one.
                 Order: empty, test_only, misused, abandoned; a column that no rule flags is good.
To add to it:    one file in labels/, a function from Case to Verdict or None.
It must never:   see a value, exclude a column (trust decides that), or say what a column maps to.
"""

from schema_matching_pipeline.quality.assess import assess_quality
from schema_matching_pipeline.quality.score import (
    FAULTS,
    FORMULA,
    group_of,
    score_all,
    score_groups,
    score_tables,
)

__all__ = ["FAULTS", "FORMULA", "assess_quality", "group_of", "score_all", "score_groups", "score_tables"]
