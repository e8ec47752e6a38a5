"""Who is calling, for which tenant, and what they may do: the one answer that every route goes by."""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contracts.problems import Forbidden

DEFAULT_TENANT: Final = "default"
_IPV6_NETWORK: Final = 64
"""One household or machine has a whole /64: counting by address would give it 2^64 budgets."""


class Scope(StrEnum):
    """What a caller may do within its tenant."""

    CALLS = "calls"
    """Start calls; see and end the ones that it started."""
    SEARCH = "search"
    """Ask for fares."""
    RECORDS = "records"
    """Read the tenant's calls: records, turns, summaries; end any of them."""
    JOIN = "join"
    """Wait at the desk and join the tenant's running calls."""
    ERASE = "erase"
    """Erase what is kept of a traveller."""
    MANAGE = "manage"
    """Make and revoke the tenant's keys and webhooks."""
    OPERATE = "operate"
    """Do so for every tenant; only the operator's own key has it."""


class Kind(StrEnum):
    """How a caller proved itself."""

    AGENT = "agent"
    """Our worker, by a token signed with the media server's key for the room that it serves."""
    PARTICIPANT = "participant"
    """Somebody in a room, by the token that opened it."""
    KEY = "key"
    """An API key."""
    OPERATOR = "operator"
    """The key from the deployment's secrets."""
    USER = "user"
    """A person or service known to the configured OIDC issuer."""
    ANONYMOUS = "anonymous"
    """Nobody in particular, where the deployment takes them."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller whose credentials were checked."""

    kind: Kind
    id: str
    """What its budgets are counted by; never a secret, and no personal data beside the network's address."""
    tenant: str
    scopes: frozenset[Scope]
    network: str
    """The address it calls from, an IPv6 one by its /64."""
    room: str | None = None
    """Of agents and participants: the one room they belong to."""

    def may(self, scope: Scope) -> bool:
        """Whether it has that right."""
        return scope in self.scopes

    def must(self, scope: Scope) -> None:
        """Raise Forbidden without that right."""
        if not self.may(scope):
            raise Forbidden(f"These credentials do not have the scope {scope.value!r}.")

    def sees_tenant(self, tenant: str) -> bool:
        """Whether rows of that tenant exist for this caller."""
        return tenant == self.tenant or Scope.OPERATE in self.scopes

    @property
    def tenants(self) -> str | None:
        """The tenant that lists are narrowed to; None: all."""
        return None if Scope.OPERATE in self.scopes else self.tenant


def network_of(address: str) -> str:
    """The unit that budgets count an address by: an IPv4 address, or an IPv6 /64."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, _IPV6_NETWORK), strict=False))
    return str(found)
