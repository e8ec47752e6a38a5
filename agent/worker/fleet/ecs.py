"""What ECS tells a task about itself, and what a task may ask of ECS.

Sources: ECS developer guide, "Task metadata endpoint version 4" and "Task scale-in protection endpoint".
"""

import asyncio
import os
from dataclasses import dataclass
from typing import Any, Final, Self

import httpx2
from pydantic import BaseModel, ConfigDict, Field, ValidationError

METADATA_VARIABLE: Final = "ECS_CONTAINER_METADATA_URI_V4"
AGENT_VARIABLE: Final = "ECS_AGENT_URI"
TIMEOUT: Final = 3.0
EXPIRES_MINUTES: Final = 60
"""Protection ends by itself after so long, should this process hang; it is renewed well before."""


class EcsError(Exception):
    """ECS did not answer, or not as documented; the message has no details of the request."""


class TaskMetadata(BaseModel):
    """The part of the metadata that we read."""

    model_config = ConfigDict(extra="ignore")

    cluster: str = Field(alias="Cluster")
    task_arn: str = Field(alias="TaskARN")
    family: str = Field(alias="Family")
    revision: str = Field(alias="Revision")


class Deployment(BaseModel):
    """One version of the service."""

    model_config = ConfigDict(extra="ignore")

    status: str
    task_definition: str = Field(alias="taskDefinition")
    desired: int = Field(alias="desiredCount")
    running: int = Field(alias="runningCount")


@dataclass(frozen=True)
class Task:
    """The task that we run in, as it was started."""

    metadata: TaskMetadata
    agent_uri: str
    http: httpx2.AsyncClient

    @classmethod
    async def here(cls, transport: httpx2.AsyncBaseTransport | None = None) -> Self | None:
        """The task that this process runs in; None outside ECS. Raises EcsError."""
        metadata_uri, agent_uri = os.environ.get(METADATA_VARIABLE), os.environ.get(AGENT_VARIABLE)
        if not metadata_uri or not agent_uri:
            return None
        http = httpx2.AsyncClient(timeout=TIMEOUT, transport=transport, trust_env=False)
        try:
            reply = await http.get(f"{metadata_uri}/task")
            reply.raise_for_status()
            return cls(TaskMetadata.model_validate_json(reply.content), agent_uri, http)
        except (httpx2.HTTPError, ValidationError) as error:
            await http.aclose()
            raise EcsError(f"task metadata: {type(error).__name__}") from None

    async def protect(self, on: bool) -> bool:
        """Keep this task from being stopped by deploys and scale-in, or no longer. False when ECS refused for now.

        ECS refuses with DEPLOYMENT_BLOCKED while more tasks are protected than the service should have; the calls go on
        and it is asked again. Raises EcsError.
        """
        body: dict[str, Any] = {"ProtectionEnabled": on}
        if on:
            body["ExpiresInMinutes"] = EXPIRES_MINUTES
        try:
            reply = await self.http.put(f"{self.agent_uri}/task-protection/v1/state", json=body)
            answer = reply.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise EcsError(f"task protection: {type(error).__name__}") from None
        if not isinstance(answer, dict) or "error" in answer:
            raise EcsError(f"task protection: answered {reply.status_code}")
        return bool(answer.get("protection", {}).get("ProtectionEnabled", False)) is on

    async def aclose(self) -> None:
        """Close the connections."""
        await self.http.aclose()


class Service:
    """The ECS service that this task belongs to."""

    def __init__(self, cluster: str, name: str) -> None:
        self._cluster = cluster
        self._name = name
        self._client: Any = None

    async def deployments(self) -> list[Deployment]:
        """Its versions, newest first. Raises EcsError."""
        # Here, not above: every call's process imports this module, and only the worker on ECS needs the SDK.
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            reply = await asyncio.to_thread(self._describe)
            services = reply["services"]
            return [Deployment.model_validate(item) for item in services[0]["deployments"]] if services else []
        except (BotoCoreError, ClientError, ValidationError, KeyError) as error:
            raise EcsError(f"service: {type(error).__name__}") from None

    def _describe(self) -> Any:  # noqa: ANN401 - the SDK's reply, validated by the caller
        from botocore.config import Config  # noqa: PLC0415 - see deployments
        from botocore.session import get_session  # noqa: PLC0415

        if self._client is None:
            limits = Config(connect_timeout=TIMEOUT, read_timeout=TIMEOUT, retries={"total_max_attempts": 2})
            self._client = get_session().create_client("ecs", config=limits)
        return self._client.describe_services(cluster=self._cluster, services=[self._name])


def superseded(mine: str, deployments: list[Deployment]) -> bool:
    """Whether a newer version has taken over: it is the service's present one and all its tasks run.

    Not before, or nobody would take calls while it starts; and not after a rollback, when the present one is ours again.
    `mine` is `family:revision`.
    """
    present = next((deployment for deployment in deployments if deployment.status == "PRIMARY"), None)
    if present is None or present.task_definition.rsplit("/", 1)[-1] == mine:
        return False
    return 0 < present.desired <= present.running
