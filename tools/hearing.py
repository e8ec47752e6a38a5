"""How well the keyless assistant's real ears hear the travellers' clips: `make hearing` writes docs/hearing.md.

Takes about a second and a half a clip on two idle cores. Words are compared without case, accents and punctuation, and a
number in digits counts as wrong for one in words; what is compared as meaning (places, dates, commands) is what the mind takes
from the words heard and from the words said.
"""

import argparse
import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from contracts.languages import LANGUAGES
from emulator.audio import LISTENING_RATE
from emulator.ears.clips import decode
from emulator.ears.inventions import bare
from emulator.ears.whisper import WhisperEars
from emulator.mind.understand import Understood, understand

ROOT: Final = Path(__file__).resolve().parent.parent
CLIPS: Final = ROOT / "tests" / "data" / "clips"
REPORT: Final = ROOT / "docs" / "hearing.md"
TODAY: Final = date(2026, 11, 21)
UNSPACED: Final = ("ja", "zh")
JOURNEYS: Final = ("question", "hesitation")
ORDERS: Final = ("command", "stop")


@dataclass(frozen=True)
class Clip:
    """What the manifest says of a clip."""

    file: str
    kind: str
    voice: str
    text: str
    language: str | None = None


@dataclass(frozen=True)
class Result:
    """A clip, and what was heard of it."""

    clip: Clip
    heard: str
    """With the language given."""
    language: str | None
    """As detected among all; None where nothing was heard."""


def units(text: str, language: str) -> list[str]:
    """Words; characters where a language is written without spaces."""
    plain = bare(text)
    return list(plain.replace(" ", "")) if language in UNSPACED else plain.split()


def errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Least number of units to put in, take out or change."""
    row = list(range(len(heard) + 1))
    for number, unit in enumerate(said, 1):
        before, row = row, [number]
        for at, other in enumerate(heard, 1):
            row.append(min(row[-1] + 1, before[at] + 1, before[at - 1] + (unit != other)))
    return row[-1]


def _meaning(text: str, language: str) -> Understood:
    return understand(text, language, TODAY)


def places(text: str, language: str) -> tuple[object, ...]:
    """What the mind takes for ends of the journey."""
    told = _meaning(text, language)
    return told.origin, told.destination, told.places


def dates(text: str, language: str) -> tuple[object, ...]:
    """What the mind takes for days."""
    told = _meaning(text, language)
    return told.dates, told.return_date


def order(text: str, language: str) -> tuple[object, ...]:
    """What the mind takes for a command."""
    told = _meaning(text, language)
    return told.stop, told.sort_by, told.number, told.adults, told.max_price, told.intents


def row(results: Iterable[Result]) -> list[str]:
    """Figures of some clips: how many, word errors, places, dates, commands and language right."""
    spoken = [result for result in results if result.clip.language and result.clip.kind != "noise"]

    def share(kinds: Sequence[str], read: object) -> str:
        asked = [result for result in spoken if result.clip.kind in kinds]
        right = sum(
            read(result.clip.text, result.clip.language) == read(result.heard, result.clip.language)  # type: ignore[operator]
            for result in asked
        )
        return f"{right / len(asked):.0%}" if asked else ""

    wrong = total = 0
    for result in spoken:
        language = str(result.clip.language)
        said = units(result.clip.text, language)
        wrong += errors(said, units(result.heard, language))
        total += len(said)
    detected = sum(result.language == result.clip.language for result in spoken)
    return [
        str(len(spoken)),
        f"{wrong / max(total, 1):.1%}",
        share(JOURNEYS, places),
        share(JOURNEYS, dates),
        share(ORDERS, order),
        f"{detected / max(len(spoken), 1):.0%}",
    ]


HEAD: Final = "| clips | word errors | places right | dates right | commands right | language detected |"
INTRODUCTION: Final = """# Hearing

Written by `make hearing`: Whisper base (int8) over the travellers' clips of `tests/data/clips`, with the language given. The
last column is the language that it finds by itself among eight. Word errors are character errors in Japanese and Chinese, and
count "5th" for "fifth" as wrong. Places and dates are those that the keyless mind takes from what was heard, over questions and
hesitations; commands the same, over commands and stops.
"""


def report(results: Sequence[Result], library: int) -> str:
    """The page, of clips out of so many."""
    by_language: dict[str, list[Result]] = defaultdict(list)
    by_voice: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        if result.clip.language and result.clip.kind != "echo":
            by_language[result.clip.language].append(result)
            by_voice[result.clip.language, result.clip.voice].append(result)
    noise = [result for result in results if result.clip.kind == "noise"]
    invented = sum(bool(result.heard) for result in noise)
    lines = [
        INTRODUCTION,
        f"Heard: {len(results)} of the library's {library} clips.",
        "",
        f"| language {HEAD}",
        "|" + " --- |" * 7,
    ]
    lines += [f"| {code} | {' | '.join(row(by_language[code]))} |" for code in LANGUAGES if by_language[code]]
    every = [result for found in by_language.values() for result in found]
    lines += [f"| all | {' | '.join(row(every))} |", "", f"Words in clips of noise: {invented} of {len(noise)}.", ""]
    lines += [f"| language | voice {HEAD}", "|" + " --- |" * 8]
    lines += [f"| {code} | {voice} | {' | '.join(row(found))} |" for (code, voice), found in sorted(by_voice.items())]
    return "\n".join(lines) + "\n"


async def listen(clips: Sequence[Clip]) -> list[Result]:
    """Hears every clip twice, the second time without the encoder's work."""
    ears = WhisperEars()
    ears.load()
    results = []
    for number, clip in enumerate(clips, 1):
        samples = decode((CLIPS / clip.file).read_bytes())
        given = await ears.transcribe(samples, LISTENING_RATE, (clip.language,) if clip.language else ())
        free = await ears.transcribe(samples, LISTENING_RATE)
        results.append(Result(clip, given.text, free.language))
        if number % 20 == 0:
            print(f"{number} of {len(clips)} clips", file=sys.stderr, flush=True)
    ears.close()
    return results


def main() -> None:
    """Hears the clips and writes the page; with languages named, it hears those and prints what was misheard instead."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", help="hear these alone, and print what was misheard")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="hear every Nth clip of each kind alone")
    wanted = parser.parse_args()
    listed = TypeAdapter(list[Clip]).validate_python(json.loads((CLIPS / "manifest.json").read_text("utf-8")))
    clips = [clip for clip in listed if not wanted.languages or clip.language in wanted.languages][:: wanted.every]
    results = asyncio.run(listen(clips))
    if wanted.languages:
        print(report(results, len(listed)))
        for result in results:
            if errors(
                units(result.clip.text, result.clip.language or "en"), units(result.heard, result.clip.language or "en")
            ):
                print(f"{result.clip.file}: {result.clip.text!r} heard as {result.heard!r} ({result.language})")
        return
    REPORT.write_text(report(results, len(listed)), encoding="utf-8")


if __name__ == "__main__":
    main()
