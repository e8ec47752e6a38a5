"""Where sentences end, in the eight languages."""

import re
from itertools import pairwise
from typing import Final

_ENDS: Final = re.compile(r"(?<!\d\.)(?<![ap]\.m\.)(?<=[.!?;])\s+|(?<=[。！？；])|\n+", re.IGNORECASE)
"""Not after "22." (a German day) or "a.m."."""


def sentences(text: str) -> list[str]:
    """The text in pieces that are judged apart; together they are the text."""
    cuts = [0, *(match.end() for match in _ENDS.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(cuts) if start < end]
