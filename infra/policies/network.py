"""Who can reach what."""

from collections.abc import Iterator
from typing import Final

from infra.policies.compute import is_closed
from infra.policies.core import Problem, Resource, Stack, each, listed, number, texts, value_at, whole

ANYWHERE: Final = frozenset({"0.0.0.0/0", "::/0"})
EDGE_PORTS: Final = {"tcp": ((80, 80), (443, 443))}
MEDIA_PORTS: Final = {"tcp": ((443, 443), (5349, 5349), (7881, 7881)), "udp": ((3478, 3478), (50_000, 60_000))}
"""Of a media server of one's own: signalling, TURN, media."""
ADMIN_PORTS: Final = (22, 3389)

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
GROUP = "aws:ec2/securityGroup:SecurityGroup"


def openings(resource: Resource) -> Iterator[tuple[str, int, int]]:
    """Protocol, first and last port of everything that a rule or a group opens to the whole internet."""
    if resource.type == INGRESS:
        blocks = [resource.get("cidrIpv4"), resource.get("cidrIpv6")]
        rules = [(resource.props, ANYWHERE & {str(block) for block in blocks}, "ipProtocol")]
    else:
        inline = [resource.props] if resource.type == OLD_RULE else resource.items("ingress")
        rules = [
            (rule, ANYWHERE & {*texts(rule.get("cidrBlocks")), *texts(rule.get("ipv6CidrBlocks"))}, "protocol")
            for rule in inline
            if rule.get("type") != "egress"
        ]
    for rule, blocks_open, key in rules:
        if not blocks_open:
            continue
        protocol = str(value_at(rule, key))
        first, last = int(number(value_at(rule, "fromPort"))), int(number(value_at(rule, "toPort")))
        yield ("any", 0, 65535) if protocol in ("-1", "all") else (protocol, first, last)


def _allowed(resource: Resource, protocol: str, first: int, last: int) -> bool:
    open_ones = EDGE_PORTS if resource.within("edge") else MEDIA_PORTS if resource.within("media") else {}
    return any(low <= first and last <= high for low, high in open_ones.get(protocol, ()))


@each("public-ingress-only-at-the-edge", INGRESS, OLD_RULE, GROUP)
def public_ingress(resource: Resource, _: Stack) -> Iterator[str]:
    """Open to everyone, and not the edge's port."""
    for protocol, first, last in openings(resource):
        if not _allowed(resource, protocol, first, last):
            yield f"opens {protocol} {first}-{last} to the whole internet"


@each("no-remote-administration", INGRESS, OLD_RULE, GROUP)
def administration(resource: Resource, _: Stack) -> Iterator[str]:
    """A rule that reaches an administrator's port."""
    rules = resource.items("ingress") if resource.type == GROUP else [resource.props]
    for rule in rules:
        if rule.get("type") == "egress":
            continue
        protocol = str(value_at(rule, "ipProtocol") or value_at(rule, "protocol"))
        first, last = number(value_at(rule, "fromPort")), number(value_at(rule, "toPort"))
        if protocol == "tcp":
            yield from (f"lets port {port} in" for port in ADMIN_PORTS if first <= port <= last)
    # Everything from inside (a NAT instance routes whatever comes) is allowed; everything from outside is not.
    if any(protocol == "any" for protocol, _, _ in openings(resource)):
        yield "lets every port in from the internet"


@each("agent-has-no-ingress", INGRESS, OLD_RULE, GROUP)
def agent_ingress(resource: Resource, _: Stack) -> Iterator[str]:
    """An inbound rule on the agent."""
    if not is_closed(resource):
        return
    if resource.type == GROUP:
        if listed(resource.get("ingress")):
            yield "the agent's security group has an inbound rule"
    elif resource.get("type") != "egress":
        yield "an inbound rule of the agent"


@whole("vpc-flow-logs")
def flow_logs(stack: Stack) -> Iterator[Problem]:
    """VPCs without flow logs, in prod."""
    vpcs = list(stack.of("aws:ec2/vpc:Vpc"))
    if stack.prod and len(list(stack.of("aws:ec2/flowLog:FlowLog"))) < len(vpcs):
        yield Problem("no flow log for the VPC", vpcs[0].urn)


@whole("firewall-stands-before-prod")
def firewall(stack: Stack) -> Iterator[Problem]:
    """No web ACL, or one that stands before nothing."""
    if not (stack.prod and stack.serves):
        return
    if not list(stack.of("aws:wafv2/webAcl:WebAcl")):
        yield Problem("there is no web ACL")
    elif not list(stack.of("aws:wafv2/webAclAssociation:WebAclAssociation")):
        distributions = stack.of("aws:cloudfront/distribution:Distribution")
        if not any("webAclId" in distribution.props for distribution in distributions):
            yield Problem("the web ACL stands before nothing")
