# ruff: noqa: INP001 - a script of the workflows, no package
"""Which images a stack runs: read, written down as good, and put into the stack's file.

digests.py get STACK              prints `api=…` and `agent=…` of the last good deploy; empty before the first
digests.py put STACK API AGENT    writes them down
digests.py use STACK API AGENT    sets them in Pulumi.STACK.yaml of this checkout; empty ones leave it as it is
"""

import json
import re
import subprocess
import sys
from pathlib import Path

IMAGE = re.compile(r"[a-z0-9][a-z0-9.:/_-]*@sha256:[0-9a-f]{64}")
STACK = re.compile(r"[a-z][a-z0-9-]{0,30}")
SERVICES = ("api", "agent")
SECONDS = 60


def _aws(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["aws", "ssm", *arguments], capture_output=True, text=True, check=False, timeout=SECONDS)  # noqa: S603, S607 - fixed words, checked values, the runner's aws


def parameter(stack: str) -> str:
    """Where the last good digests are kept."""
    return f"/polyglot/{stack}/deploy/last-good"


def get(stack: str) -> dict[str, str]:
    """The last good images by service; empty texts before the first deploy."""
    found = _aws("get-parameter", "--name", parameter(stack), "--query", "Parameter.Value", "--output", "text")
    if found.returncode:
        if "ParameterNotFound" in found.stderr:
            return dict.fromkeys(SERVICES, "")
        raise SystemExit(f"{parameter(stack)} cannot be read: {found.stderr.strip()[-300:]}")
    images = json.loads(found.stdout)
    return {service: checked(images[service]) for service in SERVICES}


def put(stack: str, images: dict[str, str]) -> None:
    """Write down what runs well."""
    value = json.dumps({service: checked(image) for service, image in images.items()})
    done = _aws("put-parameter", "--name", parameter(stack), "--type", "String", "--overwrite", "--value", value)
    if done.returncode:
        raise SystemExit(f"{parameter(stack)} cannot be written: {done.stderr.strip()[-300:]}")


def use(stack: str, images: dict[str, str], folder: Path = Path()) -> None:
    """Set the images in the stack's file."""
    import yaml  # noqa: PLC0415 - only here, from the project's environment

    given = {service: checked(image) for service, image in images.items() if image}
    path = folder / f"Pulumi.{stack}.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for service, image in given.items():
        content["config"][f"polyglot:{service}"] = {
            **content["config"].get(f"polyglot:{service}", {}),
            "image": image,
        }
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def checked(image: str) -> str:
    """`image` when it is named by digest; exits otherwise, for a tag can be moved."""
    if not IMAGE.fullmatch(image):
        raise SystemExit(f"{image!r} is not an image by digest")
    return image


def main(arguments: list[str]) -> None:
    """The command."""
    match arguments:
        case ["get", stack] if STACK.fullmatch(stack):
            sys.stdout.write("".join(f"{service}={image}\n" for service, image in get(stack).items()))
        case ["put", stack, api, agent] if STACK.fullmatch(stack):
            put(stack, {"api": api, "agent": agent})
        case ["use", stack, api, agent] if STACK.fullmatch(stack):
            use(stack, {"api": api, "agent": agent})
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
