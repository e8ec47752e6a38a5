"""Who the assistant is in a call: a folder each, with the name that `contracts/personas.toml` has it under.

`persona.py` holds `PERSONA`; beside it are `prompts/CODE.md`, `lines/CODE.toml` and what is the persona's alone.
"""

from functools import cache
from importlib import import_module

from agent.personas.base import Persona
from contracts.personas import check_persona


@cache
def persona(name: str) -> Persona:
    """The persona of that name. ValueError, which says what there is, for a name that is none."""
    found = import_module(f"{__name__}.{check_persona(name)}.persona").PERSONA
    if not isinstance(found, Persona):
        raise TypeError(f"agent/personas/{name}/persona.py: PERSONA is no Persona")
    return found
