# ruff: noqa: INP001 - a script of the workflows, no package
"""Which images a stack runs: read, written down as good, marked in the registry, and put into the stack's file.

Images are those of the table of services, a file each in a folder: `digests/api` holds `REPOSITORY@sha256:…`.

digests.py get STACK              prints `api=…`, `agent=…` of the last good deploy; empty before the first
digests.py put STACK FOLDER       writes them down as the last good ones
digests.py mark STACK WHAT FOLDER tags them `keep-STACK-WHAT` (live, good), so that the registry never expires them
digests.py use STACK FOLDER       sets them in Pulumi.STACK.yaml of this checkout
digests.py write FOLDER NAME=IMAGE...   makes such a folder; an empty image makes no file
digests.py pack FOLDER            prints the folder as one line of JSON, for the next job
digests.py unpack JSON FOLDER     makes the folder again
digests.py subjects FOLDER        prints `HEX  REPOSITORY` of each, as what is signed is listed
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<name>[a-z0-9/_-]+)@(?P<digest>sha256:[0-9a-f]{64})"
)
STACK = re.compile(r"[a-z][a-z0-9-]{0,30}")
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
SECONDS = 60


def _aws(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["aws", *arguments], capture_output=True, text=True, check=False, timeout=SECONDS)  # noqa: S603, S607 - fixed words, checked values, the runner's aws


def parameter(stack: str) -> str:
    """Where the last good digests are kept."""
    return f"/{os.environ.get('AWS_PREFIX') or 'polyglot'}/{stack}/deploy/last-good"


def names() -> list[str]:
    """Images of the table of services."""
    table = Path(__file__).resolve().parents[2] / "infra" / "services.py"
    done = subprocess.run([sys.executable, str(table)], capture_output=True, text=True, check=True, timeout=SECONDS)  # noqa: S603 - our own file
    found: list[str] = json.loads(done.stdout)
    return found


def get(stack: str) -> dict[str, str]:
    """The last good images by name; empty texts before the first deploy, and for one that was added since."""
    found = _aws("ssm", "get-parameter", "--name", parameter(stack), "--query", "Parameter.Value", "--output", "text")
    if found.returncode:
        if "ParameterNotFound" in found.stderr:
            return dict.fromkeys(names(), "")
        raise SystemExit(f"{parameter(stack)} cannot be read: {found.stderr.strip()[-300:]}")
    images = json.loads(found.stdout)
    return {name: checked(images[name]) if images.get(name) else "" for name in names()}


def put(stack: str, images: dict[str, str]) -> None:
    """Write down what runs well."""
    done = _aws(
        "ssm",
        "put-parameter",
        "--name",
        parameter(stack),
        "--type",
        "String",
        "--overwrite",
        "--value",
        json.dumps(images),
    )
    if done.returncode:
        raise SystemExit(f"{parameter(stack)} cannot be written: {done.stderr.strip()[-300:]}")


def mark(stack: str, what: str, images: dict[str, str]) -> None:
    """Move the mark to these images: the registry's lifecycle leaves what carries one alone."""
    for image in images.values():
        found = IMAGE.fullmatch(image)
        assert found is not None  # noqa: S101 - `checked` has looked
        where = ("--registry-id", found["account"], "--region", found["region"], "--repository-name", found["name"])
        read = _aws(
            "ecr", "batch-get-image", *where, "--image-ids", f"imageDigest={found['digest']}", "--output", "json"
        )
        images_found = json.loads(read.stdout).get("images", []) if read.returncode == 0 else []
        if not images_found:
            raise SystemExit(f"{image} is not in the registry: {read.stderr.strip()[-300:]}")
        manifest = images_found[0]
        kind = manifest.get("imageManifestMediaType")
        done = _aws(
            "ecr", "put-image", *where, "--image-tag", f"keep-{stack}-{what}", "--image-manifest", manifest["imageManifest"],
            *(("--image-manifest-media-type", kind) if kind else ()),
        )  # fmt: skip
        # The mark is there already, on this very image.
        if done.returncode and "ImageAlreadyExistsException" not in done.stderr:
            raise SystemExit(f"{image} cannot be marked: {done.stderr.strip()[-300:]}")


def use(stack: str, images: dict[str, str], folder: Path = Path()) -> None:
    """Set the images in the stack's file."""
    import yaml  # noqa: PLC0415 - only here, from the project's environment

    path = folder / f"Pulumi.{stack}.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    config = content["config"]
    for name, image in images.items():
        if name in {"api", "agent"}:
            config[f"polyglot:{name}"] = {**config.get(f"polyglot:{name}", {}), "image": image}
        else:
            workers = config.setdefault("polyglot:workers", {})
            workers[name] = {**workers.get(name, {}), "image": image}
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def checked(image: str) -> str:
    """`image` when it is one of a registry by digest; exits otherwise, for a tag can be moved."""
    if not IMAGE.fullmatch(image):
        raise SystemExit(f"{image!r} is not an image by digest")
    return image


def read(folder: Path) -> dict[str, str]:
    """The images in a folder, each checked; exits when there is none."""
    found = {path.name: checked(path.read_text(encoding="utf-8").strip()) for path in sorted(folder.glob("*"))}
    if not found:
        raise SystemExit(f"there is no image in {folder}")
    return found


def write(folder: Path, pairs: list[str]) -> None:
    """A folder with the images that are given; the empty ones are left out."""
    folder.mkdir(parents=True, exist_ok=True)
    for pair in pairs:
        name, _, image = pair.partition("=")
        if not NAME.fullmatch(name):
            raise SystemExit(f"{name!r} is no name of an image")
        if image:
            (folder / name).write_text(checked(image) + "\n", encoding="utf-8")


def subjects(images: dict[str, str]) -> str:
    """A line for each image, as `sha256sum` writes them."""
    parts = (image.partition("@sha256:") for image in images.values())
    return "".join(f"{digest}  {repository}\n" for repository, _, digest in parts)


def main(arguments: list[str]) -> None:
    """The command."""
    match arguments:
        case ["get", stack] if STACK.fullmatch(stack):
            sys.stdout.write("".join(f"{name}={image}\n" for name, image in get(stack).items()))
        case ["put", stack, folder] if STACK.fullmatch(stack):
            put(stack, read(Path(folder)))
        case ["mark", stack, ("live" | "good") as what, folder] if STACK.fullmatch(stack):
            mark(stack, what, read(Path(folder)))
        case ["use", stack, folder] if STACK.fullmatch(stack):
            use(stack, read(Path(folder)))
        case ["pack", folder]:
            sys.stdout.write(json.dumps(read(Path(folder))) + "\n")
        case ["unpack", text, folder]:
            write(Path(folder), [f"{name}={image}" for name, image in json.loads(text).items()])
        case ["subjects", folder]:
            sys.stdout.write(subjects(read(Path(folder))))
        case ["write", folder, *pairs]:
            write(Path(folder), pairs)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
