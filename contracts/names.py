"""Names that two processes must spell alike: the agent, its topics, RPC methods and attributes."""

import os
import re
from typing import Final

WIRE_VERSION: Final = 1
"""Version of every message defined in this package; a receiver rejects one that it does not know."""

AGENT_NAME: Final = "polyglot-flight-agent"
"""Default agent name; `LIVEKIT_AGENT_NAME` overrides it, and only `agent_name()` reads that variable."""

AGENT_NAME_VARIABLE: Final = "LIVEKIT_AGENT_NAME"

_AGENT_NAME_PATTERN = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def agent_name() -> str:
    """The name under which the worker registers and the API dispatches.

    Raises ValueError when the override is not lower-case letters, digits and inner hyphens (at most 63).
    """
    name = os.environ.get(AGENT_NAME_VARIABLE, "").strip() or AGENT_NAME
    if not _AGENT_NAME_PATTERN.fullmatch(name):
        raise ValueError(
            f"{AGENT_NAME_VARIABLE}: {name!r} is not an agent name; allowed are 1 to 63 lower-case letters, "
            f"digits and hyphens, not at either end, for example {AGENT_NAME!r}"
        )
    return name


COMPANION_PREFIX: Final = "companion-"
"""Begins the identity of a traveller's second screen: it sees and touches what the first one does, and is not heard."""
AGENT_IDENTITY_PREFIX: Final = "agent-"
AGENT_ATTRIBUTE: Final = "polyglot-agent"
"""Identity and attribute of the token by which our agent proves itself to the API; see `contracts.sessions`."""

# Text stream topics. The lk.* ones are LiveKit's own; see its documentation on text streams and transcriptions.
TOPIC_CHAT: Final = "lk.chat"
TOPIC_TRANSCRIPTION: Final = "lk.transcription"
TOPIC_RESULTS: Final = "polyglot.results"
"""Agent to page: one `contracts.room.ResultsMessage` as JSON for each change of what is on the screen."""
TOPIC_NOTICE: Final = "polyglot.notice"
"""Agent to page: one `contracts.room.NoticeMessage` as JSON for each thing the user must be told."""
TOPIC_INTAKE: Final = "polyglot.intake"
"""Agent to page: one `contracts.intakes.IntakeMessage` as JSON for each answer that was taken down."""
TOPIC_SCREEN: Final = "polyglot.screen"
"""API to everybody in a room, as data: a `contracts.screen.ScreenChanged`; what is shown has changed."""
TOPIC_HANDOFF: Final = "polyglot.handoff"
"""API to the operators at a desk, as data: a `contracts.desk.HandoffOffer`."""
TOPIC_HANDOVER: Final = "polyglot.handover"
"""Worker to its agent in a room, as data by the media server: leave the call to another worker's agent."""

# RPC methods that the agent answers.
RPC_STOP: Final = "polyglot.stop"
RPC_LANGUAGE: Final = "polyglot.language"
RPC_SELECT: Final = "polyglot.select"
RPC_REFINE: Final = "polyglot.refine"
# RPC methods that the page answers.
RPC_SHOW: Final = "ui.show"

# Participant attributes. The lk.* ones are LiveKit's own.
ATTRIBUTE_AGENT_STATE: Final = "lk.agent.state"
ATTRIBUTE_TRANSCRIPTION_FINAL: Final = "lk.transcription_final"
ATTRIBUTE_SEGMENT_ID: Final = "lk.segment_id"
ATTRIBUTE_LANGUAGE: Final = "polyglot.language"
"""Set by the agent: the language (code of `contracts.languages`) that it is answering in."""
ATTRIBUTE_PIPELINE: Final = "polyglot.pipeline"
"""Set by the agent: the pipeline in use, one of `contracts.dispatch.Pipeline`."""
ATTRIBUTE_OPERATOR: Final = "polyglot.operator"
"""Set by the API in the token of a person of the house who joins a call."""
ATTRIBUTE_PERSONA: Final = "polyglot.persona"
"""Set by the agent: who it is, one of `contracts.personas.PERSONAS`."""
