"""``smp llm``: what a language model may be told, what it may take, and what it took."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, moment, table
from schema_matching_pipeline.errors import BadDecisionError, UnknownNameError
from schema_matching_pipeline.model.llm import USUALLY_TOLD, LLMPolicy, LLMUse, Told
from schema_matching_pipeline.workflows.manage_llm import LLMChange, LLMReport, change_llm, show_llm

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="Language models: what they may be told, what they may take, and what they took.",
)
WORDS = {"nothing": (), "usual": USUALLY_TOLD, "all": tuple(Told)}
KINDS = ", ".join(Told)


@app.command()
def show(
    client: Annotated[
        str | None, typer.Argument(help="One client; all clients of the tenant without it.")
    ] = None,
    calls: Annotated[
        int, typer.Option(min=0, max=1000, help="So many of the newest questions, as they left.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Show what may be told, the budget of the month, and the tokens and cost of the questions that left."""
    found = show_llm(world(), actor(), client, calls=calls)
    emit(found, as_json, lambda console: _draw(console, found))


@app.command("set")
def set_(
    client: Annotated[
        str | None, typer.Argument(help="One client; without it, all that have no policy of their own.")
    ] = None,
    tell: Annotated[
        str | None,
        typer.Option(
            help=f"What may be told: nothing, usual, all, or several of {KINDS}, with commas between."
        ),
    ] = None,
    monthly_tokens: Annotated[
        int | None,
        typer.Option(min=0, max=10**15, help="Tokens of questions and answers that a month may take."),
    ] = None,
    monthly_cost: Annotated[
        float | None, typer.Option(min=0, help="What a month may cost, in the currency of the prices.")
    ] = None,
    any_cost: Annotated[bool, typer.Option("--any-cost", help="No bound but that of the tokens.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what a language model may be told about a client's columns, and what that may take in a month."""
    if monthly_cost is not None and any_cost:
        raise BadDecisionError("Say either --monthly-cost or --any-cost.")
    change = LLMChange(
        told=None if tell is None else kinds_of(tell),
        monthly_tokens=monthly_tokens,
        monthly_cost=monthly_cost,
        any_cost=any_cost,
    )
    if change == LLMChange():
        raise BadDecisionError(
            "Say what is to change: --tell, --monthly-tokens, --monthly-cost or --any-cost."
        )
    policy = change_llm(world(), actor(), client, change)

    def show_it(console: Console) -> None:
        console.print(f"{_about(client)}: {in_words(policy)}")

    emit(policy, as_json, show_it)


def kinds_of(words: str) -> tuple[Told, ...]:
    """The kinds of evidence that a person named.

    Raises:
        UnknownNameError: one is none of them.
    """
    if words in WORDS:
        return WORDS[words]
    named = [word.strip().replace("-", "_") for word in words.split(",") if word.strip()]
    for word in named:
        if word not in set(Told):
            raise UnknownNameError("kind of evidence", word, (*WORDS, *Told))
    return tuple(Told(word) for word in named)


def in_words(policy: LLMPolicy) -> str:
    """What a policy allows, as a sentence."""
    if not policy.told:
        return "nothing is told to a language model, so none is asked."
    told = ", ".join(kind.replace("_", " ") for kind in policy.told)
    cost = "" if policy.monthly_cost is None else f", and may cost {policy.monthly_cost:g}"
    return f"told are {told}; a month may take {policy.monthly_tokens:,} tokens{cost}."


def _about(client: str | None) -> str:
    return f"Client {client}" if client else "Clients without a policy of their own"


def _draw(console: Console, found: LLMReport) -> None:
    console.print(
        f"Model: {found.model}" if found.model else "No language model is configured: see SMP_LLM_API_KEY.",
        highlight=False,
    )
    console.print(f"{_about(found.client)}: {in_words(found.policy)}", highlight=False)
    rows = [_use_row("this month", found.month), _use_row("ever", found.ever)]
    header = ("", "questions", "answered", "unusable", "failed", "tokens asked", "tokens answered", "cost")
    console.print(table("Use", header, rows, right=tuple(range(1, 8))))
    if found.ever.unpriced:
        console.print(
            f"{found.ever.unpriced} of them without a known price, which the cost leaves out.", style="dim"
        )
    for call in found.calls:
        line = (
            f"{moment(call.asked_at)} {call.client} {call.prompt} {call.prompt_version} {call.outcome} {call.columns} column(s) "
            f"{call.model or '-'} {call.prompt_tokens}+{call.completion_tokens} tokens"
        )
        console.print(Text(visible(line)))
        console.print(Text(visible(call.question), style="dim"))


def _use_row(when: str, use: LLMUse) -> tuple[object, ...]:
    return (
        when,
        use.calls,
        use.answered,
        use.unusable,
        use.failed,
        use.prompt_tokens,
        use.completion_tokens,
        f"{use.cost:.4f}",
    )
