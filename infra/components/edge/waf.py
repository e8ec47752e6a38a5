"""Web application firewall: AWS's managed rules and a rate limit, for a load balancer or for CloudFront."""

from collections.abc import Sequence
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
NOTHING: Final[Any] = {}
"""The empty object that says "do as the rule says"; the SDK's class for it is untyped."""
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
    rate_limit: int | None = None
    """None: the settings'."""
    counted: Sequence[str] = ("SizeRestrictions_BODY",)
    """Rules of the common group that only count: what is behind the firewall needs what they would block."""
    large_body_paths: str = LARGE_BODY_PATHS


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
            default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
            rules=[
                _rate(args.rate_limit or context.settings.edge.rate_limit),
                *[
                    _managed(index, short, group, args.counted if short == "common" else ())
                    for index, (short, group) in enumerate(MANAGED, start=1)
                ],
                _large_bodies(len(MANAGED) + 1, args.large_body_paths),
            ],
            visibility_config=aws.wafv2.WebAclVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True, metric_name=self.metric, sampled_requests_enabled=True
            ),
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
            redacted_fields=[_redacted("authorization"), _redacted("cookie")],
            logging_filter=_only_what_was_not_let_through(),
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
    group = f"arn:aws:logs:{GLOBAL_REGION}:{context.account}:log-group:aws-waf-logs-{context.name}-{name}"
    kept = context.settings.keeps_data
    key = aws.kms.Key(
        name,
        description=f"{context.name}: the log of CloudFront's firewall",
        region=GLOBAL_REGION,
        enable_key_rotation=True,
        deletion_window_in_days=30,
        policy=iam.document(
            [
                {
                    "Sid": "Account",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{context.account}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                },
                {
                    "Sid": "Logs",
                    "Effect": "Allow",
                    "Principal": {"Service": f"logs.{GLOBAL_REGION}.amazonaws.com"},
                    "Action": [
                        "kms:Encrypt",
                        "kms:Decrypt",
                        "kms:ReEncrypt*",
                        "kms:GenerateDataKey*",
                        "kms:DescribeKey",
                    ],
                    "Resource": "*",
                    "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": group}},
                },
            ]
        ),
        # Without it what it encrypted is lost.
        opts=ResourceOptions.merge(child, ResourceOptions(protect=kept, retain_on_delete=kept)),
    )
    return key.arn


def _seen(name: str) -> aws.wafv2.WebAclRuleVisibilityConfigArgs:
    return aws.wafv2.WebAclRuleVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )


def _rate(limit: int) -> aws.wafv2.WebAclRuleArgs:
    match = aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementArgs
    signed = aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementNotStatementArgs(
        statement=match(byte_match_statement=_path(SIGNED_PATH, "EXACTLY"))
    )
    return aws.wafv2.WebAclRuleArgs(
        name="rate",
        priority=0,
        action=aws.wafv2.WebAclRuleActionArgs(
            block=aws.wafv2.WebAclRuleActionBlockArgs(
                custom_response=aws.wafv2.WebAclRuleActionBlockCustomResponseArgs(response_code=429)
            )
        ),
        statement=aws.wafv2.WebAclRuleStatementArgs(
            rate_based_statement=aws.wafv2.WebAclRuleStatementRateBasedStatementArgs(
                aggregate_key_type="IP",
                limit=limit,
                evaluation_window_sec=300,
                scope_down_statement=aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementArgs(
                    not_statement=signed
                ),
            )
        ),
        visibility_config=_seen("rate"),
    )


def _managed(priority: int, name: str, group: str, counted: Sequence[str]) -> aws.wafv2.WebAclRuleArgs:
    count = aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs(
        count=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs()
    )
    overrides = [
        aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(name=rule, action_to_use=count)
        for rule in counted
    ]
    return aws.wafv2.WebAclRuleArgs(
        name=name,
        priority=priority,
        override_action=aws.wafv2.WebAclRuleOverrideActionArgs(none=NOTHING),
        statement=aws.wafv2.WebAclRuleStatementArgs(
            managed_rule_group_statement=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
                vendor_name="AWS", name=group, rule_action_overrides=overrides
            )
        ),
        visibility_config=_seen(name),
    )


def _large_bodies(priority: int, allowed: str) -> aws.wafv2.WebAclRuleArgs:
    """Blocks what the managed group only counted, but for the API's own routes."""
    statement = aws.wafv2.WebAclRuleStatementArgs
    return aws.wafv2.WebAclRuleArgs(
        name="large-bodies",
        priority=priority,
        action=aws.wafv2.WebAclRuleActionArgs(block=aws.wafv2.WebAclRuleActionBlockArgs()),
        statement=statement(
            and_statement=aws.wafv2.WebAclRuleStatementAndStatementArgs(
                statements=[
                    statement(
                        label_match_statement=aws.wafv2.WebAclRuleStatementLabelMatchStatementArgs(
                            scope="LABEL", key=BODY_LABEL
                        )
                    ),
                    statement(
                        not_statement=aws.wafv2.WebAclRuleStatementNotStatementArgs(
                            statement=statement(byte_match_statement=_path(allowed, "STARTS_WITH"))
                        )
                    ),
                ]
            )
        ),
        visibility_config=_seen("large-bodies"),
    )


def _path(text: str, how: str) -> Any:  # noqa: ANN401 - the SDK has one class for each place where this can stand
    return {
        "search_string": text,
        "positional_constraint": how,
        "field_to_match": {"uri_path": {}},
        "text_transformations": [{"priority": 0, "type": "NONE"}],
    }


def _redacted(header: str) -> aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs:
    return aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs(
        single_header=aws.wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs(name=header)
    )


def _only_what_was_not_let_through() -> aws.wafv2.WebAclLoggingConfigurationLoggingFilterArgs:
    """Travellers' addresses are personal data: a request that was simply allowed leaves no line here."""
    condition = aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionArgs
    action = aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionActionConditionArgs
    return aws.wafv2.WebAclLoggingConfigurationLoggingFilterArgs(
        default_behavior="DROP",
        filters=[
            aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterArgs(
                behavior="KEEP",
                requirement="MEETS_ANY",
                conditions=[condition(action_condition=action(action=kind)) for kind in ("BLOCK", "COUNT")],
            )
        ],
    )
