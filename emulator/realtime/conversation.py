"""The items of a realtime conversation, in order."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from emulator.errors import ApiError
from emulator.http.chat_schemas import read_arguments
from emulator.mind.conversation import Called, Item, Returned, Said


class Content(BaseModel):
    """A part of a message."""

    model_config = ConfigDict(extra="ignore")

    type: str
    text: str | None = None
    transcript: str | None = None


class _Stored(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: Annotated[str, Field(min_length=1, max_length=64)]
    object: Literal["realtime.item"] = "realtime.item"
    status: Literal["in_progress", "completed", "incomplete"] = "completed"


class MessageItem(_Stored):
    """A message."""

    type: Literal["message"]
    role: Literal["system", "user", "assistant"]
    content: list[Content] = Field(default_factory=list)

    @property
    def text(self) -> str:
        """The words, typed or spoken."""
        return " ".join(filter(None, (part.text or part.transcript for part in self.content)))


class CallItem(_Stored):
    """A tool call."""

    type: Literal["function_call"]
    call_id: str
    name: str
    arguments: str = ""


class OutputItem(_Stored):
    """What a tool gave back."""

    type: Literal["function_call_output"]
    call_id: str
    output: str = ""


StoredItem = Annotated[MessageItem | CallItem | OutputItem, Field(discriminator="type")]


class Conversation:
    """Items by id, in order."""

    def __init__(self) -> None:
        self._items: list[MessageItem | CallItem | OutputItem] = []

    def add(self, item: MessageItem | CallItem | OutputItem, after: str | None = None) -> str | None:
        """Adds an item after another one (None: at the end; `root`: at the start); the id of the one before it.

        Raises ApiError for an id that is taken or a predecessor that does not exist.
        """
        if any(known.id == item.id for known in self._items):
            message = f"Error adding item: an item with ID '{item.id}' already exists."
            raise ApiError(400, message, param="item.id", code="item_create_duplicate_item_id")
        position = len(self._items)
        if after == "root":
            position = 0
        elif after is not None:
            position = self._position(after, "previous_item_id", "item_create_invalid_previous_item_id") + 1
        self._items.insert(position, item)
        return self._items[position - 1].id if position else None

    def get(self, item_id: str, code: str = "item_retrieve_invalid_item_id") -> MessageItem | CallItem | OutputItem:
        """An item; raises ApiError when there is none."""
        return self._items[self._position(item_id, "item_id", code)]

    def remove(self, item_id: str) -> None:
        """Deletes an item; raises ApiError when there is none."""
        del self._items[self._position(item_id, "item_id", "item_delete_invalid_item_id")]

    def __contains__(self, item_id: str) -> bool:
        return any(item.id == item_id for item in self._items)

    def _position(self, item_id: str, param: str, code: str) -> int:
        for position, item in enumerate(self._items):
            if item.id == item_id:
                return position
        raise ApiError(400, f"Item with ID '{item_id}' does not exist.", param=param, code=code)

    @property
    def system_text(self) -> str:
        """What system messages say."""
        messages = (item for item in self._items if isinstance(item, MessageItem) and item.role == "system")
        return "\n".join(message.text for message in messages)

    def to_items(self) -> tuple[Item, ...]:
        """The conversation as the mind takes it."""
        return tuple(item for stored in self._items for item in _mind_items(stored))


def _mind_items(stored: MessageItem | CallItem | OutputItem) -> Iterator[Item]:
    match stored:
        case MessageItem(role="user") if any(part.type != "input_image" for part in stored.content):
            yield Said("user", stored.text)
        case MessageItem(role="assistant") if stored.text:
            yield Said("assistant", stored.text)
        case CallItem(status="completed"):
            yield Called(stored.call_id, stored.name, read_arguments(stored.arguments))
        case OutputItem():
            yield Returned(stored.call_id, stored.output)
        case _:
            return
