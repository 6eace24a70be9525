"""What validation found about a client's newest version, with what people live with told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.validation import Finding, FindingStatus
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.workflows.note_export import note_export
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client
from schema_matching_pipeline.workflows.world import World


class Standing(StrEnum):
    """How a finding stands, the worst first."""

    FAILED = "failed"
    WAIVED = "waived"  # failed, and people live with it
    WARNING = "warning"
    PASSED = "passed"


class ShownFinding(Frozen):
    """A finding, and how it stands once people were asked."""

    finding: Finding
    standing: Standing


class ValidationView(Frozen):
    """Every finding about a version, the worst first. ``version`` is None where nothing was validated yet.

    ``complete`` says that everything was asked about the newest version as it stands.
    """

    client: str
    canonical_model: str
    version: int | None
    complete: bool
    looked_at: datetime
    findings: tuple[ShownFinding, ...]

    @property
    def counts(self) -> tuple[tuple[Standing, int], ...]:
        """How many findings stand how; each standing once."""
        counted = Counter(shown.standing for shown in self.findings)
        return tuple((standing, counted[standing]) for standing in Standing)

    @property
    def not_held(self) -> tuple[ShownFinding, ...]:
        """What does not hold for every row."""
        return tuple(shown for shown in self.findings if shown.standing is not Standing.PASSED)

    @property
    def entities(self) -> tuple[tuple[str, tuple[ShownFinding, ...]], ...]:
        """All findings by the entity that they are about, each by its field."""
        names = sorted({shown.finding.target.entity for shown in self.findings})
        return tuple((name, tuple(sorted(self._about(name), key=_place))) for name in names)

    def _about(self, entity: str) -> Iterable[ShownFinding]:
        return (shown for shown in self.findings if shown.finding.target.entity == entity)


def show_validation(world: World, actor: Actor, client: str) -> ValidationView:
    """What a person may read about the client's validation.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        return _view(world, unit, client)


def export_validation(world: World, actor: Actor, client: str, form: str) -> ValidationView:
    """The same, to leave as a file of that ``form``; the audit says who took how many findings.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
    """
    found = show_validation(world, actor, client)
    note_export(world, actor, client, "validation", form, len(found.findings))
    return found


def report_validation(world: World, client: str, *, run: RunStamp) -> ValidationView:
    """The same, for the run that has just validated."""
    with open_client(world, client, run) as unit:
        return _view(world, unit, client)


def _view(world: World, unit: UnitOfWork, client: str) -> ValidationView:
    record, gate = unit.clients.get(client), unit.publications.gate(client)
    report, waived = unit.validations.current(client), unit.reviews.waived(client)
    shown = [
        ShownFinding(finding=finding, standing=_standing(finding, waived))
        for finding in (report.findings if report else ())
    ]
    order = list(Standing)
    return ValidationView(
        client=client,
        canonical_model=record.canonical_model,
        version=gate.version if report else None,
        complete=gate.validated,
        looked_at=world.clock.now(),
        findings=tuple(sorted(shown, key=lambda each: order.index(each.standing))),
    )


def _standing(finding: Finding, waived: frozenset[str]) -> Standing:
    if finding.status is FindingStatus.FAILED and finding.expectation_id in waived:
        return Standing.WAIVED
    return Standing(str(finding.status))


def _place(shown: ShownFinding) -> tuple[str, str, str]:
    finding = shown.finding
    return finding.target.field, finding.ref.table, finding.ref.column
