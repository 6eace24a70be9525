"""What a kind of channel is, and the catalog that finds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from schema_matching_pipeline.plugins import Catalog
from schema_matching_pipeline.ports import NotificationChannel


class ChannelOptions(BaseModel):
    """What a channel needs to be told; a kind derives its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @property
    def shown(self) -> str:
        """As much as is no secret, so that people know the channel by it."""
        raise NotImplementedError


@dataclass(frozen=True)
class ChannelKind:
    """One kind of channel: the model of its options, and what makes a channel of them."""

    options: type[ChannelOptions]
    made: Callable[..., NotificationChannel]


CHANNELS: Catalog[ChannelKind] = Catalog("schema_matching_pipeline.adapters.channels.kinds")
