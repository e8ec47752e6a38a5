import importlib.metadata
import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from workflows import FILES, FOLDER, ROOT, jobs, load, run, steps, triggers

from contracts.languages import LANGUAGES
from infra.services import images

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "polyglot"
"""Where `tools/setup.py` keeps what it builds."""


def test_zizmor_finds_nothing() -> None:
    tool = Path(sys.executable).with_name("zizmor")
    found = run(str(tool), "--offline", "--no-progress", str(FOLDER))
    assert found.returncode == 0, found.stdout
    assert "No findings" in found.stdout + found.stderr


def test_actionlint_finds_nothing() -> None:
    tool = shutil.which("actionlint") or next(map(str, CACHE.glob("bin/actionlint-*")), None)
    if tool is None:
        pytest.skip("actionlint is not on PATH; `python tools/setup.py --actionlint` builds it")
    # GitHub's `queue` (2026-05-07) is younger than this linter.
    known = ["-ignore", 'unexpected key "queue" for "concurrency" section']
    found = run(tool, "-shellcheck=", *known, *map(str, FILES))
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
    assert load(path.stem)["permissions"] == {}
    for job in load(path.stem)["jobs"].values():
        assert job["permissions"]["contents"] == "read"
        assert set(job["permissions"]) <= {"contents", "id-token", "pull-requests", "issues", "attestations"}


def test_jobs_end() -> None:
    assert all(0 < job["timeout-minutes"] <= 180 for _, _, job in jobs() if "uses" not in job)


