"""The verdict of every check, as a value: figure, threshold, worst rows, and what to do.

While mappings are proposed nothing blocks: what waits for a person is a warning, and an error is only a
required field without a source, a demanded validation that failed, or a gate that refused publication.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from schema_matching_pipeline.canon.figures import compared
from schema_matching_pipeline.model.canonical import CanonicalSchema
from schema_matching_pipeline.model.check import CheckSeverity, CheckVerdict
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.policy import ProfilePolicy, ReviewPolicy
from schema_matching_pipeline.model.review import GateState, ReviewItem
from schema_matching_pipeline.model.source import SourceChange
from schema_matching_pipeline.model.summary import SummaryTable
from schema_matching_pipeline.model.tally import Backlog, ColumnTally, DemandTally, LabelGroup, MeaningGroup
from schema_matching_pipeline.model.trust import Thresholds
from schema_matching_pipeline.model.validation import Finding
from schema_matching_pipeline.review.coverage import uncovered_required

_SECONDS_A_DAY = 86_400
# How the registry names the item about a required field that no column fills, and about a table nobody read.
REQUIRED_FIELD = "required_field:"
UNREAD_TABLE = "unread_table:"
# What a check tells to do stands for any client until it is told about one.
_CLIENT = "CLIENT"
_LOOK = f"Decide them: `smp review list {_CLIENT}`."
# A table that could not be read, an old profile or a change that was seen does not undo what people approved.
_NEVER_BLOCKS = frozenset({"profile_complete", "profile_drift", "profile_fresh", "source_unchanged"})


def profile_complete(
    read: int, unread: Mapping[str, str], waived: Collection[str], policy: ReviewPolicy
) -> CheckVerdict:
    """Whether every table that the source lists was read, or people live without it; ``unread`` says why not."""
    listed = read + len(unread)
    missing = [name for name in unread if f"{UNREAD_TABLE}{name}" not in waived]
    waived_ones = len(unread) - len(missing)
    lived_with = f" People live without {waived_ones:,} of the others." if waived_ones else ""
    return CheckVerdict(
        name="profile_complete",
        asset=Phase.COLUMN_PROFILES,
        passed=bool(listed) and not missing,
        severity=CheckSeverity.WARN,
        actual=read / listed if listed else 0.0,
        threshold=1.0,
        message=f"{read:,} of {listed:,} tables were read.{lived_with}",
        worst=_table(
            "Tables that were not read",
            ("table", "why", "lived with"),
            ((name, why, "" if name in missing else "yes") for name, why in sorted(unread.items())),
            policy,
        ),
        what_to_do=f"Mend them at the source and profile again (`smp onboard {_CLIENT}`), or decide to live without"
        f" them: `smp review list {_CLIENT}`."
        if missing
        else ""
        if listed
        else "Profile the source.",
    )


def profile_fresh(profiled_at: datetime | None, now: datetime, policy: ProfilePolicy) -> CheckVerdict:
    """Whether the newest profile is young enough to decide by."""
    age = (
        (now - profiled_at).total_seconds() / _SECONDS_A_DAY if profiled_at else float(policy.fresh_days + 1)
    )
    passed = profiled_at is not None and age <= policy.fresh_days
    return CheckVerdict(
        name="profile_fresh",
        asset=Phase.COLUMN_PROFILES,
        passed=passed,
        severity=CheckSeverity.WARN,
        actual=round(age, 2),
        threshold=float(policy.fresh_days),
        message=f"The profile is {_old(age)}." if profiled_at else "The source was never profiled.",
        what_to_do="" if passed else f"Profile the source again: `smp onboard {_CLIENT}`.",
    )


def _old(days: float) -> str:
    return "less than a day old" if days < 1 else f"{days:.1f} days old"


def source_unchanged(changes: Sequence[SourceChange], policy: ReviewPolicy) -> CheckVerdict:
    """Whether the source is still what it was when it was profiled before; what changed asks for people again."""
    return _since_before(
        "source_unchanged",
        changes,
        message=f"{len(changes):,} things changed in the source since the profile before."
        if changes
        else "Nothing changed in the source since the profile before.",
        worst=_table(
            "What changed",
            ("table", "column", "what changed", "breaking"),
            (
                (change.table, change.column or "", change.what, "yes" if change.breaking else "")
                for change in changes
            ),
            policy,
        ),
        what_to_do=f"What has to be decided of it waits: `smp review list {_CLIENT}`. All else keeps its approval.",
    )


def profile_drift(changes: Sequence[SourceChange], policy: ReviewPolicy) -> CheckVerdict:
    """Whether rows, freshness and what columns hold are what the profile before lets one expect."""
    return _since_before(
        "profile_drift",
        changes,
        message=f"{len(changes):,} tables or columns moved beyond noise since the profile before."
        if changes
        else "Nothing moved beyond noise since the profile before.",
        worst=_table(
            "What moved",
            ("table", "column", "what moved"),
            ((change.table, change.column or "", change.what) for change in changes),
            policy,
        ),
        what_to_do="Ask the owner of the source whether this is meant.",
    )


def _since_before(
    name: str, changes: Sequence[SourceChange], *, message: str, worst: SummaryTable | None, what_to_do: str
) -> CheckVerdict:
    """A check of profiles that warns of any change and never blocks."""
    return CheckVerdict(
        name=name,
        asset=Phase.COLUMN_PROFILES,
        passed=not changes,
        severity=CheckSeverity.WARN,
        actual=float(len(changes)),
        threshold=0.0,
        message=message,
        worst=worst,
        what_to_do=what_to_do if changes else "",
    )


def flagged_columns_reviewed(
    labels: Iterable[LabelGroup], waiting: Backlog, policy: ReviewPolicy
) -> CheckVerdict:
    """Whether every flagged column was left out by the trust profile or decided by a person."""
    columns = tuple(labels)
    labelled = sum(group.columns for group in columns)
    flagged = sum(group.columns for group in columns if group.stays_flagged)
    return _waiting_verdict(
        "flagged_columns_reviewed",
        Phase.QUALITY_LABELS,
        waiting,
        f"{flagged:,} of {labelled:,} columns are flagged; {waiting.count:,} of them wait for a person.",
        policy,
    )


def classification_threshold(
    meanings: Iterable[MeaningGroup], thresholds: Thresholds, waiting: Backlog, policy: ReviewPolicy
) -> CheckVerdict:
    """Whether no classification below its entity's threshold waits for a person."""
    groups = tuple(meanings)
    known = sum(group.columns for group in groups)
    unsure = sum(group.columns for group in groups if _is_unsure(group, thresholds))
    return _waiting_verdict(
        "classification_threshold",
        Phase.CLASSIFICATIONS,
        waiting,
        f"{unsure:,} of {known:,} classifications are below their entity's threshold; {waiting.count:,} of them wait"
        " for a person, the others follow from a mapping or change nothing.",
        policy,
    )


