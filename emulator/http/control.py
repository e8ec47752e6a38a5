"""/_control: what tests steer. Served only when the emulator was started with faults."""

from typing import Final

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from emulator.errors import invalid_body
from emulator.faults import Fault
from emulator.runtime import RUNTIME
from emulator.world import World

_FAULTS: Final[TypeAdapter[list[Fault]]] = TypeAdapter(list[Fault])


async def put_faults(request: web.Request) -> web.Response:
    """Replaces the faults; a realtime disconnect that is due at once also cuts the running sessions."""
    try:
        faults = _FAULTS.validate_json(await request.read())
    except ValidationError as error:
        raise invalid_body(error) from error
    runtime = request.app[RUNTIME]
    runtime.faults.order(faults)
    if any(fault.route == "realtime" and fault.kind == "disconnect" and fault.after == 0 for fault in faults):
        for cut_session in tuple(runtime.sessions):
            cut_session()
    return web.json_response({"faults": [fault.model_dump(mode="json") for fault in faults]})


async def delete_faults(request: web.Request) -> web.Response:
    """Heals everything."""
    request.app[RUNTIME].faults.clear()
    return web.Response(status=204)


async def get_log(request: web.Request) -> web.Response:
    """The requests seen, oldest first."""
    entries = [entry.model_dump(mode="json") for entry in request.app[RUNTIME].log]
    return web.json_response({"requests": entries})


async def delete_log(request: web.Request) -> web.Response:
    """Empties the log."""
    request.app[RUNTIME].log.clear()
    return web.Response(status=204)


async def put_world(request: web.Request) -> web.Response:
    """Sets the delays; what is not named becomes zero."""
    try:
        world = World.model_validate_json(await request.read())
    except ValidationError as error:
        raise invalid_body(error) from error
    request.app[RUNTIME].world = world
    return web.json_response(world.model_dump())
