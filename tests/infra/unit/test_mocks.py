"""The mocks themselves: what they record, and that nothing fails in silence."""

import pulumi
import pulumi_aws as aws
import pytest
from infra_mocks import run


def _failing_apply() -> None:
    topic = aws.sns.Topic("topic")
    topic.arn.apply(lambda arn: 1 / (len(arn) * 0))


def test_an_apply_that_nobody_uses_fails_the_run() -> None:
    with pytest.raises(ZeroDivisionError):
        run(_failing_apply)


def test_inputs_options_and_outputs_are_recorded() -> None:
    def build() -> None:
        topic = aws.sns.Topic("topic", opts=pulumi.ResourceOptions(protect=True))
        aws.sns.TopicSubscription(
            "mail", topic=topic.arn, protocol="email", endpoint=pulumi.Output.secret("a@example.com")
        )

    recorded = run(build)
    topic, mail = recorded.one("aws.sns.Topic"), recorded.one("aws.sns.TopicSubscription")
    assert topic.protect
    assert not mail.protect
    assert mail.inputs == {"topic": topic.outputs["arn"], "protocol": "email", "endpoint": "a@example.com"}
    assert mail.depends_on == (topic.urn,)
    assert recorded.by_id(topic.outputs["arn"]) is topic


def test_a_preview_knows_no_computed_value() -> None:
    def build() -> None:
        topic = aws.sns.Topic("topic")
        topic.arn.apply(lambda _: pytest.fail("known in a preview"))

    assert run(build, preview=True).one("aws.sns.Topic").id == ""


def test_a_function_that_nobody_described_is_named() -> None:
    with pytest.raises(Exception, match="getWebAcl"):
        run(lambda: aws.wafv2.get_web_acl(name="x", scope="REGIONAL"))
