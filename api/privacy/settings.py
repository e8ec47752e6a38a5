"""How long what is kept of calls is kept. 0: not at all."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "POLYGLOT_RETENTION_"

Days = Annotated[int, Field(ge=0, le=3650)]


class Retention(BaseSettings):
    """Days from the end of a call, by kind of data; a tenant's `retention_days` stands above the first."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", env_ignore_empty=True)

    turns_days: Days = 30
    """What was said, its summary, and where and when somebody wanted to travel."""
    records_days: Days = 30
    """That there was a call: times, failures, money, consent. With 0 they go with the next hourly clean-up."""
    intakes_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Medical intakes, from their last change; the record of such a call stays as long, so that its receipt opens it."""
    recordings_days: Days = 30
    """Recordings, from the moment they were asked for; a tenant's `retention_days` stands above it, and none outlives
    the record of its call."""
    deliveries_days: Days = 30
    """Messages to the operator's webhooks, and jobs that were given up."""
