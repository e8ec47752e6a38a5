"""`make barge-in`: what the travellers' clips do to turns, per language; the tables stand in docs/turns.md.

Calls run at the speed of life, some at a time: about seven minutes on two idle cores.
"""

import asyncio
import logging
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from cli.traveller.library import clips
from contracts.languages import LANGUAGES
from tools.turns.measure import End, Overlap, ends, overlaps

DOCUMENT: Final = Path(__file__).resolve().parents[2] / "docs" / "turns.md"
MARK: Final = "<!-- measured: make barge-in -->"
INTERRUPTIONS: Final = ("stop", "command")
NO_INTERRUPTIONS: Final = ("backchannel", "echo", "noise")


def share(part: int, whole: int) -> str:
    """A count with its share."""
    return f"{part} of {whole} ({100 * part / whole:.0f} %)" if whole else "none"


def quantile(values: Sequence[float], of_hundred: int) -> float:
    """A percentile; of one value, that."""
    return statistics.quantiles(values, n=100)[of_hundred - 1] if len(values) > 1 else values[0]


def row(*cells: object) -> str:
    """A line of a table."""
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def by_language(over: Iterable[Overlap], one: Callable[[str, list[Overlap]], str]) -> list[str]:
    """A row for each language, and one for all."""
    found = list(over)
    rows = [one(code, [each for each in found if each.clip.language == code]) for code in LANGUAGES]
    return [*rows, one("all", found)]


def overlap_table(over: list[Overlap]) -> list[str]:
    """Sounds over the assistant's speech."""

    def one(name: str, mine: list[Overlap]) -> str:
        true = [each for each in mine if each.clip.kind in INTERRUPTIONS]
        cells = [share(sum(each.ended for each in true), len(true))]
        silent = [each.silent_after for each in true if each.silent_after is not None]
        cells.append(f"{quantile(silent, 50):.2f} / {quantile(silent, 95):.2f}" if silent else "")
        for kind in NO_INTERRUPTIONS:
            false = [each for each in mine if each.clip.kind == kind]
            cells.append(share(sum(each.ended for each in false), len(false)))
        return row(name, *cells)

    head = (
        "language",
        "interruptions end it",
        "silent after p50 / p95 s",
        *(f"{kind} ends it" for kind in NO_INTERRUPTIONS),
    )
    return [row(*head), row(*["---"] * len(head)), *by_language(over, one)]


def end_table(spoken: list[End], hesitant: list[End], by_silence: list[End]) -> list[str]:
    """Ends of turns, and pauses that are none."""
    head = (
        "language",
        "pause taken for an end",
        "answer heard in the pause",
        "the same by silence alone",
        "wait p50 / p95 s",
    )
    rows = [row(*head), row(*["---"] * len(head))]
    for name in (*LANGUAGES, "all"):
        mine, old, said = (
            [each for each in these if name in (each.clip.language, "all")] for these in (hesitant, by_silence, spoken)
        )
        waits = [each.wait for each in said if each.wait is not None]
        rows.append(
            row(
                name,
                share(sum(each.cut for each in mine), len(mine)),
                share(sum(each.heard for each in mine), len(mine)),
                share(sum(each.cut for each in old), len(old)),
                f"{quantile(waits, 50):.2f} / {quantile(waits, 95):.2f} ({len(waits)} of {len(said)})",
            )
        )
    return rows


async def report(languages: tuple[str, ...]) -> list[str]:
    """Both tables."""
    over = await overlaps(list(clips(*INTERRUPTIONS, *NO_INTERRUPTIONS, languages=languages)))
    for each in over:
        if each.ended != (each.clip.kind in INTERRUPTIONS):
            print(f"wrong: {each.clip.file} {each.clip.text!r}", file=sys.stderr)
    hesitant = await ends(list(clips("hesitation", languages=languages)))
    by_silence = await ends(list(clips("hesitation", languages=languages)), by_silence=True)
    spoken = await ends(list(clips("question", "command", languages=languages)))
    for whole in spoken:
        if whole.cut:
            print(f"cut: {whole.clip.file} {whole.clip.text!r}", file=sys.stderr)
    return [*overlap_table(over), "", *end_table(spoken, hesitant, by_silence)]


def main() -> None:
    """Languages as arguments, else all; with all of them the document is written again."""
    logging.getLogger("livekit.agents").setLevel(logging.ERROR)
    tables = asyncio.run(report(tuple(sys.argv[1:])))
    print("\n".join(tables))
    if not sys.argv[1:]:
        before = DOCUMENT.read_text("utf-8").split(MARK)[0]
        DOCUMENT.write_text(before + MARK + "\n\n" + "\n".join(tables) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
