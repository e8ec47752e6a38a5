"""`make dialogues`: every scripted conversation in real calls, into docs/dialogues.md; about eight minutes on two idle cores.

Languages as arguments hold those alone, and write nothing.
"""

import asyncio
import logging
import os
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import Final

from cli.stack.local import ANY_PORTS, LocalStack
from contracts.languages import LANGUAGES
from tools.dialogues.holding import Grade, hold
from tools.dialogues.script import Dialogue, dialogues

DOCUMENT: Final = Path(__file__).resolve().parents[2] / "docs" / "dialogues.md"
MARK: Final = "<!-- measured: make dialogues -->"
AT_ONCE: Final = 4
"""What takes time is listening to the answers."""
LONGEST: Final = 120.0
"""Seconds of a conversation, after which it is held to have stuck."""
ENVIRON: Final = {
    "EMULATOR_EARS": "clips",
    "EMULATOR_VOICE": "espeak-ng",
    "EMULATOR_WORLD": "zero",
    "EMULATOR_SPEECH_RATE": "2.5",
    "POLYGLOT_AGENT_MAX_CALLS": "20",
    "POLYGLOT_RATE_SESSIONS": "100000/minute",
    "POLYGLOT_RATE_READS": "100000/minute",
}


async def held(these: list[Dialogue]) -> list[Grade]:
    """All of them, some at once."""
    environ = {name: value for name in ("PATH", "HOME", "LANG", "XDG_CACHE_HOME") if (value := os.environ.get(name))}
    room, over = asyncio.Semaphore(AT_ONCE), count(1)
    with tempfile.TemporaryDirectory() as folder:
        async with LocalStack(state_dir=Path(folder), ports=ANY_PORTS, environ=environ | ENVIRON, faults=True) as stack:

            async def one(dialogue: Dialogue) -> Grade:
                async with room:
                    began = time.monotonic()
                    try:
                        grade = await asyncio.wait_for(hold(stack, dialogue), LONGEST)
                    except TimeoutError:
                        grade = Grade(dialogue, wrong=[f"not over after {LONGEST:.0f} s"])
                name = f"{dialogue.language} {dialogue.script.name} ({dialogue.pipeline})"
                print(f"{next(over)} of {len(these)}: {name}, {time.monotonic() - began:.0f} s", file=sys.stderr)
                for fault in (*grade.wrong, *grade.wrong_facts):
                    print(f"  {fault}", file=sys.stderr)
                return grade

            return list(await asyncio.gather(*(one(dialogue) for dialogue in these)))


def table(grades: list[Grade]) -> list[str]:
    """A row for each language, and one for all."""
    rows = [
        "| language | conversations as scripted | turns answered | facts spoken | wrong facts |",
        "| --- | --- | --- | --- | --- |",
    ]
    for code in (*LANGUAGES, "all"):
        mine = [grade for grade in grades if code in (grade.dialogue.language, "all")]
        right = sum(not grade.wrong for grade in mine)
        turns = sum(len(grade.dialogue.script.turns) for grade in mine)
        cells = (
            code,
            f"{right} of {len(mine)}",
            f"{sum(grade.turns for grade in mine)} of {turns}",
            sum(grade.facts for grade in mine),
            sum(len(grade.wrong_facts) for grade in mine),
        )
        rows.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    return rows


def main() -> int:
    """1 where anything was not as it should be."""
    logging.getLogger("livekit").setLevel(logging.ERROR)
    these = [one for one in dialogues() if not sys.argv[1:] or one.language in sys.argv[1:]]
    grades = asyncio.run(held(these))
    rows = table(grades)
    print("\n".join(rows))
    if not sys.argv[1:]:
        before = DOCUMENT.read_text("utf-8").split(MARK)[0]
        DOCUMENT.write_text(before + MARK + "\n\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return int(any(grade.wrong or grade.wrong_facts for grade in grades))


if __name__ == "__main__":
    sys.exit(main())
