"""Recordings in S3 as moto has it, which checks what AWS's own client is checked with."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from api.recordings.settings import RecordingSettings
from api.recordings.storage import Storage
from contracts.problems import NotFound, Unavailable

OBJECT = {"Bucket": "calls", "Key": "polyglot/2026-11/polyglot-abc_DEF-1.ogg"}
LOCATION = f"s3://{OBJECT['Bucket']}/{OBJECT['Key']}"
REGION = "eu-west-1"


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    client = boto3.client("s3", region_name=REGION, endpoint_url=f"http://{host}:{port}", **keys)
    client.create_bucket(Bucket=OBJECT["Bucket"], CreateBucketConfiguration={"LocationConstraint": REGION})
    yield client
    server.stop()


@pytest.fixture
async def storage(s3: Any) -> AsyncIterator[Storage]:
    settings = RecordingSettings(
        storage="s3://calls/polyglot",
        region=REGION,
        endpoint=s3.meta.endpoint_url,
        access_key="key",
        secret_key="secret",
    )
    made = Storage(settings)
    yield made
    await made.aclose()


async def whole(storage: Storage) -> bytes:
    return b"".join([piece async for piece in await storage.open(LOCATION)])


async def test_what_an_egress_has_put_there_is_heard_and_then_erased(s3: Any, storage: Storage) -> None:
    sound = bytes(range(256)) * 1000
    await asyncio.to_thread(s3.put_object, **OBJECT, Body=sound)
    assert await whole(storage) == sound
    await storage.delete(LOCATION)
    listed = await asyncio.to_thread(s3.list_objects_v2, Bucket=OBJECT["Bucket"])
    assert listed["KeyCount"] == 0
    with pytest.raises(NotFound):
        await whole(storage)
    await storage.delete(LOCATION)


async def test_a_bucket_that_is_not_there_is_no_erased_file(storage: Storage) -> None:
    with pytest.raises((NotFound, Unavailable)):
        await storage.open("s3://no-such-bucket/polyglot/x.ogg")
    with pytest.raises(Unavailable):
        await storage.delete("s3://no-such-bucket/polyglot/x.ogg")
