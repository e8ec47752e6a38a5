"""E-mails to travellers: plain text in their language, with one-click unsubscribing (RFC 8058)."""

import asyncio
import ipaddress
import smtplib
import ssl
import tomllib
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from functools import cache
from importlib import resources
from typing import Final
from urllib.parse import unquote, urlsplit

from api.alerts.settings import AlertSettings
from contracts.languages import language

TIMEOUT: Final = 15.0
"""Seconds for one step of the conversation with the mail server."""
_PORTS: Final = {"smtp": 587, "smtps": 465}


class NotSent(Exception):
    """The mail server did not take it; worth another try."""


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    text = (resources.files("api.alerts") / "texts.toml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, str]] = tomllib.loads(text)
    return found


def words(code: str) -> Mapping[str, str]:
    """Everything that is written to travellers in a language."""
    return _texts()[language(code).code]


class Mailer:
    """One mail server."""

    def __init__(self, settings: AlertSettings) -> None:
        self._settings = settings

    @property
    def ready(self) -> bool:
        """Whether there is a mail server."""
        return self._settings.smtp_url is not None

    async def send(self, to: str, subject: str, body: str, unsubscribe: str) -> None:
        """Send one message. Raises NotSent."""
        message = EmailMessage()
        sender = self._settings.mail_from or ""
        message["From"], message["To"], message["Subject"] = sender, to, subject
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(body)
        try:
            await asyncio.to_thread(self._deliver, message)
        except (smtplib.SMTPException, OSError) as error:
            # The library's messages hold the address.
            raise NotSent(type(error).__name__) from None

    def _deliver(self, message: EmailMessage) -> None:
        url = self._settings.smtp_url
        if url is None:
            raise NotSent("no mail server")
        parts = urlsplit(url.get_secret_value())
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        context = ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT)
        with server:
            server.ehlo()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif parts.scheme == "smtp" and not _is_this_machine(host):
                raise smtplib.SMTPNotSupportedError("the server does not offer STARTTLS")
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
