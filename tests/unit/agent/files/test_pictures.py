"""Pictures and papers as they come: nothing of where they were taken, nothing hung behind them, and nobody's papers."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from agent.files.pictures import PIXELS_MOST, TooManyPixelsError, bare
from agent.files.reading import UnreadableError, is_identity

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
HOME = b"52 deg 31 N, at home"


def picture(kind: str, **more: Any) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (8, 6), (200, 30, 30)).save(kept, kind, **more)
    return kept.getvalue()


def tagged(kind: str) -> bytes:
    """With the place where it was taken, a camera and notes."""
    tags = Image.Exif()
    tags[0x010E] = HOME.decode()
    tags.get_ifd(0x8825)[1] = "N"
    notes = PngInfo()
    notes.add_text("Comment", HOME.decode())
    notes.add_itxt("XML:com.adobe.xmp", HOME.decode())
    more: dict[str, Any] = {"JPEG": {"comment": HOME}, "PNG": {"pnginfo": notes}, "WEBP": {"xmp": HOME}}[kind]
    return picture(kind, exif=tags.tobytes(), **more)


@pytest.mark.parametrize("kind", TYPES)
def test_where_it_was_taken_stays_with_the_traveller(kind: str) -> None:
    data = tagged(kind)
    assert HOME in data
    kept = bare(data, TYPES[kind])
    assert HOME not in kept
    with Image.open(io.BytesIO(kept)) as shown:
        shown.load()
        assert (shown.size, dict(shown.getexif())) == ((8, 6), {})


@pytest.mark.parametrize("kind", TYPES)
def test_what_hangs_behind_a_picture_is_cut_off(kind: str) -> None:
    data = picture(kind)
    assert bare(data + b"PK\x03\x04 and a whole archive", TYPES[kind]) == bare(data, TYPES[kind])


@pytest.mark.parametrize("kind", TYPES)
def test_a_picture_that_is_cut_or_none_is_not_passed_on(kind: str) -> None:
    data = picture(kind)
    for wrong in (data[: len(data) // 2], data[:14], data[:14] + b"\0" * 40, data[:12] + b"<script>alert(1)</script>"):
        with pytest.raises(UnreadableError):
            bare(wrong, TYPES[kind])


def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused() -> None:
    side = int(PIXELS_MOST**0.5) + 1
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(head)) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    jpeg = picture("JPEG")
    at = jpeg.index(b"\xff\xc0") + 5
    webp = picture("WEBP", lossless=True)
    for data, kind in (
        (b"\x89PNG\r\n\x1a\n" + chunk, "PNG"),
        (jpeg[:at] + struct.pack(">HH", 65000, 65000) + jpeg[at + 4 :], "JPEG"),
        (webp[:21] + b"\xff\xff\xff\x0f" + webp[25:], "WEBP"),
    ):
        with pytest.raises(TooManyPixelsError):
            bare(data, TYPES[kind])


LINE = "P<ESPGARCIA<LOPEZ<<ANA<<<<<<<<<<<<<<<<<<<<<<"


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(LINE),
        "\n".join(reversed(LINE)),
        " ".join(LINE),
        LINE.replace("<<", "«"),
        LINE.replace("<", "＜"),
        "PASAPORTE ESPAÑA\nApellidos: GARCÍA\nNombre: ANA\nNacionalidad ESP\nFecha de nacimiento 03 05 1984",
        "United Kingdom PASSPORT\nSurname SMITH\nDate of birth 1 JAN 1980\nDate of expiry 2 FEB 2030",
        "PERSONALAUSWEIS\nNachname Muster\nGeburtsdatum 12.08.1983\nGültig bis 01.10.2031",
        "CARTE NATIONALE D'IDENTITÉ\nNé(e) le : 13.07.1990\nNationalité française\nSexe : F",
        "CARTA D'IDENTITÀ\nCognome ROSSI\nLuogo di nascita ROMA\nCittadinanza ITALIANA",
        "CARTEIRA DE IDENTIDADE\nData de nascimento 1/1/1980\nNaturalidade Recife\nData de emissão 2020",
        "DRIVING LICENCE\nSurname SMITH\nDate of birth 1980\nIssuing authority DVLA",
        "運転免許証 氏名 山田太郎 生年月日 昭和55年 有効期限 2030年 交付 2025年",
        "居民身份证 姓名 李雷 性别 男 出生 1980年1月1日 公民身份号码 110101198001011234",
        "Surname A\nGiven names B\nNationality C\nDate of birth D\nSex F\nPlace of birth E\nDate of issue G",
    ],
)
def test_papers_are_known_at_any_turn_and_by_what_is_printed_on_them(text: str) -> None:
    assert is_identity(text)


@pytest.mark.parametrize(
    "text",
    [
        "Electronic ticket receipt\nPassenger: GARCIA/ANA MS\nTicket 125-2345678901\nIB3166 MAD LHR 04DEC 0905\nBooking ABCDEF",
        "Bring your passport or identity card. Visa rules: see our page. Baggage 23 kg.",
        "Itinerario de viaje\nPasajero: ANA GARCÍA\nMAD → BER 4 de diciembre 09:05\nTotal 120,50 €",
        "Boarding pass SMITH/JOHN BA117 LHR JFK seat 12A gate B36 boarding 09:20",
        "Hotel voucher. Valid until 4 December. Issued by Booking.",
        "搭乗券 山田太郎様 NH849 羽田 バンコク 座席 12A",
    ],
)
def test_tickets_are_no_papers(text: str) -> None:
    assert not is_identity(text)
