"""Renders travellers' voices: `python -m tools.clips [language …]` writes tests/data/clips and its manifest.

Needs tools/clips/requirements.txt in an environment of its own, and npm; about twice the clips' length on two cores.
`kind=hesitation` among the arguments renders clips of that kind only. The
same texts, voices and seeds give the same clips, up to the model's rounding.
"""

import json
import sys
import tomllib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from tools.clips.sounds import NOISES, RATE, Sound, echo, noise, rest_in
from tools.clips.voices import VOICES, espeak_voices, licence, say

ROOT: Final = Path(__file__).resolve().parents[2]
TARGET: Final = ROOT / "tests" / "data" / "clips"
LANGUAGES: Final = ROOT / "contracts" / "languages"
ECHOED: Final = ("greeting", "searching", "not_understood")
"""The assistant's lines that come back by the loudspeaker."""
BIT_RATE: Final = 24_000
NOISE_SECONDS: Final = (1.0, 3.0)


@dataclass(frozen=True)
class Clip:
    """One clip of the manifest, and its samples."""

    entry: dict[str, Any]
    samples: Sound


def speed_of(name: str) -> float:
    """Between 0.9 and 1.15, always the same for a clip."""
    return 0.9 + 0.25 * (zlib.crc32(name.encode()) % 100) / 100


def spoken(language: str, only: str | None = None) -> Iterator[Clip]:
    """Every clip of a language's texts, the voices taking turns; of one kind where that is named."""
    texts: dict[str, list[Any]] = tomllib.loads(
        (Path(__file__).parent / "texts" / f"{language}.toml").read_text("utf-8")
    )
    turns = count()
    for kind, sentences in texts.items():
        for number, sentence in enumerate(sentences, 1):
            voices = VOICES.get(language, espeak_voices(language))
            voice = voices[next(turns) % len(voices)]
            if only not in (None, kind):
                continue
            name = f"{language}/{kind}-{number:02}.opus"
            entry = {
                "file": name,
                "language": language,
                "kind": kind,
                "voice": _voice(voice),
                "licence": licence(voice),
            }
            if isinstance(sentence, str):
                yield Clip(entry | {"text": sentence}, say(sentence, language, voice, speed_of(name)))
            else:
                yield hesitant(entry, sentence, voice)


def hesitant(entry: dict[str, Any], sentence: tuple[str, str, float], voice: str) -> Clip:
    """One sentence with a pause in it; the manifest says when each part begins and ends, in seconds.

    It is spoken as a whole and torn apart where the first part ends: who hesitates has the melody of a sentence that goes
    on, which two sentences put together have not.
    """
    first, second, pause = sentence
    language, speed = entry["language"], speed_of(entry["file"])
    gap = "" if language in {"ja", "zh"} else " "
    mark = "" if first[-1] in ",、，" else "," if voice.startswith("espeak/") else "…"
    whole = say(f"{first}{mark}{gap}{second}", language, voice, speed)
    ended, goes_on = rest_in(whole, len(first) / (len(first) + len(second)))
    start = ended / RATE + pause
    parts = [
        {"text": first, "start": 0.0, "end": round(ended / RATE, 3)},
        {"text": second, "start": round(start, 3), "end": round(start + (whole.size - goes_on) / RATE, 3)},
    ]
    silence = np.zeros(int(pause * RATE), np.float32)
    joined = np.concatenate([whole[:ended], silence, whole[goes_on:]])
    return Clip(entry | {"text": gap.join((first, second)), "pause": pause, "parts": parts}, joined)


def echoes(language: str) -> Iterator[Clip]:
    """Lines of the assistant as its own microphone hears them: nothing that anybody said."""
    lines = tomllib.loads((LANGUAGES / f"{language}.toml").read_text("utf-8"))["lines"]
    voice = VOICES.get(language, espeak_voices(language))[0]
    for number, line in enumerate(ECHOED, 1):
        name = f"{language}/echo-{number:02}.opus"
        entry = {"file": name, "language": language, "kind": "echo", "voice": _voice(voice), "licence": licence(voice)}
        yield Clip(entry | {"text": lines[line]}, echo(say(lines[line], language, voice, 1.0), number))


def noises() -> Iterator[Clip]:
    """Every kind of noise, short and long."""
    for kind in NOISES:
        for number, seconds in enumerate(NOISE_SECONDS, 1):
            entry = {
                "file": f"noise/{kind}-{number:02}.opus",
                "language": None,
                "kind": "noise",
                "voice": kind,
                "text": "",
            }
            yield Clip(entry | {"licence": "CC0-1.0"}, noise(kind, seconds, number))


def write(clip: Clip) -> dict[str, Any]:
    """The clip as Opus, and its entry."""
    path = TARGET / clip.entry["file"]
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = (np.clip(clip.samples, -1, 1) * 32767).astype(np.int16)
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = BIT_RATE
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return clip.entry | {"seconds": round(samples.size / RATE, 3)}


def _voice(name: str) -> str:
    return name if "/" in name else f"kokoro/{name}"


def main() -> None:
    """Renders the languages named, else all, and the noises; the manifest keeps what is not rendered again."""
    kinds = [argument.removeprefix("kind=") for argument in sys.argv[1:] if argument.startswith("kind=")]
    only = kinds[0] if kinds else None
    named = [argument for argument in sys.argv[1:] if not argument.startswith("kind=")]
    written = sorted(path.stem for path in (Path(__file__).parent / "texts").glob("*.toml"))
    wanted = named or (written if only else [*written, "noise"])
    manifest = TARGET / "manifest.json"
    kept = {entry["file"]: entry for entry in json.loads(manifest.read_text("utf-8"))} if manifest.exists() else {}
    for name in wanted:
        others = () if only else echoes(name)
        clips = noises() if name == "noise" else (clip for made in (spoken(name, only), others) for clip in made)
        for clip in clips:
            entry = write(clip)
            kept[entry["file"]] = entry
        ordered = [kept[file] for file in sorted(kept)]
        manifest.write_text(json.dumps(ordered, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(name, len(kept), "clips")


if __name__ == "__main__":
    main()
