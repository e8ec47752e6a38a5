"""/_control: what tests steer. Served only when the emulator was started with faults."""

from typing import Annotated, Final

from aiohttp import web
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from emulator.audio import from_wav
from emulator.ears.clips import ClipEars, Part
from emulator.ears.heard import Language
from emulator.errors import ApiError, invalid_body
from emulator.faults import Fault
from emulator.runtime import RUNTIME
from emulator.world import World

_FAULTS: Final[TypeAdapter[list[Fault]]] = TypeAdapter(list[Fault])


async def put_faults(request: web.Request) -> web.Response:
    """Replaces the faults; a realtime disconnect that is due at once also cuts the running sessions,
    and `expired` ends them as their sixtieth minute does.
    """
    try:
        faults = _FAULTS.validate_json(await request.read())
    except ValidationError as error:
        raise invalid_body(error) from error
    runtime = request.app[RUNTIME]
    runtime.faults.order(faults)
    if any(fault.route == "realtime" and fault.kind == "disconnect" and fault.after == 0 for fault in faults):
        for cut_session in tuple(runtime.sessions):
            cut_session()
    if runtime.faults.take_event("expired"):
        for over in tuple(runtime.expiring):
            over.set()
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


class NewClip(BaseModel):
    """A clip to be heard from now on, as 16-bit WAV."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=1000)]
    language: Language = "en"
    wav: Base64Bytes
    parts: tuple[Part, ...] = ()


def _clip_ears(request: web.Request) -> ClipEars:
    ears = request.app[RUNTIME].ears
    if not isinstance(ears, ClipEars):
        raise ApiError(409, f"The ears of {ears.name} take no clips; start the emulator with EMULATOR_EARS=clips.")
    return ears


async def add_clip(request: web.Request) -> web.Response:
    """Registers a clip with the ears of clips."""
    ears = _clip_ears(request)
    try:
        clip = NewClip.model_validate_json(await request.read())
    except ValidationError as error:
        raise invalid_body(error) from error
    try:
        samples, rate = from_wav(clip.wav)
        await request.app[RUNTIME].compute(ears.register, clip.text, clip.language, samples, rate, clip.parts)
    except ValueError as error:
        raise ApiError(400, f"Invalid 'wav': {error}.", param="wav", code="invalid_value") from error
    return web.json_response({"clips": ears.count})


async def delete_clips(request: web.Request) -> web.Response:
    """Forgets all clips."""
    _clip_ears(request).forget()
    return web.Response(status=204)


async def put_world(request: web.Request) -> web.Response:
    """Sets the delays; what is not named becomes zero."""
    try:
        world = World.model_validate_json(await request.read())
    except ValidationError as error:
        raise invalid_body(error) from error
    request.app[RUNTIME].world = world
    return web.json_response(world.model_dump())
