"""What the pipeline's roles can do and cannot, decided as IAM decides, from what the provider asks of AWS for each resource."""

from collections.abc import Iterator
from typing import Any

import pytest
from infra_mocks import Recorded
from roles import ACCOUNT, RAW, boundary, key, place, statements, trust
from whole import STACKS, stack

from infra.bootstrap.settings import parse
from infra.policies.identity import NO_RESOURCE
from offline.iam import Request, UnknownOperatorError, allowed
from offline.standins import data, needs

ENVIRONMENTS = ("staging", "prod", "media")
AWSX = ("vpc:Vpc", "subnet:Subnet", "internetGateway:InternetGateway", "eip:Eip", "natGateway:NatGateway", "routeTable:RouteTable", "route:Route", "routeTableAssociation:RouteTableAssociation")  # fmt: skip
"""What awsx makes of its VPC; mocks do not show it."""


def types(recorded: Recorded) -> list[str]:
    made = {r.type for r in recorded.resources if r.type.startswith("aws:")}
    return sorted({*made, *(f"aws:ec2/{name}" for name in AWSX)})


def denied(requests: Iterator[Request], role: list[dict[str, Any]]) -> list[str]:
    return [f"{request.action} on {request.resource}" for request in requests if not allowed(request, role)]


@pytest.mark.parametrize("name", STACKS)
@pytest.mark.parametrize("operation", ["create", "read", "update", "delete"])
def test_the_deploy_role_can_make_change_and_delete_every_resource(name: str, operation: needs.Operation) -> None:
    env, region = str(STACKS[name].environment), STACKS[name].aws.region
    role = statements(env, "deploy", region)
    for type_ in types(stack(name)):
        assert denied(needs.requests(type_, operation, place(env, region)), role) == [], type_


@pytest.mark.parametrize("name", STACKS)
@pytest.mark.parametrize("kind", ["preview", "deploy"])
def test_both_roles_can_refresh_and_look_everything_up(name: str, kind: str) -> None:
    env, region = str(STACKS[name].environment), STACKS[name].aws.region
    role = statements(env, kind, region)
    for type_ in types(stack(name)):
        assert denied(needs.requests(type_, "read", place(env, region)), role) == [], type_
    functions = {token for token, _ in stack(name).calls}
    assert "aws:kms/getAlias:getAlias" in functions
    for function in functions:
        assert denied(needs.looked_up(function, place(env, region)), role) == [], function


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_preview_role_changes_nothing(env: str) -> None:
    role = statements(env, "preview")
    everything = {type_ for name in STACKS for type_ in types(stack(name))}
    could = [
        f"{request.action} ({type_})"
        for type_ in sorted(everything)
        for operation in ("create", "update", "delete")
        for request in needs.requests(type_, operation, place(env))
        if allowed(request, role) and not request.action.split(":")[1].startswith(("Describe", "Get", "List", "View"))
    ]
    assert could == []


