"""What becomes of a clip in a call: when its turn is over, and whether it takes the word from the assistant."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from cli.traveller.library import Clip
from tools.turns.rig import Rig, a_call

AT_ONCE: Final = 8
"""Calls at a time; more, and the machine is late."""
WAITS: Final = 3.5
"""Seconds after a clip in which its turn must be over."""
LAST_SOUND: Final = 0.3
"""Seconds of a clip's end in which there may be silence already."""
SETTLES: Final = 3.0
"""Seconds after a clip in which the assistant goes on, or does not."""
SPOKEN_BEFORE: Final = 1.0
"""Seconds that the assistant has been heard for when somebody speaks over it."""
ANSWER: Final = (
    "I found fourteen flights, and most of them are in the morning. There are seats left on nearly all of them, and "
    "every one of them has room for a suitcase, so you may take your time with this."
)


@dataclass(frozen=True)
class End:
    """How the end of a spoken turn was found."""

    clip: Clip
    cut: bool
    """A turn was taken as over while there was more to come."""
    heard: bool
    """The assistant was heard while there was more to come."""
    wait: float | None
    """Seconds from the last sound to the end of the turn; None where there was none."""


@dataclass(frozen=True)
class Overlap:
    """What a sound did to the assistant's speech."""

    clip: Clip
    ended: bool
    """The speech was over for good."""
    silent_after: float | None
    """Seconds from the clip's beginning until the assistant was not heard any more for a while."""
    pause: float
    """Longest silence in the speech, where it went on."""


async def end_of(clip: Clip, seed: int, *, by_silence: bool = False) -> End:
    """Speak a clip to a silent assistant."""
    async with a_call(clip.language, seed, by_silence=by_silence) as rig:
        await asyncio.sleep(0.5)
        rig.microphone.play(clip)
        began = rig.microphone.began
        ends = began + clip.parts[-1].end
        deadline = ends + WAITS
        while time.monotonic() < deadline and not any(at >= ends - 0.1 for at in rig.turns):  # noqa: ASYNC110 - a poll
            await asyncio.sleep(0.02)
        goes_on = began + clip.parts[-1].start if len(clip.parts) > 1 else ends - LAST_SOUND
        waits = [at - ends for at in rig.turns if at >= ends - 0.1]
        return End(
            clip,
            cut=any(at < goes_on for at in rig.turns),
            heard=any(at < goes_on for at in rig.loudspeaker.heard),
            wait=max(0.0, waits[0]) if waits else None,
        )


async def over_speech(clip: Clip, seed: int, answer: str = ANSWER) -> Overlap:
    """Play a clip while the assistant speaks."""
    async with a_call(clip.language, seed) as rig:
        if clip.kind == "echo":
            rig.voice.first = clip.samples
        await asyncio.sleep(0.3)
        speech = rig.session.say(answer)
        await _heard_for(rig, SPOKEN_BEFORE)
        rig.microphone.play(clip)
        began = rig.microphone.began
        await asyncio.sleep(clip.seconds + SETTLES)
        sounds = [at for at in rig.loudspeaker.heard if at <= began + clip.seconds + SETTLES]
        gaps = [(later - earlier, earlier) for earlier, later in pairwise(sounds) if later > began]
        ended = speech.interrupted
        longest, since = max(gaps, default=(0.0, 0.0))
        # A new answer is heard after the one that was ended: its silence is the longest gap, or the last sound.
        silent = (since if longest > 0.2 else sounds[-1]) - began if ended and sounds else None  # noqa: PLR2004
        return Overlap(clip, ended, silent, 0.0 if ended else longest)


async def _heard_for(rig: Rig, seconds: float) -> None:
    async with asyncio.timeout(10):
        while len(rig.loudspeaker.heard) * 0.02 < seconds:  # noqa: ASYNC110 - a loudspeaker has no events
            await asyncio.sleep(0.02)


async def ends(clips: Sequence[Clip], *, by_silence: bool = False) -> list[End]:
    """Each clip in a call of its own, some at a time; `by_silence`: by the rule that the detector replaces."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, clip: Clip) -> End:
        async with turn:
            return await end_of(clip, number, by_silence=by_silence)

    return await asyncio.gather(*(one(number, clip) for number, clip in enumerate(clips)))


async def overlaps(clips: Sequence[Clip]) -> list[Overlap]:
    """Each clip over the assistant's speech; an echo over the words that it is the echo of."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, clip: Clip) -> Overlap:
        async with turn:
            answer = f"{clip.text} {ANSWER}" if clip.kind == "echo" else ANSWER
            return await over_speech(clip, number, answer)

    return await asyncio.gather(*(one(number, clip) for number, clip in enumerate(clips)))
