"""The real OpenAI plugins of livekit-agents against the emulator."""

import asyncio
import base64
import json

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import llm
from livekit.plugins import openai
from openai.types import realtime as types
from openai.types.realtime import InputAudioBufferAppendEvent

from agent.providers.low_delay_realtime import LowDelayRealtimeModel
from contracts.languages import is_stop
from emulator.audio import OUTPUT_RATE
from emulator.voice.speaker import synthesise

# The plugins leave sockets of their connection pools to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

KEY = "sk-test"
INSTRUCTIONS = "You find flights. Today is 2026-11-21 (Saturday), time zone Europe/Madrid."
QUESTION = "Find me a flight from Madrid to Berlin tomorrow"
RESULT = json.dumps(
    {
        "search_id": "abcdefgh",
        "sample": True,
        "origin": {"code": "MAD", "name": "Madrid"},
        "destination": {"code": "BER", "name": "Berlin"},
        "departure_date": "2026-11-22",
        "return_date": None,
        "adults": 1,
        "total_offers": 1,
        "offers": [
            {
                "number": 1,
                "carrier": "Iberia",
                "flight": "IB3270",
                "price": "89.90",
                "currency": "EUR",
                "departs": "2026-11-22T09:05",
                "arrives": "2026-11-22T12:10",
                "origin": "MAD",
                "destination": "BER",
                "duration_minutes": 185,
                "stops": 0,
            }
        ],
    }
)


@llm.function_tool
async def search_flights(  # the model must call it; here nobody runs it
    origin: str,  # noqa: ARG001
    destination: str,  # noqa: ARG001
    departure_date: str,  # noqa: ARG001
    return_date: str | None,  # noqa: ARG001
) -> str:
    """Search for flights.

    Args:
        origin: City or IATA code.
        destination: City or IATA code.
        departure_date: ISO date.
        return_date: ISO date.
    """
    raise AssertionError


async def collect(stream: llm.LLMStream) -> tuple[str, list[llm.FunctionToolCall], llm.CompletionUsage | None]:
    text, calls, usage = "", [], None
    async with stream:
        async for chunk in stream:
            usage = chunk.usage or usage
            if chunk.delta:
                text += chunk.delta.content or ""
                calls += chunk.delta.tool_calls
    return text, calls, usage


async def test_a_question_in_writing_calls_the_tool_and_is_answered_from_its_result(base_url: str) -> None:
    model = openai.LLM(model="gpt-4.1-mini", base_url=base_url, api_key=KEY)
    context = llm.ChatContext()
    context.add_message(role="system", content=INSTRUCTIONS)
    context.add_message(role="user", content=QUESTION)
    text, calls, usage = await collect(model.chat(chat_ctx=context, tools=[search_flights]))
    assert text == ""
    assert [call.name for call in calls] == ["search_flights"]
    assert json.loads(calls[0].arguments) == {
        "origin": "MAD",
        "destination": "BER",
        "departure_date": "2026-11-22",
        "return_date": None,
    }
    assert usage is not None
    assert usage.total_tokens > 0
    context.items.append(llm.FunctionCall(call_id=calls[0].call_id, name=calls[0].name, arguments=calls[0].arguments))
    context.items.append(
        llm.FunctionCallOutput(call_id=calls[0].call_id, name=calls[0].name, output=RESULT, is_error=False)
    )
    text, calls, _ = await collect(model.chat(chat_ctx=context, tools=[search_flights]))
    assert calls == []
    for part in ("one flight", "Madrid", "Berlin", "Iberia", "9:05", "€89.90", "non-stop", "sample"):
        assert part in text
    await model.aclose()


async def test_speech_is_heard_again(base_url: str) -> None:
    tts = openai.TTS(base_url=base_url, api_key=KEY, voice="alloy", response_format="pcm")
    frame = await tts.synthesize(QUESTION).collect()
    assert frame.sample_rate == OUTPUT_RATE
    assert 2 < frame.duration < 5
    stt = openai.STT(base_url=base_url, api_key=KEY, model="gpt-4o-mini-transcribe")
    event = await stt.recognize(frame)
    assert event.alternatives[0].text == QUESTION
    await tts.aclose()
    await stt.aclose()


@pytest.mark.parametrize("response_format", ["mp3", "wav"])
async def test_every_format_is_decoded_by_the_plugin(base_url: str, response_format: str) -> None:
    tts = openai.TTS(base_url=base_url, api_key=KEY, voice="nova", response_format=response_format)
    frame = await tts.synthesize("Guten Morgen, wie geht es Ihnen?").collect()
    assert frame.duration > 1
    assert np.abs(np.frombuffer(frame.data, np.int16)).max() > 3000
    await tts.aclose()


def realtime_model(base_url: str, modality: str) -> openai.realtime.RealtimeModel:
    return openai.realtime.RealtimeModel(
        base_url=base_url,
        api_key=KEY,
        modalities=[modality],
        turn_detection=types.realtime_audio_input_turn_detection.ServerVad(
            type="server_vad", silence_duration_ms=300, create_response=True, interrupt_response=True
        ),
    )


