"""What a file is, and the words in it."""

import asyncio
import io
import re
from typing import Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from contracts.files import PDF

PAGES_MOST: Final = 5
TEXT_MOST: Final = 2000
READ_WITHIN: Final = 5.0
_MRZ: Final = re.compile(r"[A-Z0-9<]*<<[A-Z0-9<]*")
"""A line for machines of a passport, an identity card or a visa (ICAO 9303), spaces left out: 30 to 44 places, filled up."""
_MRZ_LEAST: Final = 28
"""Places of it that must be made out."""


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
    """Whether the words are those of a passport, an identity card or a visa.

    >>> is_identity("P<ESPGARCIA<LOPEZ<<ANA<<<<<<<<<<<<<<<<<<<<<<")
    True
    >>> is_identity("IB3166 MAD-LHR 04DEC 0905")
    False
    """
    lines = (re.sub(r"\s", "", line.upper()) for line in text.splitlines())
    return any(len(found[0]) >= _MRZ_LEAST for line in lines for found in _MRZ.finditer(line))


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
    return "\n".join(pages).strip()[:TEXT_MOST]
