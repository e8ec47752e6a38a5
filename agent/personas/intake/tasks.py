"""Who the patient is: the library's own tasks for name, date of birth and telephone, as agents of our call."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from livekit.agents.beta.workflows import GetDOBTask, GetNameTask, GetPhoneNumberTask
from livekit.agents.llm import ToolError

from agent.call.assistant import InCall
from agent.call.state import Call
from agent.personas.intake.desk import desk_of, save

_RULES: Final = (
    "\n# Language\n{rule}\nOne short, kind sentence at a time; address the patient formally. Give no advice and no opinion. "
    "When the user asks you to stop or be quiet, say nothing at all and wait."
)


class NameTask(InCall, GetNameTask):
    """Given and family name."""


class BirthTask(InCall, GetDOBTask):
    """Date of birth."""


class PhoneTask(InCall, GetPhoneNumberTask):
    """Telephone."""


def _name(rules: str) -> NameTask:
    return NameTask(first_name=True, last_name=True, extra_instructions=rules)


def _birth(rules: str) -> BirthTask:
    return BirthTask(extra_instructions=rules)


def _phone(rules: str) -> PhoneTask:
    return PhoneTask(extra_instructions=rules)


STEPS: Final[tuple[tuple[str, Callable[[str], Any], Callable[[Any], dict[str, object]]], ...]] = (
    ("name", _name, lambda found: {"given_name": found.first_name, "family_name": found.last_name}),
    ("date_of_birth", _birth, lambda found: {"date_of_birth": found.date_of_birth}),
    ("phone", _phone, lambda found: {"phone": found.phone_number}),
)


async def identity(call: Call, agent: InCall, keep: Callable[[], Awaitable[None]]) -> None:
    """Ask who the patient is, one thing after the other; what they will not say is taken down as declined."""
    desk = desk_of(call)
    for what, make, fields in STEPS:
        task = agent.bring(make(_RULES.format(rule=call.persona.language_rule(call))))
        try:
            desk.change(**fields(await task))
        except (ToolError, ValueError):  # declined, or nothing that a record can hold
            before = desk.intake.declined if desk.intake else ()
            desk.change(declined=(*before, what))
        await _leave_out(agent, task)
        await save(call)
        await keep()


async def _leave_out(agent: InCall, task: InCall) -> None:
    """What was said of it is in the record; the model that goes on needs none of it, and would take it for an answer."""
    said = {item.id for item in task.chat_ctx.items}
    chat = agent.chat_ctx.copy()
    chat.items[:] = [item for item in chat.items if item.id not in said]
    await agent.update_chat_ctx(chat)
