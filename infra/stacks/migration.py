"""The database's migration: the API's image, told of the database and of nothing else."""

from collections.abc import Sequence

from pulumi import Input, Resource

from infra.components.cluster import Cluster
from infra.components.data import Database
from infra.components.data.database import PORT
from infra.components.migration import NAME, MigrationArgs
from infra.components.migration.migration import CPU, MEMORY, PURPOSE
from infra.components.network import Network
from infra.components.observability import Logs
from infra.components.security_group import Peer, SecurityGroupArgs
from infra.components.service import Container, TaskArgs
from infra.context import Context
from infra.services import SERVICES
from infra.stacks import facts

DATABASE = "POLYGLOT_DATABASE_"
COMMAND = ("python", "-m", "api", NAME)


def security_group(context: Context, network: Network) -> SecurityGroupArgs:
    """Nothing comes in; out goes what starts a task, and what the database is asked."""
    return SecurityGroupArgs(
        context=context,
        vpc_id=network.vpc_id,
        egress={"Image, log and secret": Peer(443), "PostgreSQL": Peer(PORT, cidr=network.cidr)},
    )


def migration(  # noqa: PLR0913 - it stands on as much as a service
    context: Context,
    *,
    image: Input[str],
    cluster: Cluster,
    network: Network,
    group_id: Input[str],
    database: Database,
    logs: Logs,
    after: Sequence[Resource],
) -> MigrationArgs:
    """What runs before the API's service moves to `image`."""
    api = SERVICES["api"]
    own = {name: value for name, value in context.settings.api.variables.items() if name.startswith(DATABASE)}
    told = facts.environment(api, {**facts.unknown(api), **facts.of_database(database)}, own)
    wanted = {name: value for name, value in told.items() if name.startswith(DATABASE) or name == "POLYGLOT_STATE_DIR"}
    task = TaskArgs(
        context=context,
        cluster=cluster,
        container=Container(
            name=NAME,
            image=image,
            port=None,
            environment=wanted,
            secrets=[],
            json_secrets=facts.database_password(database),
            writable=api.writable,
            command=COMMAND,
            stop_timeout=30,
        ),
        cpu=CPU,
        memory=MEMORY,
        log_group_name=logs.names[NAME],
        log_group_arn=logs.arns[NAME],
        json_secret_arns=[database.secret_arn],
        tags=PURPOSE,
        keep=False,
    )
    return MigrationArgs(
        task=task,
        database=database,
        subnet_ids=network.task_subnet_ids,
        public_addresses=network.tasks_have_public_addresses,
        group_id=group_id,
        after=after,
    )
