"""State in a real S3 backend on a machine without AWS: moto's server as a child process."""

import subprocess
import sys
import urllib.request
from types import TracebackType
from typing import Self

from offline.places import ROOT

BUCKET = "polyglot-state"
REGION = "us-east-1"
SECONDS = 10.0
"""How long one request may take."""


class BackendError(Exception):
    """The S3 server did not start; the message says why."""


class Backend:
    """An S3 server with one bucket, from start to `close`; a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "offline.moto_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
        )
        self._port = ""

    @property
    def endpoint(self) -> str:
        """The server's address; the first use waits until it is up and makes the bucket."""
        if not self._port:
            line = self._process.stdout.readline().strip() if self._process.stdout else ""
            if not line.isdigit():
                self.close()
                raise BackendError("moto's server did not start; is the extra `infra` installed?")
            self._port = line
            self.make_bucket(BUCKET)
        return f"http://127.0.0.1:{self._port}"

    def make_bucket(self, name: str) -> None:
        """Create a bucket; moto does not ask for a signature."""
        request = urllib.request.Request(f"{self.endpoint}/{name}", method="PUT")  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310
            response.read()

    @property
    def url(self) -> str:
        """What `PULUMI_BACKEND_URL` takes."""
        address = self.endpoint.removeprefix("http://")
        return f"s3://{BUCKET}?endpoint={address}&disableSSL=true&s3ForcePathStyle=true&region={REGION}"

    def close(self) -> None:
        """End the server."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
