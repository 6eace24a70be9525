"""``smp trust``: the profiles and risk classes in force, and what they come to for a client."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.canon.figures import threshold
from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, table
from schema_matching_pipeline.model.trust import Thresholds, TrustConfig, TrustProfile
from schema_matching_pipeline.workflows.show_trust import show_thresholds, show_trust

PROFILE_HEADER = (
    "trust profile",
    "auto-accept from",
    "a person approves",
    "flagged columns left out",
    "frequent values verified",
)


def trust(
    client: Annotated[
        str | None, typer.Argument(help="One client; the whole configuration without it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show trust profiles and risk classes, or what each entity of a client needs."""
    if client is None:
        found = show_trust(world(), actor())
        emit(found, as_json, lambda console: _draw_config(console, found))
        return
    thresholds = show_thresholds(world(), actor(), client)
    emit(thresholds, as_json, lambda console: _draw_thresholds(console, client, thresholds))


def _draw_config(console: Console, found: TrustConfig) -> None:
    _draw_profiles(console, found.trust_profiles)
    rows = [
        (
            rule.name,
            threshold(rule.minimum_confidence),
            _word(rule.validation_required),
            ", ".join(rule.entities),
        )
        for rule in found.risk_classes
    ]
    header = ("risk class", "minimum confidence", "validation demanded", "entities named here")
    console.print(table("Risk classes", header, rows, right=(1,)))
    console.print(
        f"Default profile: {found.default_trust_profile}. Review floor: {threshold(found.review_floor)}.",
        style="dim",
    )


def _draw_thresholds(console: Console, client: str, found: Thresholds) -> None:
    _draw_profiles(console, (found.profile,))
    rows = [
        (
            entity.entity,
            entity.risk_class,
            threshold(entity.effective_threshold),
            _word(entity.validation_required),
        )
        for entity in found.entities
    ]
    header = ("entity", "risk class", "needs", "validation demanded")
    console.print(table(f"What entities of {client} need", header, rows, right=(2,)))
    for warning in found.warnings:
        console.print(Text(f"Warning: {visible(warning)}", style="yellow"))


def _draw_profiles(console: Console, profiles: tuple[TrustProfile, ...]) -> None:
    rows = [
        (
            profile.name,
            threshold(profile.auto_accept_threshold),
            _word(profile.review_required_before_production),
            _word(profile.auto_exclude_flagged_columns),
            _word(profile.auto_verify_high_occurrence_values),
        )
        for profile in profiles
    ]
    console.print(table("Trust profiles", PROFILE_HEADER, rows, right=(1,)))


def _word(switch: bool) -> str:
    return "yes" if switch else "no"
