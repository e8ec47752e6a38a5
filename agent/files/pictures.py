"""A picture without what it does not show: where and with what it was taken, notes, thumbnails and whatever hangs behind it.

Nothing is decoded here; only the containers are walked (JPEG: ITU-T T.81 annex B; PNG: RFC 2083; WebP: RFC 9649).
"""

import struct
from collections.abc import Iterator
from typing import Final

from agent.files.reading import UnreadableError

PIXELS_MOST: Final = 50_000_000
"""A small file may unpack to more than a model's machine has memory for."""
_JPEG_DROPPED: Final = frozenset({0xE1, *range(0xE3, 0xEE), 0xEF, 0xFE})
"""Exif and XMP, makers' own, comments; kept are JFIF, colour profile and Adobe's colour transform."""
_JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_PNG_KEPT: Final = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"bKGD", b"pHYs"}
)
_WEBP_KEPT: Final = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP", b"ANIM", b"ANMF"})
_WEBP_TOLD: Final = 0x0C
"""Flags of VP8X that say that Exif and XMP follow."""


class TooManyPixelsError(ValueError):
    """It would unpack to more than `PIXELS_MOST`."""


def bare(data: bytes, mime: str) -> bytes:
    """The picture alone. Raises UnreadableError for one that is not whole, TooManyPixelsError."""
    try:
        return {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}[mime](data)
    except (IndexError, struct.error) as error:
        raise UnreadableError from error


def _small(width: int, height: int) -> None:
    if width * height > PIXELS_MOST:
        raise TooManyPixelsError
    if width * height == 0:
        raise UnreadableError


def _jpeg(data: bytes) -> bytes:
    kept, at, seen = bytearray(data[:2]), 2, False
    while True:
        if data[at] != 0xFF:  # noqa: PLR2004 - what each marker begins with
            raise UnreadableError
        marker = data[at + 1]
        if marker == 0xFF:  # noqa: PLR2004 - filled up
            at += 1
            continue
        if marker in _JPEG_ALONE:
            at += 2
            continue
        length = struct.unpack_from(">H", data, at + 2)[0]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            _small(width, height)
            seen = True
        if marker == 0xDA:  # noqa: PLR2004 - the picture itself
            end = data.rfind(b"\xff\xd9", at)
            if end < 0 or not seen:
                raise UnreadableError
            return bytes(kept + data[at : end + 2])
        if marker not in _JPEG_DROPPED:
            kept += data[at : at + 2 + length]
        at += 2 + length


def _png(data: bytes) -> bytes:
    kept, at = bytearray(data[:8]), 8
    if data[12:16] != b"IHDR":
        raise UnreadableError
    width, height = struct.unpack_from(">II", data, 16)
    _small(width, height)
    while True:
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise UnreadableError
        if kind in _PNG_KEPT:
            kept += data[at:end]
        if kind == b"IEND":
            return bytes(kept)
        at = end


def _webp(data: bytes) -> bytes:
    chunks, seen = bytearray(), False
    for kind, body in _riff(data):
        if kind not in _WEBP_KEPT:
            continue
        size = _webp_size(kind, body)
        if size is not None:
            _small(*size)
            seen = True
        content = bytes([body[0] & ~_WEBP_TOLD]) + body[1:] if kind == b"VP8X" else body
        chunks += kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
    if not seen:
        raise UnreadableError
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + bytes(chunks)


def _riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, end = 12, min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > len(data):
            raise UnreadableError
        yield kind, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _webp_size(kind: bytes, body: bytes) -> tuple[int, int] | None:
    if kind == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", body, 1)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None
