"""Who may call: the deployment's keys, its issuer, its tenants, and whether strangers are taken."""

import ipaddress
import re
from decimal import Decimal
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api.access.caller import DEFAULT_TENANT

SECRET_BYTES: Final = 32
"""HS256 keys shorter than the hash are weak; the library only warns."""
_HOST: Final = re.compile(
    r"(?i)^https://[a-z0-9.-]+(:\d+)?(/[^\s?#]*)?$|^http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/[^\s?#]*)?$"
)
_ORIGIN: Final = re.compile(r"(?i)^https://[a-z0-9.-]+(:\d+)?$|^http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$")

Tenant = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]


class TenantSettings(BaseModel):
    """What differs for one tenant; what is not set is as the deployment has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    calls: Annotated[int, Field(ge=0)] | None = None
    """At once; 0: no limit."""
    daily_calls: Annotated[int, Field(ge=0)] | None = None
    daily_usd: Annotated[Decimal, Field(ge=0)] | None = None
    retention_days: Annotated[int, Field(ge=0, le=3650)] | None = None
    """0: nothing is stored, whatever a traveller agrees to."""


class AccessSettings(BaseSettings):
    """See `docs/access.md`."""

    model_config = SettingsConfigDict(
        extra="ignore", populate_by_name=True, hide_input_in_errors=True, env_ignore_empty=True
    )

    public: bool = Field(default=True, validation_alias="POLYGLOT_PUBLIC", examples=["false"])
    """Whether calls and searches need no credentials; they are then counted by address, with the budgets of one."""
    public_tenant: Tenant = Field(
        default=DEFAULT_TENANT, validation_alias="POLYGLOT_PUBLIC_TENANT", examples=[DEFAULT_TENANT]
    )
    page_key: SecretStr | None = Field(
        default=None, validation_alias="POLYGLOT_PAGE_KEY", examples=["the output of `openssl rand -hex 32`"]
    )
    """Signs page tokens; set, a call without credentials needs one, so that only the operator's own pages start calls."""
    operator_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(), validation_alias="POLYGLOT_OPERATOR_KEY", examples=["the output of `openssl rand -hex 32`"]
    )
    """Opens everything, for all tenants. Two, with a comma between them, while one replaces the other."""
    first_system: bool = Field(default=True, validation_alias="POLYGLOT_FIRST_SYSTEM", examples=["false"])
    """Whether the first system's routes answer: its token routes, `/v1/sessions/start`, its searches and `/ws`."""
    tenants: dict[Tenant, TenantSettings] = Field(
        default_factory=dict, validation_alias="POLYGLOT_TENANTS", examples=['{"acme": {"calls": 20, "daily_usd": 50}}']
    )
    """Tenants beside `default`, with what differs for each."""

    oidc_issuer: str | None = Field(
        default=None, validation_alias="POLYGLOT_OIDC_ISSUER", examples=["https://login.example.com/realms/travel"]
    )
    oidc_audience: str | None = Field(
        default=None, min_length=1, validation_alias="POLYGLOT_OIDC_AUDIENCE", examples=["polyglot"]
    )
    oidc_tenant_claim: str | None = Field(
        default=None, min_length=1, validation_alias="POLYGLOT_OIDC_TENANT_CLAIM", examples=["org_id"]
    )
    """The claim that names the tenant; None: everybody of the issuer belongs to `default`."""
    oidc_scope_claim: str = Field(
        default="scope", min_length=1, validation_alias="POLYGLOT_OIDC_SCOPE_CLAIM", examples=["scope", "roles"]
    )
    """A claim with `polyglot:records` and the like, as words or as a list; a token with none may make calls and search."""

    desk_client: str | None = Field(
        default=None, min_length=1, validation_alias="POLYGLOT_OIDC_DESK_CLIENT", examples=["polyglot-desk"]
    )
    """Id of the public client (authorization code with PKCE, no secret) by which operators sign in at the desk."""
    desk_scopes: str = Field(
        default="openid", pattern=r"^openid( [!#-\[\]-~]+)*$", validation_alias="POLYGLOT_OIDC_DESK_SCOPES"
    )
    """What the desk asks the issuer for, with spaces between them; with `offline_access` it can stay signed in."""
    desk_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        validation_alias="POLYGLOT_OIDC_DESK_ORIGINS",
        examples=["https://acme.auth.eu-west-1.amazoncognito.com"],
    )
    """Where the issuer's token endpoint is, if not at the issuer's own origin: the desk may then reach it too."""

    livekit_previous_api_key: str | None = Field(
        default=None, min_length=3, validation_alias="LIVEKIT_PREVIOUS_API_KEY", examples=["polyglot-1"]
    )
    livekit_previous_api_secret: SecretStr | None = Field(
        default=None,
        validation_alias="LIVEKIT_PREVIOUS_API_SECRET",
        examples=["the secret that is being replaced"],
    )
    """A key pair that is being replaced: its tokens and webhooks are still taken, none is made with it."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("127.0.0.1",), validation_alias="POLYGLOT_TRUSTED_PROXIES", examples=["10.0.0.0/16"]
    )
    """Whose X-Forwarded-For is believed: addresses and networks."""

    @field_validator("operator_keys", "trusted_proxies", "desk_origins", mode="before")
    @classmethod
    def _split_access(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            try:
                ipaddress.ip_network(part)
            except ValueError:
                raise ValueError(
                    f"{part!r} is no address or network; allowed: such as 10.0.0.0/16 or 127.0.0.1, with commas between "
                    "them; '*' would let every caller choose its own address"
                ) from None
        return value

    @field_validator("page_key", "livekit_previous_api_secret")
    @classmethod
    def _long_enough_access(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().encode()) < SECRET_BYTES:
            raise ValueError(f"must be at least {SECRET_BYTES} bytes")
        return value

    @field_validator("operator_keys")
    @classmethod
    def _strong_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if len(value) > 2:  # noqa: PLR2004 - said in the message
            raise ValueError("more than two keys; allowed: one, or two while one replaces the other")
        if any(len(key.get_secret_value().encode()) < SECRET_BYTES for key in value):
            raise ValueError(f"must be at least {SECRET_BYTES} bytes")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _is_an_issuer(cls, value: str | None) -> str | None:
        if value is not None and not _HOST.match(value):
            raise ValueError("must be an https address without a query, as the issuer's tokens carry it in `iss`")
        return value

    @field_validator("desk_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            if not _ORIGIN.match(part):
                raise ValueError(f"{part!r} is no origin; allowed: such as https://login.example.com, without a path")
        return value

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if (self.oidc_issuer is None) != (self.oidc_audience is None):
            raise ValueError("POLYGLOT_OIDC_ISSUER and POLYGLOT_OIDC_AUDIENCE: both are needed, or neither")
        if self.desk_client is not None and self.oidc_issuer is None:
            raise ValueError("POLYGLOT_OIDC_DESK_CLIENT: needs POLYGLOT_OIDC_ISSUER and POLYGLOT_OIDC_AUDIENCE")
        if (self.livekit_previous_api_key is None) != (self.livekit_previous_api_secret is None):
            raise ValueError("LIVEKIT_PREVIOUS_API_KEY and LIVEKIT_PREVIOUS_API_SECRET: both are needed, or neither")
        if not self.knows(self.public_tenant):
            raise ValueError("POLYGLOT_PUBLIC_TENANT: is no tenant of POLYGLOT_TENANTS")
        return self

    def knows(self, tenant: str) -> bool:
        """Whether there is such a tenant."""
        return tenant == DEFAULT_TENANT or tenant in self.tenants

    def tenant(self, name: str) -> TenantSettings:
        """What differs for a tenant."""
        return self.tenants.get(name) or TenantSettings()

    @property
    def desk_reaches(self) -> tuple[str, ...]:
        """Origins of the issuer, where operators sign in at the desk."""
        if self.desk_client is None or self.oidc_issuer is None:
            return ()
        return ("/".join(self.oidc_issuer.split("/")[:3]), *self.desk_origins)
