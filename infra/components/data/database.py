"""PostgreSQL: one RDS instance, or Aurora Serverless v2."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.components.data.store import StoreArgs
from infra.components.security_group import Peer, SecurityGroup, SecurityGroupArgs
from infra.settings.model import Database as Kind

POSTGRES: Final = "17"
"""Major version; AWS chooses the minor one and moves it in the maintenance window."""
AURORA: Final = "17.5"
"""Aurora wants a minor version at the start; auto pause needs 16.3 or newer. Moves with the maintenance window."""
PORT: Final = 5432
NAME: Final = "polyglot"
USER: Final = "polyglot_owner"
PARAMETERS: Final[Any] = [
    # Nothing travels in plain, whatever the client asks for.
    {"name": "rds.force_ssl", "value": "1"},
    # Slow statements are logged by their time; statements with their values are not, they are travellers' words.
    {"name": "log_min_duration_statement", "value": "1000"},
    {"name": "log_parameter_max_length", "value": "0"},
    {"name": "log_parameter_max_length_on_error", "value": "0"},
]
BACKUP_WINDOW: Final = "07:00-08:00"
MAINTENANCE_WINDOW: Final = "sun:08:30-sun:09:30"
"""UTC; after the backup."""


class Database(pulumi.ComponentResource):
    """An encrypted database without a public address, whose owner's password nobody ever types.

    RDS makes the password and keeps it in Secrets Manager under the environment's key; services read `username` and
    `password` from the secret's JSON when they start. RDS would change it every seven days, at which tasks that run
    fail to connect; so it changes when an operator says so, who then rolls the services (runbook: database password).
    """

    host: Output[str]
    port: int = PORT
    name: str = NAME
    username: str = USER
    secret_arn: Output[str]
    """Secrets Manager: JSON with `username` and `password`."""
    key_arn: Input[str]
    """What the secret is encrypted with."""
    security_group_id: Output[str]
    identifier: Output[str]
    """The dimension of `AWS/RDS` metrics; which one: `dimension`."""
    dimension: str
    serverless: bool
    """Aurora: storage has no end, and capacity moves by itself."""
    identity: Output[str]
    """Another one for each database, also for one that was restored under the same name."""
    ready: list[pulumi.Resource]
    """What must be there before it answers."""

    def __init__(self, name: str, args: StoreArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:data:Database", name, None, opts)
        self._name, self._context = name, args.context
        self._settings = args.context.settings.data
        self._child = ResourceOptions(parent=self, provider=args.context.provider)
        kept = args.context.settings.keeps_data
        self._kept = ResourceOptions.merge(
            self._child,
            ResourceOptions(protect=kept, retain_on_delete=kept),
        )
        group = SecurityGroup(
            name,
            SecurityGroupArgs(
                context=args.context,
                vpc_id=args.vpc_id,
                ingress={f"From {client}": Peer(PORT, group=group) for client, group in args.clients.items()},
            ),
            ResourceOptions(parent=self),
        )
        subnets = aws.rds.SubnetGroup(
            name, subnet_ids=args.subnet_ids, description="Subnets without a route out", opts=self._child
        )
        self.serverless = self._settings.database is Kind.AURORA
        self.security_group_id, self.key_arn = group.group_id, args.context.key_arn
        common = self._common(group.group_id, subnets)
        if self.serverless:
            self._aurora(common)
        else:
            self._postgres(common)
        aws.secretsmanager.SecretRotation(name, secret_id=self.secret_arn, rotation_enabled=False, opts=self._child)
        self.register_outputs({"host": self.host, "secretArn": self.secret_arn})

    def _common(self, group_id: Input[str], subnets: aws.rds.SubnetGroup) -> dict[str, Any]:
        kept = self._context.settings.keeps_data
        return {
            "db_subnet_group_name": subnets.name,
            "vpc_security_group_ids": [group_id],
            "port": PORT,
            "storage_encrypted": True,
            "kms_key_id": self._context.key_arn,
            "manage_master_user_password": True,
            "master_user_secret_kms_key_id": self._context.key_arn,
            "backup_retention_period": self._settings.backup_days,
            "copy_tags_to_snapshot": True,
            "deletion_protection": kept,
            "delete_automated_backups": not kept,
            # Staging is thrown away as a whole; in prod even an allowed delete leaves a snapshot.
            "skip_final_snapshot": not self._context.settings.prod,
            # Another one for each database, as a second destroy must not collide with the first one's.
            "final_snapshot_identifier": (
                Output.from_input(group_id).apply(lambda made: f"{self._context.name}-final-{made[-8:]}")
                if self._context.settings.prod
                else None
            ),
            "iam_database_authentication_enabled": True,
        }

    def _postgres(self, common: Mapping[str, Any]) -> None:
        name, settings = self._name, self._settings
        parameters = aws.rds.ParameterGroup(
            name,
            family=f"postgres{POSTGRES}",
            description=f"{self._context.name}: TLS only, slow statements",
            parameters=PARAMETERS,
            opts=self._child,
        )
        identifier = f"{self._context.name}-{name}"
        logs = self._logs("instance", identifier, ("postgresql", "upgrade"))
        instance = aws.rds.Instance(
            name,
            # Fixed, because RDS names the log groups after it; they are made before it, with an end and our key.
            identifier=identifier,
            engine="postgres",
            engine_version=POSTGRES,
            instance_class=settings.postgres_class,
            allocated_storage=settings.postgres_storage,
            # Grows by itself, so that a full disk is not an outage.
            max_allocated_storage=settings.postgres_storage * 5,
            storage_type="gp3",
            multi_az=settings.multi_az,
            db_name=NAME,
            username=USER,
            parameter_group_name=parameters.name,
            publicly_accessible=False,
            auto_minor_version_upgrade=True,
            backup_window=BACKUP_WINDOW,
            maintenance_window=MAINTENANCE_WINDOW,
            enabled_cloudwatch_logs_exports=["postgresql", "upgrade"],
            **self._insights(),
            **common,
            opts=ResourceOptions.merge(self._kept, ResourceOptions(depends_on=logs)),
        )
        self.ready, self.identity = [instance], instance.resource_id
        self.host, self.identifier, self.dimension = instance.address, instance.identifier, "DBInstanceIdentifier"
        self.secret_arn = instance.master_user_secrets.apply(lambda secrets: secrets[0].secret_arn or "")

    def _aurora(self, common: Mapping[str, Any]) -> None:
        name, settings = self._name, self._settings
        parameters = aws.rds.ClusterParameterGroup(
            name,
            family="aurora-postgresql17",
            description=f"{self._context.name}: TLS only, slow statements",
            parameters=PARAMETERS,
            opts=self._child,
        )
        pauses = settings.aurora_min == 0
        identifier = f"{self._context.name}-{name}"
        logs = self._logs("cluster", identifier, ("postgresql",))
        cluster = aws.rds.Cluster(
            name,
            cluster_identifier=identifier,
            engine="aurora-postgresql",
            engine_mode="provisioned",
            engine_version=AURORA,
            database_name=NAME,
            master_username=USER,
            db_cluster_parameter_group_name=parameters.name,
            preferred_backup_window=BACKUP_WINDOW,
            preferred_maintenance_window=MAINTENANCE_WINDOW,
            enabled_cloudwatch_logs_exports=["postgresql"],
            serverlessv2_scaling_configuration={
                "min_capacity": settings.aurora_min,
                "max_capacity": settings.aurora_max,
                "seconds_until_auto_pause": 600 if pauses else None,
            },
            **common,
            opts=ResourceOptions.merge(self._kept, ResourceOptions(ignore_changes=["engineVersion"], depends_on=logs)),
        )
        # A second instance stands by in another zone where the settings want that.
        self.ready, self.identity = [], cluster.cluster_resource_id
        for index in range(2 if settings.multi_az else 1):
            instance = aws.rds.ClusterInstance(
                f"{name}-{index}",
                cluster_identifier=cluster.id,
                engine=aws.rds.EngineType.AURORA_POSTGRESQL,
                instance_class="db.serverless",
                publicly_accessible=False,
                auto_minor_version_upgrade=True,
                performance_insights_enabled=True,
                performance_insights_kms_key_id=self._context.key_arn,
                opts=self._kept,
            )
            self.ready.append(instance)
        self.host, self.identifier, self.dimension = cluster.endpoint, cluster.cluster_identifier, "DBClusterIdentifier"
        self.secret_arn = cluster.master_user_secrets.apply(lambda secrets: secrets[0].secret_arn or "")

    def _logs(self, kind: str, identifier: str, exports: Sequence[str]) -> list[pulumi.Resource]:
        """RDS would make them by itself: without an end, without our key, and not part of the stack."""
        settings = self._context.settings
        return [
            aws.cloudwatch.LogGroup(
                f"{self._name}-{export}",
                name=f"/aws/rds/{kind}/{identifier}/{export}",
                retention_in_days=settings.api.log_days,
                kms_key_id=self._context.key_arn,
                opts=self._child,
            )
            for export in exports
        ]

    def _insights(self) -> dict[str, Any]:
        """Seven days of Performance Insights are free; the smallest classes have none.

        Source: RDS user guide, "Amazon RDS DB engine, Region, and instance class support for Performance Insights".
        """
        if self._settings.postgres_class.endswith((".micro", ".small")):
            return {"performance_insights_enabled": False}
        return {
            "performance_insights_enabled": True,
            "performance_insights_retention_period": 7,
            "performance_insights_kms_key_id": self._context.key_arn,
        }
