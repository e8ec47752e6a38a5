"""The shell steps of the workflows and their scripts, run as they are written."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from workflows import FILES, ROOT, SCRIPTS, jobs, load, program, run, steps

API = "111122223333.dkr.ecr.us-east-1.amazonaws.com/polyglot/api@sha256:" + "a" * 64
AGENT = "111122223333.dkr.ecr.us-east-1.amazonaws.com/polyglot/agent@sha256:" + "b" * 64


def test_each_script_that_a_workflow_calls_is_there_and_is_right_bash() -> None:
    called = {name for path in FILES for name in re.findall(r"\.github/scripts/([\w.]+)", path.read_text())}
    assert called == {path.name for path in SCRIPTS.iterdir() if path.is_file()}
    for path in SCRIPTS.glob("*.sh"):
        assert os.access(path, os.X_OK)
        assert run("bash", "-n", str(path)).returncode == 0
        assert "set -euo pipefail" in path.read_text()


def _digests() -> Any:
    spec = importlib.util.spec_from_file_location("digests", SCRIPTS / "digests.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


AWS = """
store = os.path.join(folder, "store.json")
kept = json.load(open(store)) if os.path.exists(store) else {}
words = sys.argv[1:]
value = lambda flag: words[words.index(flag) + 1]
if words[1] == "put-parameter":
    kept[value("--name")] = value("--value")
    json.dump(kept, open(store, "w"))
elif words[1] == "batch-get-image":
    known = value("--image-ids").endswith(("a" * 64, "b" * 64))
    print(json.dumps({"images": [{"imageManifest": "{}", "imageManifestMediaType": "application/vnd.oci.image.index.v1+json"}] if known else []}))
elif words[1] == "put-image":
    kept.setdefault("tags", []).append([value("--registry-id"), value("--repository-name"), value("--image-tag")])
    json.dump(kept, open(store, "w"))
elif value("--name") in kept:
    print(kept[value("--name")])
else:
    sys.exit("An error occurred (ParameterNotFound)")
