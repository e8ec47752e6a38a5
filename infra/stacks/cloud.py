"""Everything of one environment on AWS, in the order in which it can exist."""

from collections.abc import Sequence

from pulumi import Input, Output, Resource

from infra.components.budget import Budget, BudgetArgs
from infra.components.cluster import Cluster, ClusterArgs
from infra.components.data import Data, DataArgs
from infra.components.edge import Edge, EdgeArgs
from infra.components.images import image
from infra.components.migration import NAME, Migration
from infra.components.network import Network
from infra.components.service import Boundary, Service
from infra.components.service.scaling import AgentScaling, ApiScaling, ScalingArgs
from infra.components.telemetry import (
    LIVE_CALLS,
    Alarms,
    AlarmsArgs,
    Canary,
    CanaryArgs,
    Dashboard,
    DashboardArgs,
    Logs,
    LogsArgs,
    Metrics,
    MetricsArgs,
)
from infra.settings.model import Database
from infra.stacks import agent, api, migration
from infra.stacks.foundation import Foundation

Outputs = dict[str, Output[str] | str]


class Cloud:
    """One environment. Each method declares a part; what later parts need is kept."""

    def __init__(self, foundation: Foundation, network: Network) -> None:
        self.context = foundation.context
        self.secrets = foundation.secrets
        self.network = network
        self.cluster = Cluster("cluster", ClusterArgs(self.context, self.network.vpc_id))
        self._edge_and_boundaries()
        self._data_and_media()
        self._telemetry()
        self._services()
        self._eyes()

    def _edge_and_boundaries(self) -> None:
        context, network = self.context, self.network
        self.edge = Edge(
            "edge",
            EdgeArgs(
                context=context,
                vpc_id=network.vpc_id,
                vpc_cidr=network.cidr,
                public_subnet_ids=network.public_subnet_ids,
                private_subnet_ids=network.private_subnet_ids,
            ),
        )
        self.agent_boundary = Boundary("agent", agent.boundary(context, network))
        self.api_boundary = Boundary("api", api.boundary(context, network, self.edge, self.agent_boundary))

    def _data_and_media(self) -> None:
        context, network = self.context, self.network
        migrating: dict[str, Input[str]] = {}
        if context.settings.data.database is not Database.NONE:
            self.migration_boundary = Boundary(NAME, migration.boundary(context, network))
            migrating[NAME] = self.migration_boundary.group_id
        self.data = Data(
            "data",
            DataArgs(
                context=context,
                vpc_id=network.vpc_id,
                subnet_ids=network.isolated_subnet_ids,
                clients={"api": self.api_boundary.group_id},
                database_clients=migrating,
            ),
        )
        if context.settings.livekit.self_hosted:
            # Its SDKs take a third of a second to load.
            from infra.components.media import MediaServer, MediaServerArgs  # noqa: PLC0415

            MediaServer(
                "media",
                MediaServerArgs(
                    context=context,
                    vpc_id=network.vpc_id,
                    public_subnet_ids=network.public_subnet_ids,
                    cache=self.data.cache,
                    webhook_url=self.edge.url.apply(lambda url: f"{url}/v1/livekit/webhook"),
                ),
            )

    def _telemetry(self) -> None:
        self.logs = Logs("logs", LogsArgs(self.context))
        self.metrics = Metrics("metrics", MetricsArgs(self.context, self.logs))
        self.alarms = Alarms(
            "alarms",
            AlarmsArgs(
                context=self.context,
                load_balancer_suffix=self.edge.load_balancer_suffix,
                target_group_suffix=self.edge.target_group_suffix,
                database=self.data.database,
                nat_gateway_ids=self.network.nat_gateway_ids,
            ),
        )

    def _services(self) -> None:
        context, settings = self.context, self.context.settings
        # The alarms that roll a deployment back must be there before there is one.
        first: Sequence[Resource] = [self.alarms, self.edge.listener]
        api_image = image(api.NAME, settings.api, context, self.cluster)
        self.api = Service(
            api.NAME,
            api.service(
                context,
                image=api_image,
                cluster=self.cluster,
                network=self.network,
                edge=self.edge,
                group_id=self.api_boundary.group_id,
                data=self.data,
                logs=self.logs,
                secrets=self.secrets,
                alarm_names=self._rollback(api.NAME),
                depends_on=[*first, self.api_boundary, *self._migrated(api_image)],
            ),
        )
        self.agent = Service(
            agent.NAME,
            agent.service(
                context,
                image=image(agent.NAME, settings.agent, context, self.cluster),
                cluster=self.cluster,
                network=self.network,
                group_id=self.agent_boundary.group_id,
                logs=self.logs,
                secrets=self.secrets,
                alarm_names=self._rollback(agent.NAME),
                # An agent of a new version may speak a newer API: the API goes first.
                depends_on=[self.alarms, self.agent_boundary, self.api],
            ),
        )
        ApiScaling(
            "api-scaling",
            ScalingArgs(context, self.cluster.name, self.api.service_name, settings.api),
            settings.api,
            Output.concat(self.edge.load_balancer_suffix, "/", self.edge.target_group_suffix),
        )
        AgentScaling(
            "agent-scaling",
            ScalingArgs(context, self.cluster.name, self.agent.service_name, settings.agent),
            settings.agent,
            namespace=self.metrics.namespace,
            metric=LIVE_CALLS,
        )

    def _migrated(self, api_image: Input[str]) -> Sequence[Resource]:
        """What the API's service waits for: the run that brings the database up to date, where there is one."""
        if self.data.database is None:
            return []
        # The way out must be there too: one task is not started again and again, as a service's are.
        after: Sequence[Resource] = [self.network, self.migration_boundary]
        made = Migration(
            NAME,
            migration.migration(
                self.context,
                image=api_image,
                cluster=self.cluster,
                network=self.network,
                group_id=self.migration_boundary.group_id,
                database=self.data.database,
                logs=self.logs,
                after=after,
            ),
        )
        return [made.done]

    def _rollback(self, service: str) -> Sequence[Input[str]]:
        return list(self.alarms.deployment_alarm_names[service])

    def _eyes(self) -> None:
        context = self.context
        self.dashboard = Dashboard(
            "dashboard",
            DashboardArgs(
                context=context,
                load_balancer_suffix=self.edge.load_balancer_suffix,
                target_group_suffix=self.edge.target_group_suffix,
                alarm_arns=list(self.alarms.arns.values()),
                database=self.data.database,
            ),
        )
        Budget("budget", BudgetArgs(context=context, topic_arn=self.alarms.topic_arn))
        if context.settings.eyes.canary:
            Canary("canary", CanaryArgs(context=context, url=self.edge.url, topic_arn=self.alarms.topic_arn))

    def outputs(self) -> Outputs:
        """What operators and the pipeline ask this stack for; each is described in `docs/infrastructure.md`."""
        settings = self.context.settings
        outputs: Outputs = {
            "api_url": self.edge.url,
            "health_url": self.edge.url.apply(lambda url: f"{url}/health"),
            "livekit_url": settings.livekit.server_url or "",
            "agent_name": settings.livekit.agent_name,
            "dashboard_url": self.dashboard.url,
            "alarm_topic_arn": self.alarms.topic_arn,
            "cluster_name": self.cluster.name,
            "api_service_name": self.api.service_name,
            "agent_service_name": self.agent.service_name,
            "api_task_definition": self.api.task_definition_arn,
            "agent_task_definition": self.agent.task_definition_arn,
            "api_image": self.api.image,
            "agent_image": self.agent.image,
            "vpc_id": self.network.vpc_id,
            "secrets_path": self.context.parameter_path,
        }
        optional = {"distribution_id": self.edge.distribution_id, "page_bucket": self.edge.page_bucket}
        outputs |= {name: value for name, value in optional.items() if value is not None}
        if self.data.database is not None:
            outputs["database_host"] = self.data.database.host
        return outputs
