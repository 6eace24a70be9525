"""A Slack channel by its incoming webhook."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from schema_matching_pipeline.adapters.channels.catalog import CHANNELS, ChannelKind, ChannelOptions
from schema_matching_pipeline.adapters.channels.posted import http_address, post
from schema_matching_pipeline.model.notification import Message

_MEANT_AS_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class SlackOptions(ChannelOptions):
    """The address that Slack gives for a channel; whoever knows it may write there."""

    url: Annotated[str, AfterValidator(http_address)]

    @property
    def shown(self) -> str:
        """The host; the path is the secret."""
        return urlsplit(self.url).hostname or ""


class Slack:
    """Writes a message with a link to each line's place."""

    def __init__(self, options: SlackOptions) -> None:
        self._options = options

    def send(self, message: Message) -> None:
        """Hands the message over.

        Raises:
            NotificationError: it was not taken.
        """
        lines = [f"• <{line.link}|{line.text.translate(_MEANT_AS_TEXT)}>" for line in message.lines]
        subject = message.subject.translate(_MEANT_AS_TEXT)
        post(self._options.url, {"text": "\n".join([f"*{subject}*", *lines])})


CHANNELS.register("slack")(ChannelKind(SlackOptions, Slack))
