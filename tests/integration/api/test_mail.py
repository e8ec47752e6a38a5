"""The mailer against mail servers that put off, refuse, drip or hang up, at each step of the conversation (RFC 5321)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from api.alerts import mail
from api.alerts.mail import Mailer, NotSent, Refused
from api.alerts.settings import AlertSettings
from api.jobs.runner import LONGEST, Hopeless

USUAL = {
    "BANNER": "220 ready",
    "EHLO": "250 here",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "END": "250 taken",
    "QUIT": "221 bye",
}


@dataclass
class Server:
    """Answers by script. An answer of `HANG UP` closes the connection, `DRIP` never ends."""

    script: dict[str, str]
    port: int = 0
    taken: list[str] = field(default_factory=list)
    """Messages that were read to their end, whatever was said of them then."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation."""
        try:
            step = "BANNER"
            while await self._say(step, writer):
                if step == "DATA" and self._of("DATA").startswith("354"):
                    message = await reader.readuntil(b"\r\n.\r\n")
                    self.taken.append(message.decode())
                    step = "END"
                    continue
                line = (await reader.readline()).decode()
                if not line:
                    break
                step = line.split()[0].upper().rstrip(":")
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _of(self, step: str) -> str:
        return (USUAL | self.script).get(step, "250 ok")

    async def _say(self, step: str, writer: asyncio.StreamWriter) -> bool:
        answer = self._of(step)
        while answer == "DRIP":
            writer.write(b"250-still at it\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)
        if answer == "HANG UP":
            return False
        writer.write(answer.encode() + b"\r\n")
        await writer.drain()
        return True


@asynccontextmanager
async def serving(**script: str) -> AsyncIterator[tuple[Server, Mailer]]:
    server = Server(script)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    url = f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server, Mailer(AlertSettings(smtp_url=url, mail_from="Polyglot <flights@travel.example.com>"))
    finally:
        listening.close()


async def send(mailer: Mailer) -> None:
    await mailer.send("traveller@example.net", "Cheaper", "Now.", "https://a.example/u", key="alert.1.99.00")


@pytest.mark.parametrize(
    "script",
    [
        {"BANNER": "421 too busy"},
        {"BANNER": "HANG UP"},
        {"EHLO": "250-here\r\n250 STARTTLS", "STARTTLS": "454 TLS not available for now"},
        {"EHLO": "250-here\r\n250 STARTTLS", "STARTTLS": "220 go on\r\nthis is no TLS"},
        {"MAIL": "450 put off"},
        {"RCPT": "451 4.7.1 greylisted, try again in 300 seconds"},
        {"RCPT": "HANG UP"},
        {"DATA": "451 not now"},
        {"END": "452 out of storage"},
        {"END": "HANG UP"},
    ],
    ids=str,
)
async def test_what_passes_is_worth_another_try(script: dict[str, str]) -> None:
    async with serving(**script) as (_, mailer):
        with pytest.raises(NotSent) as error:
            await send(mailer)
    assert not isinstance(error.value, Hopeless)
    assert "traveller" not in str(error.value)


@pytest.mark.parametrize("script", [{"RCPT": "550 no such user"}, {"END": "554 5.7.1 not wanted"}], ids=str)
async def test_what_is_refused_for_good_is_not_tried_again(script: dict[str, str]) -> None:
    async with serving(**script) as (_, mailer):
        with pytest.raises(Refused):
            await send(mailer)


@pytest.mark.parametrize("script", [{"MAIL": "530 log in first"}, {"END": "451 4.3.2 not configured"}], ids=str)
async def test_what_the_operator_can_mend_is_tried_again(script: dict[str, str]) -> None:
    async with serving(**script) as (_, mailer):
        with pytest.raises(NotSent) as error:
            await send(mailer)
    assert not isinstance(error.value, Hopeless)


@pytest.mark.parametrize("goodbye", ["421 closing", "500 what", "HANG UP", "DRIP"])
async def test_a_message_that_was_taken_is_sent_whatever_is_said_after_it(
    goodbye: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "GOODBYE", 0.2)
    monkeypatch.setattr(mail, "WHOLE", 1.0)
    async with serving(QUIT=goodbye) as (server, mailer):
        await send(mailer)
        assert len(server.taken) == 1


async def test_a_message_of_which_nobody_knows_whether_it_was_taken_is_the_same_message_the_next_time() -> None:
    async with serving(END="HANG UP") as (server, mailer):
        for _ in range(2):
            with pytest.raises(NotSent):
                await send(mailer)
        ids = [line for text in server.taken for line in text.splitlines() if line.startswith("Message-ID")]
    assert ids == ["Message-ID: <alert.1.99.00@travel.example.com>"] * 2


@pytest.mark.parametrize("step", ["BANNER", "RCPT", "END"])
async def test_a_server_that_drips_is_left_before_the_job_is_taken_for_failed(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "WHOLE", 0.3)
    monkeypatch.setattr(mail, "TIMEOUT", 0.3)
    async with serving(**{step: "DRIP"}) as (_, mailer):
        with pytest.raises(NotSent):
            await asyncio.wait_for(send(mailer), 30)


def test_nothing_is_sent_after_its_job_was_taken_for_failed() -> None:
    assert mail.TIMEOUT + mail.WHOLE + mail.GOODBYE <= LONGEST
