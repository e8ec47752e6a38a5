"""The session object of the realtime API: what the emulator reads of it. Partial updates keep what they do not name."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from contracts.models import REGISTRY, Stage
from emulator.catalog import default, voices
from emulator.ears.heard import Language
from emulator.errors import ApiError, unknown_voice
from emulator.mind.conversation import Tool
from emulator.voice.speaker import VOICES

Json = dict[str, JsonValue]


class _Part(BaseModel):
    """A part of the session; fields that the emulator does not read are kept and shown again."""

    model_config = ConfigDict(extra="allow")


class TurnDetection(_Part):
    """Server-side turn detection; `semantic_vad` works here like `server_vad` with its defaults."""

    type: Literal["server_vad", "semantic_vad"] = "server_vad"
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5
    prefix_padding_ms: Annotated[int, Field(ge=0, le=10_000)] = 300
    silence_duration_ms: Annotated[int, Field(ge=20, le=10_000)] = 500
    create_response: bool = True
    interrupt_response: bool = True


class Transcription(_Part):
    """Transcription of the user's speech."""

    model: str = default(Stage.TRANSCRIPTION)
    language: Language | None = None
    languages: Annotated[list[Language], Field(min_length=1)] | None = None

    @property
    def spoken(self) -> tuple[str, ...]:
        """Languages that may be heard; none named: any."""
        return tuple(self.languages or ([self.language] if self.language else []))


class AudioInput(_Part):
    """What comes in."""

    transcription: Transcription | None = None
    turn_detection: TurnDetection | None = Field(default_factory=TurnDetection)


class AudioOutput(_Part):
    """What goes out."""

    voice: str = REGISTRY.openai(Stage.REALTIME).default_voice or "marin"
    speed: Annotated[float, Field(ge=0.25, le=1.5)] = 1.0


class Audio(_Part):
    """Both directions."""

    input: AudioInput = Field(default_factory=AudioInput)
    output: AudioOutput = Field(default_factory=AudioOutput)


class FunctionTool(_Part):
    """A tool on offer."""

    type: Literal["function"]
    name: str
    parameters: Json = Field(default_factory=dict)

    def to_tool(self) -> Tool:
        """As the mind takes it."""
        return Tool(self.name, self.parameters)


class NamedChoice(_Part):
    """The demand for one tool."""

    type: Literal["function"]
    name: str


ToolChoice = Literal["auto", "none", "required"] | NamedChoice
Modality = Literal["audio", "text"]


class SessionConfig(_Part):
    """The whole session."""

    type: Literal["realtime"] = "realtime"
    model: str
    instructions: str = ""
    output_modalities: Annotated[list[Modality], Field(min_length=1, max_length=1)] = Field(
        default_factory=lambda: list[Modality](["audio"])
    )
    tools: list[FunctionTool] = Field(default_factory=list)
    tool_choice: ToolChoice = "auto"
    audio: Audio = Field(default_factory=Audio)

    def updated(self, changes: Json) -> "SessionConfig":
        """The session with the named fields changed.

        Raises pydantic.ValidationError for a wrong value and ApiError for an unknown voice.
        """
        current = self.model_dump(mode="json")
        # The connection's model is the one it was opened with.
        changes = {key: value for key, value in changes.items() if key != "model"}
        config = SessionConfig.model_validate(_merged(current, changes))
        voice = config.audio.output.voice
        if voice not in VOICES:
            raise unknown_voice(voice, voices(Stage.REALTIME), "session.audio.output.voice")
        return config


class ResponseParams(_Part):
    """What one response.create may override."""

    instructions: str | None = None
    output_modalities: list[Modality] | None = None
    tools: list[FunctionTool] | None = None
    tool_choice: ToolChoice | None = None
    metadata: Json | None = None
    conversation: Literal["auto", "none"] = "auto"


def choice_name(choice: ToolChoice) -> str:
    """The choice as the mind takes it."""
    return choice if isinstance(choice, str) else choice.name


def _merged(base: JsonValue, changes: JsonValue) -> JsonValue:
    if isinstance(base, dict) and isinstance(changes, dict):
        return base | {key: _merged(base.get(key), value) for key, value in changes.items()}
    return changes


def invalid_event(message: str, param: str | None = None) -> ApiError:
    """The refusal of a client event."""
    return ApiError(400, message, param=param, code="invalid_value")
