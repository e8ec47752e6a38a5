"""Web application firewall: AWS's managed rules and a rate limit, for a load balancer or for CloudFront."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra import iam
from infra.components.edge.logs import GLOBAL_REGION
from infra.context import Context

Scope = Literal["REGIONAL", "CLOUDFRONT"]

MANAGED: Final = (
    ("ip-reputation", "AWSManagedRulesAmazonIpReputationList"),
    ("known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet"),
    ("common", "AWSManagedRulesCommonRuleSet"),
)
"""The anonymous-address list is left out: it blocks hosting providers, and LiveKit's webhooks come from one."""
COUNTED: Final = ("SizeRestrictions_BODY",)
"""Rules of the common group that only count: what is behind the firewall needs what they would block."""
BODY_LABEL: Final = "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body"
LARGE_BODY_PATHS: Final = "/v1/"
"""Turns and webhooks are larger than 8 KiB; the API has a limit of its own (POLYGLOT_BODY_LIMIT, 256 KiB)."""
SIGNED_PATH: Final = "/v1/livekit/webhook"
"""All calls' events come from few addresses, each signed; the rate rule must not count them."""


@dataclass(frozen=True)
class WafArgs:
    """What stands behind the firewall."""

    context: Context
    scope: Scope
    protects: Input[str] | None = None
    """ARN of a load balancer; CloudFront names its firewall itself."""


class Waf(pulumi.ComponentResource):
    """A web ACL that logs what it blocks (Security Hub WAF.10, WAF.11, WAF.12)."""

    arn: Output[str]
    metric: str
    """Its name in CloudWatch's `AWS/WAFV2` metrics (dimension WebACL)."""

    def __init__(self, name: str, args: WafArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:edge:Waf", name, None, opts)
        context = args.context
        child = ResourceOptions(parent=self, provider=context.provider)
        region = GLOBAL_REGION if args.scope == "CLOUDFRONT" else context.region
        self.metric = f"{context.name}-{name}"
        acl = aws.wafv2.WebAcl(
            name,
            scope=args.scope,
            region=region,
            description=f"What may reach {context.name}",
            default_action={"allow": {}},
            rules=_rules(context.settings.edge.rate_limit),
            visibility_config=_seen(self.metric),
            opts=child,
        )
        self.arn = acl.arn
        group = aws.cloudwatch.LogGroup(
            name,
            # The prefix is WAF's condition for a log group.
            name=f"aws-waf-logs-{context.name}-{name}",
            retention_in_days=context.settings.observability.audit_log_days,
            kms_key_id=context.key_arn if region == context.region else _key(name, context, child),
            region=region,
            opts=child,
        )
        aws.wafv2.WebAclLoggingConfiguration(
            name,
            resource_arn=acl.arn,
            log_destination_configs=[group.arn],
            redacted_fields=[{"single_header": {"name": header}} for header in ("authorization", "cookie")],
            # Travellers' addresses are personal data: a request that was simply allowed leaves no line here.
            logging_filter={
                "default_behavior": "DROP",
                "filters": [
                    {
                        "behavior": "KEEP",
                        "requirement": "MEETS_ANY",
                        "conditions": [{"action_condition": {"action": kind}} for kind in ("BLOCK", "COUNT")],
                    }
                ],
            },
            region=region,
            opts=child,
        )
        if args.protects is not None:
            aws.wafv2.WebAclAssociation(
                name, resource_arn=args.protects, web_acl_arn=acl.arn, region=region, opts=child
            )
        self.register_outputs({"arn": self.arn})


def _key(name: str, context: Context, child: ResourceOptions) -> Output[str]:
    """A key beside CloudFront's firewall log; the environment's own is in another region."""
    group = (
        f"arn:{context.partition}:logs:{GLOBAL_REGION}:{context.account}:log-group:aws-waf-logs-{context.name}-{name}"
    )
    kept = context.settings.keeps_data
    key = aws.kms.Key(
        name,
        description=f"{context.name}: the log of CloudFront's firewall",
        region=GLOBAL_REGION,
        enable_key_rotation=True,
        deletion_window_in_days=30,
        policy=iam.document(
            [iam.account_owns_key(context.partition, context.account), iam.logs_use_key(GLOBAL_REGION, group)]
        ),
        # Without it what it encrypted is lost.
        opts=ResourceOptions.merge(child, ResourceOptions(protect=kept, retain_on_delete=kept)),
    )
    return key.arn


def _seen(name: str) -> Any:  # noqa: ANN401 - the SDK has one class for each place where this can stand
    return {"cloudwatch_metrics_enabled": True, "metric_name": name, "sampled_requests_enabled": True}


def _path(text: str, how: str) -> dict[str, Any]:
    return {
        "byte_match_statement": {
            "search_string": text,
            "positional_constraint": how,
            "field_to_match": {"uri_path": {}},
            "text_transformations": [{"priority": 0, "type": "NONE"}],
        }
    }


def _rules(limit: int) -> list[Any]:
    """By their priority: the rate first, AWS's groups, and last what a group only counted, but for the API's own routes."""
    rate = {
        "aggregate_key_type": "IP",
        "limit": limit,
        "evaluation_window_sec": 300,
        "scope_down_statement": {"not_statement": {"statement": _path(SIGNED_PATH, "EXACTLY")}},
    }
    large = [
        {"label_match_statement": {"scope": "LABEL", "key": BODY_LABEL}},
        {"not_statement": {"statement": _path(LARGE_BODY_PATHS, "STARTS_WITH")}},
    ]
    rules = [
        _rule("rate", {"rate_based_statement": rate}, action={"block": {"custom_response": {"response_code": 429}}}),
        *(_rule(name, _managed(name, group), override_action={"none": {}}) for name, group in MANAGED),
        _rule("large-bodies", {"and_statement": {"statements": large}}, action={"block": {}}),
    ]
    return [{**rule, "priority": priority} for priority, rule in enumerate(rules)]


def _rule(name: str, statement: dict[str, Any], **action: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {"name": name, "statement": statement, "visibility_config": _seen(name), **action}


def _managed(name: str, group: str) -> dict[str, Any]:
    counted = COUNTED if name == "common" else ()
    overrides = [{"name": rule, "action_to_use": {"count": {}}} for rule in counted]
    return {"managed_rule_group_statement": {"vendor_name": "AWS", "name": group, "rule_action_overrides": overrides}}
