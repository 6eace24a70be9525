"""Opens channels by the name of their kind and free options."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from schema_matching_pipeline.adapters.channels.catalog import CHANNELS, ChannelOptions
from schema_matching_pipeline.errors import BadDecisionError
from schema_matching_pipeline.ports import NotificationChannel


class Channels:
    """Every kind of channel that is there."""

    def kinds(self) -> tuple[str, ...]:
        """The names of the kinds."""
        return tuple(CHANNELS)

    def shown(self, kind: str, options: Mapping[str, str]) -> str:
        """As much of the options as is no secret.

        Raises:
            UnknownNameError: there is no such kind.
            BadDecisionError: an option is missing, unknown or wrong.
        """
        return _checked(kind, options).shown

    def open(self, kind: str, options: Mapping[str, str]) -> NotificationChannel:
        """The channel that the options describe.

        Raises:
            UnknownNameError: there is no such kind.
            BadDecisionError: an option is missing, unknown or wrong.
        """
        return CHANNELS[kind].made(_checked(kind, options))


def _checked(kind: str, options: Mapping[str, str]) -> ChannelOptions:
    model = CHANNELS[kind].options
    try:
        return model.model_validate(dict(options))
    except ValidationError as error:
        mistakes = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        known = ", ".join(model.model_fields)
        raise BadDecisionError(
            f"The options of a {kind} channel have mistakes. {mistakes}. It takes: {known}."
        ) from None
