"""Packets through the NAT instance: its script, as it is deployed, in network namespaces that play EC2's source check."""

import shutil
import subprocess
from pathlib import Path

import pytest
from infra_mocks import REGION  # noqa: F401 - loads the SDK without its own warnings
from unprivileged import may_make_namespaces

from infra.components.network.nat_instance import script

VPC = Path(__file__).with_name("packets") / "vpc.sh"
ANSWER = "from the internet"


def run(tmp_path: Path, text: str, *more: str) -> list[str]:
    missing = [name for name in ("ip", "nft", "curl") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)}: `python3 tools/setup.py --packets` installs iproute2, nftables and curl")
    may_make_namespaces()
    file = tmp_path / "nat.sh"
    file.write_text(text, encoding="utf-8")
    command = [
        "unshare",
        "-rnmp",
        "--fork",
        "--kill-child",
        "--propagation",
        "private",
        "bash",
        str(VPC),
        str(file),
        *more,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=25)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()


def deployed() -> str:
    return script("eni-fixed", "us-east-1", "10.0.0.0/16")


def test_replies_come_back_past_the_source_check(tmp_path: Path) -> None:
    assert run(tmp_path, deployed()) == [ANSWER]


def test_the_instance_that_replaces_a_failed_one_carries_on(tmp_path: Path) -> None:
    assert run(tmp_path, deployed(), "replaced") == [ANSWER, ANSWER]


@pytest.mark.parametrize("lost", ["ip rule show", "ip route replace", "masquerade"])
def test_without_any_of_its_parts_nothing_comes_back(tmp_path: Path, lost: str) -> None:
    """The world of the test is one in which it can fail."""
    kept = [line for line in deployed().splitlines() if lost not in line]
    assert len(kept) < len(deployed().splitlines())
    assert run(tmp_path, "\n".join(kept), "broken") == ["no answer"]
