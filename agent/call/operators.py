"""People of the house in a call: asked for, waited for, announced; while one is there the assistant is silent."""

import asyncio
import logging
from typing import TYPE_CHECKING, Final, Literal

from agent import budgets
from agent.call.backend import BackendError
from contracts.desk import HandoffReason, HandoffReply, HandoffRequest
from contracts.languages import LANGUAGES
from contracts.room import NoticeKind

if TYPE_CHECKING:
    from agent.call.state import Call

logger = logging.getLogger("polyglot.agent.call.operators")

Outcome = Literal["joined", "nobody"]
NAME_MAX: Final = 60


class Operators:
    """One per call."""

    def __init__(self, call: "Call") -> None:
        self._call = call
        self._there: dict[str, str] = {}
        self._came = asyncio.Event()
        self._asking = asyncio.Lock()

    @property
    def present(self) -> bool:
        """Whether a person has the call."""
        return bool(self._there)

    async def ask(self, reason: HandoffReason) -> Outcome:
        """Ask for a person and say what comes of it; returns when one is there, or when nobody is or comes."""
        call = self._call
        async with self._asking:
            if self.present:
                return "joined"
            body = HandoffRequest(reason=reason, language=call.language.code)
            path = f"/v1/sessions/{call.metadata.session_id}/handoff"
            try:
                reply = await call.backend.ask(HandoffReply, "POST", path, body=body.model_dump(mode="json"))
            except BackendError:
                logger.warning("nobody could be asked for")
                reply = HandoffReply(waiting=0)
            if reply.waiting:
                self._say("connecting", NoticeKind.CONNECTING)
                try:
                    async with asyncio.timeout(budgets.OPERATOR_WAIT):
                        await self._came.wait()
                except TimeoutError:
                    pass
                else:
                    return "joined"
            self._say("nobody_there", NoticeKind.NOBODY_THERE)
            return "nobody"

    def joined(self, identity: str, name: str) -> None:
        """Somebody has come; said aloud and shown, so that nobody listens unannounced."""
        first, self._there[identity] = not self._there, name.strip()[:NAME_MAX]
        if first:
            self._came.set()
        self._say("joined", NoticeKind.OPERATOR_JOINED, name=self._there[identity])

    def left(self, identity: str) -> None:
        """Somebody has gone; with the last one the assistant takes the call up again."""
        if self._there.pop(identity, None) is None or self._there:
            return
        self._came.clear()
        self._say("left", NoticeKind.OPERATOR_LEFT)

    def _say(self, line: str, kind: NoticeKind, *, name: str = "") -> None:
        texts = LANGUAGES[self._call.language.code].people
        who = name or texts.somebody
        text = str(getattr(texts, line)).format(name=who)
        self._call.speaker.words(text)
        self._call.run_aside(self._call.speaker.notice(kind, text=text))
