"""The budget is the stack's own, and tells before the money is gone."""

from infra_mocks import PROD, STAGING, context, run, settings

from infra.components.budget import Budget


def test_it_counts_this_stack_and_tells_at_eighty_percent_and_by_forecast() -> None:
    def build() -> None:
        Budget("budget", context(settings(PROD, observability={"budget": 250})), "arn:topic")

    budget = run(build).one("aws.budgets.Budget").inputs
    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == ("250.00", "USD", "MONTHLY")
    assert budget["costFilters"] == [{"name": "TagKeyValue", "values": ["user:polyglot:stack$prod"]}]
    told = {n["notificationType"]: n for n in budget["notifications"]}
    assert {kind: n["threshold"] for kind, n in told.items()} == {"ACTUAL": 80, "FORECASTED": 100}
    for notification in told.values():
        assert notification["subscriberSnsTopicArns"] == ["arn:topic"]
        assert notification["subscriberEmailAddresses"] == ["oncall@example.com"]


def test_without_an_address_the_topic_still_hears() -> None:
    budget = run(lambda: Budget("budget", context(settings(STAGING)), "arn:topic")).one("aws.budgets.Budget")
    assert all(n["subscriberSnsTopicArns"] == ["arn:topic"] for n in budget.inputs["notifications"])
