"""A policy pack as the engine's language host runs it: behind a proxy, in a process of its own."""

import json
import subprocess
import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import IO

from pulumi.runtime.proto import language_pb2

from offline.language_host.children import Children, Interpreter, kill_after
from offline.language_host.proxy import Configuration, Proxy

_Response = language_pb2.RunPluginResponse


class Pack:
    """One policy pack, from its start to its end."""

    def __init__(self, request: language_pb2.RunPluginRequest, interpreter: Interpreter, children: Children) -> None:
        self._request = request
        self._interpreter = interpreter
        self._children = children
        self._proxy = Proxy()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._said: SimpleQueue[_Response | None] = SimpleQueue()

    def run(self) -> Iterator[_Response]:
        """What it prints, its port first, and in the end its exit code."""
        yield _Response(stdout=f"{self._proxy.port}\n".encode())
        configuration = self._proxy.configuration.result()
        if self._closed:
            return
        try:
            process = self._start(configuration)
        except OSError as error:
            self._proxy.fail(f"Python could not be started: {error}")
            yield _Response(stderr=f"{error}\n".encode())
            yield _Response(exitcode=1)
            return
        readers = [
            threading.Thread(target=read, args=(stream,), daemon=True)
            for read, stream in ((self._read_stdout, process.stdout), (self._read_stderr, process.stderr))
        ]
        for reader in readers:
            reader.start()
        for _ in readers:
            while (line := self._said.get()) is not None:
                yield line
        code = self._children.wait(process)
        self._proxy.fail(f"the policy pack ended with exit code {code}")
        yield _Response(exitcode=code)

    def close(self) -> None:
        """The engine needs it no more."""
        self._closed = True
        self._proxy.close()
        if self._process is not None and self._process.poll() is None:
            kill_after(self._process, 0)

    def _start(self, configuration: Configuration | None) -> subprocess.Popen[bytes]:
        folder = self._request.info.program_directory
        environment = dict(item.partition("=")[::2] for item in self._request.env)
        self._process = self._children.start(
            self._interpreter,
            ["-m", "pulumi.policy", self._request.args[-1], folder],  # flags come before the engine's address
            folder=folder,
            environment={**environment, **_told(configuration)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        return self._process

    def _read_stdout(self, stream: IO[bytes]) -> None:
        """The first line is the pack's own port, and not for the engine."""
        with stream:
            line = stream.readline()
            if line.strip().isdigit():
                self._proxy.attach(int(line))
            else:
                self._said.put(_Response(stdout=line))
                self._proxy.fail("the policy pack did not say where it listens")
            for rest in stream:
                self._said.put(_Response(stdout=rest))
        self._proxy.fail("the policy pack has ended")
        self._said.put(None)

    def _read_stderr(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._said.put(_Response(stderr=line))
        self._said.put(None)


def _told(configuration: Configuration | None) -> dict[str, str]:
    """The environment variables that `pulumi.policy` reads."""
    if configuration is None:
        return {}
    return {
        "PULUMI_CONFIG": json.dumps(dict(configuration.config)),
        "PULUMI_ORGANIZATION": configuration.organization or "organization",
        "PULUMI_PROJECT": configuration.project,
        "PULUMI_STACK": configuration.stack,
        "PULUMI_DRY_RUN": json.dumps(configuration.dry_run),
    }
