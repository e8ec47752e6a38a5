"""Builds what a pipeline runs on: models by provider, voice activity detection and an explicit turn policy.

`turn_handling` names every option on purpose: the library's defaults differ between development and production and
can stream a caller's audio to a third party.
"""

from dataclasses import dataclass
from typing import Any

from livekit.agents.types import APIConnectOptions
from livekit.agents.vad import VAD
from livekit.agents.voice.agent_session import SessionConnectOptions
from livekit.agents.voice.turn import TurnHandlingOptions

from agent import budgets, providers
from agent.hearing.heard_silence import HeardSilence
from agent.hearing.transcript_filter import TranscriptFilter
from agent.hearing.turn_end_detector import END_OF_TURN_SECONDS, UNFINISHED_SECONDS, LastWords, TurnEndDetector
from agent.hearing.voice_activity import voice_activity
from agent.providers import Built
from agent.providers.choice import ModelChoice
from agent.providers.context import CallContext
from contracts.dispatch import Pipeline

INTERRUPTS_AFTER = 0.06
"""Seconds of voice that silence the assistant: no more than the voice activity detection takes to be sure of one."""
FALSE_INTERRUPTION_SECONDS = 0.7
"""After a sound over the assistant of which no words come, it goes on where it stopped."""

MODEL_CONNECT = APIConnectOptions(
    max_retry=budgets.MODEL_RETRIES, retry_interval=budgets.MODEL_RETRY_WAIT, timeout=budgets.MODEL_TIMEOUT
)
SESSION_CONNECT = SessionConnectOptions(
    stt_conn_options=MODEL_CONNECT,
    llm_conn_options=MODEL_CONNECT,
    tts_conn_options=MODEL_CONNECT,
    # A provider that is down must not end the call: we say so and stay.
    max_unrecoverable_errors=1_000_000,
)


@dataclass(frozen=True)
class PipelineModels:
    """Arguments of `AgentSession` that depend on the pipeline."""

    pipeline: Pipeline
    llm: Built
    turn_handling: TurnHandlingOptions
    stt: Built | None = None
    tts: Built | None = None
    vad: VAD | None = None

    def language_changed(self, call: CallContext, choice: ModelChoice) -> None:
        """Tell ears and voice which language the call is in now."""
        for heard in (self.stt, self.llm if self.pipeline is Pipeline.REALTIME else None):
            if heard is not None:
                heard.listen(call)
        if self.tts is not None:
            self.tts.speak(call, choice)


def build(pipeline: Pipeline, choice: ModelChoice, call: CallContext, words: LastWords | None = None) -> PipelineModels:
    """The models of one session, on the call's clients. Names are known to exist; that they answer is seen in the call.

    `words`: what those of the turn so far say of its end.
    """
    if pipeline is Pipeline.REALTIME:
        return PipelineModels(
            pipeline=pipeline,
            llm=providers.realtime(choice, call),
            # Fixed lines (greeting, fillers) are synthesised, so that they are said word for word.
            tts=providers.speech(choice, call),
            # Turns are the provider's. Our own ears only notice speech that nothing ever comes back for.
            vad=voice_activity(),
            turn_handling=_turns("realtime_llm"),
        )
    if pipeline is Pipeline.CASCADE:
        return PipelineModels(
            pipeline=pipeline,
            llm=providers.chat(choice, call),
            stt=providers.transcription(choice, call, voice_activity()),
            tts=providers.speech(choice, call),
            vad=HeardSilence(),
            turn_handling=_turns(TurnEndDetector(words or TranscriptFilter()), resumes=True),
        )
    return PipelineModels(pipeline=pipeline, llm=providers.chat(choice, call), turn_handling=_turns("manual"))


def _turns(detection: Any, *, resumes: bool = False) -> TurnHandlingOptions:  # noqa: ANN401 - a private type
    return TurnHandlingOptions(
        turn_detection=detection,
        endpointing={"mode": "fixed", "min_delay": END_OF_TURN_SECONDS, "max_delay": UNFINISHED_SECONDS},
        interruption={
            "enabled": True,
            "mode": "vad",
            "min_duration": INTERRUPTS_AFTER,
            "min_words": 0,
            # Silent at once, and for good only where words come: a cough or an "mm-hm" is no interruption. In realtime
            # the provider has dropped its answer by then, and there is nothing to go on with.
            "resume_false_interruption": resumes,
            "false_interruption_timeout": FALSE_INTERRUPTION_SECONDS,
            "discard_audio_if_uninterruptible": True,
        },
        # The model answers, and its first sentence is synthesised, while the silence still has to prove that the turn is over;
        # nothing is heard and no tool runs before that. What is thrown away because the user goes on costs its tokens and
        # characters, three times a turn at most.
        preemptive_generation={"enabled": True, "preemptive_tts": True, "max_speech_duration": 10.0, "max_retries": 3},
    )
