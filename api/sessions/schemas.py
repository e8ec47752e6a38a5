"""Requests and answers of the session routes that are not part of the shared contracts."""

from pydantic import BaseModel, ConfigDict

from contracts.dispatch import ModelName, SessionId, VoiceName
from contracts.flights import SearchResult
from contracts.turns import Turn


class FirstSessionRequest(BaseModel):
    """Body of `POST /v1/sessions/start`, as the first system's relatives send it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    voice: VoiceName | None = None
    model: ModelName | None = None


class Turns(BaseModel):
    """A session's turns, oldest first."""

    session_id: SessionId
    turns: tuple[Turn, ...]


class Searches(BaseModel):
    """What a running call's agent has found so far, oldest first."""

    session_id: SessionId
    searches: tuple[SearchResult, ...]
