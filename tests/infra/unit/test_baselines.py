"""What the program is measured beside registers what the program does, and nothing that waits."""

from collections import Counter

from infra_mocks import Recorded, run
from pulumi.runtime import rpc
from whole import stack

from offline.baselines import Resource, flat


def resources() -> list[Resource]:
    made = stack("prod").resources
    return [Resource("pulumi:pulumi:Stack", "polyglot-test", {}), *(Resource(r.type, r.name, r.inputs) for r in made)]


def others(recorded: Recorded | list[Resource]) -> Counter[str]:
    found = recorded.resources if isinstance(recorded, Recorded) else recorded
    return Counter(item.type for item in found if not item.type.startswith("pulumi:"))


def test_the_flat_program_is_the_program_without_its_order() -> None:
    wanted = [item for item in resources() if item.type != "docker-build:index:Image"]
    made = run(flat(wanted))
    assert others(made) == others(wanted)
    provider = made.one("pulumi.providers.aws")
    for item in made.resources:
        if item.custom and item.type.startswith("aws:"):
            assert set(item.depends_on) <= {provider.urn}
    alarms = {item.name: item.inputs for item in wanted if item.type.endswith(":MetricAlarm")}
    assert {item.name: item.inputs for item in made.all("aws.cloudwatch.MetricAlarm")} == alarms


def test_a_secret_whose_value_was_not_recorded_is_left_out() -> None:
    secret = {rpc._special_sig_key: rpc._special_secret_sig, "ciphertext": "x"}
    provider = Resource("pulumi:providers:aws", "aws", {"region": "us-east-1"})
    parameter = Resource("aws:ssm/parameter:Parameter", "one", {"type": "String", "value": secret})
    made = run(flat([provider, parameter])).one("aws.ssm.Parameter")
    assert made.inputs == {"type": "String"}
