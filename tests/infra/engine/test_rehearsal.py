"""A change on its way to prod and a bad one back, as the workflows are written: shell as it is, AWS, GitHub and Pulumi stood in for."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from runner import Action, Job, KilledError
from workflows import FOLDER, ROOT, load, program, steps

GOLDEN = Path(__file__).parents[1] / "golden" / "delivery.txt"
ACCOUNT = "111122223333"
REGISTRY = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/polyglot"
VALUES = {
    "AWS_ACCOUNT": ACCOUNT,
    "AWS_REGION": "us-east-1",
    "AWS_ROLE": "role",
    "PULUMI_BACKEND_URL": "s3://state",
    "event.pull_request.number": "5",
}

AWS = """
store = os.path.join(folder, "aws.json")
kept = json.load(open(store)) if os.path.exists(store) else {"parameters": {}, "tags": {}}
words = sys.argv[1:]
value = lambda flag: words[words.index(flag) + 1]
if words[1] == "put-parameter":
    kept["parameters"][value("--name")] = value("--value")
elif words[1] == "batch-get-image":
    manifest = {"imageManifest": value("--image-ids"), "imageManifestMediaType": "application/vnd.oci.image.index.v1+json"}
    print(json.dumps({"images": [manifest]}))
elif words[1] == "put-image":
    kept["tags"][value("--repository-name") + ":" + value("--image-tag")] = value("--image-manifest")
elif value("--name") in kept["parameters"]:
    print(kept["parameters"][value("--name")])
else:
    sys.exit("An error occurred (ParameterNotFound)")
json.dump(kept, open(store, "w"))
"""
GH = """
found = "77" if os.environ.get("FOUND") else ""
open(os.path.join(folder, "gh.jsonl"), "a").write(json.dumps(sys.argv[1:]) + "\\n")
if "--jq" in sys.argv:
    print(found)
"""
TRAVELLER = """
running = json.load(open(os.path.join(folder, "running.json")))
stack = sys.argv[2].removeprefix("https://").split(".")[0] if len(sys.argv) > 2 else ""
open(os.path.join(folder, "calls.jsonl"), "a").write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1] == "cost":
    print(f"{sys.argv[2]}: $1.00 a month")
elif sys.argv[1] == "call" and any("bad" in image for image in running[stack].values()):
    sys.exit("the assistant joined and said nothing")
