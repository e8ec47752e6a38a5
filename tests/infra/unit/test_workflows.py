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

from infra.services import images

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / ".github"
FILES = sorted((FOLDER / "workflows").glob("*.yml"))
SCRIPTS = FOLDER / "scripts"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "polyglot"
"""Where `tools/setup.py` keeps what it builds."""
API = "111122223333.dkr.ecr.us-east-1.amazonaws.com/polyglot/api@sha256:" + "a" * 64
AGENT = "111122223333.dkr.ecr.us-east-1.amazonaws.com/polyglot/agent@sha256:" + "b" * 64


def _load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((FOLDER / "workflows" / f"{name}.yml").read_text())
    return content


def _jobs() -> list[tuple[str, str, dict[str, Any]]]:
    return [(path.stem, name, job) for path in FILES for name, job in _load(path.stem)["jobs"].items()]


def _steps(job: dict[str, Any]) -> list[dict[str, Any]]:
    return list(job.get("steps", []))


def _triggers(name: str) -> dict[str, Any]:
    content: dict[Any, Any] = _load(name)
    found = content[True]  # YAML 1.1 reads the key `on` as a boolean
    return found if isinstance(found, dict) else {found: None}


def _run(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=100, **options)  # noqa: S603 - our own scripts


def test_zizmor_finds_nothing() -> None:
    tool = Path(sys.executable).with_name("zizmor")
    found = _run(str(tool), "--offline", "--no-progress", str(FOLDER))
    assert found.returncode == 0, found.stdout
    assert "No findings" in found.stdout + found.stderr


