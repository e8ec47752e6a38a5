"""The database's migration: the API's image, told of the database and of nothing else."""

from collections.abc import Sequence

from pulumi import Input, Resource

from infra.components.cluster import Cluster
from infra.components.data import Database
from infra.components.migration import NAME, MigrationArgs
from infra.components.network import Network
from infra.components.service import BoundaryArgs, Container, Peer
from infra.components.telemetry import Logs
from infra.context import Context
from infra.stacks.api import STATE, WRITABLE, database_environment, database_password

DATABASE = "POLYGLOT_DATABASE_"
COMMAND = ("python", "-m", "api", NAME)


def boundary(context: Context, network: Network) -> BoundaryArgs:
    """Nothing comes in; out goes what starts a task. The way to the database is added once there is one."""
    return BoundaryArgs(context=context, vpc_id=network.vpc_id, egress={"Image, log and secret": Peer(443)})


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
    return MigrationArgs(
        context=context,
        cluster=cluster,
        container=Container(
            name=NAME,
            image=image,
            port=None,
            environment={"POLYGLOT_STATE_DIR": STATE, **database_environment(database), **_own(context)},
            secrets=[],
            json_secrets=database_password(database),
            writable=WRITABLE,
            command=COMMAND,
            stop_timeout=30,
        ),
        database=database,
        subnet_ids=network.task_subnet_ids,
        public_addresses=network.tasks_have_public_addresses,
        group_id=group_id,
        log_group_name=logs.names[NAME],
        log_group_arn=logs.arns[NAME],
        after=after,
    )


def _own(context: Context) -> dict[str, str]:
    """What the operator has set of the database for the API, for example how TLS is checked."""
    return {name: value for name, value in context.settings.api.variables.items() if name.startswith(DATABASE)}