def mapping_threshold(columns: ColumnTally, waiting: Backlog, policy: ReviewPolicy) -> CheckVerdict:
    """Whether every mapping below its entity's threshold was reviewed; one accepted unreviewed is an error."""
    accepted = sum(
        group.columns for group in columns.groups if group.disposition is Disposition.AUTO_ACCEPTED
    )
    broken = columns.below
    verdict = _waiting_verdict(
        "mapping_threshold",
        Phase.MAPPINGS,
        waiting,
        f"Accepted, as they reach their threshold: {accepted:,}; waiting for a person: {waiting.count:,}.",
        policy,
    )
    if not broken:
        return verdict
    return verdict.but(
        passed=False,
        severity=CheckSeverity.ERROR,
        actual=float(waiting.count + len(broken)),
        message=f"{len(broken):,} mappings were accepted below their threshold. {verdict.message}",
        worst=_table(
            "Accepted below the threshold",
            ("column", "field", "confidence", "needed"),
            (
                (str(one.ref), str(one.target), *compared(one.confidence, one.required_threshold))
                for one in sorted(broken, key=lambda one: one.confidence - one.required_threshold)
            ),
            policy,
        ),
        what_to_do=f"Have them routed by today's thresholds: `smp run phase {_CLIENT} mappings`.",
    )


