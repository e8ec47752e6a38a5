"""A call is recorded where configuration and consent both say so; what became of it stands in its record."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from credentials import KEY, OPERATOR_KEY, SECRET, bearer, key, operator, participant
from google.protobuf.json_format import MessageToJson
from livekit import api as livekit
from livekit.protocol.egress import EgressInfo, EgressStatus, EncodedFileType, FileInfo
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.webhook import WebhookEvent

from api.recordings.schemas import RecordingState
from api.recordings.settings import RecordingSettings

AGREED = {"consent": {"record": True, "version": "2026-11", "language": "es"}}
FAST = 30


@pytest.fixture
async def api(start: Any, tmp_path: Path) -> AsyncIterator[Any]:
    place = RecordingSettings(storage=f"file://{tmp_path}/kept")
    async with start(recording=place, operator_keys=(OPERATOR_KEY,)) as running:
        yield running


async def begun(api: Any, body: dict[str, Any] = AGREED) -> dict[str, Any]:
    """A call whose agent is ready."""
    session: dict[str, Any] = (await api.http.post("/v1/sessions", json=body)).json()
    api.media.join(session["room_name"], "user-1")
    api.media.join(session["room_name"], "agent-1", agent=True, ready=True)
    async with asyncio.timeout(FAST):
        while (await status(api, session))["verdict"] != "ready":  # noqa: ASYNC110 - as a page asks
            await asyncio.sleep(0.005)
        # The verdict is seen a moment before what follows from it is ordered.
        while session["record"] and not await api.services.recordings.of(session["session_id"]):  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.005)
    await settled(api)
    return session


async def settled(api: Any) -> None:
    """Until no job is due."""
    async with asyncio.timeout(FAST):
        while (await api.services.jobs._jobs.counts(datetime.now(UTC))).due:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)


async def status(api: Any, session: dict[str, Any]) -> dict[str, Any]:
    path = f"/v1/sessions/{session['session_id']}"
    found: dict[str, Any] = (await api.http.get(path, headers=participant(session))).json()
    return found


async def record(api: Any, session: dict[str, Any]) -> dict[str, Any]:
    response = await api.http.get(f"/v1/calls/{session['session_id']}", headers=operator())
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def ended(api: Any, session: dict[str, Any]) -> None:
    await api.http.post(f"/v1/sessions/{session['session_id']}/end", headers=participant(session))


async def tell(api: Any, kind: str, info: EgressInfo, number: int = 1) -> int:
    """What LiveKit's webhook says, signed as LiveKit signs."""
    body = MessageToJson(WebhookEvent(event=kind, id=f"EV_{kind}_{number}", egress_info=info))
    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    headers = {"Authorization": livekit.AccessToken(KEY, SECRET).with_sha256(digest).to_jwt()}
    return int((await api.http.post("/v1/livekit/webhook", content=body, headers=headers)).status_code)


def written(info: EgressInfo, path: Path | None = None) -> EgressInfo:
    """The same egress, once its file is whole."""
    done = EgressInfo()
    done.CopyFrom(info)
    done.status, done.started_at, done.ended_at = EgressStatus.EGRESS_COMPLETE, 10**18, 10**18 + 61 * 10**9
    done.file_results.append(FileInfo(filename="x", duration=61 * 10**9, size=4321))
    if path is not None:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"OggS")
    return done


def there(file: Path) -> bool:
    return file.exists()


async def test_a_call_is_recorded_and_its_record_follows_what_the_media_server_says(api: Any, tmp_path: Path) -> None:
    session = await begun(api)
    assert session["record"] is True
    (info,) = api.media.egresses.values()
    asked = info.room_composite
    assert asked.room_name == session["room_name"]
    assert asked.audio_only
    (output,) = asked.file_outputs
    assert output.file_type == EncodedFileType.OGG
    assert output.filepath.startswith(f"{tmp_path}/kept/")
    assert session["session_id"] not in output.filepath
    (listed,) = (await record(api, session))["recordings"]
    assert listed["state"] == "starting"
    assert listed["started_at"] is None

    info.status, info.started_at = EgressStatus.EGRESS_ACTIVE, 10**18
    assert await tell(api, "egress_started", info) == 204
    assert (await record(api, session))["recordings"][0]["state"] == "running"
    await ended(api, session)
    await settled(api)
    assert info.status == EgressStatus.EGRESS_ENDING  # it was told to stop
    assert await tell(api, "egress_ended", written(info)) == 204
    late = EgressInfo()
    late.CopyFrom(info)
    late.status = EgressStatus.EGRESS_ACTIVE
    assert await tell(api, "egress_updated", late) == 204
    detail = await record(api, session)
    (listed,) = detail["recordings"]
    assert (listed["state"], listed["seconds"], listed["size"]) == ("complete", 61.0, 4321)
    assert listed["location"] == f"file://{output.filepath}"
    assert listed["started_at"] == "2001-09-09T01:46:40Z"
    assert detail["consent"]["record"] is True
    assert detail["consent"]["store_turns"] is False
    assert (detail["consent"]["version"], detail["consent"]["language"]) == ("2026-11", "es")
    timeline = (await api.http.get(f"/v1/calls/{session['session_id']}/timeline", headers=operator())).json()
    assert "recording" in [entry["kind"] for entry in timeline["entries"]]


