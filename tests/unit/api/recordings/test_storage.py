"""Where recordings go and how they are deleted there; signatures are held against AWS's own library."""

from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
import time_machine
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from pydantic import ValidationError

from api.recordings.egress import request_for
from api.recordings.settings import RecordingSettings
from api.recordings.storage import Keys, Storage, signed
from contracts.problems import NotFound, Unavailable

KEY, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "a/token+of=a role"
AT = datetime.fromisoformat("2026-11-28T12:00:00+00:00")
PLACE = "s3://company-calls/polyglot"


@pytest.mark.parametrize("method", ["DELETE", "GET"])
@pytest.mark.parametrize("token", [None, TOKEN])
@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_a_signature_is_the_one_that_awss_own_library_makes(token: str | None, region: str, method: Any) -> None:
    url = f"https://s3.{region}.amazonaws.com/company-calls/polyglot/2026/11/28/ab.ogg"
    with time_machine.travel(AT, tick=False):
        mine = signed(url, region, Keys(KEY, SECRET, token), method)
        theirs = AWSRequest(method, url)
        S3SigV4Auth(Credentials(KEY, SECRET, token), "s3", region).add_auth(theirs)
    assert mine["Authorization"] == theirs.headers["Authorization"]
    assert mine["x-amz-date"] == theirs.headers["X-Amz-Date"]
    assert mine.get("x-amz-security-token") == theirs.headers.get("X-Amz-Security-Token")


def storage(answer: Any, **settings: Any) -> tuple[Storage, list[httpx2.Request]]:
    asked: list[httpx2.Request] = []

    def take(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        found = answer(request)
        return found if isinstance(found, httpx2.Response) else httpx2.Response(found)

    return Storage(RecordingSettings(storage=PLACE, **settings), httpx2.MockTransport(take)), asked


OWN = {"access_key": KEY, "secret_key": SECRET, "region": "eu-west-1"}


@pytest.mark.parametrize("status", [204, 404])
async def test_an_object_is_deleted_and_one_that_is_gone_is_gone(status: int) -> None:
    place, asked = storage(lambda _: status, **OWN)
    await place.delete(f"{PLACE}/a/b.ogg")
    assert [(one.method, str(one.url)) for one in asked] == [
        ("DELETE", "https://s3.eu-west-1.amazonaws.com/company-calls/polyglot/a/b.ogg")
    ]


async def test_another_service_is_asked_at_its_own_address() -> None:
    place, asked = storage(lambda _: 204, endpoint="https://storage.example.com:9000", **OWN)
    await place.delete(f"{PLACE}/a.ogg")
    assert str(asked[0].url) == "https://storage.example.com:9000/company-calls/polyglot/a.ogg"


@pytest.mark.parametrize("status", [301, 403, 500, 503])
async def test_a_storage_that_refuses_is_no_deletion(status: int) -> None:
    place, _ = storage(lambda _: status, **OWN)
    with pytest.raises(Unavailable, match=str(status)) as refused:
        await place.delete(f"{PLACE}/a.ogg")
    assert SECRET not in str(refused.value)


async def test_a_task_signs_as_its_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x")
    given = {"AccessKeyId": KEY, "SecretAccessKey": SECRET, "Token": "role", "Expiration": "2026-11-28T18:00:00Z"}

    def answer(request: httpx2.Request) -> Any:
        return httpx2.Response(200, json=given) if request.method == "GET" else 204

    place, asked = storage(answer)
    await place.delete(f"{PLACE}/a.ogg")
    assert str(asked[0].url) == "http://169.254.170.2/v2/credentials/x"
    assert asked[1].headers["x-amz-security-token"] == "role"
    monkeypatch.delenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    with pytest.raises(Unavailable, match="no key"):
        await place.delete(f"{PLACE}/a.ogg")


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "recordings",
        "https://bucket/x",
        "s3://",
        "s3:///x",
        "s3://Bucket",
        "s3://b/x y",
        "file://host/x",
        "file:///",
        "s3://bucket/../x",
        "s3://bucket/x?y",
        "file:///a/{room_name}",
    ],
)
def test_what_is_no_place_is_refused_with_what_is(wrong: str) -> None:
    with pytest.raises(ValidationError, match="allowed: s3://bucket/prefix or file:///folder"):
        RecordingSettings(storage=wrong)


def test_half_a_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="one is set without the other"):
        RecordingSettings(storage=PLACE, access_key=KEY)


def test_the_egress_is_told_where_and_as_whom() -> None:
    role = "arn:aws:iam::123456789012:role/egress"
    settings = RecordingSettings(storage=PLACE, role=role, **OWN)
    (output,) = request_for(settings, "room", settings.path("a.ogg")).file_outputs
    assert output.filepath == "polyglot/a.ogg"
    upload = output.s3
    assert (upload.bucket, upload.region, upload.access_key, upload.secret, upload.assume_role_arn) == (
        "company-calls",
        "eu-west-1",
        KEY,
        SECRET,
        role,
    )
    assert not upload.force_path_style
    other = RecordingSettings(storage=PLACE, endpoint="https://storage.example.com")
    assert request_for(other, "room", "x").file_outputs[0].s3.force_path_style
    files = RecordingSettings(storage="file:///kept/")
    (output,) = request_for(files, "room", files.path("a.ogg")).file_outputs
    assert output.filepath == "/kept/a.ogg"
    assert output.WhichOneof("output") is None


async def test_a_recording_is_read_piece_by_piece() -> None:
    sound = bytes(range(256)) * 1000
    place, asked = storage(lambda _: httpx2.Response(200, content=sound), **OWN)
    assert b"".join([piece async for piece in await place.open(f"{PLACE}/a/b.ogg")]) == sound
    assert [(one.method, str(one.url)) for one in asked] == [
        ("GET", "https://s3.eu-west-1.amazonaws.com/company-calls/polyglot/a/b.ogg")
    ]


@pytest.mark.parametrize(
    ("status", "problem"), [(404, NotFound), (301, Unavailable), (403, Unavailable), (500, Unavailable)]
)
async def test_what_cannot_be_read_is_said_before_the_first_piece(status: int, problem: Any) -> None:
    place, _ = storage(lambda _: status, **OWN)
    with pytest.raises(problem) as refused:
        await place.open(f"{PLACE}/a.ogg")
    assert SECRET not in str(refused.value)


async def test_a_file_that_is_gone_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "a.ogg").write_bytes(b"OggS")
    place = Storage(RecordingSettings(storage=f"file://{tmp_path}"))
    assert [piece async for piece in await place.open(f"file://{tmp_path}/a.ogg")] == [b"OggS"]
    with pytest.raises(NotFound):
        await place.open(f"file://{tmp_path}/b.ogg")
