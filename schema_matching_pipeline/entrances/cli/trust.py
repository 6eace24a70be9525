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
from schema_matching_pipeline.entrances.cli.trust_shown import draw_adjustments, draw_trust
from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.model.reliability import Guarantee
from schema_matching_pipeline.model.trust import Thresholds, TrustConfig, TrustProfile
from schema_matching_pipeline.workflows.adapt_trust import answer_relaxation, show_client_trust
from schema_matching_pipeline.workflows.show_trust import show_guarantee, show_thresholds, show_trust

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
    error_rate: Annotated[
        float | None,
        typer.Option(
            "--error-rate",
            min=0.001,
            max=0.5,
            help="Which confidence holds this share of wrong suggestions, by the decisions about the client.",
        ),
    ] = None,
    certainty: Annotated[
        float, typer.Option(min=0.5, max=0.999, help="How certain --error-rate has to be.")
    ] = 0.95,
    with_others: Annotated[
        bool, typer.Option("--with-others", help="Count decisions about all clients of its canonical model.")
    ] = False,
    relax: Annotated[
        str | None,
        typer.Option(metavar="ENTITY", help="Let the threshold of this entity fall, as is suggested."),
    ] = None,
    keep: Annotated[
        str | None,
        typer.Option(metavar="ENTITY", help="Do not let it fall, although that is suggested."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, with --relax or --keep; kept for ever.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show trust profiles and risk classes, or what each entity of a client needs and how its suggestions fared.

    With --error-rate, the confidence from which on no more suggestions than that are wrong, as far as decisions tell; it
    changes no threshold.
    """
    if relax or keep:
        _answer(client, relax, keep, reason, as_json)
        return
    if error_rate is not None:
        _show_guarantee(client, error_rate, certainty, as_json, with_others=with_others)
        return
    if client is None:
        found = show_trust(world(), actor())
        emit(found, as_json, lambda console: _draw_config(console, found))
        return
    thresholds = show_thresholds(world(), actor(), client)
    fared = show_client_trust(world(), actor(), client)

    def show(console: Console) -> None:
        _draw_thresholds(console, client, thresholds)
        draw_trust(console, client, fared)

    emit({**dict(thresholds), **dict(fared)}, as_json, show)


def _answer(client: str | None, relax: str | None, keep: str | None, reason: str, as_json: bool) -> None:
    if client is None or (relax and keep):
        raise UsageError("Name a client and one entity: smp trust CLIENT --relax ENTITY --reason WHY")
    made = answer_relaxation(
        world(), actor(), client, str(relax or keep), accepted=relax is not None, reason=reason
    )
    emit(made, as_json, lambda console: draw_adjustments(console, client, (made,)))


def _show_guarantee(
    client: str | None, error_rate: float, certainty: float, as_json: bool, *, with_others: bool
) -> None:
    if client is None:
        raise UsageError("Name the client whose decisions are to tell: smp trust CLIENT --error-rate SHARE")
    found = show_guarantee(
        world(), actor(), client, wanted_error=error_rate, certainty=certainty, with_others=with_others
    )
    emit(found, as_json, lambda console: _draw_guarantee(console, client, found, with_others=with_others))


def _draw_guarantee(console: Console, client: str, found: Guarantee, *, with_others: bool) -> None:
    console.print(Text(visible(_in_words(client, found, with_others=with_others))))
    if found.reliability:
        rows = [
            (
                f"{each.low:.1f}",
                each.count,
                each.right,
                f"{each.right / each.count:.2f}",
                f"{each.mean_confidence:.2f}",
            )
            for each in found.reliability
        ]
        header = ("confidence from", "decided", "right", "share right", "mean confidence")
        console.print(table("Confidence against decisions", header, rows, right=(0, 1, 2, 3, 4)))
        console.print(
            f"Expected calibration error {found.calibration_error:.3f}. Only suggestions that people were asked about "
            "are in it; what was accepted by itself is not.",
            style="dim",
        )


def _in_words(client: str, found: Guarantee, *, with_others: bool) -> str:
    wanted, certain = f"{found.wanted_error:.1%}", f"{found.certainty:.0%}"
    seen = f"{found.decided} decided, {found.wrong} of them wrong"
    if found.bar is not None:
        return (
            f"From confidence {found.bar:.2f} up no more than {wanted} of the suggestions are wrong, with {certain} "
            f"certainty: {seen}, so at most {found.error_bound:.1%} are."
        )
    if found.enough:
        return f"No confidence holds {wanted} with {certain} certainty: {seen}, so up to {found.error_bound:.1%} may be."
    more = (
        ""
        if with_others
        else f" Decisions about other clients count with: smp trust {client} --error-rate {found.wanted_error:g} --with-others"
    )
    return (
        f"Not enough decisions yet: {wanted} with {certain} certainty takes {found.needed} without a mistake, "
        f"and there are {seen}.{more}"
    )


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
