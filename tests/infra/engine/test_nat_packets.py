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
ALONE = ("unshare", "-rnmp", "--fork", "--kill-child", "--propagation", "private")


LOST = ("ip rule show", "ip route replace", "masquerade")
"""Lines without each of which nothing may come back: the world of the test is one in which it can fail."""


def deployed() -> str:
    return script("eni-fixed", "us-east-1", "10.0.0.0/16")


def without(part: str) -> str:
    kept = [line for line in deployed().splitlines() if part not in line]
    assert len(kept) < len(deployed().splitlines())
    return "\n".join(kept)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the task gets in each world. They wait more than they work, so all run at once."""
    missing = [name for name in ("ip", "nft", "curl") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)}: `python3 tools/setup.py --packets` installs iproute2, nftables and curl")
    may_make_namespaces()
    folder = tmp_path_factory.mktemp("packets")
    worlds = {"whole": (deployed(), ""), "replaced": (deployed(), "replaced")}
    worlds |= {part: (without(part), "broken") for part in LOST}
    running: dict[str, subprocess.Popen[str]] = {}
    for number, (name, (text, how)) in enumerate(worlds.items()):
        file = folder / f"nat-{number}.sh"
        file.write_text(text, encoding="utf-8")
        command = [*ALONE, "bash", str(VPC), str(file), how]
        running[name] = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603
    try:
        found = {}
        for name, process in running.items():
            out, err = process.communicate(timeout=90)
            assert process.returncode == 0, (name, err)
            found[name] = out.strip().splitlines()
        return found
    finally:
        for process in running.values():
            process.kill()


def test_replies_come_back_past_the_source_check(answers: dict[str, list[str]]) -> None:
    assert answers["whole"] == [ANSWER]


def test_the_instance_that_replaces_a_failed_one_carries_on(answers: dict[str, list[str]]) -> None:
    assert answers["replaced"] == [ANSWER, ANSWER]


@pytest.mark.parametrize("lost", LOST)
def test_without_any_of_its_parts_nothing_comes_back(answers: dict[str, list[str]], lost: str) -> None:
    assert answers[lost] == ["no answer"]