def required_fields_covered(
    canonical: CanonicalSchema,
    columns: ColumnTally,
    waived: Collection[str],
    policy: ReviewPolicy,
) -> CheckVerdict:
    """Whether every required field of a mapped entity has a source, or was waived by its expectation id.

    A suggestion that waits is a warning. While an entity is only suggested, nobody is asked about its other fields.
    """
    accepted = columns.targets(Disposition.AUTO_ACCEPTED, Disposition.APPROVED)
    suggested = accepted | columns.targets(Disposition.PENDING_REVIEW)
    mapped = {target.entity for target in accepted}
    open_gaps = uncovered_required(canonical, suggested)
    without_any = [ref for ref in open_gaps if f"{REQUIRED_FIELD}{ref}" not in waived]
    undecided = [ref for ref in uncovered_required(canonical, accepted) if ref not in open_gaps]
    later = [ref for ref in without_any if ref.entity not in mapped]
    rows = [(str(ref), "no column fills it") for ref in without_any if ref.entity in mapped]
    rows += [(str(ref), "its suggestion waits for a person") for ref in undecided]
    rows += [
        (str(ref), f"no column fills it; asked about once a suggestion for {ref.entity} is approved")
        for ref in later
    ]
    missing = len(rows)
    worst = _table("Required fields without a source", ("field", "why"), rows, policy)
    return CheckVerdict(
        name="required_fields_covered",
        asset=Phase.MAPPINGS,
        passed=not missing,
        severity=CheckSeverity.ERROR if without_any else CheckSeverity.WARN,
        actual=float(missing),
        threshold=0.0,
        message=f"{missing:,} required fields of mapped entities have no accepted source"
        f" ({len(open_gaps) - len(without_any):,} more were waived).",
        worst=worst.but(rest=_asked_later(worst.left_out, len(later))) if worst else None,
        what_to_do=f"Map a column to each (`smp review include {_CLIENT} TABLE.COLUMN --to ENTITY.FIELD`), or waive it once it"
        " is asked about."
        if missing
        else "",
    )


def _asked_later(left_out: int, later: int) -> str:
    """What is to be known of the fields that a list leaves out, its last ``later`` ones being asked about later.

    >>> _asked_later(3, 9), _asked_later(3, 1), _asked_later(3, 0)
    ('asked about once a suggestion for their entity is approved', '1 of them asked about once a suggestion for its entity is approved', '')
    """
    unasked = min(left_out, later)
    those = "" if unasked == left_out else f"{unasked:,} of them "
    whose = "its" if those and unasked == 1 else "their"
    return f"{those}asked about once a suggestion for {whose} entity is approved" if unasked else ""


def validation_demanded_passed(
    demands: DemandTally, waived: Collection[str], policy: ReviewPolicy
) -> CheckVerdict:
    """Whether what risk classes demand passed on the client's data, or was waived by its expectation id."""
    failed = demands.failed
    broken = [finding for finding in failed if finding.expectation_id not in waived]
    return CheckVerdict(
        name="validation_demanded_passed",
        asset=Phase.VALIDATION_REPORTS,
        passed=not broken,
        severity=CheckSeverity.ERROR,
        actual=float(len(broken)),
        threshold=0.0,
        message=f"{len(broken):,} of {demands.demanded:,} demanded checks failed"
        f" ({len(failed) - len(broken):,} more were waived).",
        worst=_table(
            "Demanded checks that failed",
            ("column", "field", "finding", "failed", "tested"),
            map(_finding_row, sorted(broken, key=_failed_share, reverse=True)),
            policy,
        ),
        what_to_do=f"Correct the mapping or the data, or waive each with a reason: `smp review list {_CLIENT}`."
        if broken
        else "",
    )


