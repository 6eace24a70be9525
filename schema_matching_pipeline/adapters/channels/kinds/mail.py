"""E-mail by an SMTP server."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import make_msgid, parseaddr
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator

from schema_matching_pipeline.adapters.channels.catalog import CHANNELS, ChannelKind, ChannelOptions
from schema_matching_pipeline.errors import NotificationError
from schema_matching_pipeline.model.notification import Message

SECONDS = 20
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


def _server(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(
            "it must be smtp://, smtp+starttls:// or smtps:// with HOST:PORT, and USER:PASSWORD@ where asked for"
        )
    return url


def _addresses(text: str) -> str:
    for one in text.split(","):
        if "@" not in parseaddr(one.strip())[1]:
            raise ValueError("it must be e-mail addresses, with commas between")
    return text


class MailOptions(ChannelOptions):
    """The server with its credentials, who writes and to whom."""

    server: Annotated[str, AfterValidator(_server)]
    sender: Annotated[str, AfterValidator(_addresses)]
    to: Annotated[str, AfterValidator(_addresses)]

    @property
    def shown(self) -> str:
        """Who gets it."""
        return self.to


class Mail:
    """Sends a message as plain text."""

    def __init__(self, options: MailOptions) -> None:
        self._options = options

    def send(self, message: Message) -> None:
        """Hands the message over to the server.

        Raises:
            NotificationError: the server did not take it.
        """
        host = urlsplit(self._options.server).hostname or ""
        try:
            with self._connected() as server:
                server.send_message(self._written(message))
        except smtplib.SMTPResponseException as error:
            raise NotificationError(f"{host} answered with {error.smtp_code}.") from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotificationError(f"{host} did not take it ({type(error).__name__}).") from None

    def _connected(self) -> smtplib.SMTP:
        parts = urlsplit(self._options.server)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, timeout=SECONDS, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, port, timeout=SECONDS)
        if parts.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server

    def _written(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = " ".join(message.subject.split())
        mail["From"], mail["To"] = self._options.sender, self._options.to
        mail["Message-ID"] = make_msgid(message.id, domain="schema-matching-pipeline.invalid")
        mail.set_content("\n\n".join(f"{line.text}\n{line.link}" for line in message.lines))
        return mail


CHANNELS.register("mail")(ChannelKind(MailOptions, Mail))
