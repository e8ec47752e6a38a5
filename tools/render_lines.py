"""Renders every line of `contracts/languages` to audio in `agent/assets`, to be said when no provider answers.

`python -m tools.render_lines [language …]`, in an environment with tools/clips/requirements.txt, after a line was changed (a
unit test tells); commit the result. Any recording of the same name may replace a file.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from contracts.languages import LANGUAGES
from tools.clips.voices import RATE, Sound, say

ASSETS: Final = Path(__file__).resolve().parent.parent / "agent" / "assets"
VOICES: Final[Mapping[str, str]] = {
    "en": "af_heart",
    "es": "ef_dora",
    "fr": "ff_siwis",
    "de": "espeak/de+f5",
    "it": "if_sara",
    "pt": "pf_dora",
    "ja": "jf_alpha",
    "zh": "zf_xiaoxiao",
}
"""Kokoro's voices; it has none of German, and those of other languages speak it with an accent that a fixed line should not
have. A language that is not listed is spoken by espeak's voice of it."""
BIT_RATE: Final = 24_000
LOUDNESS: Final = 0.09
"""Root mean square, of full scale 1, of where a line is not silent: all are as loud as each other."""


def write_ogg(path: Path, samples: Sound) -> None:
    """Opus in Ogg, mono."""
    loud = samples[np.abs(samples) > 0.01]  # noqa: PLR2004 - of full scale
    level = LOUDNESS / float(np.sqrt(np.mean(loud**2)))
    whole = (np.clip(samples * level, -1, 1) * 32767).astype(np.int16)
    with av.open(str(path), "w", format="ogg") as container:
        stream: Any = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = BIT_RATE
        frame = av.AudioFrame.from_ndarray(whole.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


def main() -> None:
    """Render the languages named, else all, and note which text each file says."""
    listed = ASSETS / "manifest.json"
    manifest: dict[str, dict[str, str]] = json.loads(listed.read_text("utf-8")) if listed.exists() else {}
    for code in sys.argv[1:] or LANGUAGES:
        folder = ASSETS / code
        folder.mkdir(parents=True, exist_ok=True)
        manifest[code] = {}
        for line, text in LANGUAGES[code].lines.model_dump().items():
            write_ogg(folder / f"{line}.ogg", say(text, code, VOICES.get(code, f"espeak/{code}"), 1.0))
            manifest[code][line] = hashlib.sha256(text.encode()).hexdigest()[:16]
        print(code, len(manifest[code]), "lines", flush=True)
    listed.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
