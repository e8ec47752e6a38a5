"""Pictures of a page that are compared across machines: reduced, so that how letters are smoothed does not count, and with
the page's own font, so that they stand where they stand everywhere.
"""

import io
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

SCALE: Final = 6
"""Pixels of the page in one of a kept picture, in each direction."""
OTHER: Final = 36
"""Of 255, in any colour: from here on two reduced pixels are not alike."""
MOST: Final = 0.004
"""The share of pixels that may be unlike: half a word, and no line of words."""
FEWEST: Final = 6
"""So many may be unlike in any picture."""


def reduced(png: bytes) -> Image.Image:
    """A screenshot as it is kept."""
    whole = Image.open(io.BytesIO(png)).convert("RGB")
    size = (max(1, round(whole.width / SCALE)), max(1, round(whole.height / SCALE)))
    return whole.resize(size, Image.Resampling.BOX)


def keep(picture: Image.Image, path: Path) -> None:
    """Keep one, the same bytes for the same picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, "WEBP", lossless=True, quality=100, method=4)


def differs(picture: Image.Image, path: Path) -> str | None:
    """In what a picture is not the kept one; None: in nothing that counts."""
    if not path.exists():
        return "there is no picture to compare it with"
    with Image.open(path) as kept:
        known = np.asarray(kept.convert("RGB"), dtype=np.int16)
    seen = np.asarray(picture, dtype=np.int16)
    if abs(known.shape[0] - seen.shape[0]) > 1 or known.shape[1] != seen.shape[1]:
        return f"is {seen.shape[1] * SCALE} by {seen.shape[0] * SCALE} px, was {known.shape[1] * SCALE} by {known.shape[0] * SCALE}"
    rows = min(known.shape[0], seen.shape[0])
    unlike = (np.abs(known[:rows] - seen[:rows]) > OTHER).any(axis=2)
    count = int(unlike.sum())
    if count <= max(FEWEST, MOST * unlike.size):
        return None
    lines, columns = np.nonzero(unlike)
    box = [int(side) * SCALE for side in (columns.min(), lines.min(), columns.max() + 1, lines.max() + 1)]
    return f"{count / unlike.size:.1%} is unlike, between {box[0]},{box[1]} and {box[2]},{box[3]} px"
