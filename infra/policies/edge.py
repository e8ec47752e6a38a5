"""How the public door is made: load balancer, firewall, CloudFront."""

from collections.abc import Iterator
from typing import Final

from infra.policies.core import Problem, Resource, Rule, Stack, each, known, whole

BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
LISTENER: Final = "aws:lb/listener:Listener"
DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
ACL: Final = "aws:wafv2/webAcl:WebAcl"


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


RULES: tuple[Rule, ...] = (
    tls_policy,
    redirect,
    firewall,
)
