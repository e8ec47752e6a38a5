"""Text from outside, made fit for every database and every log."""

import re
import unicodedata
from typing import Final

_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean(text: str) -> str:
    """Without NUL, other control characters and lone surrogates, which PostgreSQL and UTF-8 refuse; tab and line ends stay."""
    return _UNFIT.sub("", text)


def plain(text: str) -> str:
    """For comparing names: without case, accents and what stands between words."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", bare))
