"""What AWS offers in which region. The table `regions.toml` is written by tools/aws_tables.py."""

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network
from pathlib import Path
from typing import Final

PRIVATE: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
"""What a VPC may have without owning the addresses. Source: Amazon VPC user guide, "VPC CIDR blocks"."""


@dataclass(frozen=True)
class Offer:
    """One region."""

    zones: tuple[str, ...]
    postgres: frozenset[str]
    """Classes of PostgreSQL instances."""
    nat: frozenset[str]
    """Instance types for the NAT instance; empty: not known here."""


@cache
def offers() -> Mapping[str, Offer]:
    """By region."""
    table = tomllib.loads(Path(__file__).with_name("regions.toml").read_text(encoding="utf-8"))
    return {
        region: Offer(
            tuple(f"{region}{letter}" for letter in letters),
            frozenset(_types(table["postgres"], region)),
            frozenset(_types(table["nat"], region)),
        )
        for region, letters in table["zones"].items()
    }


def _types(families: Mapping[str, Sequence[Mapping[str, str]]], region: str) -> Iterator[str]:
    for family, rows in families.items():
        for row in rows:
            if region in row["in"].split() if "in" in row else region not in row["not_in"].split():
                yield from (f"{family}.{size}" for size in row["sizes"].split())


def region(value: str) -> str:
    """`value` when it is a region that this program knows. Raises ValueError that says which are."""
    if value not in offers():
        raise ValueError(f"{value!r} is no region that this program knows; {nearest(value, offers())}")
    return value


def nearest(value: str, allowed: Mapping[str, object] | frozenset[str] | tuple[str, ...]) -> str:
    """A sentence that says what is allowed, or what was meant."""
    close = difflib.get_close_matches(value, sorted(allowed), n=3)
    some = close or sorted(allowed)
    shown = ", ".join(some[:8]) + (", …" if len(some) > 8 else "")  # noqa: PLR2004 - a line
    return f"did you mean {shown}?" if close else f"allowed are {shown}"


def partition(region_name: str) -> str:
    """The first part of every ARN there."""
    return "aws-us-gov" if region_name.startswith("us-gov-") else "aws"


def block(value: str) -> str:
    """`value` when it is a network of addresses. Raises ValueError."""
    try:
        IPv4Network(value)
    except ValueError as error:
        raise ValueError(f"not a network in CIDR notation: {error}") from None
    return value


def addresses(value: str) -> str:
    """`value` when a VPC can have it. Raises ValueError."""
    found = IPv4Network(block(value))
    if not any(found.subnet_of(private) for private in PRIVATE):
        raise ValueError(f"{value}: must lie in one of {', '.join(map(str, PRIVATE))}")
    return value


def network(value: str) -> str:
    """`value` when our subnets fit. Raises ValueError."""
    if not 16 <= IPv4Network(value).prefixlen <= 20:  # noqa: PLR2004 - the numbers are in the message
        raise ValueError(
            f"cidr: {value}: must be from /16 to /20, so that three subnets in each of two or three zones fit"
        )
    return value
