"""Writes the tables of what AWS offers where, from the schemas that cfn-lint ships; run it after an update of cfn-lint.

`infra/settings/regions.toml`: zones, classes of PostgreSQL databases, types for the NAT instance, for each region of the
partitions that this program knows. A test compares the file with what this would write.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import botocore
import cfnlint.helpers

TARGET: Final = Path(__file__).resolve().parents[1] / "infra" / "settings" / "regions.toml"
PARTITIONS: Final = ("aws", "aws-us-gov")
NAT_FAMILIES: Final = ("t4g", "t3", "t3a", "c6gn", "c7gn")
"""Small, or made for network traffic."""


def _extension(kind: str, name: str) -> Mapping[str, Any]:
    folder = files("cfnlint") / "data" / "schemas" / "extensions" / kind
    found: Mapping[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return found


def regions() -> list[str]:
    """Regions of our partitions of which the schemas know the zones."""
    partitions = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text(encoding="utf-8"))
    named = {region for one in partitions["partitions"] if one["id"] in PARTITIONS for region in one["regions"]}
    return sorted(named & set(cfnlint.helpers.AVAILABILITY_ZONES))


def _postgres(region: str) -> list[str]:
    rules = _DATABASES.get(region, {}).get("allOf", [])
    for rule in rules:
        if rule["if"]["properties"].get("Engine", {}).get("const") == "postgres":
            return list(rule["then"]["properties"]["DBInstanceClass"]["enum"])
    return []


def families(types: Iterable[str]) -> dict[str, list[str]]:
    """`db.t4g.micro`, `db.t4g.small` as {"db.t4g": ["micro", "small"]}."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in sorted(types):
        family, _, size = one.rpartition(".")
        found[family].append(size)
    return dict(found)


_DATABASES = _extension("aws_rds_dbinstance", "dbinstanceclass_enum.json")
_INSTANCES = _extension("aws_ec2_instance", "instancetype_enum.json")


def lines() -> Iterator[str]:
    """The file, line by line."""
    yield "# What AWS offers where: written by tools/aws_tables.py from the CloudFormation schemas in cfn-lint (MIT-0)."
    yield f"# cfn-lint {version('cfn-lint')}. China and the isolated partitions are left out: nothing here was made for them."
    for region in regions():
        yield ""
        yield f"[{region}]"
        yield f'zones = "{"".join(zone.removeprefix(region) for zone in cfnlint.helpers.AVAILABILITY_ZONES[region])}"'
        for key, types in (("postgres", _postgres(region)), ("nat", _INSTANCES.get(region, {}).get("enum", []))):
            chosen = {
                name: sizes for name, sizes in families(types).items() if key == "postgres" or name in NAT_FAMILIES
            }
            if key == "nat":
                chosen = {name: [size for size in sizes if size != "metal"] for name, sizes in chosen.items()}
            pairs = [json.dumps(name) + " = " + json.dumps(" ".join(sizes)) for name, sizes in chosen.items()]
            yield f"{key} = {{ {', '.join(pairs)} }}"


if __name__ == "__main__":
    TARGET.write_text("\n".join(lines()) + "\n", encoding="utf-8")
