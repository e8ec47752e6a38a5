"""Which of the configured models are switched off soon."""

import datetime as dt
from typing import Final, Literal

from pydantic import BaseModel

from agent.settings import AgentSettings
from contracts.models import ModelRef, Stage
from contracts.retirement import last_day, retires_soon

SETTINGS: Final = {stage: f"POLYGLOT_{stage.upper()}_MODEL" for stage in Stage}


class Verdict(BaseModel):
    """One configured model and its last day."""

    setting: str
    name: str
    state: Literal["lives", "retires", "gone"]
    detail: str

    @property
    def ok(self) -> bool:
        """Whether nothing needs to be done yet."""
        return self.state == "lives"


def verdict(ref: ModelRef, today: dt.date, announced: dt.date | None = None) -> Verdict:
    """Whether a model lives for another 30 days; `announced` is what the service says of it."""
    day = last_day(ref, announced)
    setting = SETTINGS[ref.stage]
    if day is None:
        return Verdict(setting=setting, name=str(ref), state="lives", detail="no shutdown announced")
    left = (day - today).days
    if left <= 0:
        return Verdict(setting=setting, name=str(ref), state="gone", detail=f"switched off on {day}")
    when = f"is switched off on {day}, in {left} days"
    return Verdict(
        setting=setting, name=str(ref), state="retires" if retires_soon(day, today) else "lives", detail=when
    )


def verdicts(settings: AgentSettings, today: dt.date) -> list[Verdict]:
    """Every configured model, by what is known without asking anybody."""
    return [verdict(ref, today) for ref in settings.every_model]