def test_actionlint_finds_nothing() -> None:
    tool = shutil.which("actionlint") or next(map(str, CACHE.glob("bin/actionlint-*")), None)
    if tool is None:
        pytest.skip("actionlint is not on PATH; `python tools/setup.py --actionlint` builds it")
    # GitHub's `queue` (2026-05-07) is younger than this linter.
    known = ["-ignore", 'unexpected key "queue" for "concurrency" section']
    found = _run(tool, "-shellcheck=", *known, *map(str, FILES))
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit_with_their_version_beside(path: Path) -> None:
    for line in path.read_text().splitlines():
        if "uses:" in line and "./.github/" not in line:
            assert re.search(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_the_same_action_has_one_commit_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for path in FILES:
        for action, commit in re.findall(r"uses: ([\w./-]+)@([0-9a-f]{40})", path.read_text()):
            pins.setdefault(action, set()).add(commit)
    assert {action: commits for action, commits in pins.items() if len(commits) > 1} == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_workflow_may_nothing_and_each_job_says_what_it_may(path: Path) -> None:
    assert _load(path.stem)["permissions"] == {}
    for job in _load(path.stem)["jobs"].values():
        assert job["permissions"]["contents"] == "read"
        assert set(job["permissions"]) <= {"contents", "id-token", "pull-requests", "issues"}


def test_jobs_end() -> None:
    assert all(0 < job["timeout-minutes"] <= 180 for _, _, job in _jobs() if "uses" not in job)


def test_no_code_of_a_fork_ever_runs_with_rights() -> None:
    assert all("pull_request_target" not in _triggers(path.stem) for path in FILES)
    preview = _load("pull-request")["jobs"]["preview"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in preview["if"]
    assert "id-token" not in _load("pull-request")["jobs"]["test"]["permissions"]
    assert "id-token" not in _load("pull-request")["jobs"]["images"]["permissions"]


def test_there_is_no_key_that_lives_long() -> None:
    for path in FILES:
        assert "secrets." not in path.read_text()
        assert "aws-access-key-id" not in path.read_text()


def test_checkouts_leave_no_credentials_behind() -> None:
    for _, _, job in _jobs():
        for step in _steps(job):
            if "actions/checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_credentials_of_another_account_are_refused() -> None:
    for _, _, job in _jobs():
        for step in _steps(job):
            if "configure-aws-credentials" in step.get("uses", ""):
                assert step["with"]["allowed-account-ids"] == "${{ vars.AWS_ACCOUNT }}"


def test_only_deploys_take_a_role_that_may_change_something() -> None:
    """The role is a variable of the GitHub environment: only `staging` and `prod` hold one that writes."""
    for name in ("pull-request", "drift", "weekly"):
        environments = [job.get("environment", "") for job in _load(name)["jobs"].values()]
        assert all(place == "" or place.endswith("-preview") for place in environments)
    for _, _, job in _jobs():
        takes = any("configure-aws-credentials" in step.get("uses", "") for step in _steps(job))
        assert not takes or job.get("environment"), "variables of an account come from an environment"


def test_only_one_run_at_a_time_changes_a_stack_and_what_waits_is_neither_cut_off_nor_dropped() -> None:
    concurrency = _load("stack")["jobs"]["up"]["concurrency"]
    assert concurrency["group"].startswith("stack-${{ ")
    assert concurrency["cancel-in-progress"] is False
    assert concurrency["queue"] == "max"
    assert "concurrency" not in _load("deploy")  # a second push waits for each stack, not for the whole run
    assert (
        "concurrency" not in _load("drift")["jobs"]["drift"]
    )  # a preview takes no lock, and would push out what waits


def test_credentials_outlive_the_job_and_are_fresh_before_a_rollback() -> None:
    job = _load("stack")["jobs"]["up"]
    taken = [step for step in job["steps"] if "configure-aws-credentials" in step.get("uses", "")]
    assert all(step["with"]["role-duration-seconds"] >= job["timeout-minutes"] * 60 for step in taken)
    order = [step.get("id") or step.get("name") or step["uses"] for step in job["steps"]]
    again = [
        index
        for index, step in enumerate(job["steps"])
        if step in taken and str(step.get("if", "")).startswith("failure()")
    ]
    assert again
    assert again[0] < order.index("back")


def test_one_pulumi_everywhere() -> None:
    version = (ROOT / ".pulumi.version").read_text().strip()
    assert f"pkg/v3 v{version}" in (ROOT / "offline" / "pulumi_cli" / "go.mod").read_text()
    for _, _, job in _jobs():
        for step in _steps(job):
            if "pulumi/actions" in step.get("uses", ""):
                assert step["with"]["pulumi-version-file"] == ".pulumi.version"


def test_prod_gets_what_staging_ran_after_an_approval() -> None:
    jobs = _load("deploy")["jobs"]
    assert jobs["staging"]["needs"] == "build"
    assert jobs["prod"]["needs"] == "staging"
    assert jobs["prod"]["with"] == {"stack": "prod", "images": "${{ needs.staging.outputs.images }}"}
    assert "needs.staging.result == 'success'" in jobs["prod"]["if"]
    assert _load("stack")["jobs"]["up"]["environment"] == "${{ inputs.stack }}"
    builds = [name for _, name, job in _jobs() for step in _steps(job) if (step.get("with") or {}).get("push") is True]
    assert builds == ["build"]  # images are pushed in one place only


def test_by_hand_nothing_is_built_and_the_images_are_given() -> None:
    assert _triggers("deploy")["workflow_dispatch"]["inputs"]["images"]["required"] is True
    jobs = _load("deploy")["jobs"]
    assert "github.event_name == 'push'" in jobs["images"]["if"]
    assert jobs["build"]["needs"] == "images"
    assert "workflow_dispatch" in jobs["staging"]["if"]
    assert jobs["staging"]["with"]["images"] == "${{ inputs.images }}"


def test_every_image_of_the_table_is_built_and_scanned() -> None:
    assert (
        _load("deploy")["jobs"]["build"]["strategy"]["matrix"]["service"]
        == "${{ fromJSON(needs.images.outputs.names) }}"
    )
    for name, job in (("pull-request", "images"), ("weekly", "images")):
        assert _load(name)["jobs"][job]["strategy"]["matrix"]["service"] == images()


def test_a_scan_that_failed_is_no_hole_that_was_found() -> None:
    steps = {step.get("id"): step for step in _load("weekly")["jobs"]["images"]["steps"]}
    assert steps["scan"]["env"]["TRIVY_PLATFORM"] == "linux/arm64"
    assert "exit-code" not in steps["scan"]["with"]
    assert steps["count"]["if"] == "steps.scan.outcome == 'success'"


def test_images_carry_where_they_come_from_and_what_is_in_them() -> None:
    (step,) = [s for s in _load("deploy")["jobs"]["build"]["steps"] if "build-push-action" in s.get("uses", "")]
    assert step["with"]["provenance"] == "mode=max"
    assert step["with"]["sbom"] is True
    assert ":${{ github.sha }}" in step["with"]["tags"]
    assert "latest" not in step["with"]["tags"]


def test_a_deploy_is_called_then_written_down_and_else_rolled_back() -> None:
    steps = _load("stack")["jobs"]["up"]["steps"]
    order = [step.get("id") or step.get("name") or step["uses"] for step in steps]
    assert order.index("good") < order.index("up") < order.index("smoke")
    assert order.index("smoke") < order.index("These are the last good digests now") < order.index("Roll back")
    back = steps[order.index("back")]
    assert back["if"].startswith("failure() && steps.good.outputs.api != ''")
    assert steps[order.index("Roll back")]["with"]["refresh"] is True


def test_every_up_and_every_preview_of_a_change_obeys_the_rules() -> None:
    for file, _, job in _jobs():
        for step in _steps(job):
            if "pulumi/actions" in step.get("uses", "") and file != "drift":
                assert step["with"]["policyPacks"] == "infra/policies"


def test_drift_is_judged_against_what_runs_and_changes_nothing() -> None:
    (step,) = [s for s in _load("drift")["jobs"]["drift"]["steps"] if "pulumi/actions" in s.get("uses", "")]
    assert step["with"]["command"] == "preview"
    assert step["with"]["refresh"] is True
    assert step["with"]["expect-no-changes"] is True


def test_new_releases_of_actions_wait_a_week() -> None:
    updates = yaml.safe_load((FOLDER / "dependabot.yml").read_text())["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"github-actions", "pip", "npm", "docker"}
    assert all(update["cooldown"]["default-days"] >= 7 for update in updates)


def test_each_script_that_a_workflow_calls_is_there_and_is_right_bash() -> None:
    called = {name for path in FILES for name in re.findall(r"\.github/scripts/([\w.]+)", path.read_text())}
    assert called == {path.name for path in SCRIPTS.iterdir() if path.is_file()}
    for path in SCRIPTS.glob("*.sh"):
        assert os.access(path, os.X_OK)
        assert _run("bash", "-n", str(path)).returncode == 0
        assert "set -euo pipefail" in path.read_text()


def _digests() -> Any:
    spec = importlib.util.spec_from_file_location("digests", SCRIPTS / "digests.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _program(folder: Path, name: str, body: str) -> dict[str, str]:
    """A stand-in for a program of the runner; returns the environment in which it is found."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport json, os, sys\nfolder = {str(folder)!r}\n{body}")
    path.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "GITHUB_REPOSITORY": "acme/polyglot"}


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
    environment = _program(tmp_path, "aws", AWS)
    first = _run(sys.executable, SCRIPT, "get", "prod", env=environment)
    assert (first.returncode, first.stdout) == (0, "api=\nagent=\n")
    folder = _folder(tmp_path, api=API, agent=AGENT)
    assert _run(sys.executable, SCRIPT, "put", "prod", folder, env=environment).returncode == 0
    assert _run(sys.executable, SCRIPT, "get", "prod", env=environment).stdout == f"api={API}\nagent={AGENT}\n"
    assert _run(sys.executable, SCRIPT, "get", "staging", env=environment).stdout == "api=\nagent=\n"


def test_what_runs_is_marked_in_the_registry_that_has_it(tmp_path: Path) -> None:
    environment = _program(tmp_path, "aws", AWS)
    done = _run(
        sys.executable, SCRIPT, "mark", "prod", "live", _folder(tmp_path, api=API, agent=AGENT), env=environment
    )
    assert done.returncode == 0, done.stderr
    tags = json.loads((tmp_path / "store.json").read_text())["tags"]
    assert tags == [["111122223333", f"polyglot/{name}", "keep-prod-live"] for name in ("agent", "api")]
    gone = API.replace("a" * 64, "c" * 64)
    done = _run(sys.executable, SCRIPT, "mark", "prod", "live", _folder(tmp_path, api=gone), env=environment)
    assert done.returncode != 0
    assert "is not in the registry" in done.stderr


def test_images_travel_between_jobs_as_one_line(tmp_path: Path) -> None:
    packed = _run(sys.executable, SCRIPT, "pack", _folder(tmp_path, api=API, agent=AGENT)).stdout
    assert packed.count("\n") == 1
    assert _run(sys.executable, SCRIPT, "unpack", packed, str(tmp_path / "next")).returncode == 0
    assert {path.name: path.read_text().strip() for path in (tmp_path / "next").iterdir()} == {
        "api": API,
        "agent": AGENT,
    }


@pytest.mark.parametrize("image", ["repo:latest", "repo@sha256:abc", f"{API}; rm -rf /", ""])
def test_a_tag_is_never_written_down(tmp_path: Path, image: str) -> None:
    environment = _program(tmp_path, "aws", AWS)
    done = _run(sys.executable, SCRIPT, "put", "prod", _folder(tmp_path, api=image), env=environment)
    assert done.returncode != 0
    assert not (tmp_path / "store.json").exists()


def test_a_failing_store_stops_the_deploy(tmp_path: Path) -> None:
    environment = _program(tmp_path, "aws", 'sys.exit("AccessDenied")')
    done = _run(sys.executable, str(SCRIPTS / "digests.py"), "get", "prod", env=environment)
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
    environment = _program(tmp_path, "gh", GH) | {"FOUND": found}
    done = _run("bash", str(SCRIPTS / "comment.sh"), "5", "cost-prod", "total $1\nnext `x`", env=environment)
    assert done.returncode == 0, done.stderr
    last = _calls(tmp_path)[-1]
    assert last[:3] == ["api", "-X", method]
    body = next(word for word in last if word.startswith("body="))
    assert body.startswith("body=<!-- polyglot:cost-prod -->")
    assert "total $1\nnext `x`" in body


@pytest.mark.parametrize(("found", "verb"), [("", "create"), ("12", "edit")])
def test_drift_has_one_open_issue(tmp_path: Path, found: str, verb: str) -> None:
    environment = _program(tmp_path, "gh", GH) | {"FOUND": found}
    assert _run("bash", str(SCRIPTS / "issue.sh"), "Drift in prod", "see run", env=environment).returncode == 0
    assert _calls(tmp_path)[-1][:2] == ["issue", verb]


SHELL = [(file, name, step) for file, name, job in _jobs() for step in _steps(job) if "run" in step]
OWN_ENVIRONMENT = re.compile(r"\$\{\{.*?\}\}")


@pytest.mark.parametrize(("file", "job", "step"), SHELL, ids=[f"{f}-{j}-{s.get('name')}" for f, j, s in SHELL])
def test_each_shell_step_is_right_bash_and_takes_nothing_by_paste(file: str, job: str, step: dict[str, Any]) -> None:
    """What GitHub fills in goes through the environment: pasted into a script it would be run."""
    assert not OWN_ENVIRONMENT.search(step["run"]), f"{file} {job}"
    assert _run("bash", "-n", "-c", step["run"]).returncode == 0


def _as_written(
    file: str, job: str, named: str, folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """A step's shell as the runner runs it, in a checkout with a Python where the step expects one."""
    (step,) = [s for s in _steps(_load(file)["jobs"][job]) if s.get("name") == named]
    for name in ("infra", ".github", "Pulumi.staging.yaml"):
        if not (folder / name).exists():
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    (folder / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    if not (folder / ".venv" / "bin" / "python").exists():
        (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    output = folder / "output"
    output.touch()
    values = {**environment, "STACK": "staging", "GITHUB_OUTPUT": str(output)}
    return _run("bash", "-e", "-o", "pipefail", "-c", step["run"], cwd=folder, env=values)


def test_the_steps_of_a_deploy_run_as_written(tmp_path: Path) -> None:
    environment = {
        **_program(tmp_path, "aws", AWS),
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
    environment = {**_program(tmp_path, "aws", AWS), "API": "", "AGENT": ""}
    done = _as_written("drift", "drift", "Take them", tmp_path, environment)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "Pulumi.staging.yaml").read_text() == (ROOT / "Pulumi.staging.yaml").read_text()


@pytest.mark.parametrize(("report", "found"), [({}, "0"), ({"Results": [{"Vulnerabilities": [{}, {}]}, {}]}, "2")])
def test_holes_are_counted(tmp_path: Path, report: dict[str, Any], found: str) -> None:
    if shutil.which("jq") is None:
        pytest.skip("jq is not on PATH; GitHub's runners have it")
    (tmp_path / "scan.json").write_text(json.dumps(report))
    done = _as_written("weekly", "images", "Count what has a fix", tmp_path, dict(os.environ))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output").read_text().strip() == f"found={found}"
