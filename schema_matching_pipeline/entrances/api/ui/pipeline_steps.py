"""How far a client's pipeline is, as the steps that its page shows in a row."""

from __future__ import annotations

from enum import StrEnum

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.pipeline import STATE_OF_PHASE, PipelineRun, PipelineState

_S = PipelineState
WORDS = {
    _S.PROFILING: "Profile",
    _S.QUALITY_CHECK: "Quality",
    _S.CLASSIFYING: "Classify",
    _S.MATCHING: "Match",
    _S.VALIDATING: "Validate",
    _S.AWAITING_REVIEW: "Review",
    _S.AWAITING_APPROVAL: "Approve",
    _S.COMPLETED: "Publish",
}
_OF_PEOPLE = frozenset({_S.AWAITING_REVIEW, _S.AWAITING_APPROVAL})


class Stands(StrEnum):
    """How far one step is."""

    DONE = "done"
    WORKS = "works"
    WAITS = "waits"
    FAILED = "failed"
    AHEAD = "ahead"


class PipelineStep(Frozen):
    """One step by its word, and how far it is."""

    word: str
    stands: Stands


def pipeline_steps(run: PipelineRun | None, *, publishing: bool = False) -> tuple[PipelineStep, ...]:
    """The steps of a run, all of them ahead where there is none; ``publishing`` is that its approval was given.

    >>> run = PipelineRun(id="1", client="a", state="awaiting_review", trust_profile="standard")
    >>> [str(step.stands) for step in pipeline_steps(run)][4:]
    ['done', 'waits', 'ahead', 'ahead']
    >>> [str(step.stands) for step in pipeline_steps(run.but(state="awaiting_approval"), publishing=True)][5:]
    ['done', 'done', 'works']
    """
    states = list(WORDS)
    reached = _S.COMPLETED if publishing else _reached(run)
    place = states.index(reached) if reached else -1
    return tuple(
        PipelineStep(word=WORDS[state], stands=_stands(run, state, at=states.index(state), reached=place))
        for state in states
    )


def _reached(run: PipelineRun | None) -> PipelineState | None:
    """The step that a run is at; None where it has not begun."""
    if run is None or run.state is _S.PENDING:
        return None
    if run.state is not _S.FAILED:
        return run.state
    return STATE_OF_PHASE.get(run.failed_phase, _S.COMPLETED) if run.failed_phase else _S.PROFILING


def _stands(run: PipelineRun | None, state: PipelineState, *, at: int, reached: int) -> Stands:
    if run is None or at > reached:
        return Stands.AHEAD
    if at < reached or run.state is _S.COMPLETED:
        return Stands.DONE
    if run.state is _S.FAILED:
        return Stands.FAILED
    return Stands.WAITS if state in _OF_PEOPLE else Stands.WORKS
