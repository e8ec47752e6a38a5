"""GET /v1/models and /v1/models/{id}."""

import calendar
from typing import Final

from aiohttp import web
from pydantic import JsonValue

from contracts.models import REGISTRY
from emulator.catalog import ALL_MODELS
from emulator.errors import unknown_model
from emulator.http.middleware import ENTRY

_CREATED: Final = calendar.timegm(REGISTRY.date.timetuple())


async def list_models(_request: web.Request) -> web.Response:
    """Every model that some endpoint has."""
    return web.json_response({"object": "list", "data": [_model(name) for name in ALL_MODELS]})


async def show_model(request: web.Request) -> web.Response:
    """One model."""
    name = request.match_info["model"]
    request[ENTRY].model = name
    if name not in ALL_MODELS:
        raise unknown_model(name)
    return web.json_response(_model(name))


def _model(name: str) -> dict[str, JsonValue]:
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": "emulator"}
