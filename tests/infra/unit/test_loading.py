"""The SDK is loaded by one thread: what runs beside it must find all that it uses already there."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
CODE = """
import json, sys, warnings
from infra import loading

def services():
    return {name.split(".")[1] for name in sys.modules if name.startswith("pulumi_aws.") and name.count(".") == 2}

late = {}

def beside(part, build):
    before = services()
    run(build)
    late[part] = sorted(services() - before)

warnings.simplefilter("ignore", DeprecationWarning)
from infra_mocks import PROD, STAGING, context, run, settings

loading._foundation()
from infra.stacks.foundation import lay

beside("foundation", lambda: lay(settings(PROD)))
loading._network()
from infra.components.network import Network, NetworkArgs

for nat in ("none", "instance", "single", "per_az"):
    values = settings(STAGING, network={"nat": nat, "ipv6_egress": nat != "none", "flow_logs": True})
    beside(f"network {nat}", lambda: Network("network", NetworkArgs(context(values))))
loading._cloud()
print(json.dumps(late))
"""


def test_nothing_loads_of_the_sdk_beside_the_thread_that_loads_it() -> None:
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", f"import sys; sys.path.insert(0, 'tests/support')\n{CODE}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    late = json.loads(done.stdout)
    assert len(late) == 5
    assert {part: services for part, services in late.items() if services} == {}