def test_no_code_of_a_fork_ever_runs_with_rights() -> None:
    assert all("pull_request_target" not in triggers(path.stem) for path in FILES)
    preview = load("pull-request")["jobs"]["preview"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in preview["if"]
    assert "id-token" not in load("pull-request")["jobs"]["test"]["permissions"]
    assert "id-token" not in load("pull-request")["jobs"]["images"]["permissions"]


def test_there_is_no_key_that_lives_long() -> None:
    for path in FILES:
        assert "secrets." not in path.read_text()
        assert "aws-access-key-id" not in path.read_text()


def test_checkouts_leave_no_credentials_behind() -> None:
    for _, _, job in jobs():
        for step in steps(job):
            if "actions/checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_credentials_of_another_account_are_refused() -> None:
    for _, _, job in jobs():
        for step in steps(job):
            if "configure-aws-credentials" in step.get("uses", ""):
                assert step["with"]["allowed-account-ids"] == "${{ vars.AWS_ACCOUNT }}"


def test_only_deploys_take_a_role_that_may_change_something() -> None:
    """The role is a variable of the GitHub environment: only `staging` and `prod` hold one that writes."""
    for name in ("pull-request", "drift", "weekly"):
        environments = [job.get("environment", "") for job in load(name)["jobs"].values()]
        assert all(place == "" or place.endswith("-preview") for place in environments)
    for _, _, job in jobs():
        takes = any("configure-aws-credentials" in step.get("uses", "") for step in steps(job))
        assert not takes or job.get("environment"), "variables of an account come from an environment"


def test_only_one_run_at_a_time_changes_a_stack_and_what_waits_is_neither_cut_off_nor_dropped() -> None:
    concurrency = load("stack")["jobs"]["up"]["concurrency"]
    assert concurrency["group"].startswith("stack-${{ ")
    assert concurrency["cancel-in-progress"] is False
    assert concurrency["queue"] == "max"
    assert "concurrency" not in load("deploy")  # a second push waits for each stack, not for the whole run
    assert "concurrency" not in load("drift")["jobs"]["drift"]  # a preview takes no lock, and would push out what waits


def test_credentials_outlive_the_job_and_are_fresh_before_a_rollback() -> None:
    job = load("stack")["jobs"]["up"]
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
    """What `make setup` builds, what the program imports, and what the pipeline installs: one number, in one file."""
    version = (ROOT / ".pulumi.version").read_text().strip()
    assert importlib.metadata.version("pulumi") == version
    asked = re.findall(r'"pulumi==([\d.]+)"', (ROOT / "pyproject.toml").read_text())
    locked = [
        text
        for lock in (ROOT / "requirements").glob("*.txt")
        for text in re.findall(r"^pulumi==(\S+)", lock.read_text(), re.MULTILINE)
    ]
    assert {*asked, *locked} == {version}
    assert len(locked) == 2
    module = (ROOT / "offline" / "pulumi_cli" / "go.mod").read_text()
    assert re.findall(r"github.com/pulumi/pulumi/(\w+)/v3 v(\S+)", module) == [("pkg", version), ("sdk", version)]
    taken = [step["with"] for _, _, job in jobs() for step in steps(job) if "pulumi/actions" in step.get("uses", "")]
    assert taken
    assert all(options["pulumi-version-file"] == ".pulumi.version" for options in taken)


def test_prod_gets_what_staging_ran_after_an_approval() -> None:
    found = load("deploy")["jobs"]
    assert found["staging"]["needs"] == "build"
    assert found["prod"]["needs"] == "staging"
    assert found["prod"]["with"] == {"stack": "prod", "images": "${{ needs.staging.outputs.images }}"}
    assert "needs.staging.result == 'success'" in found["prod"]["if"]
    assert load("stack")["jobs"]["up"]["environment"] == "${{ inputs.stack }}"
    builds = [name for _, name, job in jobs() for step in steps(job) if (step.get("with") or {}).get("push") is True]
    assert builds == ["build"]  # images are pushed in one place only


def test_by_hand_nothing_is_built_and_the_images_are_given() -> None:
    assert triggers("deploy")["workflow_dispatch"]["inputs"]["images"]["required"] is True
    found = load("deploy")["jobs"]
    assert "github.event_name == 'push'" in found["images"]["if"]
    assert found["build"]["needs"] == "images"
    assert "workflow_dispatch" in found["staging"]["if"]
    assert found["staging"]["with"]["images"] == "${{ inputs.images }}"


def test_every_image_of_the_table_is_built_and_scanned() -> None:
    assert (
        load("deploy")["jobs"]["build"]["strategy"]["matrix"]["service"]
        == "${{ fromJSON(needs.images.outputs.names) }}"
    )
    for name, job in (("pull-request", "images"), ("weekly", "images")):
        assert load(name)["jobs"][job]["strategy"]["matrix"]["service"] == images()


def test_a_scan_that_failed_is_no_hole_that_was_found() -> None:
    named = {step.get("id"): step for step in load("weekly")["jobs"]["images"]["steps"]}
    assert named["scan"]["env"]["TRIVY_PLATFORM"] == "linux/arm64"
    assert "exit-code" not in named["scan"]["with"]
    assert named["count"]["if"] == "steps.scan.outcome == 'success'"


def test_images_carry_where_they_come_from_and_what_is_in_them() -> None:
    (step,) = [s for s in load("deploy")["jobs"]["build"]["steps"] if "build-push-action" in s.get("uses", "")]
    assert step["with"]["provenance"] == "mode=max"
    assert step["with"]["sbom"] is True
    assert ":${{ github.sha }}" in step["with"]["tags"]
    assert "latest" not in step["with"]["tags"]


@pytest.mark.parametrize(
    ("workflow", "job", "plugins"),
    [("deploy", "build", "needs.images.outputs.plugins"), ("pull-request", "images", "steps.plugins.outputs.names")],
)
def test_images_are_built_with_the_plugins_that_the_stacks_need(workflow: str, job: str, plugins: str) -> None:
    (step,) = [s for s in load(workflow)["jobs"][job]["steps"] if "build-push-action" in s.get("uses", "")]
    assert step["with"]["build-args"] == f"PROVIDERS=${{{{ {plugins} }}}}"
    assert "ARG PROVIDERS" in (ROOT / "agent" / "Dockerfile").read_text(encoding="utf-8")


@pytest.mark.parametrize("service", images())
def test_what_an_image_is_built_on_is_named_by_digest(service: str) -> None:
    text = (ROOT / service / "Dockerfile").read_text()
    named = dict(re.findall(r"^ARG (\w+_IMAGE)=(\S+)$", text, re.MULTILINE))
    assert all(re.fullmatch(r"docker\.io/library/\w+:[\w.-]+@sha256:[0-9a-f]{64}", image) for image in named.values())
    bases = re.findall(r"^FROM (?:--platform=\S+ )?(\S+)", text, re.MULTILINE)
    assert {base.strip("${}") for base in bases} - {"scratch"} == set(named), "a base that is no argument"


def test_the_api_s_image_keeps_every_language_that_is_spoken() -> None:
    kept = re.findall(r"! -name '(\w+)\*?(?:\.dat)?'", (ROOT / "api" / "Dockerfile").read_text(encoding="utf-8"))
    assert set(kept) == {"root", *(language.code for language in LANGUAGES.values())}


def test_what_staging_signs_is_what_prod_asks_for() -> None:
    job = load("stack")["jobs"]["up"]
    (signed,) = [step for step in job["steps"] if "actions/attest@" in step.get("uses", "")]
    assert signed["with"]["predicate-type"] == job["env"]["SIGNED"]
    said = json.loads(re.sub(r"\$\{\{.*?\}\}", "x", signed["with"]["predicate"]))
    assert said["result"] == "PASSED"  # it comes after the calls, and a step after one that failed does not run
    order = [step.get("id") or step.get("name") or step["uses"].partition("@")[0] for step in job["steps"]]
    assert order.index("smoke") < order.index("actions/attest")
    assert order.index("Staging ran them, and was called") < order.index("Take this run's digests")
    assert all(load("deploy")["jobs"][name]["permissions"]["attestations"] == "write" for name in ("staging", "prod"))


def test_a_deploy_is_called_then_written_down_and_else_rolled_back() -> None:
    ordered = load("stack")["jobs"]["up"]["steps"]
    order = [step.get("id") or step.get("name") or step["uses"] for step in ordered]
    assert order.index("good") < order.index("up") < order.index("smoke")
    assert order.index("smoke") < order.index("These are the last good digests now") < order.index("Roll back")
    back = ordered[order.index("back")]
    assert back["if"].startswith("failure() && steps.good.outputs.api != ''")
    assert ordered[order.index("Roll back")]["with"]["refresh"] is True


def test_every_up_and_every_preview_of_a_change_obeys_the_rules() -> None:
    for file, _, job in jobs():
        for step in steps(job):
            if "pulumi/actions" in step.get("uses", "") and file != "drift":
                assert step["with"]["policyPacks"] == "infra/policies"


def test_drift_is_judged_against_what_runs_and_changes_nothing() -> None:
    (step,) = [s for s in load("drift")["jobs"]["drift"]["steps"] if "pulumi/actions" in s.get("uses", "")]
    assert step["with"]["command"] == "preview"
    assert step["with"]["refresh"] is True
    assert step["with"]["expect-no-changes"] is True


def test_new_releases_of_actions_wait_a_week() -> None:
    updates = yaml.safe_load((FOLDER / "dependabot.yml").read_text())["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"github-actions", "pip", "npm", "docker"}
    assert all(update["cooldown"]["default-days"] >= 7 for update in updates)
