"""When models are switched off: by the registry, and by what the installed OpenAI SDK announces.

The SDK writes shutdown dates beside its lists of model names; they are read as text, so that nothing of it is loaded.
"""

import datetime as dt
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from contracts.models import OPENAI, RETIRES_SOON, ModelRef, retirement

_ANNOUNCED: Final = re.compile(
    r'((?:"[\w.-]+"[\s,]*)+):\s+Announced\s+shutdown\s+date:\s+(\d{4}-\d\d-\d\d)',
)


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


def last_day(ref: ModelRef, announced: dt.date | None = None) -> dt.date | None:
    """The day on which a model is switched off, the earliest that anybody names; `announced` is what its service says."""
    known = [announcements().get(ref.model) if ref.provider == OPENAI else None, announced]
    return retirement(ref, min((one for one in known if one), default=None))


def retires_soon(day: dt.date | None, today: dt.date) -> bool:
    """Whether something must be done about it now."""
    return day is not None and day - today <= RETIRES_SOON
