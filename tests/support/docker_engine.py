"""Makes on a real Docker engine what the program declares with `pulumi_docker`, by the Engine API and without the plugin.

What an input means is as in the provider that the plugin bridges (kreuzwerker/terraform-provider-docker, its
`resource_docker_container_funcs.go`). An input that this module does not know is an AssertionError, so nothing that is
declared goes untried. Volumes get names of their own, for removing one must never cost anybody's data.
"""

import os
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final, Self

import httpx2

SECOND: Final = 10**9
"""In nanoseconds, the unit of the Engine API."""
SECONDS: Final = 150.0
"""Longest wait for one answer: what a container may take to stop, and more."""

Values = dict[str, Any]


class Engine:
    """The engine that DOCKER_HOST names, a Unix socket; on leaving, all that was made here is gone, last made first."""

    def __init__(self) -> None:
        host = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
        assert host.startswith("unix://"), f"DOCKER_HOST is {host}; this needs a Unix socket"
        transport = httpx2.HTTPTransport(uds=host.removeprefix("unix://"))
        self._client = httpx2.Client(transport=transport, base_url="http://docker", timeout=SECONDS)
        self._suffix = uuid.uuid4().hex[:8]
        self._undo: list[Callable[[], object]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()
        self._client.close()

    def call(self, method: str, path: str, body: Values | None = None) -> Any:
        """The decoded answer. Raises AssertionError with the engine's reason."""
        answer = self._client.request(method, path, json=body)
        assert answer.is_success or answer.status_code == httpx2.codes.NOT_MODIFIED, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    def clear(self) -> None:
        """Stop and remove all that was made, as `pulumi destroy` does."""
        while self._undo:
            self._undo.pop()()

    def volume(self, name: str) -> None:
        """A volume under a name that is this object's own."""
        own = self._own(name)
        self.call("POST", "/volumes/create", {"Name": own})
        self._undo.append(lambda: self.call("DELETE", f"/volumes/{own}"))

    def container(self, declared: Mapping[str, Any], image: str) -> Values:
        """Make and start it, wait as declared, and return what the engine tells of it then.

        Raises AssertionError when it does not become healthy in time, or does not run though it must.
        """
        inputs = dict(declared)
        name = inputs.pop("name")
        grace = int(inputs.pop("destroyGraceSeconds"))
        ends, must_run = inputs.pop("attach", False), inputs.pop("mustRun", True)
        patience = inputs.pop("waitTimeout", 60) if inputs.pop("wait", False) else 0
        made = self.call("POST", f"/containers/create?name={name}", self._body(inputs, image))["Id"]
        self._undo.append(lambda: self._remove(made, grace))
        self.call("POST", f"/containers/{made}/start")
        if ends:
            self.call("POST", f"/containers/{made}/wait?condition=not-running")
        told = self.healthy(made, patience) if patience else self.inspect(made)
        assert told["State"]["Running"] or not must_run, f"{name} does not run: {told['State']}"
        return told

    def inspect(self, container: str) -> Values:
        """What the engine tells of a container."""
        told: Values = self.call("GET", f"/containers/{container}/json")
        return told

    def healthy(self, container: str, seconds: float) -> Values:
        """What the engine tells, once its own probe passes. Raises AssertionError when that takes longer."""
        end = time.monotonic() + seconds
        while (told := self.inspect(container))["State"]["Health"]["Status"] != "healthy":
            assert time.monotonic() < end, f"{told['Name']} is not healthy after {seconds} s: {told['State']['Health']}"
            time.sleep(0.2)
        return told

    def _own(self, volume: str) -> str:
        return f"polyglot-test-{volume}-{self._suffix}"

    def _remove(self, container: str, grace: int) -> None:
        self.call("POST", f"/containers/{container}/stop?t={grace}")
        self.call("DELETE", f"/containers/{container}?v=1&force=1")

    def _body(self, inputs: Values, image: str) -> Values:
        del inputs["image"]
        ports = {f"{port['internal']}/tcp": [_published(port)] for port in inputs.pop("ports", [])}
        body: Values = {
            "Image": image,
            "Env": inputs.pop("envs", []),
            "Cmd": inputs.pop("command", None),
            "User": inputs.pop("user", ""),
            "StopTimeout": inputs.pop("stopTimeout"),
            "ExposedPorts": {port: {} for port in ports},
            "HostConfig": {
                "RestartPolicy": {"Name": inputs.pop("restart")},
                "NetworkMode": inputs.pop("networkMode", "bridge"),
                "ReadonlyRootfs": inputs.pop("readOnly", False),
                "CapDrop": inputs.pop("capabilities", {}).get("drops"),
                "SecurityOpt": inputs.pop("securityOpts"),
                "Tmpfs": inputs.pop("tmpfs", None),
                "PortBindings": ports,
                "Binds": [f"{self._own(v['volumeName'])}:{v['containerPath']}" for v in inputs.pop("volumes", [])],
            },
        }
        if health := inputs.pop("healthcheck", None):
            body["Healthcheck"] = {
                "Test": health["tests"],
                "Retries": health["retries"],
                "Interval": _nanoseconds(health["interval"]),
                "Timeout": _nanoseconds(health["timeout"]),
                "StartPeriod": _nanoseconds(health["startPeriod"]),
            }
        assert not inputs, f"inputs that nothing here tries: {sorted(inputs)}"
        return body


def _published(port: Mapping[str, Any]) -> Values:
    return {"HostIp": port["ip"], "HostPort": str(port["external"])}


def _nanoseconds(duration: str) -> int:
    return int(duration.removesuffix("s")) * SECOND
