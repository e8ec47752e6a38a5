"""Where the database is: all that a migration is told. A cloud gives it in parts, the password from its own secret."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "POLYGLOT_DATABASE_"
MIGRATE_SECONDS = 600.0
"""The longest that a migration may take."""


class DatabaseServer(BaseSettings):
    """A PostgreSQL server; used when `POLYGLOT_DATABASE_HOST` is set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    host: str | None = None
    port: Annotated[int, Field(ge=1, le=65535)] = 5432
    name: str = "polyglot"
    user: str | None = None
    password: SecretStr | None = None
    tls: Literal["disable", "require", "verify-full"] = "require"
    """`verify-full` also checks the server's name against the machine's certificates."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.host is not None and (self.user is None or self.password is None):
            raise ValueError(f"{PREFIX}HOST: needs {PREFIX}USER and {PREFIX}PASSWORD too")
        return self

    @property
    def url(self) -> str | None:
        """SQLAlchemy URL with the password in it; None without a host."""
        if self.host is None or self.password is None:
            return None
        from sqlalchemy import URL  # noqa: PLC0415 - infrastructure reads these settings and has no database

        made = URL.create(
            "postgresql+asyncpg",
            username=self.user,
            password=self.password.get_secret_value(),
            host=self.host,
            port=self.port,
            database=self.name,
            query={"ssl": self.tls},
        )
        return made.render_as_string(hide_password=False)


class DatabaseSettings(BaseSettings):
    """What `python -m api migrate` reads; the API reads more."""

    model_config = SettingsConfigDict(
        extra="ignore", populate_by_name=True, hide_input_in_errors=True, env_ignore_empty=True
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", validation_alias="POLYGLOT_LOG_LEVEL", examples=["INFO"]
    )
    state_dir: Path = Field(default=Path(".polyglot"), validation_alias="POLYGLOT_STATE_DIR", examples=["/var/lib/x"])
    database_url: SecretStr | None = Field(
        default=None, validation_alias="POLYGLOT_DATABASE_URL", examples=["sqlite+aiosqlite:////var/lib/polyglot.db"]
    )
    database_server: DatabaseServer = Field(default_factory=DatabaseServer)

    @property
    def database(self) -> str:
        """SQLAlchemy URL."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return self.database_server.url or f"sqlite+aiosqlite:///{self.state_dir / 'api.db'}"