@pytest.mark.parametrize("env", ENVIRONMENTS)
@pytest.mark.parametrize("kind", ["preview", "deploy", "boundary"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_every_action_exists_and_stands_where_aws_looks_for_it(env: str, kind: str, region: str) -> None:
    """An action that has no resource is allowed by `*` alone; narrowed, it is allowed to nobody."""
    found = boundary(env, region) if kind == "boundary" else statements(env, kind, region)
    wrong = []
    for statement in found:
        if statement["Effect"] == "Deny":
            continue
        narrowed = "*" not in (
            statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        )
        for action in statement["Action"]:
            known = data.actions(action)
            if not known:
                wrong.append(f"{action}: AWS has no such action")
            elif narrowed and not action.endswith("*") and data.has_no_resource(known[0]):
                wrong.append(f"{action}: has no resource, and stands under {statement['Resource']}")
    assert wrong == []


@pytest.mark.parametrize("name", STACKS)
def test_what_roles_of_a_stack_are_given_is_well_formed_and_within_the_boundary(name: str) -> None:
    env, region = str(STACKS[name].environment), STACKS[name].aws.region
    bounds, wrong = boundary(env, region), []
    for policy in stack(name).all("aws.iam.RolePolicy"):
        for statement in policy.json("policy")["Statement"]:
            targets = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
            context = {
                k: (v[0] if isinstance(v, list) else v)
                for part in statement.get("Condition", {}).values()
                for k, v in part.items()
            }
            for action in statement["Action"]:
                if data.has_no_resource(action) and targets != ["*"]:
                    wrong.append(f"{policy.name}: {action} has no resource, and stands under {targets}")
                for target in targets:
                    named = target.replace("*", "x").replace("us-east-1", region)
                    named = key(env, region) if ":kms:" in named else named
                    if not allowed(Request(action, named, context), bounds):
                        wrong.append(f"{policy.name}: {action} on {named} is outside the boundary")
    assert wrong == []


def opened(env: str, **context: str) -> Request:
    return Request("kms:Decrypt", key(env), context)


PARAMETER = "kms:EncryptionContext:PARAMETER_ARN"


@pytest.mark.parametrize("env", ENVIRONMENTS)
@pytest.mark.parametrize("kind", ["preview", "deploy"])
def test_a_role_opens_what_pulumi_sealed_and_no_secret_by_any_road(env: str, kind: str) -> None:
    role, here = statements(env, kind), "us-east-1"
    arn = f"arn:aws:ssm:{here}:{ACCOUNT}:parameter/polyglot/{env}/OPENAI_API_KEY"
    assert allowed(opened(env), role)
    sealed = {"kms:EncryptionContextKeys": "PARAMETER_ARN", PARAMETER: arn}
    assert not allowed(opened(env, **sealed), role), "the key, asked directly for a parameter's ciphertext"
    assert not allowed(opened(env, **{PARAMETER: arn}), role)
    assert not allowed(opened(env, **{"kms:EncryptionContextKeys": "x"}), role)
    assert not allowed(opened(env, **sealed, **{"kms:ViaService": f"ssm.{here}.amazonaws.com"}), role)
    secret = f"arn:aws:secretsmanager:{here}:{ACCOUNT}:secret:rds!db-1"
    others = [other for other in ENVIRONMENTS if other != env]
    roads = [
        *(
            Request(action, secret)
            for action in ("secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue")
        ),
        *(Request(action, key(env)) for action in ("kms:ReEncryptFrom", "kms:CreateGrant", "kms:PutKeyPolicy")),
        *(opened(other) for other in others),
        *(Request("ssm:GetParameter", arn.replace(f"/{env}/", f"/{other}/")) for other in others),
        *(Request("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/polyglot-{name}-deploy") for name in ENVIRONMENTS),
        Request("ecs:ExecuteCommand", f"arn:aws:ecs:{here}:{ACCOUNT}:task/polyglot-{env}/1"),
        Request("ecs:RunTask", f"arn:aws:ecs:{here}:{ACCOUNT}:task-definition/polyglot-{env}-api:1"),
    ]
    assert [road.action for road in roads if allowed(road, role)] == []
    if kind == "preview":
        assert not allowed(opened(env, **{"kms:ViaService": f"secretsmanager.{here}.amazonaws.com"}), role)
        function = f"arn:aws:lambda:{here}:{ACCOUNT}:function:polyglot-{env}-migrate"
        assert not allowed(Request("lambda:InvokeFunction", function), role)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_deploy_role_stays_within_its_environment_and_its_limits(env: str) -> None:
    role = statements(env, "deploy")
    other = next(name for name in ENVIRONMENTS if name != env)
    own = f"arn:aws:iam::{ACCOUNT}:role/polyglot/{env}/polyglot-{env}-x"
    bound = {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/polyglot/polyglot-{env}-boundary"}
    theirs = {"aws:ResourceTag/Environment": other}
    assert allowed(Request("iam:CreateRole", own, bound), role)
    cannot = [
        Request("iam:CreateRole", own),
        Request("iam:CreateRole", own.replace(env, other), bound),
        Request("iam:DeleteRolePermissionsBoundary", own),
        Request("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/polyglot-{env}-deploy", bound),
        Request("ecs:UpdateService", f"arn:aws:ecs:us-east-1:{ACCOUNT}:service/polyglot-{other}/api", theirs),
        Request("s3:PutObject", f"arn:aws:s3:::polyglot-state-{ACCOUNT}-us-east-1/.pulumi/stacks/polyglot/{other}.json"),
        Request("s3:DeleteObjectVersion", f"arn:aws:s3:::polyglot-state-{ACCOUNT}-us-east-1/x", {"aws:ResourceAccount": ACCOUNT}),
        Request("s3:PutBucketPolicy", f"arn:aws:s3:::polyglot-state-{ACCOUNT}-us-east-1", {"aws:ResourceAccount": ACCOUNT}),
    ]  # fmt: skip
    assert [f"{one.action} {one.resource}" for one in cannot if allowed(one, role)] == []


@pytest.mark.parametrize("env", ENVIRONMENTS)
@pytest.mark.parametrize("kind", ["preview", "deploy"])
def test_each_role_reads_all_of_its_stack_s_state(env: str, kind: str) -> None:
    """Every preview reads the stack's tags, whether there are any or not. Source: pulumi, pkg/backend/diy/stack_tags.go."""
    bucket = f"arn:aws:s3:::polyglot-state-{ACCOUNT}-us-east-1"
    files = [".pulumi/meta.yaml"] + [
        f".pulumi/stacks/polyglot/{env}.{end}" for end in ("json", "json.bak", "pulumi-tags")
    ]
    assert [
        name for name in files if not allowed(Request("s3:GetObject", f"{bucket}/{name}"), statements(env, kind))
    ] == []


NUMBERED = {"owner_id": 9919, "repository_id": 1296269}


@pytest.mark.parametrize(
    ("env", "kind", "subject", "may"),
    [
        ("staging", "preview", "pull_request", True),
        ("staging", "preview", "environment:staging-preview", True),
        ("staging", "deploy", "environment:staging", True),
        ("staging", "deploy", "pull_request", False),
        ("prod", "preview", "pull_request", False),
        ("prod", "preview", "environment:prod-preview", True),
        ("prod", "deploy", "environment:prod", True),
        ("prod", "deploy", "environment:staging", False),
        ("prod", "deploy", "ref:refs/heads/main", False),
    ],
)
@pytest.mark.parametrize("name", ["acme/polyglot", "acme@9919/polyglot@1296269"])
def test_workflows_are_known_by_both_forms_of_their_subject(
    env: str, kind: str, subject: str, may: bool, name: str
) -> None:
    """GitHub's subjects of repositories made before and since 2026-07-15."""
    trusted = [{**one, "Resource": "*"} for one in trust(env, kind, parse({**RAW, **NUMBERED}))]
    issuer = "token.actions.githubusercontent.com"
    claims = {f"{issuer}:aud": "sts.amazonaws.com", f"{issuer}:sub": f"repo:{name}:{subject}"}
    assert allowed(Request("sts:AssumeRoleWithWebIdentity", "*", claims), trusted) is may
    stranger = {**claims, f"{issuer}:sub": f"repo:acme@1/polyglot@2:{subject}"}
    assert not allowed(Request("sts:AssumeRoleWithWebIdentity", "*", stranger), trusted)


def test_an_operator_that_nobody_wrote_is_no_yes() -> None:
    policy = [
        {
            "Effect": "Allow",
            "Action": ["s3:*"],
            "Resource": "*",
            "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        }
    ]
    with pytest.raises(UnknownOperatorError):
        allowed(Request("s3:GetObject", "arn:aws:s3:::x/y"), policy)


def test_what_the_rules_let_stand_under_a_star_has_no_resource_in_aws_s_own_data() -> None:
    assert [action for action in sorted(NO_RESOURCE) if not data.has_no_resource(action)] == []
