"""Channels: how a message gets to people outside.

Comes in:        a Message, and the options of a channel, secrets among them.
Goes out:        the message, handed over; or a NotificationError that says why not and quotes no secret.
How it decides:  not at all; what is told to whom, and when it is tried again, is decided before.
To add to it:    one file in kinds/ that registers a kind with the model of its options.
It must never:   follow a redirect, keep a message, or write an option to a log.
"""

from schema_matching_pipeline.adapters.channels.opener import Channels

__all__ = ["Channels"]
