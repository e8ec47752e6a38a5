import fnmatch
import json
from functools import cache
from typing import Any

import pytest
from infra_mocks import Recorded, Registered, run

from infra.bootstrap import documents, permissions
from infra.bootstrap.components import POLICY_SIZE, packed, text
from infra.bootstrap.documents import allow
from infra.bootstrap.program import program
from infra.bootstrap.run import chosen_state, next_steps
from infra.bootstrap.settings import BootstrapSettings, parse, read
from infra.policies.core import Resource
from infra.settings import SettingsError
from offline.verdict import verdict

RAW: dict[str, Any] = {"account": "111122223333", "repository": "acme/polyglot"}
SETTINGS = parse(RAW)
ENVIRONMENTS = ("staging", "prod")


@cache
def made(state: str = "s3", **changes: Any) -> Recorded:
    settings = parse({**RAW, **changes}) if changes else SETTINGS
    return run(lambda: program(settings, state), stack="account")  # type: ignore[arg-type]


def one(kind: str, name: str) -> Registered:
    return made().one(kind, name)


def policies(env: str, kind: str) -> list[dict[str, Any]]:
    names = {r.name: r for r in made().all("aws.iam.Policy")}
    found = [r.json("policy") for name, r in names.items() if name.startswith(f"{env}-{kind}-")]
    assert found
    return [statement for document in found for statement in document["Statement"]]


def may(env: str, kind: str, action: str, resource: str) -> bool:
    """Whether a role's policies allow the action on the resource; conditions are left out."""
    return _matches(policies(env, kind), "Allow", action, resource)


def _matches(statements: list[dict[str, Any]], effect: str, action: str, resource: str) -> bool:
    def listed(value: Any) -> list[str]:
        return value if isinstance(value, list) else [value]

    return any(
        s["Effect"] == effect
        and any(fnmatch.fnmatchcase(action, pattern) for pattern in listed(s["Action"]))
        and any(fnmatch.fnmatchcase(resource, pattern) for pattern in listed(s["Resource"]))
        for s in statements
    )


def test_it_obeys_the_rules_that_stacks_obey() -> None:
    resources = [Resource(r.urn, r.type, r.name, r.inputs, r.protect) for r in made().resources if r.custom]
    assert [str(v) for v in verdict(resources, "account").violations] == []


def test_the_state_bucket_is_versioned_encrypted_and_survives() -> None:
    bucket = one("aws.s3.Bucket", "state")
    assert bucket.inputs["bucket"] == "polyglot-state-111122223333-us-east-1"
    assert bucket.protect
    assert bucket.retain_on_delete
    assert one("aws.s3.BucketVersioning", "state").inputs["versioningConfiguration"] == {"status": "Enabled"}
    (rule,) = one("aws.s3.BucketServerSideEncryptionConfiguration", "state").inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    assert rule["bucketKeyEnabled"] is True


