"""Validation: does a mapping hold on the client's real data?

Comes in:        mapped columns, SourceProfile, CanonicalSchema, Thresholds; then the runner's SuiteResult.
Goes out:        ExpectationSuite (what to ask), ValidationReport (every finding of every validator).
How it decides:  each validator looks at one promise; any failure warns, more than the tolerance fails.
To add to it:    one file in ``validators/``, a class that plans questions and words the answers.
It must never:   read rows, change a mapping, or decide who reviews (that is review's).
"""

from schema_matching_pipeline.validation.suite import plan_suite
from schema_matching_pipeline.validation.validate import validate_mapping
from schema_matching_pipeline.validation.validator import date_format_of

__all__ = ["date_format_of", "plan_suite", "validate_mapping"]
