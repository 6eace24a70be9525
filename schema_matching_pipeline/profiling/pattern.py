"""What a pattern is, and the catalog of all of them.

A pattern is a function from distinct values to one truth each, which depends on that value alone: a value is asked
about once for all columns that hold it. It sees values that are stripped and not empty, and is asked for a few values
of a column first: where none of them follows it, it is not asked again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import PatternShare
from schema_matching_pipeline.plugins import Catalog
from schema_matching_pipeline.profiling.pattern_shares import pattern_shares
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
    [found] = find_all_patterns([values], policy)
    return found


def find_all_patterns(
    columns: Sequence[WeighedValues], policy: ProfilePolicy
) -> list[tuple[PatternShare, ...]]:
    """The patterns of several columns whose values are known in one place: patterns are asked about all at once."""
    probes = [_probe(values.spoken, policy) for values in columns]
    names, patterns = zip(*PATTERNS.items(), strict=True)
    answers = (
        columns[0].known.answers(patterns, np.concatenate(probes)) if columns else np.zeros((0, 0), bool)
    )
    ends = np.cumsum([len(probe) for probe in probes])
    return [
        _found(values.spoken, names, patterns, own, policy) if len(own) else ()
        for values, own in zip(columns, np.split(answers, ends[:-1]), strict=True)
    ]


def _found(
    spoken: WeighedValues,
    names: Sequence[str],
    patterns: Sequence[Pattern],
    probed: npt.NDArray[np.bool_],
    policy: ProfilePolicy,
) -> tuple[PatternShare, ...]:
    shares = (
        (names[place], spoken.share(spoken.known.answer(patterns, place, spoken.places)))
        for place in np.flatnonzero(probed.any(axis=0)).tolist()
    )
    found = [(name, round(share, 4)) for name, share in shares if share >= _least_share(name, policy)]
    return pattern_shares(sorted(found, key=lambda pattern: (-pattern[1], pattern[0])))


def _least_share(name: str, policy: ProfilePolicy) -> float:
    return policy.checked_share if name in _BY_CHECK_DIGIT else policy.pattern_share


def _probe(values: WeighedValues, policy: ProfilePolicy) -> npt.NDArray[np.intp]:
    """Evenly spaced values, and of one shape only so many: more of the same would tell nothing more."""
    step = max(1, len(values) // policy.probed_values)
    seen: defaultdict[int, int] = defaultdict(int)
    probe = []
    for place, shape in zip(values.places[::step].tolist(), values.told.shape[::step].tolist(), strict=True):
        seen[shape] += 1
        if seen[shape] <= policy.probed_alike:
            probe.append(place)
    return np.array(probe, dtype=np.intp)
