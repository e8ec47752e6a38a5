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
    yield "# A family of classes has the same sizes wherever it is, with few exceptions."
    there = regions()
    yield ""
    yield "[zones]"
    for region in there:
        yield f'{region} = "{"".join(zone.removeprefix(region) for zone in cfnlint.helpers.AVAILABILITY_ZONES[region])}"'
    postgres = {region: families(_postgres(region)) for region in there}
    instances = {
        region: {
            name: [size for size in sizes if size != "metal"]
            for name, sizes in families(_INSTANCES.get(region, {}).get("enum", [])).items()
            if name in NAT_FAMILIES
        }
        for region in there
    }
    for key, table in (("postgres", postgres), ("nat", instances)):
        yield ""
        yield f"[{key}]"
        for family in sorted({name for row in table.values() for name in row}):
            yield f"{json.dumps(family)} = [{', '.join(_rows(family, table))}]"


def _rows(family: str, table: Mapping[str, Mapping[str, list[str]]]) -> Iterator[str]:
    """Each set of sizes, with the regions that have it or, where they are fewer, those that do not."""
    having: defaultdict[str, list[str]] = defaultdict(list)
    for region, row in table.items():
        if family in row:
            having[" ".join(row[family])].append(region)
    for sizes, regions_with in having.items():
        without = [region for region in table if region not in regions_with]
        word, shorter = ("not_in", without) if len(without) < len(regions_with) else ("in", regions_with)
        yield f'{{ sizes = "{sizes}", {word} = "{" ".join(shorter)}" }}'


if __name__ == "__main__":
    TARGET.write_text("\n".join(lines()) + "\n", encoding="utf-8")