"""
SCRIPT = str(SCRIPTS / "digests.py")


def _folder(path: Path, **images: str) -> str:
    made = path / "digests"
    made.mkdir(exist_ok=True)
    for name, image in images.items():
        (made / name).write_text(image + "\n")
    return str(made)


def test_the_last_good_digests_are_kept_for_each_stack(tmp_path: Path) -> None:
    environment = program(tmp_path, "aws", AWS)
    first = run(sys.executable, SCRIPT, "get", "prod", env=environment)
    assert (first.returncode, first.stdout) == (0, "api=\nagent=\n")
    folder = _folder(tmp_path, api=API, agent=AGENT)
    assert run(sys.executable, SCRIPT, "put", "prod", folder, env=environment).returncode == 0
    assert run(sys.executable, SCRIPT, "get", "prod", env=environment).stdout == f"api={API}\nagent={AGENT}\n"
    assert run(sys.executable, SCRIPT, "get", "staging", env=environment).stdout == "api=\nagent=\n"


def test_what_runs_is_marked_in_the_registry_that_has_it(tmp_path: Path) -> None:
    environment = program(tmp_path, "aws", AWS)
    done = run(sys.executable, SCRIPT, "mark", "prod", "live", _folder(tmp_path, api=API, agent=AGENT), env=environment)
    assert done.returncode == 0, done.stderr
    tags = json.loads((tmp_path / "store.json").read_text())["tags"]
    assert tags == [["111122223333", f"polyglot/{name}", "keep-prod-live"] for name in ("agent", "api")]
    gone = API.replace("a" * 64, "c" * 64)
    done = run(sys.executable, SCRIPT, "mark", "prod", "live", _folder(tmp_path, api=gone), env=environment)
    assert done.returncode != 0
    assert "is not in the registry" in done.stderr


def test_images_travel_between_jobs_as_one_line(tmp_path: Path) -> None:
    packed = run(sys.executable, SCRIPT, "pack", _folder(tmp_path, api=API, agent=AGENT)).stdout
    assert packed.count("\n") == 1
    assert run(sys.executable, SCRIPT, "unpack", packed, str(tmp_path / "next")).returncode == 0
    assert {path.name: path.read_text().strip() for path in (tmp_path / "next").iterdir()} == {
        "api": API,
        "agent": AGENT,
    }


@pytest.mark.parametrize(
    ("models", "held"),
    [
        ("", "aws"),
        ("    speech: elevenlabs/eleven_flash_v2_5, aws/neural\n", "aws elevenlabs"),
        ("    chat: claude-sonnet-4-6\n", "anthropic aws"),
        ("    chat: openai/gpt-6-luna # or google/gemini-3.5-flash, anthropic/x\n", "aws"),
        ("    realtime: 'google/gemini-3.8-live'\n    expert: \"azure/mine\"\n", "aws azure google"),
    ],
)
def test_the_agent_s_image_holds_what_any_stack_s_models_need(tmp_path: Path, models: str, held: str) -> None:
    for name in (".github/scripts/plugins.py", "contracts/models.toml", "Pulumi.staging.yaml", "Pulumi.prod.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    with (tmp_path / "Pulumi.prod.yaml").open("a", encoding="utf-8") as file:
        file.write(f"  polyglot:models:\n{models}" if models else "")
    done = run(sys.executable, str(tmp_path / ".github/scripts/plugins.py"), env={})
    assert (done.returncode, done.stdout) == (0, f"{held}\n")


@pytest.mark.parametrize("image", ["repo:latest", "repo@sha256:abc", f"{API}; rm -rf /", ""])
def test_a_tag_is_never_written_down(tmp_path: Path, image: str) -> None:
    environment = program(tmp_path, "aws", AWS)
    done = run(sys.executable, SCRIPT, "put", "prod", _folder(tmp_path, api=image), env=environment)
    assert done.returncode != 0
    assert not (tmp_path / "store.json").exists()


def test_a_failing_store_stops_the_deploy(tmp_path: Path) -> None:
    environment = program(tmp_path, "aws", 'sys.exit("AccessDenied")')
    done = run(sys.executable, str(SCRIPTS / "digests.py"), "get", "prod", env=environment)
    assert done.returncode != 0
    assert "AccessDenied" in done.stderr


def test_digests_go_into_the_stack_s_file_and_the_settings_take_them(tmp_path: Path) -> None:
    from infra.settings import parse  # noqa: PLC0415

    shutil.copy(ROOT / "Pulumi.staging.yaml", tmp_path)
    _digests().use("staging", {"api": API, "agent": AGENT}, tmp_path)
    config = yaml.safe_load((tmp_path / "Pulumi.staging.yaml").read_text())["config"]
    settings = parse({key.removeprefix("polyglot:"): value for key, value in config.items()})
    assert (settings.api.image, settings.agent.image) == (API, AGENT)
    assert settings.api.cpu == 256  # what was there stays


GH = """
calls = os.path.join(folder, "calls.jsonl")
open(calls, "a").write(json.dumps(sys.argv[1:]) + "\\n")
if os.environ.get("FOUND") and ("--jq" in sys.argv):
    print(os.environ["FOUND"])
