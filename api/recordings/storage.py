"""Reads and deletes recordings where the egress has put them. Signing is a library's; the rest is one request."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, Final, Literal

import httpx2
from aws_request_signer import AwsRequestSigner
from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_settings import BaseSettings

from api.outgoing import trusted
from api.recordings.settings import RecordingSettings
from contracts.problems import NotFound, Unavailable

TIMEOUT: Final = 10.0
_PIECE: Final = 65_536
_GONE: Final = "The file of this recording is not there any more."
_NO_BUCKET: Final = b"NoSuchBucket"
_TASK_HOST: Final = "http://169.254.170.2"
"""Where Amazon ECS gives a task the keys of its role; documented with `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`."""


class TaskRole(BaseSettings):
    """What the platform tells a task of its role."""

    aws_container_credentials_relative_uri: str | None = None


class _Given(BaseModel):
    AccessKeyId: str
    SecretAccessKey: SecretStr
    Token: SecretStr


@dataclass(frozen=True, slots=True)
class Keys:
    """What signs: of a user, or of a role with its token."""

    key: str
    secret: str
    token: str | None = None


class Storage:
    """One per process."""

    def __init__(self, settings: RecordingSettings, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._settings = settings
        self._http = httpx2.AsyncClient(verify=trusted(), timeout=TIMEOUT, transport=transport, follow_redirects=False)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def delete(self, location: str) -> None:
        """Delete what is at `location` of `RecordingSettings`; what is not there is gone. Raises Unavailable."""
        scheme, _, rest = location.partition("://")
        if scheme == "file":
            try:
                await asyncio.to_thread(Path(rest).unlink, missing_ok=True)
            except OSError as error:
                raise Unavailable("The recording could not be deleted.", retry_after=5) from error
            return
        bucket, _, key = rest.partition("/")
        await self._delete_object(bucket, key)

    async def open(self, location: str) -> AsyncIterator[bytes]:
        """What is at `location`, piece by piece. Raises NotFound, or Unavailable, before the first piece."""
        scheme, _, rest = location.partition("://")
        if scheme == "file":
            try:
                file = await asyncio.to_thread(Path(rest).open, "rb")
            except FileNotFoundError:
                raise NotFound(_GONE) from None
            except OSError as error:
                raise Unavailable("The recording could not be read.", retry_after=5) from error
            return _pieces_of(file)
        bucket, _, key = rest.partition("/")
        try:
            url = self._url(bucket, key)
            headers = signed(url, self._settings.region, await self._keys(), "GET")
            response = await self._http.send(self._http.build_request("GET", url, headers=headers), stream=True)
        except (httpx2.HTTPError, ValidationError) as error:
            raise Unavailable("The storage of recordings does not answer.", retry_after=5) from error
        if response.is_success:
            return _pieces_from(response)
        await response.aclose()
        if response.status_code == HTTPStatus.NOT_FOUND:
            raise NotFound(_GONE)
        raise Unavailable(f"The storage of recordings answered {response.status_code}.", retry_after=5)

    async def _delete_object(self, bucket: str, key: str) -> None:
        try:
            url = self._url(bucket, key)
            response = await self._http.delete(url, headers=signed(url, self._settings.region, await self._keys()))
        except (httpx2.HTTPError, ValidationError) as error:
            raise Unavailable("The storage of recordings does not answer.", retry_after=5) from error
        # S3 answers 204 for what is not there, others 404; where the bucket is not, the file is somewhere else.
        gone = response.status_code == HTTPStatus.NOT_FOUND and _NO_BUCKET not in response.content
        if not response.is_success and not gone:
            raise Unavailable(f"The storage of recordings answered {response.status_code}.", retry_after=5)

    def _url(self, bucket: str, key: str) -> str:
        if self._settings.endpoint:
            return f"{str(self._settings.endpoint).rstrip('/')}/{bucket}/{key}"
        suffix = "amazonaws.com.cn" if self._settings.region.startswith("cn-") else "amazonaws.com"
        return f"https://s3.{self._settings.region}.{suffix}/{bucket}/{key}"

    async def _keys(self) -> Keys:
        settings = self._settings
        if settings.access_key and settings.secret_key:
            return Keys(settings.access_key.get_secret_value(), settings.secret_key.get_secret_value())
        path = TaskRole().aws_container_credentials_relative_uri
        if not path:
            raise Unavailable("The storage of recordings has no key and this is no task with a role.", retry_after=60)
        response = await self._http.get(f"{_TASK_HOST}{path}")
        given = _Given.model_validate_json(response.content)
        return Keys(given.AccessKeyId, given.SecretAccessKey.get_secret_value(), given.Token.get_secret_value())


async def _pieces_of(file: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
    finally:
        file.close()


async def _pieces_from(response: httpx2.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in response.aiter_bytes(_PIECE):
            yield piece
    finally:
        await response.aclose()


def signed(url: str, region: str, keys: Keys, method: Literal["DELETE", "GET"] = "DELETE") -> dict[str, str]:
    """The headers of a request for an object, signed by AWS Signature Version 4."""
    signer = AwsRequestSigner(region, keys.key, keys.secret, "s3", session_token=keys.token)
    return dict(signer.sign_with_headers(method, url))
