"""What a stack may cost in a month, and who is told."""

import pulumi
import pulumi_aws as aws
from pulumi import Input, ResourceOptions

from infra.context import Context


class Budget(pulumi.ComponentResource):
    """A monthly budget over the stack's tag, told at 80 percent spent and when the forecast is above it.

    Costs carry a tag only from the day on which it was activated as a cost allocation tag, in the Billing console of
    the account that pays.
    """

    def __init__(self, name: str, context: Context, topic_arn: Input[str], opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:observability:Budget", name, None, opts)
        settings = context.settings
        email = [settings.observability.alarm_email] if settings.observability.alarm_email else []
        aws.budgets.Budget(
            name,
            name=context.name,
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=f"{settings.observability.budget:.2f}",
            limit_unit="USD",
            cost_filters=[{"name": "TagKeyValue", "values": [f"user:polyglot:stack${settings.environment}"]}],
            notifications=[
                {
                    "comparison_operator": "GREATER_THAN",
                    "notification_type": kind,
                    "threshold": threshold,
                    "threshold_type": "PERCENTAGE",
                    "subscriber_sns_topic_arns": [topic_arn],
                    "subscriber_email_addresses": email,
                }
                for kind, threshold in (("ACTUAL", 80), ("FORECASTED", 100))
            ],
            opts=ResourceOptions(parent=self, provider=context.provider),
        )
        self.register_outputs({})