def test_the_state_bucket_answers_nobody_without_tls_and_nobody_in_public() -> None:
    for name in ("state", "state-log"):
        assert all(one("aws.s3.BucketPublicAccessBlock", name).inputs[key] for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"))  # fmt: skip
        deny = one("aws.s3.BucketPolicy", name).json("policy")["Statement"][0]
        assert (deny["Effect"], deny["Principal"]) == ("Deny", "*")
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_history_and_old_versions_do_not_stay_for_ever_and_reads_are_logged() -> None:
    rules = {rule["id"]: rule for rule in one("aws.s3.BucketLifecycleConfiguration", "state").inputs["rules"]}
    assert rules["history"]["filter"]["prefix"] == ".pulumi/history/"
    assert rules["history"]["expiration"]["days"] == 365
    assert rules["versions"]["noncurrentVersionExpiration"]["noncurrentDays"] == 365
    assert "expiration" not in rules["versions"]  # the state itself is never deleted by age
    assert one("aws.s3.BucketLogging", "state").inputs["targetBucket"].endswith("-log")


def test_each_environment_has_a_key_that_rotates_and_survives() -> None:
    keys = {r.name: r for r in made().all("aws.kms.Key")}
    assert set(keys) == {"state", *ENVIRONMENTS}
    assert all(
        r.protect and r.inputs["enableKeyRotation"] and r.inputs["deletionWindowInDays"] == 30 for r in keys.values()
    )
    assert {r.inputs["name"] for r in made().all("aws.kms.Alias")} == {
        "alias/polyglot-state",
        "alias/polyglot-staging",
        "alias/polyglot-prod",
    }


def test_services_use_a_key_for_this_account_only() -> None:
    for env in ENVIRONMENTS:
        for statement in one("aws.kms.Key", env).json("policy")["Statement"]:
            if "Service" in statement["Principal"]:
                assert "111122223333" in json.dumps(statement["Condition"])


def test_tags_of_images_cannot_be_moved_and_a_rollback_finds_its_image() -> None:
    for service in ("api", "agent"):
        repository = one("aws.ecr.Repository", service)
        assert repository.inputs["name"] == f"polyglot/{service}"
        assert repository.inputs["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
        assert [f["filter"] for f in repository.inputs["imageTagMutabilityExclusionFilters"]] == ["cache-*", "keep-*"]
        assert repository.protect
        rules = one("aws.ecr.LifecyclePolicy", service).json("policy")["rules"]
        assert rules[0]["selection"]["tagPatternList"] == ["keep-*"]
        assert rules[0]["selection"]["countNumber"] == 1000
        assert rules[2]["selection"] == {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}  # fmt: skip
        assert rules[3]["selection"]["countNumber"] == 50


def test_only_named_accounts_may_pull() -> None:
    document = documents.repository_policy(parse({**RAW, "pull_accounts": ["444455556666"]}))
    assert document["Statement"][0]["Principal"]["AWS"] == [
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::444455556666:root",
    ]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_only_the_environment_s_own_workflow_deploys(env: str) -> None:
    (statement,) = one("aws.iam.Role", f"{env}-deploy").json("assumeRolePolicy")["Statement"]
    claims = statement["Condition"]["StringEquals"]
    assert claims["token.actions.githubusercontent.com:sub"] == [f"repo:acme/polyglot:environment:{env}"]
    assert claims["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    assert "StringLike" not in statement["Condition"]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_a_pull_request_reads_and_changes_nothing(env: str) -> None:
    verbs = {a.split(":")[1] for s in policies(env, "preview") for a in s["Action"]}
    assert all(v.startswith(("Describe", "Get", "List", "View", "Batch", "Decrypt")) for v in verbs)


@pytest.mark.parametrize("kind", ["preview", "deploy"])
@pytest.mark.parametrize(("env", "other"), [("staging", "prod"), ("prod", "staging")])
def test_neither_environment_s_roles_see_the_other_s_state_key_or_secrets(env: str, other: str, kind: str) -> None:
    bucket = "arn:aws:s3:::polyglot-state-111122223333-us-east-1"
    assert may(env, kind, "s3:GetObject", f"{bucket}/.pulumi/stacks/polyglot/{env}.json")
    assert not may(env, kind, "s3:GetObject", f"{bucket}/.pulumi/stacks/polyglot/{other}.json")
    assert not may(env, kind, "s3:GetObject", f"{bucket}/.pulumi/stacks/polyglot-bootstrap/account.json")
    keys = {name: one("aws.kms.Key", name).outputs["arn"] for name in (env, other)}
    assert may(env, kind, "kms:Decrypt", keys[env])
    assert not may(env, kind, "kms:Decrypt", keys[other])
    path = "arn:aws:ssm:us-east-1:111122223333:parameter/polyglot"
    assert may(env, kind, "ssm:GetParameter", f"{path}/{env}/OPENAI_API_KEY")
    assert not may(env, kind, "ssm:GetParameter", f"{path}/{other}/OPENAI_API_KEY")


def test_the_pipeline_sets_no_secret() -> None:
    path = "arn:aws:ssm:us-east-1:111122223333:parameter/polyglot/prod"
    assert not may("prod", "deploy", "ssm:PutParameter", f"{path}/OPENAI_API_KEY")
    assert may("prod", "deploy", "ssm:PutParameter", f"{path}/deploy/last-good")


def test_a_deploy_makes_roles_only_within_its_boundary_and_cannot_widen_it() -> None:
    statements = policies("prod", "deploy")
    (create,) = [s for s in statements if "iam:CreateRole" in s["Action"]]
    boundary = "arn:aws:iam::111122223333:policy/polyglot/polyglot-prod-boundary"
    assert create["Condition"] == {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    assert "iam:PutRolePolicy" in create["Action"]
    assert _matches(statements, "Deny", "iam:CreatePolicyVersion", boundary)
    assert _matches(statements, "Deny", "iam:DeleteRolePermissionsBoundary", "arn:aws:iam::111122223333:role/x")
    assert _matches(statements, "Deny", "iam:PutRolePolicy", "arn:aws:iam::111122223333:role/polyglot-prod-deploy")


def test_roles_are_passed_to_the_services_that_need_one_and_to_no_other() -> None:
    (passing,) = [s for s in policies("staging", "deploy") if s["Action"] == ["iam:PassRole"]]
    assert passing["Resource"] == "arn:aws:iam::111122223333:role/polyglot/staging/*"
    assert passing["Condition"]["StringEquals"]["iam:PassedToService"] == list(documents.TASK_SERVICES)


def test_a_deploy_touches_nothing_that_is_tagged_as_the_other_environment() -> None:
    (deny,) = [s for s in policies("staging", "deploy") if s.get("Sid") == "OtherEnvironments"]
    assert deny["Effect"] == "Deny"
    assert deny["Condition"] == {"StringEquals": {"aws:ResourceTag/Environment": ["prod"]}}


def test_the_state_bucket_is_out_of_the_deploy_role_s_reach_but_for_its_objects() -> None:
    statements = policies("prod", "deploy")
    assert _matches(statements, "Deny", "s3:DeleteBucket", f"arn:aws:s3:::{SETTINGS.bucket}")
    assert _matches(statements, "Deny", "s3:PutBucketPolicy", f"arn:aws:s3:::{SETTINGS.bucket}")
    assert _matches(statements, "Deny", "s3:DeleteObjectVersion", f"arn:aws:s3:::{SETTINGS.bucket}/x")


def test_policies_fit_into_what_iam_takes() -> None:
    for policy in made().all("aws.iam.Policy"):
        assert len(policy.inputs["policy"]) <= POLICY_SIZE, policy.name
    for role in made().all("aws.iam.Role"):
        attached = [a for a in made().all("aws.iam.RolePolicyAttachment") if a.name.startswith(role.name)]
        assert 1 <= len(attached) <= 10


def test_packing_loses_nothing() -> None:
    statements = [allow([f"s3:Get{n}" * 20], "arn:aws:s3:::x") for n in range(100)]
    parts = list(packed(statements))
    assert [s for part in parts for s in part["Statement"]] == statements
    assert all(len(text(part)) <= POLICY_SIZE for part in parts)
    with pytest.raises(ValueError, match="larger than a policy"):
        list(packed([allow(["s3:" + "x" * POLICY_SIZE], "y")]))


def test_with_pulumi_cloud_there_is_no_bucket() -> None:
    assert made("cloud").all("aws.s3.Bucket") == []
    assert len(made("cloud").all("aws.kms.Key")) == 3


def test_an_account_without_a_registry_has_no_repositories_and_nobody_pushes() -> None:
    recorded = made(registry=False)
    assert recorded.all("aws.ecr.Repository") == []
    assert "ecr:UploadLayerPart" not in json.dumps([p.inputs["policy"] for p in recorded.all("aws.iam.Policy")])


def test_another_account_s_credentials_are_refused() -> None:
    assert json.loads(one("pulumi.providers.aws", "aws").inputs["allowedAccountIds"]) == ["111122223333"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"account": "1234"}, "account: '1234' is wrong: must be an AWS account number of 12 digits"),
        ({"repository": "polyglot"}, "a GitHub repository as owner/name, for example acme/polyglot"),
        ({"environments": ["qa"]}, "environments"),
        ({"environments": ["prod", "prod"]}, "each only once"),
        ({"pull_accounts": ["111122223333"]}, "may pull anyway"),
        ({"images_kept": 1}, "images_kept"),
        ({"acount": "1"}, "there is no such key"),
    ],
)
def test_a_mistake_is_told_with_its_key(change: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match="polyglot-bootstrap:") as caught:
        parse({**RAW, **change})
    assert told in str(caught.value)


def test_the_repository_s_own_settings_are_right() -> None:
    assert isinstance(read(), BootstrapSettings)


def test_what_to_set_next_names_everything_that_was_made() -> None:
    outputs = {"roles": {"prod-deploy": "arn:aws:iam::111122223333:role/polyglot-prod-deploy"}, "boundaries": {}}
    lines = "\n".join(next_steps(SETTINGS, "s3", outputs))
    assert "gh variable set AWS_ROLE -R acme/polyglot -e prod --body" in lines
    assert "gh variable set AWS_ACCOUNT -R acme/polyglot -e staging-preview --body" in lines
    assert "gh variable set AWS_ACCOUNT -R acme/polyglot --body" not in lines  # a second account would overwrite it
    assert "gh api repos/acme/polyglot --jq '.owner.id, .id'" in lines
    assert 'PULUMI_BACKEND_URL="s3://polyglot-state-111122223333-us-east-1?region=us-east-1"' in lines
    assert "awskms://alias/polyglot-prod?region=us-east-1" in lines
    assert "polyglot secrets list staging" in lines
    assert "PULUMI_BACKEND_URL" not in "\n".join(next_steps(SETTINGS, "cloud", outputs))


def test_where_state_lies_is_one_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POLYGLOT_STATE", raising=False)
    assert chosen_state() == "s3"
    monkeypatch.setenv("POLYGLOT_STATE", "cloud")
    assert chosen_state() == "cloud"
    monkeypatch.setenv("POLYGLOT_STATE", "floppy")
    with pytest.raises(SettingsError, match="s3 and cloud"):
        chosen_state()


def test_every_star_resource_has_its_reason() -> None:
    from infra.policies.identity import STAR_RESOURCE  # noqa: PLC0415

    for action in (*permissions.READS["*"], *permissions.WRITES["*"]):
        assert any(action == p or fnmatch.fnmatchcase(action, p) for p in STAR_RESOURCE), action
