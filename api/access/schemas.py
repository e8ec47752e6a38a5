"""Keys as the API shows them: a secret is shown once, when it is made."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.access.caller import Scope

KeyName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]
TenantName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
KeyScopes = Annotated[
    tuple[Scope, ...], Field(min_length=1, max_length=len(Scope), description="`operate` cannot be given to a key")
]


class NewKey(BaseModel):
    """Body of `POST /v1/keys`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: KeyName
    scopes: KeyScopes
    tenant: TenantName | None = None
    """None: the caller's own. Another one only by the operator."""
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = 365
    """None: never."""


class Rotation(BaseModel):
    """Body of `POST /v1/keys/{key_id}/rotate`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    overlap_hours: Annotated[float, Field(ge=0, le=24 * 30)] = 24.0
    """How long the old secret goes on working."""


class Key(BaseModel):
    """A key, without its secret."""

    id: str
    tenant: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    replaces: str | None = None
    """Id of the key that it was rotated from."""


class MadeKey(Key):
    """A key that was just made."""

    secret: str
    """What `Authorization: Bearer` takes; it cannot be shown again."""


class Keys(BaseModel):
    """The keys that a caller may see, newest first."""

    keys: tuple[Key, ...]
