"""Renders every line of `contracts/languages` to audio in `agent/assets`, to be said when no provider answers.

Run after a line was changed (a unit test tells); commit the result. Any recording of the same name may replace a file.
"""

import hashlib
import json
from pathlib import Path

import av
import numpy as np

from contracts.languages import LANGUAGES
from emulator.audio import OUTPUT_RATE
from emulator.voice.speaker import synthesise

ASSETS = Path(__file__).resolve().parent.parent / "agent" / "assets"
VOICE = "coral"
BIT_RATE = 24_000


def write_ogg(path: Path, samples: np.ndarray) -> None:
    """Opus in Ogg, mono."""
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=OUTPUT_RATE, layout="mono")
        stream.bit_rate = BIT_RATE
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = OUTPUT_RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


def main() -> None:
    """Render all, and note which text each file says."""
    manifest: dict[str, dict[str, str]] = {}
    for code, language in LANGUAGES.items():
        folder = ASSETS / code
        folder.mkdir(parents=True, exist_ok=True)
        manifest[code] = {}
        for line, text in language.lines.model_dump().items():
            write_ogg(folder / f"{line}.ogg", synthesise(text, VOICE, fallback=code))
            manifest[code][line] = hashlib.sha256(text.encode()).hexdigest()[:16]
        print(code, len(manifest[code]), "lines")
    (ASSETS / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
