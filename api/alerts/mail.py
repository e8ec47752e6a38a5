"""E-mails to travellers: plain text in their language, with one-click unsubscribing (RFC 8058)."""

import asyncio
import contextlib
import ipaddress
import smtplib
import socket
import ssl
import threading
import time
import tomllib
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from functools import cache
from importlib import resources
from typing import Final
from urllib.parse import unquote, urlsplit

from api.alerts.settings import AlertSettings
from api.jobs.runner import Hopeless
from contracts.languages import language

TIMEOUT: Final = 15.0
"""Seconds for one step of the conversation with the mail server."""
WHOLE: Final = 28.0
"""Seconds for all of them, however slowly it drips: with the connecting less than a job may take, so that no message goes out
after its job was taken for failed, and again with the next try."""
GOODBYE: Final = 2.0
_READY: Final = 220
_PERMANENT: Final = 500
"""SMTP codes from here on are for good."""
_PORTS: Final = {"smtp": 587, "smtps": 465}


class NotSent(Exception):
    """The mail server did not take it; worth another try."""


class Refused(NotSent, Hopeless):
    """It never will: there is no such address, or it wants no such message."""


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

    async def send(self, to: str, subject: str, body: str, unsubscribe: str, *, key: str) -> None:
        """Send one message. Raises NotSent.

        `key` is the message's own: where a server took it and could not say so any more, the next try is known as the same.
        """
        message = EmailMessage()
        sender = self._settings.mail_from or ""
        message["From"], message["To"], message["Subject"] = sender, to, subject
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = f"<{key}@{parseaddr(sender)[1].rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(body)
        try:
            await asyncio.to_thread(self._deliver, message)
        except (smtplib.SMTPException, OSError) as error:
            # The library's messages hold the address.
            raise (Refused if _for_good(error) else NotSent)(type(error).__name__) from None

    def _deliver(self, message: EmailMessage) -> None:
        url = self._settings.smtp_url
        if url is None:
            raise NotSent("no mail server")
        parts = urlsplit(url.get_secret_value())
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        context = ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(timeout=TIMEOUT)
        server._host = host  # type: ignore[attr-defined]  # noqa: SLF001 - whose certificate it must be; `connect` does not say
        enough = threading.Timer(WHOLE, _hang_up, [server])
        enough.start()
        begun = time.monotonic()
        try:
            greeting = server.connect(host, port)
            if greeting[0] != _READY:
                raise smtplib.SMTPConnectError(*greeting)
            if time.monotonic() - begun > WHOLE:  # before there was anything to hang up
                raise TimeoutError
            server.ehlo()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif parts.scheme == "smtp" and not _is_this_machine(host):
                raise smtplib.SMTPNotSupportedError("the server does not offer STARTTLS")
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
        finally:
            enough.cancel()
            _leave(server)


def _hang_up(server: smtplib.SMTP) -> None:
    """Ends whatever is waited for."""
    if server.sock is not None:
        with contextlib.suppress(OSError):
            server.sock.shutdown(socket.SHUT_RDWR)


def _leave(server: smtplib.SMTP) -> None:
    """Without waiting for what is said to the goodbye: it says nothing of what was taken before."""
    try:
        if server.sock is not None:
            server.sock.settimeout(GOODBYE)
            server.putcmd("quit")
    except (smtplib.SMTPException, OSError):
        pass
    finally:
        server.close()


def _for_good(error: Exception) -> bool:
    """Whether the recipient or the message was refused for ever (5yz); a login or a sender is the operator's to mend."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= _PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= _PERMANENT


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
