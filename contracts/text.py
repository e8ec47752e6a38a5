"""Text from outside, made fit for every database and every log."""

import re
from typing import Final

_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean(text: str) -> str:
    """Without NUL, other control characters and lone surrogates, which PostgreSQL and UTF-8 refuse; tab and line ends stay."""
    return _UNFIT.sub("", text)
