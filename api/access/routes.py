"""API keys: list, make, rotate, revoke."""

from typing import Annotated

from fastapi import APIRouter, Path, Response, status

from api.access.dependencies import KeysDep, Manages
from api.access.schemas import Key, Keys, MadeKey, NewKey, Rotation
from api.idempotency.route import IdempotentRoute

router = APIRouter(prefix="/v1/keys", tags=["access"], route_class=IdempotentRoute)

KeyId = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$", description="As `GET /v1/keys` lists it")]


@router.get("")
async def list_keys(keys: KeysDep, caller: Manages, response: Response) -> Keys:
    """Keys of the caller's tenant, newest first; of every tenant for the operator."""
    response.headers["Cache-Control"] = "no-store"
    return Keys(keys=await keys.all(caller))


@router.post("", status_code=status.HTTP_201_CREATED)
async def make_key(wanted: NewKey, keys: KeysDep, caller: Manages, response: Response) -> MadeKey:
    """Make a key. Its secret is in this answer and nowhere else."""
    response.headers["Cache-Control"] = "no-store"
    return await keys.make(wanted, caller)


@router.post("/{key_id}/rotate", status_code=status.HTTP_201_CREATED)
async def rotate_key(
    key_id: KeyId, keys: KeysDep, caller: Manages, response: Response, rotation: Rotation | None = None
) -> MadeKey:
    """A new key with the same name and rights; the old one goes on for the overlap."""
    response.headers["Cache-Control"] = "no-store"
    return await keys.rotate(key_id, rotation or Rotation(), caller)


@router.post("/{key_id}/revoke")
async def revoke_key(key_id: KeyId, keys: KeysDep, caller: Manages) -> Key:
    """End a key at once, in every task."""
    return await keys.revoke(key_id, caller)
