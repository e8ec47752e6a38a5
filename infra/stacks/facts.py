"""What services are told: the facts that `services.toml` names in braces."""

import math
import re
from collections.abc import Mapping
from typing import Final

from pulumi import Input, Output

from infra.components.cluster import Cluster
from infra.components.data import Data, Database
from infra.components.edge import Edge
from infra.context import Context
from infra.services import SERVICES, Service
from infra.settings import Settings

FACT: Final = re.compile(r"\{(\w+)\}")
KEEP_ALIVE_MORE: Final = 10
"""Seconds: longer than the load balancer keeps a connection, or it would use one that was just closed and answer 502."""


def environment(
    service: Service, facts: Mapping[str, Input[str] | None], more: Mapping[str, str]
) -> dict[str, Input[str]]:
    """A service's plain variables; `more` is the operator's own. Raises KeyError for a fact that nobody knows."""
    told: dict[str, Input[str]] = {}
    for name, text in service.environment.items():
        fact = FACT.fullmatch(text)
        value = facts[fact.group(1)] if fact else text
        if value is not None:
            told[name] = value
    return {**told, **more}


def unknown(service: Service) -> dict[str, Input[str] | None]:
    """Every fact that a service is told, as one that is not there."""
    return {fact.group(1): None for text in service.environment.values() if (fact := FACT.fullmatch(text))}


def of_stack(context: Context, cluster: Cluster, data: Data, edge: Edge) -> dict[str, Input[str] | None]:
    """What is the same for every service; None: not in this stack."""
    api = SERVICES["api"]
    return {
        **of_settings(context.settings),
        "api_url": f"http://api.{cluster.namespace_name}:{api.port}",
        "page_url": edge.url,
        "vpc_cidr": context.settings.network.cidr,
        "keep_alive": str(context.settings.edge.idle_timeout + KEEP_ALIVE_MORE),
        "cache_url": data.cache.url if data.cache else None,
        **of_database(data.database),
    }


def of_settings(settings: Settings) -> dict[str, Input[str] | None]:
    """What the settings alone say."""
    models, alerts = settings.models, settings.api.alerts
    return {
        "environment": str(settings.environment),
        "livekit_url": settings.livekit.url or "",
        "agent_name": settings.livekit.agent_name,
        "summary_model": settings.api.summary_model,
        "personas": ",".join(settings.api.personas) or None,
        "alerts_mail_from": alerts.mail_from,
        "alerts_hours": None if alerts.hours is None else f"{alerts.hours:g}",
        "alerts_most": None if alerts.most is None else str(alerts.most),
        "fare_sources": ",".join(settings.api.fare_sources) or None,
        "model_base_url": models.base_url,
        "model_realtime": models.realtime,
        "model_chat": models.chat,
        "model_transcription": models.transcription,
        "model_speech": models.speech,
        "model_expert": models.expert,
        "model_speech_base_url": models.speech_base_url,
        "model_realtime_voice": models.realtime_voice or models.voice,
        "model_speech_voice": models.speech_voice or models.voice,
    }


def of_service(service: Service, settings: Settings, image: Input[str] | None = None) -> dict[str, Input[str] | None]:
    """What differs between services."""
    return {
        "service": service.name,
        "revision": None if image is None else Output.from_input(image).apply(lambda ref: ref.split(":")[-1][:12]),
        "cpus": str(math.ceil(settings.service(service.name).cpu / 1024)),
        "calls_per_task": str(settings.agent.calls_per_task),
    }


def of_database(database: Database | None) -> dict[str, Input[str] | None]:
    """Where the database is, for services and for a migration alike; the password comes from its secret."""
    if database is None:
        return dict.fromkeys(("database_host", "database_port", "database_name", "database_user"))
    return {
        "database_host": database.host,
        "database_port": str(database.port),
        "database_name": database.name,
        "database_user": database.username,
    }


def database_password(database: Database | None) -> dict[str, Input[str]]:
    """One key of the JSON that RDS keeps; it rotates there without us."""
    if database is None:
        return {}
    return {"POLYGLOT_DATABASE_PASSWORD": database.secret_arn.apply(lambda arn: f"{arn}:password::")}
