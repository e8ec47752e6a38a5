"""What a file is, and the words in it."""

import asyncio
import io
import re
import unicodedata
from functools import cache
from typing import Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from agent.files.papers import FIELDS, TITLES
from contracts.files import PDF

PAGES_MOST: Final = 5
TEXT_MOST: Final = 2000
READ_WITHIN: Final = 5.0
_MRZ: Final = re.compile(r"[A-Z0-9<]*<<[A-Z0-9<]*")
"""A line for machines of a passport, an identity card or a visa (ICAO 9303), spaces left out: 30 to 44 places, filled up."""
_MRZ_LEAST: Final = 28
"""Places of it that must be made out."""
_FILLERS: Final = str.maketrans({"«": "<<", "‹": "<", "＜": "<", "〈": "<", "≪": "<<"})
"""What a reader of pictures makes of the sign that fills such a line."""
_TITLED, _UNTITLED = 3, 5
"""Fields of papers, with and without the name of such a paper over them."""


class UnreadableError(ValueError):
    """There is no text in it that could be read."""


def type_of(data: bytes) -> str | None:
    """The type by the first bytes; None for anything that is not taken."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return PDF if data.startswith(b"%PDF-") else None


def is_identity(text: str) -> bool:
    """Whether the words are those of a passport, an identity card, a driving licence or a visa: by the line for machines,
    also where it is turned and so comes letter by letter, or by the fields that are printed on them (papers.py).

    >>> is_identity("P<ESPGARCIA<LOPEZ<<ANA<<<<<<<<<<<<<<<<<<<<<<")
    True
    >>> is_identity("IB3166 MAD-LHR 04DEC 0905")
    False
    """
    shown = unicodedata.normalize("NFKC", text.translate(_FILLERS)).upper()
    lines = (re.sub(r"\s", "", line) for line in (*shown.splitlines(), shown, shown[::-1]))
    if any(len(found[0]) >= _MRZ_LEAST for line in lines for found in _MRZ.finditer(line)):
        return True
    titles, fields = _papers()
    words = f" {_plain(text)} "
    printed = sum(bool(field.search(words)) for field in fields)
    return printed >= (_TITLED if titles.search(words) else _UNTITLED)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char) or char > "\u2e80")
    return " ".join(re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", bare)).split())


@cache
def _papers() -> tuple[re.Pattern[str], tuple[re.Pattern[str], ...]]:
    return _any(TITLES), tuple(map(_any, FIELDS))


def _any(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(name) if name[0] > "\u2e80" else rf" {re.escape(name)} " for name in names))


async def pdf_text(data: bytes) -> str:
    """The words of the first pages. Raises Unreadable. What hangs in it hangs in this call's process alone."""
    try:
        async with asyncio.timeout(READ_WITHIN):
            text = await asyncio.to_thread(_text, data)
    except (TimeoutError, PyPdfError, ValueError, TypeError, KeyError, RecursionError, OSError) as error:
        raise UnreadableError from error
    if not text:
        raise UnreadableError
    return text


def _text(data: bytes) -> str:
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise UnreadableError
    pages = (page.extract_text() or "" for page in reader.pages[:PAGES_MOST])
    text = "\n".join(pages).strip()
    # Cut in the middle of a line for machines it would no longer be known.
    return text if is_identity(text) else text[:TEXT_MOST]
