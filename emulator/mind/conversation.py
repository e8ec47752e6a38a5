"""A conversation as the mind sees it, the same for chat completions and for realtime sessions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue


@dataclass(frozen=True)
class Said:
    """Something that was said or typed."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class Called:
    """A tool call that the assistant made."""

    call_id: str
    name: str
    arguments: Mapping[str, JsonValue]


@dataclass(frozen=True)
class Returned:
    """What a tool call gave back."""

    call_id: str
    output: str


Item = Said | Called | Returned


@dataclass(frozen=True)
class Tool:
    """A tool on offer; `parameters` is its JSON schema."""

    name: str
    parameters: Mapping[str, JsonValue]

    @property
    def argument_names(self) -> tuple[str, ...]:
        """Names that the schema knows."""
        properties = self.parameters.get("properties")
        return tuple(properties) if isinstance(properties, dict) else ()


@dataclass(frozen=True)
class Request:
    """Everything that one answer depends on."""

    instructions: str
    items: tuple[Item, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: str = "auto"
    """`auto`, `none`, `required`, or the name of the tool that must be called."""

    def tool(self, name: str) -> Tool | None:
        """The tool of that name, when it is on offer and may be called."""
        if self.tool_choice == "none":
            return None
        return next((tool for tool in self.tools if tool.name == name), None)


@dataclass(frozen=True)
class Reply:
    """One answer: words, or a tool call; neither means silence."""

    language: str
    text: str = ""
    tool: str | None = None
    arguments: Mapping[str, JsonValue] = field(default_factory=dict)
