"""GET /v1/models and /v1/models/{id}."""

import calendar
from typing import Final

from aiohttp import web
from pydantic import JsonValue

from contracts.models import REGISTRY, Stage
from emulator.catalog import ALL_MODELS, MODELS
from emulator.errors import unknown_model
from emulator.http.middleware import ENTRY
from emulator.runtime import RUNTIME, Runtime

_CREATED: Final = calendar.timegm(REGISTRY.date.timetuple())


async def list_models(request: web.Request) -> web.Response:
    """Every model that some endpoint has; of those that hear and speak, by which ears and voice they really do."""
    runtime = request.app[RUNTIME]
    return web.json_response({"object": "list", "data": [_model(name, runtime) for name in ALL_MODELS]})


async def show_model(request: web.Request) -> web.Response:
    """One model."""
    name = request.match_info["model"]
    request[ENTRY].model = name
    if name not in ALL_MODELS:
        raise unknown_model(name)
    return web.json_response(_model(name, request.app[RUNTIME]))


def _model(name: str, runtime: Runtime) -> dict[str, JsonValue]:
    model: dict[str, JsonValue] = {"id": name, "object": "model", "created": _CREATED, "owned_by": "emulator"}
    hears = name in MODELS[Stage.TRANSCRIPTION] or name in MODELS[Stage.REALTIME]
    speaks = name in MODELS[Stage.SPEECH] or name in MODELS[Stage.REALTIME]
    return model | ({"ears": runtime.ears.name} if hears else {}) | ({"voice": runtime.voice.told} if speaks else {})