def nothing_pending(state: GateState, policy: ReviewPolicy) -> CheckVerdict:
    """Whether nothing keeps the client's newest version from being published."""
    holding = (*state.holding_review, *state.holding_final)
    passed = state.version is not None and not holding
    return CheckVerdict(
        name="nothing_pending",
        asset=Phase.PUBLISHED_MAPPINGS,
        passed=passed,
        severity=CheckSeverity.WARN,
        actual=float(len(holding) + sum(state.more_items.values())),
        threshold=0.0,
        message=f"{state.waiting:,} review items and {len(state.others):,} other things hold version {state.version}."
        if state.version is not None
        else "No mapping has been proposed yet.",
        worst=_table(
            "What holds it",
            ("kind", "what", "needed", "who may decide"),
            ((item.kind, item.what, item.needed, item.who) for item in holding),
            policy,
            rows_in_all=len(holding) + sum(state.more_items.values()),
        ),
        what_to_do="" if passed else f"See what holds it: `smp status {state.client}`.",
    )


def told_about(verdict: CheckVerdict, client: str) -> CheckVerdict:
    """The same verdict with the client's name in the commands that it names."""
    return verdict.but(what_to_do=verdict.what_to_do.replace(_CLIENT, client))


def for_release(verdict: CheckVerdict) -> CheckVerdict:
    """The same verdict when publication asks: what only waited before now refuses."""
    if verdict.passed or verdict.name in _NEVER_BLOCKS:
        return verdict
    return verdict.but(severity=CheckSeverity.ERROR)


def to_be_validated(verdict: CheckVerdict) -> CheckVerdict:
    """The same verdict on a version that decisions have replaced since: its figures are those of the one before."""
    ahead = "These figures are from before the last changes: validated again once nothing waits."
    return verdict.but(what_to_do=f"{verdict.what_to_do} {ahead}".strip())


def _waiting_verdict(
    name: str, asset: Phase, waiting: Backlog, message: str, policy: ReviewPolicy
) -> CheckVerdict:
    return CheckVerdict(
        name=name,
        asset=asset,
        passed=not waiting.count,
        severity=CheckSeverity.WARN,
        actual=float(waiting.count),
        threshold=0.0,
        message=message,
        worst=_table(
            "What waits",
            ("column", "field", "had", "needed", "why"),
            map(_item_row, waiting.furthest),
            policy,
            rows_in_all=waiting.count,
        ),
        what_to_do=_LOOK if waiting.count else "",
    )


def _item_row(item: ReviewItem) -> tuple[str, ...]:
    return (str(item.ref), str(item.target or ""), *compared(item.had, item.needed), item.reason)


def _finding_row(finding: Finding) -> tuple[str, ...]:
    counts = (f"{finding.failed:,}", f"{finding.tested:,}")
    return (str(finding.ref), str(finding.target), finding.message, *counts)


def _failed_share(finding: Finding) -> float:
    """A question that could not be asked is worse than any answer."""
    return finding.failed / finding.tested if finding.tested else 1.0


def _is_unsure(meaning: MeaningGroup, thresholds: Thresholds) -> bool:
    return meaning.confidence < thresholds.of(meaning.entity).effective_threshold


def _table(
    title: str,
    header: tuple[str, ...],
    rows: Iterable[tuple[str, ...]],
    policy: ReviewPolicy,
    *,
    rows_in_all: int | None = None,
) -> SummaryTable | None:
    """The worst rows; no table where there are none. Of thousands, those that are shown may be given alone."""
    found = tuple(rows)
    if not found:
        return None
    shown = found[: policy.rows_shown]
    left_out = (len(found) if rows_in_all is None else rows_in_all) - len(shown)
    return SummaryTable(title=title, header=header, rows=shown, left_out=left_out)
