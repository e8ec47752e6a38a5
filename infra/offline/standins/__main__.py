import sys

from infra.offline.standins import aws, docker, provider


def _serve(name: str) -> None:
    if name == "awsx":
        from infra.offline.standins import awsx  # noqa: PLC0415 - the other stand-ins do without the SDK's server

        awsx.serve()
        return
    clouds = {cloud.plugin: cloud for cloud in (aws.Aws(), docker.Docker(), docker.DockerBuild())}
    provider.serve(clouds[name])


if __name__ == "__main__":
    _serve(sys.argv[1])