"""


def image(service: str, build: str) -> str:
    """By digest; a bad build has it in its name, so that the traveller of this play can hear it."""
    name = f"{service}-bad" if build == "bad" else service
    return f"{REGISTRY}/{name}@sha256:{build[0] * 64}"


class World:
    """An account with two stacks, a registry and a repository; every checkout has the same programs on its path."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.story = folder, list[str]()
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if "site-packages" in path),
        }
        for name, body in (("aws", AWS), ("gh", GH), ("polyglot", TRAVELLER)):
            path = program(folder, name, body)["PATH"]
        self._environment |= {"PATH": path, "GITHUB_REPOSITORY": "acme/polyglot"}
        self.running: dict[str, dict[str, str]] = {}
        self._checkouts = 0

    @property
    def aws(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "aws.json").read_text())
        return found

    def lines(self, name: str) -> list[list[str]]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def job(self, workflow: str, name: str, stack: str, **more: Any) -> Job:
        """In a fresh checkout, as each job has."""
        self._checkouts += 1
        checkout = self.folder / f"checkout-{self._checkouts}"
        (checkout / ".venv" / "bin").mkdir(parents=True)
        for item in ("infra/services.py", "infra/services.toml", f"Pulumi.{stack}.yaml"):
            (checkout / item).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / item, checkout / item)
        shutil.copytree(FOLDER, checkout / ".github")
        (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
        (checkout / ".venv" / "bin" / "polyglot").symlink_to(self.folder / "polyglot")
        built = more.pop("built", {})
        actions: dict[str, Action | None] = {
            "actions/checkout": None,
            "actions/setup-python": None,
            "aws-actions/configure-aws-credentials": None,
            "actions/download-artifact": partial(self._download, checkout, built),
        }
        made = Job(workflow, name, checkout, self._environment, actions, given=VALUES, **more)
        actions["pulumi/actions"] = partial(self._pulumi, checkout, made)
        return made

    @staticmethod
    def _download(checkout: Path, built: Mapping[str, str], given: Mapping[str, str]) -> bool:
        folder = checkout / given["path"]
        folder.mkdir()
        for service, name in built.items():
            (folder / service).write_text(name + "\n")
        return bool(built)

    def _pulumi(self, checkout: Path, job: Job, given: Mapping[str, str]) -> bool:
        """`up` moves the stack to the images of its file; a preview that expects no changes compares them with what runs."""
        stack = given["stack-name"]
        config = yaml.safe_load((checkout / f"Pulumi.{stack}.yaml").read_text())["config"]
        wanted = {name: config[f"polyglot:{name}"].get("image", "") for name in ("api", "agent")}
        if given["command"] == "preview":
            return "expect-no-changes" not in given or self.running.get(stack) == wanted
        assert all("@sha256:" in name for name in wanted.values()), wanted
        assert given["policyPacks"] == "infra/policies"
        self.running[stack] = wanted
        (self.folder / "running.json").write_text(json.dumps(self.running))
        job.outputs["up.outputs.api_url"] = f"https://{stack}.example.com"
        return True

    def tell(self, what: str, job: Job, *, done: bool) -> None:
        self.story += ["", f"== {what}: {'green' if done else 'red'}", *job.told]
        for stack, images in self.running.items():
            short = [f"{name} {one.partition('sha256:')[2][:4]}" for name, one in sorted(images.items())]
            self.story.append(f"   {stack} runs {', '.join(short)}")

    def deploy(self, stack: str, what: str, **more: Any) -> tuple[bool, str]:
        """Whether the job is green, and the images that it hands on."""
        job = self.job("stack", "up", stack, **more)
        done = job.run()
        self.tell(what, job, done=done)
        return done, job.outputs.get("ran.outputs.images", "")


def builds(build: str) -> dict[str, str]:
    return {service: image(service, build) for service in ("api", "agent")}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def staged(world: World, build: str) -> tuple[bool, str]:
    return world.deploy(
        "staging", f"staging gets {build}", inputs={"stack": "staging", "images": ""}, built=builds(build)
    )


def promoted(world: World, build: str, images: str) -> bool:
    done, _ = world.deploy("prod", f"prod gets {build} after an approval", inputs={"stack": "prod", "images": images})
    return done


def drift(world: World, stack: str, what: str) -> bool:
    job = world.job("drift", "drift", stack, matrix={"stack": stack})
    done = job.run()
    world.tell(what, job, done=done)
    return done


def test_a_change_goes_to_prod_and_a_bad_one_comes_back(world: World) -> None:
    assert load("deploy")["jobs"]["prod"]["needs"] == "staging"
    done, images = staged(world, "1st")
    assert done
    assert promoted(world, "1st", images)
    assert world.running["prod"] == world.running["staging"] == builds("1st")  # the same bytes
    spoken = [call for call in world.lines("calls.jsonl") if call[0] == "call"]
    assert {call[call.index("--lang") + 1] for call in spoken} == {"en", "es"}

    pull_request = world.job("pull-request", "preview", "prod", matrix={"stack": "prod"})
    assert pull_request.run()
    world.tell("a pull request", pull_request, done=True)
    comments = [call for call in world.lines("gh.jsonl") if "issues" in str(call) or "comments" in str(call)]
    assert any("prod: $1.00 a month" in word for call in comments for word in call)

    done, images = staged(world, "bad")
    assert (done, images) == (False, "")  # nothing is handed on to prod
    assert world.running["staging"] == builds("1st")
    assert world.running["prod"] == builds("1st")
    assert json.loads(world.aws["parameters"]["/polyglot/staging/deploy/last-good"]) == builds("1st")

    assert drift(world, "prod", "a quiet night")
    world.running["prod"] = {**builds("1st"), "agent": image("agent", "by hand")}
    assert not drift(world, "prod", "somebody has changed prod by hand")
    assert any(call[:2] == ["issue", "create"] and "Drift in prod" in call for call in world.lines("gh.jsonl"))
    told = "\n".join(world.story).strip() + "\n"
    if os.environ.get("POLYGLOT_GOLDEN"):
        GOLDEN.write_text(told)
    assert told == GOLDEN.read_text(), "the way of a change is another one; POLYGLOT_GOLDEN=1 writes it down"


def test_what_is_live_and_what_is_good_is_marked_so_that_it_never_expires(world: World) -> None:
    _, images = staged(world, "1st")
    promoted(world, "1st", images)
    staged(world, "2nd")
    tags = world.aws["tags"]
    for stack, build in (("staging", "2nd"), ("prod", "1st")):
        for mark in ("live", "good"):
            assert image("api", build).rpartition("@")[2] in tags[f"polyglot/api:keep-{stack}-{mark}"]


@pytest.mark.parametrize("step", range(len(steps(load("stack")["jobs"]["up"])) - 3))
def test_a_deploy_that_is_killed_anywhere_is_finished_by_the_next_run(world: World, step: int) -> None:
    staged(world, "1st")
    with pytest.raises(KilledError):
        world.job(
            "stack", "up", "staging", inputs={"stack": "staging", "images": ""}, built=builds("2nd"), killed_after=step
        ).run()
    done, images = staged(world, "2nd")
    assert done
    assert world.running["staging"] == builds("2nd") == json.loads(images)
    assert json.loads(world.aws["parameters"]["/polyglot/staging/deploy/last-good"]) == builds("2nd")
