"""Where services write, made before their tasks."""

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra.context import Context
from infra.services import SERVICES
from infra.settings.model import Database


class Logs(pulumi.ComponentResource):
    """An encrypted log group for each service, which forgets in time; prod's survive a delete that was not allowed."""

    names: dict[str, Output[str]]
    arns: dict[str, Output[str]]
    """Both by service, and `migrate` where there is a database."""

    def __init__(self, name: str, context: Context, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:observability:Logs", name, None, opts)
        kept = context.settings.keeps_data
        days = {name: context.settings.service(name).log_days for name in SERVICES}
        if context.settings.data.database is not Database.NONE:
            days["migrate"] = context.settings.api.log_days
        self.names, self.arns = {}, {}
        for service, kept_days in days.items():
            group = aws.cloudwatch.LogGroup(
                service,
                name=f"{context.path}/{service}",
                retention_in_days=kept_days,
                kms_key_id=context.key_arn,
                opts=ResourceOptions(parent=self, provider=context.provider, protect=kept, retain_on_delete=kept),
            )
            self.names[service], self.arns[service] = group.name, group.arn
        self.register_outputs({"names": self.names})
