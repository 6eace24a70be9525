"""What a review item asks, in words: what approving it means, what else can be done, and what was decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from shlex import quote

from schema_matching_pipeline.model.access import MATRIX, Permission
from schema_matching_pipeline.model.matching import NearColumn
from schema_matching_pipeline.model.registry import Left
from schema_matching_pipeline.model.review import Decision, ItemKind, ItemState, ReviewItem
from schema_matching_pipeline.review import Made, made_of

ID_SHOWN = 10
NAMED = 12  # columns and fields named after many decisions


def people_needed(item: ReviewItem, agreed: Sequence[str], *, blind: bool = False) -> str:
    """Who must approve an item that takes more than one person, beside those who ``agreed``; empty where one is enough.

    The second person is ``blind`` to what the first one said.

    >>> from schema_matching_pipeline.model.canonical import RiskClass
    >>> from schema_matching_pipeline.model.source import ColumnRef
    >>> item = ReviewItem(id="1", kind=ItemKind.VALIDATION, ref=ColumnRef(table="t", column="c"),
    ...                   risk_class=RiskClass.CRITICAL, reason="", needed=1.0, had=0.5, required_approvals=2)
    >>> people_needed(item, ())
    'It takes 2 different people to approve it, each steward or admin.'
    >>> people_needed(item, ("ada",))
    'ada approved it; a steward or admin other than ada must approve it, too, with an SMP_USER and SMP_API_KEY of their own.'
    """
    roles = " or ".join(role for role, held in MATRIX.items() if Permission.DECIDE in held)
    if item.state is ItemState.RECONCILE:
        return f"Two people said different things; a third {roles} settles it, or one of the two."
    if blind:
        return f"One person decided; another {roles} decides without knowing what the first one said."
    if agreed:
        names = ", ".join(agreed)
        return (
            f"{names} approved it; a {roles} other than {names} must approve it, too,"
            " with an SMP_USER and SMP_API_KEY of their own."
        )
    if item.required_approvals == 1:
        return ""
    return f"It takes {item.required_approvals} different people to approve it, each {roles}."


def mapping_command(item: ReviewItem, client: str, nearest: Sequence[NearColumn] = ()) -> str:
    """The command that maps a column to the field of an item about a field that none fills; the nearest, if one is."""
    column = quote(str(nearest[0].ref)) if nearest else "TABLE.COLUMN"
    return f"smp review include {client} {column} --to {item.target} --reason WHY"


def ways_to_decide(
    item: ReviewItem, client: str, nearest: Sequence[NearColumn] = (), *, approved: bool = False
) -> Iterator[tuple[str, str]]:
    """What a person can do about an open item, each with its command; ``approved`` where he did that already."""
    review, because = "smp review", "--reason WHY"
    short = item.id[:ID_SHOWN]
    if item.asks_blind:
        yield "the field it fills", f"{review} override {short} --to ENTITY.FIELD"
        yield "no field at all", f"{review} override {short} --nothing"
        return
    if not approved and item.kind is ItemKind.VALIDATION:
        yield "live with it", f"{review} approve {short} {because}"
    elif not approved:
        yield "approve", f"{review} approve {short}"
    if item.asks_for_a_table:
        yield "read it", f"mend it at the source, then: smp onboard {client}"
        return
    if item.asks_for_a_column:
        yield "map a column to it", mapping_command(item, client, nearest)
        yield "find one", f"smp mappings {client} --candidates"
        return
    yield "another field", f"{review} override {short} --to ENTITY.FIELD {because}"
    yield "no field at all", f"{review} override {short} --nothing {because}"
    if item.kind is ItemKind.QUALITY:
        yield "use it all the same", f"{review} override {short} --include {because}"
    else:
        yield "this field is wrong", f"{review} reject {short} {because}"


def outcomes(decided: Sequence[tuple[ReviewItem, Decision]]) -> Iterator[str]:
    """What many decisions made, in one line, and then by name what production will be without."""
    made = [(made_of(item, decision), item) for item, decision in decided]
    counted = Counter(each for each, _ in made)
    said = ", ".join(f"{counted[each]:,} {each}" for each in Made if counted[each])
    yield f"{len(decided):,} item(s) decided: {said}." if decided else "0 item(s) decided."
    for each, names in (
        (Made.UNFILLED, sorted({str(item.target) for one, item in made if one is Made.UNFILLED})),
        (Made.UNREAD, sorted({str(item.ref) for one, item in made if one is Made.UNREAD})),
        (Made.LEFT_OUT, sorted({str(item.ref) for one, item in made if one is Made.LEFT_OUT})),
    ):
        if names:
            more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
            what = each.replace("(s)", "" if len(names) == 1 else "s")
            yield f"{what[0].upper()}{what[1:]}: {', '.join(names[:NAMED])}{more}."


def brought(left: Left) -> Iterator[str]:
    """What decisions opened and what went with them, a line each."""
    for what, items in (("New", left.opened), ("Asked no more", left.withdrawn)):
        yield from (f"{what}: {item.id[:ID_SHOWN]} {_about(item)}" for item in items[:NAMED])
        if len(items) > NAMED:
            yield f"{what}: {len(items) - NAMED:,} more"


def _about(item: ReviewItem) -> str:
    if item.asks_for_a_column:
        return item.reason  # it names the field
    return f"{item.ref}{f' to {item.target}' if item.target else ''}: {item.reason}"


def whats_next(left: Left, *, goes_on: bool) -> str:
    """What is left after a decision, and the next command; ``goes_on`` where a running pipeline sees it by itself.

    >>> whats_next(Left(client="acme", items=3, approval=False), goes_on=True)
    '3 item(s) left: smp review list acme'
    """
    client = left.client
    if left.items:
        new = f", {len(left.opened):,} of them new" if left.opened else ""
        return f"{left.items:,} item(s) left{new}: smp review list {client}"
    if left.approval:
        return f"Nothing is left but a person's word for production: smp approve {client}"
    if goes_on:
        return f"Nothing is left. The running pipeline goes on by itself: smp status {client}"
    return f"Nothing is left. Go on with: smp onboard {client}"