"""


def _calls(folder: Path) -> list[list[str]]:
    return [json.loads(line) for line in (folder / "calls.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(("found", "method"), [("", "POST"), ("77", "PATCH")])
def test_a_comment_is_made_once_and_then_edited(tmp_path: Path, found: str, method: str) -> None:
    environment = program(tmp_path, "gh", GH) | {"FOUND": found}
    done = run("bash", str(SCRIPTS / "comment.sh"), "5", "cost-prod", "total $1\nnext `x`", env=environment)
    assert done.returncode == 0, done.stderr
    last = _calls(tmp_path)[-1]
    assert last[:3] == ["api", "-X", method]
    body = next(word for word in last if word.startswith("body="))
    assert body.startswith("body=<!-- polyglot:cost-prod -->")
    assert "total $1\nnext `x`" in body


@pytest.mark.parametrize(("found", "verb"), [("", "create"), ("12", "edit")])
def test_drift_has_one_open_issue(tmp_path: Path, found: str, verb: str) -> None:
    environment = program(tmp_path, "gh", GH) | {"FOUND": found}
    assert run("bash", str(SCRIPTS / "issue.sh"), "Drift in prod", "see run", env=environment).returncode == 0
    assert _calls(tmp_path)[-1][:2] == ["issue", verb]


SHELL = [(file, name, step) for file, name, job in jobs() for step in steps(job) if "run" in step]
OWN_ENVIRONMENT = re.compile(r"\$\{\{.*?\}\}")


@pytest.mark.parametrize(("file", "job", "step"), SHELL, ids=[f"{f}-{j}-{s.get('name')}" for f, j, s in SHELL])
def test_each_shell_step_is_right_bash_and_takes_nothing_by_paste(file: str, job: str, step: dict[str, Any]) -> None:
    """What GitHub fills in goes through the environment: pasted into a script it would be run."""
    assert not OWN_ENVIRONMENT.search(step["run"]), f"{file} {job}"
    assert run("bash", "-n", "-c", step["run"]).returncode == 0


def _as_written(
    file: str, job: str, named: str, folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """A step's shell as the runner runs it, in a checkout with a Python where the step expects one."""
    (step,) = [s for s in steps(load(file)["jobs"][job]) if s.get("name") == named]
    for name in ("infra", ".github", "Pulumi.staging.yaml"):
        if not (folder / name).exists():
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    (folder / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    if not (folder / ".venv" / "bin" / "python").exists():
        (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    output = folder / "output"
    output.touch()
    values = {**environment, "STACK": "staging", "GITHUB_OUTPUT": str(output)}
    return run("bash", "-e", "-o", "pipefail", "-c", step["run"], cwd=folder, env=values)


def test_the_steps_of_a_deploy_run_as_written(tmp_path: Path) -> None:
    environment = {
        **program(tmp_path, "aws", AWS),
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if "site-packages" in p),
    }
    _folder(tmp_path, api=API, agent=AGENT)
    for job, named in (
        ("up", "Take this run's digests"),
        ("up", "These are the last good digests now"),
        ("up", "What runs now, for the next stack"),
        ("up", "Last good digests"),
    ):
        done = _as_written("stack", job, named, tmp_path, environment)
        assert done.returncode == 0, (named, done.stderr)
    config = yaml.safe_load((tmp_path / "Pulumi.staging.yaml").read_text())["config"]
    assert config["polyglot:api"]["image"] == API
    tags = {tag for _, _, tag in json.loads((tmp_path / "store.json").read_text())["tags"]}
    assert tags == {"keep-staging-live", "keep-staging-good"}
    said = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
    assert json.loads(said["images"]) == {"api": API, "agent": AGENT}
    assert said["api"] == API
    back = _as_written(
        "stack", "up", "Take the last good digests", tmp_path, {**environment, "API": API, "AGENT": AGENT}
    )
    assert back.returncode == 0, back.stderr


def test_a_preview_before_the_first_deploy_takes_the_file_as_it_is(tmp_path: Path) -> None:
    environment = {**program(tmp_path, "aws", AWS), "API": "", "AGENT": ""}
    done = _as_written("drift", "drift", "Take them", tmp_path, environment)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "Pulumi.staging.yaml").read_text() == (ROOT / "Pulumi.staging.yaml").read_text()


@pytest.mark.parametrize(("report", "found"), [({}, "0"), ({"Results": [{"Vulnerabilities": [{}, {}]}, {}]}, "2")])
def test_holes_are_counted(tmp_path: Path, report: dict[str, Any], found: str) -> None:
    if shutil.which("jq") is None:
        pytest.skip("jq is not on PATH: `python3 tools/setup.py --packets` installs it; GitHub's runners have it")
    (tmp_path / "scan.json").write_text(json.dumps(report))
    done = _as_written("weekly", "images", "Count what has a fix", tmp_path, dict(os.environ))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output").read_text().strip() == f"found={found}"


DOCKER = """
digest = sys.argv[-1].rpartition("@")[2]
size = int(os.environ["BYTES"])
index = {"manifests": [
    {"digest": "sha256:attestation", "platform": {"os": "unknown", "architecture": "unknown"}},
    {"digest": "sha256:ours", "platform": {"os": "linux", "architecture": os.environ["CPU"]}},
]}
print(json.dumps({"layers": [{"size": size}, {"size": 1_000_000}]} if digest == "sha256:ours" else index))
"""


@pytest.mark.parametrize(
    ("service", "size", "cpu", "said"),
    [
        ("api", 88_000_000, "arm64", "api: 89 MB compressed, at most 90"),
        ("api", 99_000_000, "arm64", "api is 10 MB too large"),
        ("agent", 299_000_000, "arm64", "agent: 300 MB compressed, at most 300"),
        ("agent", 300_000_000, "arm64", "agent is 1 MB too large"),
        ("agent", 1, "amd64", "has nothing for arm64"),
    ],
)
def test_an_image_that_grew_too_large_stops_the_deploy(
    tmp_path: Path, service: str, size: int, cpu: str, said: str
) -> None:
    environment = {**program(tmp_path, "docker", DOCKER), "BYTES": str(size), "CPU": cpu, "SERVICE": service}
    _folder(tmp_path, **{service: API.replace("/api@", f"/{service}@")})
    done = _as_written("deploy", "build", "Look how large it is", tmp_path, environment)
    assert said in done.stdout + done.stderr
    assert (done.returncode == 0) == ("compressed" in said)
