"""Assembly of the emulator: a stand-in for the OpenAI API over HTTP and WebSocket."""

import asyncio
from typing import Final

from aiohttp import web

from emulator.http import chat, control, middleware, models, speech, transcriptions
from emulator.mind.conversation import Request, Said
from emulator.mind.dialogue import think
from emulator.realtime.endpoint import realtime
from emulator.runtime import RUNTIME, Runtime
from emulator.settings import EmulatorSettings

_MAX_BODY: Final = 26 * 1024 * 1024


def build_app(settings: EmulatorSettings | None = None) -> web.Application:
    """The application; serve it with aiohttp. Without settings it has no delays and no control endpoint."""
    app = web.Application(
        middlewares=[middleware.errors, middleware.authorise, middleware.strike], client_max_size=_MAX_BODY
    )
    app[RUNTIME] = Runtime(settings or EmulatorSettings())
    app.on_response_prepare.append(middleware.add_headers)
    app.on_startup.append(_warm_up)
    app.on_cleanup.append(_close)
    app.add_routes(
        [
            web.get("/", _root),
            web.get("/v1", _root),
            web.get("/v1/", _root),
            web.get("/v1/models", models.list_models),
            web.get("/v1/models/{model}", models.show_model),
            web.post("/v1/chat/completions", chat.chat_completions),
            web.post("/v1/audio/transcriptions", transcriptions.transcriptions),
            web.post("/v1/audio/speech", speech.speech),
            web.get("/v1/realtime", realtime),
        ]
    )
    if app[RUNTIME].settings.faults:
        app.add_routes(
            [
                web.put("/_control/faults", control.put_faults),
                web.delete("/_control/faults", control.delete_faults),
                web.get("/_control/log", control.get_log),
                web.delete("/_control/log", control.delete_log),
                web.put("/_control/world", control.put_world),
                web.post("/_control/clips", control.add_clip),
                web.delete("/_control/clips", control.delete_clips),
            ]
        )
    return app


async def _root(request: web.Request) -> web.Response:
    endpoints = sorted({resource.canonical for resource in request.app.router.resources()})
    return web.json_response({"service": "emulator", "endpoints": endpoints})


async def _warm_up(app: web.Application) -> None:
    """Loads ears, mind and voice before the first request has to wait for them."""
    runtime = app[RUNTIME]
    greeting = Request("", (Said("user", "from Madrid to Berlin tomorrow"),))
    await asyncio.gather(
        runtime.compute(runtime.ears.load),
        runtime.compute(think, greeting),
    )
    # Alone: it measures how fast this machine is.
    await runtime.compute(runtime.voice.load)


async def _close(app: web.Application) -> None:
    runtime = app[RUNTIME]
    for cut_session in tuple(runtime.sessions):
        cut_session()
    runtime.ears.close()
    runtime.executor.shutdown(wait=False, cancel_futures=True)
