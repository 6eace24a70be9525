"""What a pattern is, and the catalog of all of them.

A pattern is a function from distinct values to one truth each, which depends on that value alone: a value is asked
about once for all columns that hold it. It sees values that are stripped and not empty, and is asked for a few values
of a column first: where none of them follows it, it is not asked again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import PatternShare
from schema_matching_pipeline.plugins import Catalog
from schema_matching_pipeline.profiling.values import WeighedValues

Pattern = Callable[[Sequence[str]], Sequence[bool]]
# A tenth of all numbers of the right length carry a right check digit by chance.
_BY_CHECK_DIGIT = frozenset(("national_id", "npi", "payment_card", "isbn", "snomed", "loinc", "kvnr"))
PATTERNS: Catalog[Pattern] = Catalog("schema_matching_pipeline.profiling.patterns")


def following(regex: str, check: Callable[[str], bool] | None = None, *, flags: int = 0) -> Pattern:
    """A pattern of whole values that match a regular expression and, where given, pass a check."""
    compiled = re.compile(regex, flags)
    if check is None:
        return lambda values: [compiled.fullmatch(value) is not None for value in values]
    return lambda values: [compiled.fullmatch(value) is not None and check(value) for value in values]


def find_patterns(values: WeighedValues, policy: ProfilePolicy) -> tuple[PatternShare, ...]:
    """Every pattern that enough of the rows follow, the most followed first; placeholders are no evidence."""
    spoken = values.spoken
    if not spoken.texts:
        return ()
    names, patterns = zip(*PATTERNS.items(), strict=True)
    followed = spoken.known.answers(patterns, _probe(spoken, policy)).any(axis=0)
    shares = (
        (names[place], spoken.share(spoken.known.answer(patterns, place, spoken.places)))
        for place in np.flatnonzero(followed).tolist()
    )
    found = [
        PatternShare(name=name, share=round(share, 4))
        for name, share in shares
        if share >= _least_share(name, policy)
    ]
    return tuple(sorted(found, key=lambda pattern: (-pattern.share, pattern.name)))


def _least_share(name: str, policy: ProfilePolicy) -> float:
    return policy.checked_share if name in _BY_CHECK_DIGIT else policy.pattern_share


def _probe(values: WeighedValues, policy: ProfilePolicy) -> npt.NDArray[np.intp]:
    """Evenly spaced values, and of one shape only so many: more of the same would tell nothing more."""
    spaced = values.places[:: max(1, len(values.places) // policy.probed_values)]
    seen: Counter[int] = Counter()
    probe = []
    for place, shape in zip(spaced.tolist(), values.known.shape[spaced].tolist(), strict=True):
        seen[shape] += 1
        if seen[shape] <= policy.probed_alike:
            probe.append(place)
    return np.array(probe, dtype=np.intp)
