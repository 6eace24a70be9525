"""Any program that takes JSON; where a secret is shared, the body is signed with it.

The signature is ``X-SMP-Signature: sha256=`` and the HMAC (RFC 2104) of the body; ``X-SMP-Delivery`` is the same when a
message is sent again.
"""

from __future__ import annotations

import hmac
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

from schema_matching_pipeline.adapters.channels.catalog import CHANNELS, ChannelKind, ChannelOptions
from schema_matching_pipeline.adapters.channels.posted import http_address, post_bytes
from schema_matching_pipeline.model.notification import Message


class WebhookOptions(ChannelOptions):
    """Where to, and the secret that signs."""

    url: Annotated[str, AfterValidator(http_address)]
    secret: SecretStr | None = None

    @property
    def shown(self) -> str:
        """The host."""
        return urlsplit(self.url).hostname or ""


class Webhook:
    """Posts a message as it is."""

    def __init__(self, options: WebhookOptions) -> None:
        self._options = options

    def send(self, message: Message) -> None:
        """Hands the message over.

        Raises:
            NotificationError: it was not taken.
        """
        body = message.canonical_json().encode()
        headers = {"X-SMP-Delivery": message.id}
        if self._options.secret:
            signed = hmac.new(self._options.secret.get_secret_value().encode(), body, "sha256").hexdigest()
            headers["X-SMP-Signature"] = f"sha256={signed}"
        post_bytes(self._options.url, body, headers)


CHANNELS.register("webhook")(ChannelKind(WebhookOptions, Webhook))
