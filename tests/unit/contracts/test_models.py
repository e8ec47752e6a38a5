"""The registry agrees with what the installed packages say of models, voices and shutdown dates."""

import datetime as dt
from pathlib import Path
from typing import Any, get_args

import botocore.session
import pytest
from livekit.plugins import aws
from livekit.plugins.anthropic import models as anthropic
from livekit.plugins.cartesia import models as cartesia
from livekit.plugins.deepgram import models as deepgram
from livekit.plugins.elevenlabs import models as elevenlabs
from livekit.plugins.elevenlabs import stt as scribe
from livekit.plugins.google import models as google
from livekit.plugins.google.realtime import api_proto
from openai.types import ChatModel
from openai.types.audio import SpeechModel
from openai.types.realtime import AudioTranscription, RealtimeSessionCreateRequest
from pydantic import BaseModel

from cli.retirement import verdict
from contracts.languages import LANGUAGES
from contracts.models import OPENAI, REGISTRY, ModelRef, Stage, parse_model, parse_models
from contracts.retirement import announcements

LAST_DEFAULT_DAY = dt.date(2027, 2, 28)


def literals(kind: Any) -> set[str]:
    """All values of nested literals and unions."""
    return {kind} if isinstance(kind, str) else {value for arg in get_args(kind) for value in literals(arg)}


def field(model: type[BaseModel], name: str) -> set[str]:
    return literals(model.model_fields[name].annotation)


TYPED = {
    (OPENAI, Stage.REALTIME): field(RealtimeSessionCreateRequest, "model"),
    (OPENAI, Stage.CHAT): literals(ChatModel),
    (OPENAI, Stage.TRANSCRIPTION): field(AudioTranscription, "model"),
    (OPENAI, Stage.SPEECH): literals(SpeechModel),
    ("anthropic", Stage.CHAT): literals(anthropic.ChatModels),
    ("google", Stage.REALTIME): literals(api_proto.LiveAPIModels),
    ("google", Stage.TRANSCRIPTION): literals(google.SpeechModels),
    ("deepgram", Stage.TRANSCRIPTION): literals(deepgram.DeepgramModels),
    ("cartesia", Stage.TRANSCRIPTION): literals(cartesia.STTModels),
    ("cartesia", Stage.SPEECH): literals(cartesia.TTSModels),
    ("elevenlabs", Stage.TRANSCRIPTION): literals(scribe.ElevenLabsSTTModels),
    ("elevenlabs", Stage.SPEECH): literals(elevenlabs.TTSModels),
}


@pytest.mark.parametrize(("provider", "stage"), TYPED)
def test_every_name_is_one_of_the_package_s_own(provider: str, stage: Stage) -> None:
    assert set(REGISTRY.providers_of(stage)[provider].models) <= TYPED[provider, stage]


def test_voices_are_the_services_own() -> None:
    polly = botocore.session.get_session().get_service_model("polly").shape_for("VoiceId").enum
    assert set(REGISTRY.providers_of(Stage.SPEECH)["aws"].all_voices) <= set(polly)
    assert set(REGISTRY.providers_of(Stage.REALTIME)["google"].voices) <= literals(api_proto.Voice)
    # Read, not imported: the module needs a newer Python than ours.
    source = (Path(aws.__file__).parent / "experimental" / "realtime" / "types.py").read_text(encoding="utf-8")
    assert all(f'"{voice}"' in source for voice in REGISTRY.providers_of(Stage.REALTIME)["aws"].voices)


def test_a_voice_of_one_language_has_brothers_for_all() -> None:
    for stage in Stage:
        for name, offer in REGISTRY.providers_of(stage).items():
            assert set(offer.voice_of) in (set(), set(LANGUAGES)), name


def test_the_sdk_announces_shutdown_dates_and_the_registry_has_them_all() -> None:
    announced = announcements()
    assert announced["gpt-4o-mini-tts"] == dt.date(2027, 1, 6)
    for stage in Stage:
        for name, model in REGISTRY.openai(stage).models.items():
            assert model.shutdown == announced.get(name), name


def test_the_defaults_outlive_february_2027() -> None:
    for stage, names in REGISTRY.defaults.items():
        for ref in parse_models(stage, names):
            assert verdict(ref, LAST_DEFAULT_DAY).state == "lives", f"{stage}: {ref}"


@pytest.mark.parametrize(
    ("today", "state"), [("2026-12-06", "lives"), ("2026-12-07", "retires"), ("2027-01-06", "gone")]
)
def test_a_model_is_failed_thirty_days_before_it_goes(today: str, state: str) -> None:
    ref = ModelRef(Stage.SPEECH, OPENAI, "tts-1")
    assert verdict(ref, dt.date.fromisoformat(today)).state == state


def test_the_service_s_own_date_counts_where_nobody_else_knows_one() -> None:
    ref = ModelRef(Stage.CHAT, OPENAI, "gpt-6-luna")
    found = verdict(ref, dt.date(2026, 11, 28), announced=dt.date(2026, 12, 20))
    assert (found.state, found.ok) == ("retires", False)
    assert "2026-12-20" in found.detail


@pytest.mark.parametrize(
    ("stage", "names", "expected"),
    [
        (Stage.CHAT, "gpt-6-luna", ["openai/gpt-6-luna"]),
        (Stage.CHAT, "openai/gpt-6-luna, anthropic/claude-sonnet-4-6", None),
        (Stage.CHAT, "server/meta/llama-4:8b", None),
        (Stage.CHAT, "claude-sonnet-4-6", ["anthropic/claude-sonnet-4-6"]),
        (Stage.SPEECH, "aws/neural@Lucia", None),
        (Stage.SPEECH, "elevenlabs/eleven_flash_v2_5@myOwnVoice", None),
    ],
)
def test_a_list_is_read_in_order(stage: Stage, names: str, expected: list[str] | None) -> None:
    assert [str(ref) for ref in parse_models(stage, names)] == (expected or names.split(", "))


@pytest.mark.parametrize(
    ("stage", "name", "says"),
    [
        (Stage.CHAT, "gpt-9", "openai/gpt-6-luna"),
        (Stage.CHAT, "openai/gpt-9", "openai/gpt-6-luna"),
        (Stage.CHAT, "openia/gpt-6-luna", "there are openai"),
        (Stage.CHAT, "deepgram/nova-3", "no provider of chat"),
        (Stage.CHAT, "openai/", "no chat model"),
        (Stage.SPEECH, "aws/neural@Hal", "Lucia"),
        (Stage.REALTIME, "openai/gpt-realtime-2.1@nova", "marin"),
    ],
)
def test_a_wrong_name_is_refused_with_what_exists(stage: Stage, name: str, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("/", "/")):
        parse_model(stage, name)
