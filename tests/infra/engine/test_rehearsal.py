"""A change on its way to prod and a bad one back, as the workflows are written: shell as it is, AWS, GitHub and Pulumi stood in for."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from runner import Action, Job, KilledError
from unprivileged import as_user
from workflows import ROOT, jobs, load, program, steps

GOLDEN = Path(__file__).parents[1] / "golden" / "delivery.txt"
ACCOUNT = "111122223333"
REGISTRY = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/polyglot"
VALUES = {
    "AWS_ACCOUNT": ACCOUNT,
    "AWS_REGION": "us-east-1",
    "AWS_ROLE": "role",
    "PULUMI_BACKEND_URL": "s3://state",
    "event.pull_request.number": "5",
    "sha": "c" * 40,
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
elif words[1] == "get-login-password":
    print("password")
elif words[1] == "describe-images":
    print(kept["tags"].get("built:" + value("--image-ids"), "None"))
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
if sys.argv[1:3] == ["attestation", "verify"]:
    value = lambda flag: sys.argv[sys.argv.index(flag) + 1]
    assert value("--signer-workflow") == "acme/polyglot/.github/workflows/stack.yml"
    kept = os.path.join(folder, "signed.json")
    signed = json.load(open(kept)) if os.path.exists(kept) else []
    if [sys.argv[3].rpartition("sha256:")[2], value("--predicate-type")] not in signed:
        sys.exit("HTTP 404: no attestations found")
"""
NOTED = """
open(os.path.join(folder, "programs.jsonl"), "a").write(json.dumps([os.path.basename(sys.argv[0]), *sys.argv[1:]]) + "\\n")
"""
DOCKER = (
    NOTED
    + """
if "--password-stdin" in sys.argv:
    assert sys.stdin.read().strip() == "password"
if "imagetools" in sys.argv:
    print(json.dumps({"layers": [{"size": 80_000_000}]}))
"""
)
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
            "HOME": str(folder),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if "site-packages" in path),
        }
        others = {"docker": DOCKER, **dict.fromkeys(("make", "sudo", "zizmor"), NOTED)}
        for name, body in {"aws": AWS, "gh": GH, "polyglot": TRAVELLER, **others}.items():
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
        for item in (*NEEDED, f"Pulumi.{stack}.yaml"):
            (checkout / item).parent.mkdir(exist_ok=True)
            (shutil.copytree if (ROOT / item).is_dir() else shutil.copy)(ROOT / item, checkout / item)
        (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
        for tool in ("polyglot", "zizmor"):
            (checkout / ".venv" / "bin" / tool).symlink_to(self.folder / tool)
        # What is locked is installed: the step looks, and has nothing to do.
        (checkout / ".venv" / ".stamp").write_text(INSTALLED)
        built = more.pop("built", {})
        actions: dict[str, Action | None] = {
            "actions/checkout": None,
            "actions/setup-python": None,
            "aws-actions/configure-aws-credentials": None,
            "actions/download-artifact": partial(self._download, checkout, built),
            "actions/attest": partial(self._sign, checkout),
            **more.pop("actions", {}),
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

    def _sign(self, checkout: Path, given: Mapping[str, str]) -> bool:
        lines = (checkout / given["subject-checksums"]).read_text().splitlines()
        assert json.loads(given["predicate"])["result"] == "PASSED"
        path = self.folder / "signed.json"
        before = json.loads(path.read_text()) if path.exists() else []
        path.write_text(json.dumps([*before, *([line.split()[0], given["predicate-type"]] for line in lines)]))
        return True

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


NEEDED = (
    "infra/services.py", "infra/services.toml", "contracts/models.toml", "tools", "requirements", "pyproject.toml", ".pulumi.version", ".ci", ".github",
)  # fmt: skip
"""What the jobs' steps read of a checkout."""
INSTALLED = subprocess.run(
    [
        sys.executable,
        "-c",
        "import setup; print(setup.fingerprint(setup.ROOT / 'requirements/all.txt', setup.ROOT / 'pyproject.toml'))",
    ],
    capture_output=True,
    text=True,
    check=True,
    cwd=ROOT / "tools",
).stdout.strip()
"""What `tools/setup.py` writes down when all that is locked is installed."""


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


def test_prod_takes_no_image_that_staging_was_not_called_with(world: World) -> None:
    _, images = staged(world, "1st")
    assert promoted(world, "1st", images)
    assert not promoted(world, "2nd", json.dumps(builds("2nd")))
    assert world.running["prod"] == builds("1st")
    assert "FAIL Staging ran them, and was called" in world.story
    # A company whose plan has no attestations says so, once, in a variable.
    job = world.job("stack", "up", "prod", inputs={"stack": "prod", "images": json.dumps(builds("2nd"))})
    job.given = {**VALUES, "POLYGLOT_ATTESTATIONS": "false"}
    assert job.run()


OTHERS: dict[tuple[str, str], dict[str, Any]] = {
    ("deploy", "images"): {},
    ("deploy", "build"): {"matrix": {"service": "api"}},
    ("pull-request", "images"): {"matrix": {"service": "agent"}},
    ("pull-request", "test"): {},
    ("weekly", "images"): {"matrix": {"service": "api"}},
    ("weekly", "workflows"): {},
}
"""The jobs with shell that are not on a change's way to prod."""


def test_every_other_step_runs_as_written_too(world: World) -> None:
    built: list[tuple[str, ...]] = []

    def build(given: Mapping[str, str]) -> bool:
        built.append((given["file"], given["push"], given["build-args"]))
        return True

    def scan(given: Mapping[str, str]) -> bool:
        assert given["image-ref"] == image("api", "1st")
        (checkout / given["output"]).write_text(json.dumps({"Results": [{"Vulnerabilities": [{}]}]}))
        return True

    _, images = staged(world, "1st")
    promoted(world, "1st", images)
    for (workflow, name), more in OTHERS.items():
        job = world.job(workflow, name, "prod", **more)
        checkout = job.checkout
        job.actions = {
            **job.actions,
            **dict.fromkeys(("actions/cache", "actions/upload-artifact", "docker/setup-buildx-action", "aws-actions/amazon-ecr-login")),
            "docker/build-push-action": build,
            "aquasecurity/trivy-action": scan,
        }  # fmt: skip
        job.outputs |= {
            "registry.outputs.registry": REGISTRY.removesuffix("/polyglot"),
            "image.outputs.digest": f"sha256:{'1' * 64}",
        }
        assert job.run(), job.told
        if name == "build":
            assert (checkout / "digests" / "api").read_text().strip() == image("api", "1st")
    # With the plugins of the models in the stacks' files; main's commit is built already.
    assert built == [("agent/Dockerfile", "False", "PROVIDERS=aws")]
    assert ["make", "test"] in world.lines("programs.jsonl")
    assert any(
        call[:2] == ["issue", "create"] and "Known holes in the image api" in call for call in world.lines("gh.jsonl")
    )
    played = {("stack", "up"), ("pull-request", "preview"), ("drift", "drift"), *OTHERS}
    assert played == {(file, name) for file, name, job in jobs() if any("run" in step for step in steps(job))}


def test_the_runner_is_no_root(tmp_path: Path) -> None:
    tried = subprocess.run(  # noqa: S603 - our own words
        as_user("sh", "-c", "id -u; touch /usr/x; touch /etc/x; touch mine"),
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert tried.stdout.strip() != "0"
    assert tried.stderr.count("touch:") == 2
    assert (tmp_path / "mine").exists()


def test_what_is_live_and_what_is_good_is_marked_so_that_it_never_expires(world: World) -> None:
    _, images = staged(world, "1st")
    promoted(world, "1st", images)
    staged(world, "2nd")
    tags = world.aws["tags"]
    for stack, build in (("staging", "2nd"), ("prod", "1st")):
        for mark in ("live", "good"):
            assert image("api", build).rpartition("@")[2] in tags[f"polyglot/api:keep-{stack}-{mark}"]


@pytest.fixture(scope="module")
def long_lived(tmp_path_factory: pytest.TempPathFactory) -> World:
    """One that goes through many deploys."""
    world = World(tmp_path_factory.mktemp("world"))
    staged(world, "0th")
    return world


@pytest.mark.parametrize("step", range(len(steps(load("stack")["jobs"]["up"])) - 3))
def test_a_deploy_that_is_killed_anywhere_is_finished_by_the_next_run(long_lived: World, step: int) -> None:
    world, build = long_lived, f"{1 + step % 2}st"
    inputs = {"stack": "staging", "images": ""}
    with pytest.raises(KilledError):
        world.job("stack", "up", "staging", inputs=inputs, built=builds(build), killed_after=step).run()
    done, images = staged(world, build)
    assert done
    assert world.running["staging"] == builds(build) == json.loads(images)
    assert json.loads(world.aws["parameters"]["/polyglot/staging/deploy/last-good"]) == builds(build)
