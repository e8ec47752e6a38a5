"""When the configured models are switched off: what the registry knows, what the installed SDK announces, and what the
service itself says.
"""

import datetime as dt
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel

from agent.settings import AgentSettings
from contracts.models import OPENAI, RETIRES_SOON, ModelRef, Stage, retirement

_ANNOUNCED: Final = re.compile(
    r'((?:"[\w.-]+"[\s,]*)+):\s+Announced\s+shutdown\s+date:\s+(\d{4}-\d\d-\d\d)',
)
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


@cache
def announcements() -> dict[str, dt.date]:
    """Shutdown dates by model, as the installed OpenAI SDK writes them beside its lists of models."""
    spec = find_spec("openai")
    if spec is None or not spec.submodule_search_locations:
        return {}
    found: dict[str, dt.date] = {}
    for path in sorted((Path(spec.submodule_search_locations[0]) / "types").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for names, day in _ANNOUNCED.findall(text) if "shutdown" in text else ():
            date = dt.date.fromisoformat(day)
            for name in re.findall(r'"([\w.-]+)"', names):
                found[name] = min(date, found.get(name, date))
    return found


def verdict(ref: ModelRef, today: dt.date, announced: dt.date | None = None) -> Verdict:
    """Whether a model lives for another 30 days; `announced` is what the service says of it."""
    known = [announcements().get(ref.model) if ref.provider == OPENAI else None, announced]
    day = retirement(ref, min((one for one in known if one), default=None))
    setting = SETTINGS[ref.stage]
    if day is None:
        return Verdict(setting=setting, name=str(ref), state="lives", detail="no shutdown announced")
    left = (day - today).days
    if left <= 0:
        return Verdict(setting=setting, name=str(ref), state="gone", detail=f"switched off on {day}")
    when = f"is switched off on {day}, in {left} days"
    return Verdict(
        setting=setting, name=str(ref), state="retires" if left <= RETIRES_SOON.days else "lives", detail=when
    )


def verdicts(settings: AgentSettings, today: dt.date) -> list[Verdict]:
    """Every configured model, by what is known without asking anybody."""
    return [verdict(ref, today) for ref in settings.every_model]
