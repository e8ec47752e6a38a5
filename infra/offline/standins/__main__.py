import sys


def _serve(name: str) -> None:
    if name == "awsx":
        from infra.offline.standins import awsx

        awsx.serve()
        return
    from infra.offline.standins import aws, docker, provider

    clouds = {cls.plugin: cls for cls in (aws.Aws, docker.Docker, docker.DockerBuild)}
    provider.serve(clouds[name]())


if __name__ == "__main__":
    _serve(sys.argv[1])
