"""The registry of personas (`personas.toml`): one list for the API, the agent and the reference."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Final

from pydantic import BaseModel, ConfigDict, field_validator

from contracts.languages import LANGUAGES

DEFAULT_PERSONA: Final = "flights"


class PersonaEntry(BaseModel):
    """One persona, as far as others than itself must know it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    languages: tuple[str, ...] = tuple(LANGUAGES)
    pipelines: tuple[str, ...] = ()
    """Values of `contracts.dispatch.Pipeline`; empty: any."""

    @field_validator("languages")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [code for code in value if code not in LANGUAGES]
        if unknown or not value:
            raise ValueError(f"must be some of {', '.join(LANGUAGES)}")
        return value

    def speaks(self, code: str) -> str:
        """The language itself when the persona has it, else the one it speaks instead: English, or its first."""
        if code in self.languages:
            return code
        return "en" if "en" in self.languages else self.languages[0]


def read(text: str) -> Mapping[str, PersonaEntry]:
    """Personas by name."""
    return {name: PersonaEntry.model_validate(entry) for name, entry in tomllib.loads(text).items()}


PERSONAS: Final = read((resources.files("contracts") / "personas.toml").read_text(encoding="utf-8"))


def check_persona(name: str) -> str:
    """The name of a persona that exists, else ValueError that says which do."""
    if name not in PERSONAS:
        raise ValueError(f"must be one of {', '.join(PERSONAS)}")
    return name
