"""How the public door is made: load balancer, firewall, CloudFront."""

from collections.abc import Iterator
from typing import Final

from infra.policies.core import Problem, Rule, Stack, whole

DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
ACL: Final = "aws:wafv2/webAcl:WebAcl"


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


RULES: tuple[Rule, ...] = (firewall,)