async def test_a_recording_is_heard_by_the_operator_and_that_stands_in_the_record(api: Any) -> None:
    session = await begun(api)
    (info,) = api.media.egresses.values()
    (listed,) = (await record(api, session))["recordings"]
    path = f"/v1/calls/{session['session_id']}"
    sound = f"{path}/recordings/{listed['id']}/audio"
    assert (await api.http.get(sound, headers=operator())).status_code == 404  # it is not whole yet
    await ended(api, session)
    await settled(api)
    assert await tell(api, "egress_ended", written(info, Path(info.room_composite.file_outputs[0].filepath))) == 204
    assert (await api.http.get(sound)).status_code == 401
    assert (await api.http.get(sound, headers=participant(session))).status_code == 403
    other = bearer((await key(api.http, "calls", "join", "manage"))["secret"])
    assert (await api.http.get(sound, headers=other)).status_code == 403
    heard = await api.http.get(sound, headers=operator())
    assert (heard.content, heard.headers["content-type"], heard.headers["cache-control"]) == (
        b"OggS",
        "audio/ogg",
        "no-store",
    )
    timeline = (await api.http.get(f"{path}/timeline", headers=operator())).json()["entries"]
    assert [entry["body"] for entry in timeline if entry["kind"] == "listened"] == [
        {"recording": listed["id"], "by": "operator"}
    ]
    assert (await api.http.get(f"{path}/recordings/{'0' * 16}/audio", headers=operator())).status_code == 404


@pytest.mark.parametrize("consent", [{}, {"store_turns": True}, {"record": False}])
async def test_without_consent_nothing_is_recorded(api: Any, consent: dict[str, bool]) -> None:
    session = await begun(api, {"consent": consent})
    assert session["record"] is False
    await api.services.recordings.start({"session_id": session["session_id"]})  # and if the job came all the same
    assert api.media.egresses == {}
    assert (await record(api, session))["recordings"] == []


async def test_without_configuration_nothing_is_recorded(start: Any) -> None:
    async with start(operator_keys=(OPERATOR_KEY,)) as api:
        session = await begun(api)
        assert session["record"] is False
        await api.services.recordings.start({"session_id": session["session_id"]})
        assert api.media.egresses == {}
        assert (await api.http.get("/v1/privacy")).json()["recording"] is False
        assert (await record(api, session))["consent"]["record"] is False  # what was not offered was not agreed to


async def test_a_tenant_that_keeps_nothing_is_not_recorded(start: Any, tmp_path: Path) -> None:
    place = RecordingSettings(storage=f"file://{tmp_path}/kept")
    async with start(recording=place, tenants={"default": {"retention_days": 0}}) as api:
        assert (await begun(api))["record"] is False
        assert api.media.egresses == {}
        assert (await api.http.get("/v1/privacy")).json()["recording"] is False


async def test_where_recording_is_offered_everybody_can_see_that(api: Any) -> None:
    told = (await api.http.get("/v1/privacy")).json()
    assert told == {"recording": True, "turns_days": 30, "recordings_days": 30}


async def test_a_media_server_without_egress_costs_the_recording_and_not_the_call(api: Any) -> None:
    api.media.refuses = True
    session = await begun(api)
    payload = {"session_id": session["session_id"]}
    assert (await status(api, session))["verdict"] == "ready"
    (listed,) = (await record(api, session))["recordings"]
    assert listed["error"] == "The media server answered 503 unavailable."
    await api.services.recordings.not_started(payload)  # as the job's last attempt does
    api.media.refuses = False
    await api.services.recordings.start(payload)
    (listed,) = (await record(api, session))["recordings"]
    assert listed["state"] == "failed"
    assert api.media.egresses == {}


async def test_an_egress_that_fails_is_written_down(api: Any) -> None:
    session = await begun(api)
    (info,) = api.media.egresses.values()
    info.status, info.error = EgressStatus.EGRESS_FAILED, "upload failed"
    assert await tell(api, "egress_ended", info) == 204
    (listed,) = (await record(api, session))["recordings"]
    assert (listed["state"], listed["error"]) == ("failed", "upload failed")


