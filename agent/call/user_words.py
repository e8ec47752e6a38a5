"""What newly known words of the user mean for the call beside their answer."""

from typing import Final

from agent.call.lifecycle import Lifecycle
from agent.call.record import Record
from agent.call.running_pipeline import RunningPipeline
from agent.call.state import Call
from agent.speaking.voice_outage import VoiceOutage
from agent.turns.turn import Turn

HEARD_KEPT: Final = 500
"""Characters of the user's own words, whose numbers the assistant may repeat."""


class UserWords:
    """One per call."""

    def __init__(
        self, call: Call, pipeline: RunningPipeline, lifecycle: Lifecycle, record: Record, voice: VoiceOutage
    ) -> None:
        self._call = call
        self._pipeline = pipeline
        self._lifecycle = lifecycle
        self._record = record
        self._voice = voice

    def asked(self, text: str, turn: Turn) -> None:
        """The user asks something."""
        self._voice.restore()
        self._lifecycle.user_active()
        if turn.spoken and turn.ended is not None:
            self._record.words_known(turn.known_after)
        if self._call.operators.present:
            self._call.turns.settle()
        self.follow(text)

    def follow(self, text: str) -> None:
        """What language the user speaks, and which numbers the assistant may repeat."""
        call = self._call
        call.heard = f"{call.heard} {text}"[-HEARD_KEPT:]
        if call.language.heard(text):
            self._pipeline.language_changed()
            call.run_aside(call.describe())
            call.run_aside(call.speaker.prepare(call.persona.fillers))
