import os
import signal
import sys

from offline import plugin  # noqa: F401 - first: it asks who the engine is, and the others take a second to import
from offline.standins import aws, docker, provider


def _serve(name: str) -> None:
    if name == "awsx":
        from offline.standins import awsx  # noqa: PLC0415 - the other stand-ins do without the SDK's server

        awsx.serve()
        return
    clouds = {cloud.plugin: cloud for cloud in (aws.Aws(), docker.Docker(), docker.DockerBuild())}
    provider.serve(clouds[name])


def _end(*_: object) -> None:
    """The engine asks its plugins to end by an interrupt, waits five seconds, and complains of those that linger."""
    os._exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, _end)
    _serve(sys.argv[1])
