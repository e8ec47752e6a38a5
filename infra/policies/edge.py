"""How the public door is made: load balancer, firewall, CloudFront."""

from collections.abc import Iterator
from typing import Final

from infra.policies.core import Problem, Resource, Rule, Stack, each, known, listed, number, value_at, whole

BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
LISTENER: Final = "aws:lb/listener:Listener"
TARGETS: Final = "aws:lb/targetGroup:TargetGroup"
DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
ACL: Final = "aws:wafv2/webAcl:WebAcl"
CLOUDFRONT_TLS: Final = ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")
"""Source: CloudFront developer guide, supported protocols and ciphers."""


@each(
    "https-with-tls-1-3",
    "Security Hub ELB.17",
    "Encrypted listeners use one of AWS's TLS 1.3 policies without TLS 1.0 and 1.1.",
    LISTENER,
)
def tls_policy(resource: Resource, _: Stack) -> Iterator[str]:
    """A listener whose policy allows old versions."""
    if resource.get("protocol") not in ("HTTPS", "TLS"):
        return
    policy = str(resource.get("sslPolicy"))
    if not policy.startswith("ELBSecurityPolicy-TLS13-1-") or "-1-0-" in policy or "-1-1-" in policy:
        yield f"sslPolicy is {policy}; take ELBSecurityPolicy-TLS13-1-2-2021-06"


@each(
    "http-only-redirects",
    "Security Hub ELB.1, ELB.18",
    "Plain HTTP on a public load balancer answers with a redirect to HTTPS and nothing else.",
    LISTENER,
)
def redirect(resource: Resource, stack: Stack) -> Iterator[str]:
    """An HTTP listener that forwards; behind CloudFront's private origin the last hop may be HTTP."""
    if resource.get("protocol") != "HTTP":
        return
    public = any(not balancer.set("internal") for balancer in stack.of(BALANCER))
    for action in resource.items("defaultActions"):
        redirects = action.get("type") == "redirect"
        if public and not redirects:
            yield f"its default action is {known(action.get('type'))}, not a redirect to HTTPS"


@each(
    "balancer-drops-bad-headers",
    "Security Hub ELB.4, ELB.12",
    "The load balancer drops invalid header fields and defends against request smuggling.",
    BALANCER,
)
def bad_headers(resource: Resource, _: Stack) -> Iterator[str]:
    """Invalid headers pass."""
    if resource.get("loadBalancerType") not in (None, "application"):
        return
    if not resource.set("dropInvalidHeaderFields"):
        yield "dropInvalidHeaderFields must be true"
    if resource.get("desyncMitigationMode") not in (None, "defensive", "strictest"):
        yield "desyncMitigationMode must be defensive or strictest"


@each("balancer-logs", "Security Hub ELB.5", "The load balancer writes access logs.", BALANCER)
def balancer_logs(resource: Resource, _: Stack) -> Iterator[str]:
    """No access log."""
    if resource.get("accessLogs.enabled") is not True:
        yield "accessLogs.enabled must be true"


@each(
    "balancer-in-two-zones",
    "Security Hub ELB.13",
    "The load balancer stands in at least two zones.",
    BALANCER,
)
def balancer_zones(resource: Resource, _: Stack) -> Iterator[str]:
    """One zone only."""
    if len(listed(resource.get("subnets"))) < 2 and len(listed(resource.get("subnetMappings"))) < 2:  # noqa: PLR2004
        yield "has fewer than two subnets"


@each(
    "targets-are-checked",
    "Security Hub ELB.21",
    "Every target group asks its targets for their health over HTTP on a path of their own.",
    TARGETS,
)
def health_check(resource: Resource, _: Stack) -> Iterator[str]:
    """No health check path."""
    if resource.get("protocol") in ("HTTP", "HTTPS") and not str(resource.get("healthCheck.path") or "").startswith(
        "/"
    ):
        yield "healthCheck.path is not set"


@whole("firewall-stands-before-prod", "Security Hub ELB.16, CloudFront.6", "In prod WAF stands before what is public.")
def firewall(stack: Stack) -> Iterator[Problem]:
    """No web ACL, or one that stands before nothing."""
    if not (stack.prod and stack.serves):
        return
    if not list(stack.of(ACL)):
        yield Problem("there is no web ACL")
    elif not list(stack.of("aws:wafv2/webAclAssociation:WebAclAssociation")):
        distributions = list(stack.of(DISTRIBUTION))
        if not any("webAclId" in distribution.props for distribution in distributions):
            yield Problem("the web ACL stands before nothing")


@each(
    "firewall-has-rules",
    "Security Hub WAF.10, WAF.12",
    "The web ACL has AWS's managed rules and a rate rule, and counts both.",
    ACL,
)
def firewall_rules(resource: Resource, _: Stack) -> Iterator[str]:
    """A web ACL that lets everything through."""
    rules = resource.items("rules")
    statements = [known(rule.get("statement")) for rule in rules]
    kinds = {kind for statement in statements if isinstance(statement, dict) for kind in statement}
    for kind in ("managedRuleGroupStatement", "rateBasedStatement"):
        if kind not in kinds:
            yield f"has no {kind}"
    if resource.get("visibilityConfig.cloudwatchMetricsEnabled") is not True:
        yield "visibilityConfig.cloudwatchMetricsEnabled must be true"