async def test_one_that_began_although_its_answer_was_lost_is_not_begun_again(api: Any) -> None:
    session = await begun(api)
    rows = api.services.recordings._rows  # as a killed task leaves it
    (row,) = await rows.of(session["session_id"])
    await rows.change(row.id, RecordingState.STARTING, egress_id=None)
    await api.services.recordings.start({"session_id": session["session_id"]})
    assert len(api.media.egresses) == 1
    (row,) = await rows.of(session["session_id"])
    assert row.egress_id == "EG_1"


async def test_an_egress_of_somebody_else_changes_nothing(api: Any) -> None:
    session = await begun(api)
    (info,) = api.media.egresses.values()
    other = EgressInfo(egress_id="EG_other", room_name=session["room_name"], status=EgressStatus.EGRESS_ACTIVE)
    assert await tell(api, "egress_started", other) == 204
    assert (await record(api, session))["recordings"][0]["state"] == "starting"
    assert info.egress_id != other.egress_id


async def test_what_records_is_nobody_to_be_served(api: Any) -> None:
    session = (await api.http.post("/v1/sessions", json=AGREED)).json()
    event = WebhookEvent(event="participant_joined", id="EV_E")
    event.room.name = session["room_name"]
    event.participant.CopyFrom(ParticipantInfo(identity="EG_1", kind=ParticipantInfo.Kind.EGRESS))
    body = MessageToJson(event)
    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    headers = {"Authorization": livekit.AccessToken(KEY, SECRET).with_sha256(digest).to_jwt()}
    assert (await api.http.post("/v1/livekit/webhook", content=body, headers=headers)).status_code == 204
    assert api.services.watch.in_room(session["room_name"]) is None


async def test_a_receipt_erases_the_file_with_the_call(api: Any) -> None:
    session = await begun(api)
    (info,) = api.media.egresses.values()
    file = Path(info.room_composite.file_outputs[0].filepath)
    await ended(api, session)
    assert await tell(api, "egress_ended", written(info, file)) == 204
    own = {"receipt": session["receipt"]}
    (kept,) = (await api.http.post("/v1/privacy/export", json=own)).json()["recordings"]
    assert kept["state"] == "complete"
    erased = (await api.http.post("/v1/privacy/erase", json=own)).json()
    assert erased["rows"]["recordings"] == 1
    assert erased["recordings_left"] == 0
    assert not there(file)
    assert await api.services.recordings.of(session["session_id"]) == ()


async def test_a_file_that_is_still_being_written_is_erased_when_it_is_whole(api: Any) -> None:
    session = await begun(api)
    (info,) = api.media.egresses.values()
    info.status = EgressStatus.EGRESS_ACTIVE
    assert await tell(api, "egress_started", info) == 204
    file = Path(info.room_composite.file_outputs[0].filepath)
    erased = (await api.http.post("/v1/privacy/erase", json={"receipt": session["receipt"]})).json()
    assert erased["recordings_left"] == 1
    payload = {"egress_id": info.egress_id, "location": f"file://{file}"}
    written_late = written(info, file)
    with pytest.raises(Exception, match="still being written"):
        await api.services.recordings.erase_file(payload)
    info.CopyFrom(written_late)
    await api.services.recordings.erase_file(payload)
    assert not there(file)


async def test_old_recordings_go_by_themselves(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await begun(api)
    (info,) = api.media.egresses.values()
    file = Path(info.room_composite.file_outputs[0].filepath)
    await ended(api, session)
    assert await tell(api, "egress_ended", written(info, file)) == 204
    await api.services.privacy.clean_up({})
    assert there(file)
    later = datetime.now(UTC) + timedelta(days=31)
    monkeypatch.setattr(
        "api.privacy.service.datetime", type("Later", (datetime,), {"now": classmethod(lambda *_: later)})
    )
    await api.services.privacy.clean_up({})
    assert not there(file)
    assert await api.services.recordings.of(session["session_id"]) == ()


async def test_another_tenant_sees_nothing_of_it(start: Any, tmp_path: Path) -> None:
    place = RecordingSettings(storage=f"file://{tmp_path}/kept")
    tenants = {"shop": {}, "other": {}}
    async with start(recording=place, operator_keys=(OPERATOR_KEY,), tenants=tenants) as api:
        session = await begun(api)
        other = bearer((await key(api.http, "records", "erase", tenant="other"))["secret"])
        path = f"/v1/calls/{session['session_id']}"
        assert (await api.http.get(path, headers=other)).status_code == 404
        sound = f"{path}/recordings/{(await api.services.recordings.of(session['session_id']))[0].id}/audio"
        assert (await api.http.get(sound, headers=other)).status_code == 404
        assert (await api.http.post(f"{path}/erase", headers=other)).status_code == 404
        assert len(await api.services.recordings.of(session["session_id"])) == 1
