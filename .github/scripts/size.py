# ruff: noqa: INP001 - a script of the workflows, no package
"""Whether an image is as small as it must be: what a task downloads before it can start.

size.py SERVICE REPOSITORY@sha256:…   prints its compressed megabytes; exits with 1 above the limit
"""

import json
import subprocess
import sys

LIMITS = {"api": 90}
"""Megabytes. Of the API 62 are packages for arm64 with their bytecode (28 of them the voice gateway's sound), 17 Python
and its libraries, 3 ours."""
ANY_LIMIT = 300
PLATFORM = {"os": "linux", "architecture": "arm64"}
SECONDS = 120


def manifest(image: str) -> dict[str, object]:
    """An index or a manifest, as the registry has it."""
    done = subprocess.run(  # noqa: S603 - the runner's docker, an image by digest
        ["docker", "buildx", "imagetools", "inspect", "--raw", image],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    if done.returncode:
        raise SystemExit(f"{image} cannot be looked at: {done.stderr.strip()[-300:]}")
    found: dict[str, object] = json.loads(done.stdout)
    return found


def megabytes(image: str) -> float:
    """Of all layers that a task of our processor downloads; attestations are not among them."""
    found = manifest(image)
    manifests = found.get("manifests")
    if isinstance(manifests, list):
        ours = [one for one in manifests if PLATFORM.items() <= one.get("platform", {}).items()]
        if not ours:
            raise SystemExit(f"{image} has nothing for {PLATFORM['architecture']}")
        found = manifest(f"{image.partition('@')[0]}@{ours[0]['digest']}")
    layers = found.get("layers")
    if not isinstance(layers, list) or not layers:
        raise SystemExit(f"{image} has no layers")
    return float(sum(layer["size"] for layer in layers)) / 1e6


def main(arguments: list[str]) -> None:
    """The command."""
    match arguments:
        case [service, image] if "@sha256:" in image:
            size, limit = megabytes(image), LIMITS.get(service, ANY_LIMIT)
            sys.stdout.write(f"{service}: {size:.0f} MB compressed, at most {limit}\n")
            if size > limit:
                raise SystemExit(f"{service} is {size - limit:.0f} MB too large")
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
