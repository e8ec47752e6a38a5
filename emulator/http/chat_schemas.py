"""The body of a chat completion request: what the emulator reads of it. Other documented fields are let through."""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from emulator.mind.conversation import Called, Item, Request, Returned, Said, Tool


class TextPart(BaseModel):
    """A part of a message; parts that are no text have none."""

    type: str
    text: str = ""


class FunctionCall(BaseModel):
    """Name and JSON arguments."""

    name: str
    arguments: str = "{}"


class ToolCall(BaseModel):
    """A call that an assistant message carries."""

    id: str
    type: Literal["function"] = "function"
    function: FunctionCall


class Message(BaseModel):
    """One message."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[TextPart] | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None

    @property
    def pictures(self) -> bool:
        """Whether a part is one."""
        return isinstance(self.content, list) and any(part.type == "image_url" for part in self.content)

    @property
    def text(self) -> str:
        """The text of all parts."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text)
        return self.content or ""


class FunctionDefinition(BaseModel):
    """A tool's name and schema."""

    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    parameters: dict[str, JsonValue] = Field(default_factory=dict)


class ToolDefinition(BaseModel):
    """A tool on offer."""

    type: Literal["function"]
    function: FunctionDefinition


class FunctionName(BaseModel):
    """A named function."""

    name: str


class NamedChoice(BaseModel):
    """The demand for one tool."""

    type: Literal["function"]
    function: FunctionName


class StreamOptions(BaseModel):
    """What a stream carries."""

    include_usage: bool = False


class ChatBody(BaseModel):
    """The whole body."""

    model_config = ConfigDict(extra="allow")

    model: str
    messages: Annotated[list[Message], Field(min_length=1)]
    tools: list[ToolDefinition] = Field(default_factory=list)
    tool_choice: Literal["none", "auto", "required"] | NamedChoice = "auto"
    stream: bool = False
    stream_options: StreamOptions | None = None

    def to_request(self) -> Request:
        """The conversation as the mind takes it."""
        instructions = [m.text for m in self.messages if m.role in ("system", "developer")]
        items = [item for message in self.messages for item in _items(message)]
        choice = self.tool_choice if isinstance(self.tool_choice, str) else self.tool_choice.function.name
        tools = tuple(Tool(tool.function.name, tool.function.parameters) for tool in self.tools)
        return Request("\n".join(instructions), tuple(items), tools, choice)


def _items(message: Message) -> list[Item]:
    if message.role == "tool":
        return [Returned(message.tool_call_id or "", message.text)]
    items: list[Item] = []
    if message.pictures and not message.text:
        return items  # the emulator has no eyes
    if message.role == "user" or (message.role == "assistant" and message.text):
        items.append(Said("user" if message.role == "user" else "assistant", message.text))
    calls = message.tool_calls or ()
    items += (Called(call.id, call.function.name, read_arguments(call.function.arguments)) for call in calls)
    return items


def read_arguments(text: str) -> dict[str, JsonValue]:
    """Arguments of a tool call; empty when they are not a JSON object."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
