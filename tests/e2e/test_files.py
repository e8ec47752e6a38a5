"""A ticket sent as a PDF is read and asked about; a picture is said not to be seen where no model sees; a screen is shown."""

import asyncio
from pathlib import Path

from livekit import rtc
from PIL import Image

from cli.stack.local import LocalStack
from cli.traveller.caller import Traveller
from contracts.dispatch import Pipeline
from contracts.files import TOPIC_FILE
from contracts.sessions import SessionRequest

SHOWN = b"BT /F1 12 Tf 72 720 Td (A flight from Madrid to Berlin tomorrow) Tj ET"
PDF = b"\n".join(
    (
        b"%PDF-1.4",
        b"1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj",
        b"2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj",
        b"3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >> endobj",
        b"4 0 obj << /Length %d >>\nstream\n%s\nendstream endobj" % (len(SHOWN), SHOWN),
        b"5 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> endobj",
        b"trailer << /Size 6 /Root 1 0 R >>",
        b"startxref\n0\n%%EOF",
    )
)


async def test_a_ticket_is_read_and_a_picture_is_not_seen(stack: LocalStack, tmp_path: Path) -> None:
    ticket, picture = tmp_path / "ticket.pdf", tmp_path / "holiday.png"
    ticket.write_bytes(PDF)
    Image.new("RGB", (40, 30)).save(picture)
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.TEXT, time_zone="UTC")) as caller:
        await caller.ready()
        await caller.room.local_participant.send_file(str(ticket), topic=TOPIC_FILE)
        query = (await caller.cards(0.0)).result.query
        assert (query.origin.code, query.destination.code) == ("MAD", "BER")
        assert "kept" in (await caller.told("file_read")).text
        await caller.room.local_participant.send_file(str(picture), topic=TOPIC_FILE)
        assert "pictures" in (await caller.told("file_refused")).text
        source = rtc.VideoSource(640, 360, is_screencast=True)
        track = rtc.LocalVideoTrack.create_video_track("screen", source)
        shared = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_SCREENSHARE)
        await caller.room.local_participant.publish_track(track, shared)
        assert "see the screen" in (await caller.told("screen_seen")).text
        for _ in range(5):  # a picture goes with the next question
            source.capture_frame(rtc.VideoFrame(640, 360, rtc.VideoBufferType.RGBA, bytes(640 * 360 * 4)))
            await asyncio.sleep(0.1)
        asked = await caller.write("Flights from Paris to Rome tomorrow")
        assert (await caller.cards(asked)).result.query.origin.code == "PAR"
