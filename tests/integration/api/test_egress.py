"""Egress by LiveKit's own client over HTTP: a stand-in for the server reads and answers in LiveKit's own messages."""

from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from livekit.protocol import egress as protocol

from api.livekit.client import LiveKit
from api.recordings.egress import request_for, state_of
from api.recordings.schemas import RecordingState
from api.recordings.settings import RecordingSettings
from contracts.problems import MediaUnavailable

KEY, SECRET = "egress-key", "egress-secret-of-more-than-thirty-two-bytes"
PLACE = RecordingSettings(storage="s3://calls/polyglot", region="eu-west-1")


class Server:
    """LiveKit's egress as its Twirp interface is: one URL a method, protobuf in and out, errors as JSON."""

    def __init__(self) -> None:
        self.started: list[protocol.RoomCompositeEgressRequest] = []
        self.infos: dict[str, protocol.EgressInfo] = {}
        self.error: tuple[int, str] | None = None

    async def answer(self, request: web.Request) -> web.Response:
        grants = jwt.decode(request.headers["Authorization"].removeprefix("Bearer "), SECRET, ["HS256"], issuer=KEY)
        assert grants["video"]["roomRecord"] is True
        if self.error:
            return web.json_response({"code": self.error[1], "msg": "no response"}, status=self.error[0])
        body = await request.read()
        answer: Any
        match request.match_info["method"]:
            case "StartRoomCompositeEgress":
                asked = protocol.RoomCompositeEgressRequest.FromString(body)
                self.started.append(asked)
                answer = protocol.EgressInfo(egress_id="EG_1", room_name=asked.room_name, room_composite=asked)
                self.infos["EG_1"] = answer
            case "StopEgress":
                answer = self.infos[protocol.StopEgressRequest.FromString(body).egress_id]
                if answer.status >= protocol.EgressStatus.EGRESS_ENDING:
                    refusal = {
                        "code": "failed_precondition",
                        "msg": "egress with status EGRESS_COMPLETE cannot be stopped",
                    }
                    return web.json_response(refusal, status=412)
                answer.status = protocol.EgressStatus.EGRESS_ENDING
            case "ListEgress":
                wanted = protocol.ListEgressRequest.FromString(body)
                found = [info for info in self.infos.values() if wanted.egress_id in ("", info.egress_id)]
                found = [info for info in found if wanted.room_name in ("", info.room_name)]
                ending = protocol.EgressStatus.EGRESS_ENDING
                answer = protocol.ListEgressResponse(
                    items=[info for info in found if not wanted.active or info.status < ending]
                )
            case _:
                raise web.HTTPNotFound
        return web.Response(body=answer.SerializeToString(), content_type="application/protobuf")


@pytest.fixture
async def there() -> AsyncIterator[tuple[Server, LiveKit]]:
    server = Server()
    app = web.Application()
    app.router.add_post("/twirp/livekit.Egress/{method}", server.answer)
    async with TestServer(app) as running:
        media = LiveKit(str(running.make_url("/")), KEY, SECRET, 5.0)
        yield server, media
        await media.aclose()


async def test_a_recording_is_started_found_and_stopped(there: tuple[Server, LiveKit]) -> None:
    server, media = there
    info = await media.start_recording(request_for(PLACE, "room-1", "polyglot/a.ogg"))
    assert (info.egress_id, state_of(info)) == ("EG_1", RecordingState.STARTING)
    (asked,) = server.started
    assert (asked.room_name, asked.audio_only, asked.audio_mixing) == (
        "room-1",
        True,
        protocol.AudioMixing.DUAL_CHANNEL_AGENT,
    )
    assert (asked.file_outputs[0].filepath, asked.file_outputs[0].s3.bucket) == ("polyglot/a.ogg", "calls")
    assert [one.egress_id for one in await media.recordings(room="room-1")] == ["EG_1"]
    assert await media.recordings(room="room-2") == ()
    stopped = await media.stop_recording("EG_1")
    assert stopped is not None
    assert state_of(stopped) is RecordingState.ENDING
    assert await media.stop_recording("EG_1") is None  # it has ended already
    assert await media.recordings(room="room-1") == ()
    assert len(await media.recordings(egress_id="EG_1")) == 1


@pytest.mark.parametrize(
    "error", [(503, "unavailable"), (500, "internal"), (401, "unauthenticated"), (404, "not_found")]
)
async def test_a_server_without_egress_is_a_plain_failure(
    there: tuple[Server, LiveKit], error: tuple[int, str]
) -> None:
    server, media = there
    server.error = error
    with pytest.raises(MediaUnavailable) as refused:
        await media.start_recording(request_for(PLACE, "room-1", "polyglot/a.ogg"))
    assert SECRET not in str(refused.value)