@whole("firewall-logs", "Security Hub WAF.11", "What WAF decided is logged, and the log leaves out credentials.")
def firewall_logs(stack: Stack) -> Iterator[Problem]:
    """A web ACL without a log."""
    acls = list(stack.of(ACL))
    kind = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
    if len(list(stack.of(kind))) < len(acls):
        yield Problem("the web ACL has no logging configuration", acls[0].urn)
    for log in stack.of(kind):
        hidden = {value_at(part, "singleHeader.name") for part in log.items("redactedFields")}
        if "authorization" not in hidden:
            yield Problem("redactedFields must hide the header 'authorization'", log.urn)


@each(
    "cloudfront-speaks-https",
    "Security Hub CloudFront.3, CloudFront.9, CloudFront.10",
    "CloudFront sends visitors to HTTPS, and speaks TLS 1.2 to origins outside the VPC.",
    DISTRIBUTION,
)
def cloudfront_https(resource: Resource, _: Stack) -> Iterator[str]:
    """A behaviour or an origin in plain HTTP."""
    default = resource.get("defaultCacheBehavior")
    behaviours = [*([default] if isinstance(default, dict) else []), *resource.items("orderedCacheBehaviors")]
    for behaviour in behaviours:
        if known(behaviour.get("viewerProtocolPolicy")) not in ("redirect-to-https", "https-only"):
            yield "a cache behaviour serves plain HTTP"
    for origin in resource.items("origins"):
        custom = known(origin.get("customOriginConfig"))
        if isinstance(custom, dict):
            if known(custom.get("originProtocolPolicy")) != "https-only":
                yield "an origin on the internet is asked over plain HTTP"
            if not set(map(str, listed(custom.get("originSslProtocols")))) <= {"TLSv1.2", "TLSv1.3"}:
                yield "an origin may use TLS older than 1.2"


@each(
    "cloudfront-tls-version",
    "Security Hub CloudFront.7, CloudFront.8, CloudFront.15",
    "CloudFront under our own name needs TLS 1.2 (2021) or newer, by SNI.",
    DISTRIBUTION,
)
def cloudfront_tls(resource: Resource, _: Stack) -> Iterator[str]:
    """Old TLS, or our own name under CloudFront's certificate."""
    if resource.get("viewerCertificate.cloudfrontDefaultCertificate") is True:
        if listed(resource.get("aliases")):
            yield "has aliases, but CloudFront's own certificate"
        return
    if resource.get("viewerCertificate.minimumProtocolVersion") not in CLOUDFRONT_TLS:
        yield f"minimumProtocolVersion must be one of {', '.join(CLOUDFRONT_TLS)}"
    if resource.get("viewerCertificate.sslSupportMethod") != "sni-only":
        yield "sslSupportMethod must be sni-only"


@each(
    "cloudfront-bucket-is-private",
    "Security Hub CloudFront.13",
    "CloudFront reads a bucket with origin access control, so that nobody else can.",
    DISTRIBUTION,
)
def cloudfront_origin_access(resource: Resource, _: Stack) -> Iterator[str]:
    """An origin that is a bucket, without origin access control."""
    for origin in resource.items("origins"):
        other = "customOriginConfig" in origin or "vpcOriginConfig" in origin
        if not other and "originAccessControlId" not in origin:
            yield "a bucket is read without origin access control"


@whole("cloudfront-logs", "Security Hub CloudFront.5", "In prod CloudFront writes access logs.")
def cloudfront_logs(stack: Stack) -> Iterator[Problem]:
    """No log, neither of the old kind nor by CloudWatch's delivery."""
    delivery = list(stack.of("aws:cloudwatch/logDeliverySource:LogDeliverySource"))
    for distribution in stack.of(DISTRIBUTION) if stack.prod else ():
        if not distribution.set("loggingConfig") and not delivery:
            yield Problem("has no access log", distribution.urn)


@each(
    "websockets-outlive-the-gateway",
    "Polyglot: calls are not cut",
    "How long the load balancer keeps an idle WebSocket is decided by us, not left at AWS's minute.",
    BALANCER,
)
def idle_timeout(resource: Resource, _: Stack) -> Iterator[str]:
    """AWS's default of 60 s, silently. Network load balancers have no such setting."""
    if resource.get("loadBalancerType") == "network":
        return
    if number(resource.get("idleTimeout")) < 60:  # noqa: PLR2004 - AWS's default
        yield "idleTimeout is not set"


RULES: tuple[Rule, ...] = (
    tls_policy,
    redirect,
    bad_headers,
    balancer_logs,
    balancer_zones,
    health_check,
    firewall,
    firewall_rules,
    firewall_logs,
    cloudfront_https,
    cloudfront_tls,
    cloudfront_origin_access,
    cloudfront_logs,
    idle_timeout,
)
