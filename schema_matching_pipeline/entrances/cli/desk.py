"""``smp desk``: a link that logs the person at this terminal in."""

from __future__ import annotations

from rich.console import Console

from schema_matching_pipeline.entrances.cli.identity import actor, settings, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit
from schema_matching_pipeline.entrances.orchestration.answering import answers
from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.model.access import SessionTerms
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.settings import Feature
from schema_matching_pipeline.workflows.log_in import begin_session

TICKET_MINUTES = 10
BUSY_SECONDS = 20.0  # a desk on a machine that is busy answers late, and runs all the same


class DeskLink(Frozen):
    """Where the pages are, and the link that logs in once, within ``minutes``."""

    url: str
    link: str
    minutes: int = TICKET_MINUTES


def desk(as_json: AsJson = False) -> None:
    """Print a link to the review desk that logs you in; it works once, within ten minutes."""
    settings().require(Feature.DESK)
    url = f"http://127.0.0.1:{settings().desk_port}"
    if not answers(f"{url}/healthz", BUSY_SECONDS):
        raise UsageError(
            f"No desk runs at {url}. Start it with `smp up`, wait until that says where the desk is, and ask for the link once more."
        )
    from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens  # only here

    terms = SessionTerms(access_minutes=TICKET_MINUTES, agent="a ticket of `smp desk`")
    ticket = AccessTokens(settings().key).made(begin_session(world(), actor(), terms), TICKET_MINUTES)
    shown = DeskLink(url=url, link=f"{url}/enter?ticket={ticket}")

    def show(console: Console) -> None:
        console.print(shown.link, soft_wrap=True, highlight=False)
        console.print(
            f"It logs you in once, within {TICKET_MINUTES} minutes, where `smp up` runs.", style="dim"
        )

    emit(shown, as_json, show)