def frames(text: str, silence: float = 0.6) -> list[rtc.AudioFrame]:
    """100 ms frames of a spoken text with silence around it."""
    quiet = np.zeros(int(OUTPUT_RATE * silence), np.int16)
    samples = np.concatenate([quiet, synthesise(text, "alloy"), quiet])
    size = OUTPUT_RATE // 10
    parts = [samples[start : start + size] for start in range(0, samples.size, size)]
    return [rtc.AudioFrame(part.tobytes(), OUTPUT_RATE, 1, part.size) for part in parts]


class Watch:
    """What a realtime session emits."""

    def __init__(self, session: llm.RealtimeSession) -> None:
        self.generations: asyncio.Queue[llm.GenerationCreatedEvent] = asyncio.Queue()
        self.transcripts: asyncio.Queue[str] = asyncio.Queue()
        self.started: asyncio.Queue[llm.InputSpeechStartedEvent] = asyncio.Queue()
        session.on("generation_created", self.generations.put_nowait)
        session.on("input_speech_started", self.started.put_nowait)
        session.on("input_audio_transcription_completed", self._transcript)

    def _transcript(self, event: llm.InputTranscriptionCompleted) -> None:
        if event.is_final:
            self.transcripts.put_nowait(event.transcript)


async def spoken(generation: llm.GenerationCreatedEvent) -> tuple[str, list[rtc.AudioFrame]]:
    text, audio = "", []
    async for message in generation.message_stream:
        async for delta in message.text_stream:
            text += delta
        audio += [frame async for frame in message.audio_stream]
    return text, audio


@pytest.mark.usefixtures("http")
async def test_a_spoken_question_in_realtime(base_url: str) -> None:
    model = realtime_model(base_url, "audio")
    session = model.session()
    watch = Watch(session)
    await session.update_instructions(INSTRUCTIONS)
    await session.update_tools([search_flights])
    for frame in frames(QUESTION):
        session.push_audio(frame)
    async with asyncio.timeout(20):
        await watch.started.get()
        generation = await watch.generations.get()
        calls = [call async for call in generation.function_stream]
        assert await watch.transcripts.get() == QUESTION
        assert [call.name for call in calls] == ["search_flights"]
        assert json.loads(calls[0].arguments)["destination"] == "BER"
        context = session.chat_ctx
        context.items.append(
            llm.FunctionCallOutput(call_id=calls[0].call_id, name=calls[0].name, output=RESULT, is_error=False)
        )
        await session.update_chat_ctx(context)
        text, audio = await spoken(await session.generate_reply())
    assert "Iberia" in text
    assert "€89.90" in text
    assert sum(frame.duration for frame in audio) > 4
    assert np.abs(np.frombuffer(audio[3].data, np.int16)).max() > 1000
    await session.aclose()
    await model.aclose()


@pytest.mark.usefixtures("http")
async def test_speaking_over_an_answer_cancels_it(base_url: str) -> None:
    model = realtime_model(base_url, "audio")
    session = model.session()
    watch = Watch(session)
    await session.update_instructions(INSTRUCTIONS)
    words = " ".join(["This is a long sentence that goes on and on."] * 20)
    async with asyncio.timeout(20):
        generation = await session.generate_reply(instructions=f'Say exactly: "{words}"')
        message = await anext(aiter(generation.message_stream))
        first = await anext(aiter(message.audio_stream))
        assert first.duration > 0
        for frame in frames("stop"):
            session.push_audio(frame)
        rest = [frame async for frame in message.audio_stream]
        assert sum(frame.duration for frame in rest) < 40
        assert is_stop(await watch.transcripts.get())
        text, audio = await spoken(await watch.generations.get())
        while not watch.generations.empty():
            text, audio = await spoken(await watch.generations.get())
    assert text == ""
    assert audio == []
    await session.aclose()
    await model.aclose()


@pytest.mark.usefixtures("http")
async def test_realtime_answers_in_text_when_asked_to(base_url: str) -> None:
    model = realtime_model(base_url, "text")
    session = model.session()
    await session.update_instructions(INSTRUCTIONS)
    context = llm.ChatContext()
    context.add_message(role="user", content="I want to fly from Madrid")
    async with asyncio.timeout(10):
        await session.update_chat_ctx(context)
        text, audio = await spoken(await session.generate_reply())
    assert text == "Where would you like to fly to?"
    assert audio == []
    await session.aclose()
    await model.aclose()


@pytest.mark.parametrize("source_rate", [OUTPUT_RATE, 48_000])
async def test_sound_goes_out_without_waiting_for_more(
    base_url: str, monkeypatch: pytest.MonkeyPatch, source_rate: int
) -> None:
    """The library's own model keeps up to a tenth of a second back."""
    model = LowDelayRealtimeModel(base_url=base_url, api_key=KEY)
    session = model.session()
    sent: list[float] = []

    def send(event: object) -> None:
        if isinstance(event, InputAudioBufferAppendEvent):
            sent.append(len(base64.b64decode(event.audio)) / 2 / OUTPUT_RATE)

    monkeypatch.setattr(session, "send_event", send)
    silence = np.zeros(source_rate // 50, np.int16)
    for _ in range(10):
        session.push_audio(rtc.AudioFrame(silence.tobytes(), source_rate, 1, silence.size))
    assert sum(sent) > 0.2 - 0.041  # the resampler keeps a little for what comes next
    assert max(sent) <= 0.02 + 1e-6
    await session.aclose()
    await model.aclose()
