"""Web application firewall: AWS's managed rules and a rate limit, for a load balancer or for CloudFront."""

import tomllib
from pathlib import Path
from typing import Any, Final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra import iam
from infra.components.edge.logs import GLOBAL_REGION
from infra.context import Context

TABLE: Final = Path(__file__).with_name("waf.toml")


class Waf(pulumi.ComponentResource):
    """A web ACL that logs what it blocks (Security Hub WAF.10, WAF.11, WAF.12)."""

    arn: Output[str]
    metric: str
    """Its name in CloudWatch's `AWS/WAFV2` metrics (dimension WebACL)."""

    def __init__(
        self, name: str, context: Context, protects: Input[str] | None, opts: ResourceOptions | None = None
    ) -> None:
        """`protects`: the ARN of a load balancer. None: CloudFront, which names its firewall itself."""
        super().__init__("polyglot:edge:Waf", name, None, opts)
        child = ResourceOptions(parent=self, provider=context.provider)
        region = GLOBAL_REGION if protects is None else context.region
        self.metric = f"{context.name}-{name}"
        acl = aws.wafv2.WebAcl(
            name,
            scope="CLOUDFRONT" if protects is None else "REGIONAL",
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
        if protects is not None:
            aws.wafv2.WebAclAssociation(name, resource_arn=protects, web_acl_arn=acl.arn, region=region, opts=child)
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


def _rules(limit: int) -> list[Any]:
    rules: list[dict[str, Any]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))["rules"]
    for priority, rule in enumerate(rules):
        rule |= {"priority": priority, "visibility_config": _seen(rule["name"])}
        if "rate_based_statement" in rule["statement"]:
            rule["statement"]["rate_based_statement"]["limit"] = limit
    return rules
