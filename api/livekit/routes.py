"""Tokens in LiveKit's standard form and in the first system's, and LiveKit's webhook."""

import hashlib
from typing import Annotated, Final

import jwt
import structlog
from fastapi import APIRouter, Depends, Request, status
from google.protobuf.json_format import ParseError
from livekit import api as livekit
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.webhook import WebhookEvent

from api.access.caller import Caller, Scope
from api.access.dependencies import MayCall
from api.access.room_tokens import RoomTokens
from api.budgets.rates import admitted, limited
from api.idempotency.route import IdempotentRoute
from api.livekit.client import MediaServer
from api.livekit.schemas import FirstTokenRequest, FirstTokenResponse, TokenRequest, TokenResponse
from api.livekit.tokens import fresh_room
from api.provide import held, provided
from api.recordings.service import RecordingService
from api.sessions.lifecycle import Lifecycle
from api.sessions.routes import SessionsDep, first_system
from api.sessions.service import SessionService, room_taken
from api.settings import Settings
from api.watch.watcher import MediaEvent
from contracts.problems import Unauthorised
from contracts.sessions import SessionRequest

log = structlog.get_logger("polyglot.livekit")

router = APIRouter(tags=["livekit"], route_class=IdempotentRoute)

_ANYTHING: Final = TokenRequest()
"""What a request without a body asks for."""

RoomTokensDep = Annotated[RoomTokens, Depends(provided(RoomTokens))]
RecordingsDep = Annotated[RecordingService, Depends(provided(RecordingService))]
LifecycleDep = Annotated[Lifecycle, Depends(provided(Lifecycle))]


@router.post("/v1/token", status_code=status.HTTP_201_CREATED)
@router.post(
    "/api/v2/sandbox/connection-details",
    status_code=status.HTTP_201_CREATED,
    summary="The same, where `TokenSource.sandboxTokenServer` looks for it",
)
async def standard_token(
    asked: Request, caller: Annotated[Caller, admitted(Scope.CALLS, "tokens")], request: TokenRequest | None = None
) -> TokenResponse:
    """LiveKit's standard token endpoint: what `TokenSource.endpoint` of its client libraries calls."""
    sessions, settings = held(asked, SessionService), held(asked, Settings)
    wanted = request or _ANYTHING
    session = wanted.session()
    if wanted.room_name:
        media = held(asked, MediaServer)  # type: ignore[type-abstract] # found by its protocol
        if (
            await sessions.knows_room(wanted.room_name)
            or await media.look(wanted.room_name, dispatches=False) is not None
        ):
            raise room_taken()
    record, grant, receipt = await sessions.start(
        session, caller, room=wanted.room_name or None, name=wanted.participant_name
    )
    return TokenResponse(
        server_url=settings.public_url,
        participant_token=grant.token,
        room_name=grant.room,
        session_id=record.id,
        receipt=receipt,
        serverUrl=settings.public_url,
        participantToken=grant.token,
        roomName=grant.room,
    )


@router.post(
    "/api/livekit/token",
    dependencies=[Depends(first_system), limited("tokens")],
    summary="A token as the first system gave it",
)
@router.post(
    "/api/livekit-token",
    dependencies=[Depends(first_system), limited("tokens")],
    summary="The same, where the first system's page asked for it",
)
async def first_token(
    sessions: SessionsDep, caller: MayCall, request: FirstTokenRequest | None = None
) -> FirstTokenResponse:
    """A token for a room of the caller's own, into which the agent comes. Nobody else gets into that room."""
    wanted = request or FirstTokenRequest()
    name = wanted.name or wanted.identity or ""
    _, grant, _ = await sessions.start(SessionRequest(), caller, room=fresh_room(wanted.room), name=name)
    return FirstTokenResponse(token=grant.token, identity=grant.identity, room=grant.room, name=name or grant.identity)


@router.post(
    "/v1/livekit/webhook",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra={"requestBody": {"content": {"application/webhook+json": {"schema": {"type": "object"}}}}},
)
async def webhook(request: Request, tokens: RoomTokensDep, lifecycle: LifecycleDep, recordings: RecordingsDep) -> None:
    """What the media server says of its rooms; signed with one of our keys, taken once however often it comes."""
    body = await request.body()
    event = _verified(tokens, body, request.headers.get("authorization", ""))
    if event.HasField("egress_info"):
        await recordings.happened(event.egress_info)
        return
    # What records a call is in its room as a participant, and is nobody to be served.
    if event.room.name and event.participant.kind != ParticipantInfo.Kind.EGRESS:
        person = event.participant
        await lifecycle.happened(
            MediaEvent(
                id=event.id[:64] or hashlib.sha256(body).hexdigest(),
                room=event.room.name[:128],
                kind=event.event[:32],
                identity=person.identity[:128],
                is_agent=person.kind == ParticipantInfo.Kind.AGENT,
                sid=event.room.sid,
            )
        )


def _verified(tokens: RoomTokens, body: bytes, authorization: str) -> WebhookEvent:
    refusal = Unauthorised("Authorization: the webhook is not signed with our key.")
    for verifier in tokens.verifiers():
        try:
            return livekit.WebhookReceiver(verifier).receive(body.decode(), authorization)
        except (jwt.InvalidTokenError, ValueError, TypeError, KeyError, AttributeError, ParseError):
            continue
        except Exception:  # noqa: BLE001 - the library raises bare Exception for a missing or wrong hash
            refusal = Unauthorised("Authorization: the webhook's signature does not fit its body.")
    raise refusal
