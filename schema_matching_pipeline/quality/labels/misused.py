"""Columns whose values are something else than their name says."""

from __future__ import annotations

from schema_matching_pipeline.canon.name_kinds import NameKind, kind_of_name
from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.model.profile import ValueType
from schema_matching_pipeline.model.quality import LabelName
from schema_matching_pipeline.quality.entity import things_named
from schema_matching_pipeline.quality.expectation import (
    EXPECTATIONS,
    LONG_TEXT_CONTRADICTS,
    Expectation,
    implied_kind,
    in_words,
    share_of,
)
from schema_matching_pipeline.quality.label import LABELS, Case, Verdict, fact, filled_fact, percent

_LONGEST_COMMENT = 4  # words; a longer comment explains, it does not name


@LABELS.register("misused")
def misused(case: Case) -> Verdict | None:
    """The name announces one kind of values and most values are plainly another; or a key of another thing.

    Telephone numbers in the e-mail column, notes in a code column, names of persons in a relationship, an
    encounter's key where an appointment is named. Where the name is silent a short comment may speak for it.
    """
    if case.column.filled_count < case.policy.misused_rows:
        return None
    return _wrong_values(case) or _too_varied(case) or _wrong_key(case)


def _wrong_values(case: Case) -> Verdict | None:
    """What most values are, where that is not what the name announces; of fewer values a note is made."""
    column, expectation = case.column, _expectation(case)
    if expectation is None or column.value_type is ValueType.BOOLEAN:
        return None
    fitting = max((share_of(column, name) for name in expectation.fits), default=0.0)
    found = max(expectation.contradicts, key=lambda name: share_of(column, name))
    share = share_of(column, found)
    if fitting == 0.0 and share < case.policy.misused_share and _holds_long_texts(case):
        found, share = "sentence", column.type_share
    if _may_be_grades(found, case):
        return None
    is_most = share >= case.policy.misused_share and fitting < 1 - case.policy.misused_share
    if not is_most and not _is_told_apart(share, fitting, case):
        return None
    return Verdict(
        LabelName.MISUSED if is_most else None,
        "misused" if is_most else "partly_misused",
        f"The name announces {expectation.what}, but {percent(share)} of the {column.filled_count:,} values are"
        f" {in_words(found)}.",
        confidence=share,
        facts=(
            *((filled_fact(column),) if is_most else ()),
            fact("announced", expectation.what),
            fact(f"are {in_words(found)}", percent(share)),
            fact(f"are {expectation.what}", percent(fitting)),
        ),
    )


def _too_varied(case: Case) -> Verdict | None:
    """Far more different values than there are answers: of genders, or of yes and no in words."""
    column, kind = case.column, case.announced
    in_words = kind is NameKind.FLAG and column.value_type is ValueType.TEXT
    if (
        kind is None
        or not (kind is NameKind.GENDER or in_words)
        or column.distinct_count <= case.policy.answers
    ):
        return None
    return Verdict(
        LabelName.MISUSED,
        "misused",
        f"The name announces {EXPECTATIONS[kind].what}, but there are {column.distinct_count:,} different values.",
        confidence=0.9,
        facts=(filled_fact(column), fact("distinct values", f"{column.distinct_count:,}")),
    )


def _may_be_grades(found: str, case: Case) -> bool:
    """Whether few different words stand where the name only lets one expect a figure: a score may be passed or failed."""
    is_implied = case.announced is None and implied_kind(case.column.column) is NameKind.AMOUNT
    in_plain_words = found in {"words", "sentence"}
    return is_implied and in_plain_words and case.column.distinct_count <= case.policy.graded_values


def _is_told_apart(share: float, fitting: float, case: Case) -> bool:
    """Whether some values are one thing and the others another: those that fit may not be the same values."""
    return share >= case.policy.partly_misused_share and share + fitting <= 1 + case.policy.mixed_share


def _holds_long_texts(case: Case) -> bool:
    """Whether a column that announces a figure or a day holds none, but texts far too long for one."""
    column = case.column
    kind = case.announced or implied_kind(column.column)
    is_long = column.lengths is not None and column.lengths.mean >= case.policy.long_text
    return kind in LONG_TEXT_CONTRADICTS and is_long and share_of(column, ValueType.TEXT) == 1.0


def _expectation(case: Case) -> Expectation | None:
    kind = case.announced or implied_kind(case.column.column) or _kind_of_comment(case)
    return EXPECTATIONS.get(kind) if kind else None


def _kind_of_comment(case: Case) -> NameKind | None:
    comment = case.column.comment or ""
    return kind_of_name(comment) if 0 < len(name_tokens(comment)) <= _LONGEST_COMMENT else None


def _wrong_key(case: Case) -> Verdict | None:
    """The values are the key of a thing the name does not speak of.

    What the source declares is meant so, and so is a key that has the same name where it comes from.
    """
    reference = case.reference
    if reference is None or reference.declared or reference.score < case.policy.reference_score:
        return None
    if name_tokens(reference.referred_columns[0]) == name_tokens(case.column.column):
        return None
    said, held = things_named(case.column.column), things_named(reference.referred_table)
    if not said or not held or said & held or reference.referred_table == case.table.name:
        return None
    key = f"{reference.referred_table}.{reference.referred_columns[0]}"
    return Verdict(
        LabelName.MISUSED,
        "misused",
        f"The name speaks of {_or(said)}, but the values are those of {key}.",
        confidence=reference.score,
        facts=(
            filled_fact(case.column),
            fact("values found in", key),
            fact("surety", percent(reference.score)),
        ),
    )


def _or(things: frozenset[str]) -> str:
    return " or ".join(sorted(things))
