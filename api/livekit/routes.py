"""Tokens in LiveKit's standard form and in the first system's, and LiveKit's webhook."""

import jwt
import structlog
from fastapi import APIRouter, Request, status
from google.protobuf.json_format import ParseError
from livekit import api as livekit

from api.dependencies import ServicesDep, limit_tokens
from api.livekit.schemas import FirstTokenRequest, FirstTokenResponse, TokenRequest, TokenResponse
from api.livekit.tokens import ROOM_PREFIX
from contracts.problems import InvalidInput, Unauthorised

log = structlog.get_logger("polyglot.livekit")

router = APIRouter(tags=["livekit"])


@router.post("/v1/token", status_code=status.HTTP_201_CREATED, dependencies=[limit_tokens])
async def standard_token(services: ServicesDep, request: TokenRequest | None = None) -> TokenResponse:
    """LiveKit's standard token endpoint: what `TokenSource.endpoint` of its client libraries calls."""
    wanted = request or TokenRequest()
    session = wanted.session()
    if wanted.room_name and await services.media.look(wanted.room_name, dispatches=False) is not None:
        raise InvalidInput.of("room_name", "this room exists already", "leave it out, or send a fresh name")
    record, grant = await services.sessions.start(session, room=wanted.room_name, name=wanted.participant_name)
    return TokenResponse(
        server_url=services.settings.public_url,
        participant_token=grant.token,
        room_name=grant.room,
        session_id=record.id,
    )


@router.post("/api/livekit/token", dependencies=[limit_tokens], summary="A token as the first system gave it")
@router.post(
    "/api/livekit-token", dependencies=[limit_tokens], summary="The same, where the first system's page asked for it"
)
async def first_token(services: ServicesDep, request: FirstTokenRequest | None = None) -> FirstTokenResponse:
    """A token for a room that the caller names; the agent comes into that room."""
    wanted = request or FirstTokenRequest()
    if wanted.room.startswith(ROOM_PREFIX):
        raise InvalidInput.of("room", f"names that begin with {ROOM_PREFIX} are made by the server", "another name")
    name = wanted.name or wanted.identity
    grant = await services.sessions.start_in(wanted.room, identity=wanted.identity, name=name)
    return FirstTokenResponse(token=grant.token, identity=grant.identity, room=grant.room, name=name)


@router.post(
    "/v1/livekit/webhook",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra={"requestBody": {"content": {"application/webhook+json": {"schema": {"type": "object"}}}}},
)
async def webhook(request: Request, services: ServicesDep) -> None:
    """Told by the media server that something happened in a room: look there now.

    Only a hint, because events come late, twice, or not at all; the watch finds out by itself.
    """
    settings = services.settings
    receiver = livekit.WebhookReceiver(livekit.TokenVerifier(settings.livekit_api_key, settings.api_secret))
    body = await request.body()
    try:
        event = receiver.receive(body.decode(), request.headers.get("authorization", ""))
    except (jwt.InvalidTokenError, ValueError, TypeError, KeyError, AttributeError, ParseError) as error:
        raise Unauthorised("Authorization: the webhook is not signed with our key.") from error
    except Exception as error:
        # The library raises bare Exception for a missing or wrong hash.
        raise Unauthorised("Authorization: the webhook's signature does not fit its body.") from error
    watcher = services.watch.in_room(event.room.name)
    if watcher is not None:
        log.debug("webhook", room_event=event.event)
        watcher.nudge()
