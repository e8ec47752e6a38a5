"""POST /v1/audio/transcriptions."""

import asyncio
from typing import Annotated, Final, Literal

from aiohttp import BodyPartReader, web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.languages import language as product_language
from contracts.models import Stage
from emulator.audio import from_wav
from emulator.ears.heard import Language, TooMuchToHear
from emulator.errors import ApiError, check_model, invalid_body
from emulator.http.middleware import ENTRY, first_byte
from emulator.runtime import RUNTIME
from emulator.strict import check_form

_MAX_BYTES: Final = 25 * 1024 * 1024
"""The real service's limit."""


class TranscriptionFields(BaseModel):
    """The form fields beside the file."""

    model_config = ConfigDict(extra="allow")

    model: str
    language: Language | None = None
    languages: Annotated[tuple[Language, ...], Field(alias="languages[]")] = ()
    response_format: Literal["json", "verbose_json", "text"] = "json"


async def transcriptions(request: web.Request) -> web.StreamResponse:
    """Writes down what a WAV file says; what is no speech in one of the languages gives an empty text."""
    fields, audio = await _form(request)
    try:
        form = TranscriptionFields.model_validate(fields)
    except ValidationError as error:
        raise invalid_body(error) from error
    request[ENTRY].model = form.model
    check_model(form.model, Stage.TRANSCRIPTION)
    check_form(fields)
    try:
        samples, rate = from_wav(audio)
    except ValueError as error:
        raise ApiError(400, f"Audio file might be corrupted or unsupported: {error}", param="file") from error
    runtime = request.app[RUNTIME]
    languages = form.languages or ((form.language,) if form.language else ())
    hearing = runtime.ears.transcribe(samples, rate, languages)
    try:
        heard, _ = await asyncio.gather(hearing, runtime.world.before_transcription())
    except TooMuchToHear as error:
        raise ApiError(503, "The server is overloaded. Please try again later.") from error
    first_byte(request)
    if form.response_format == "text":
        return web.Response(text=f"{heard.text}\n")
    seconds = samples.size / rate
    if form.response_format == "json":
        return web.json_response({"text": heard.text, "usage": {"type": "duration", "seconds": round(seconds)}})
    name = product_language(heard.language or form.language or "en").english_name.lower()
    return web.json_response(
        {"task": "transcribe", "language": name, "duration": seconds, "text": heard.text, "segments": []}
    )


async def _form(request: web.Request) -> tuple[dict[str, str | list[str]], bytes]:
    """The fields and the file of a multipart body."""
    if not request.content_type.startswith("multipart/"):
        raise ApiError(400, "The body must be multipart/form-data.", param=None)
    fields: dict[str, str | list[str]] = {}
    audio: bytes | None = None
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "file":
            audio = bytes(await part.read(decode=True))
        elif part.name and part.name.endswith("[]"):
            fields[part.name] = [*fields.get(part.name, ()), await part.text()]
        elif part.name:
            fields[part.name] = await part.text()
    if audio is None:
        raise ApiError(400, "Missing required parameter: 'file'.", param="file", code="missing_required_parameter")
    if len(audio) > _MAX_BYTES:
        raise ApiError(413, f"Maximum content size limit ({_MAX_BYTES}) exceeded.", param="file")
    return fields, audio
