"""What happens in the room reaches the record, and a bad line does not flood it."""

from types import SimpleNamespace
from typing import Any

from livekit import rtc

from agent.call.room_events import QUALITIES_MOST, tell_of

STANDARD = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD
QUALITY = {name: rtc.ConnectionQuality[f"QUALITY_{name}"] for name in ("POOR", "GOOD", "EXCELLENT", "LOST")}


def somebody(identity: str, kind: Any = STANDARD) -> Any:
    return SimpleNamespace(identity=identity, kind=kind)


TRAVELLER, OPERATOR = somebody("user-1"), somebody("operator-1")
AGENT = somebody("agent-2", rtc.ParticipantKind.PARTICIPANT_KIND_AGENT)


class Room(rtc.EventEmitter[str]):
    def __init__(self) -> None:
        super().__init__()
        self.remote_participants = {"user-1": TRAVELLER}


def told(*events: tuple[Any, ...]) -> list[tuple[str, str, str | None]]:
    room: Any = Room()
    found: list[tuple[str, str, str | None]] = []
    tell_of(room, lambda what, who, detail: found.append((what, who, detail)))
    for event, *arguments in events:
        room.emit(event, *arguments)
    return found


def test_who_comes_and_goes_and_what_they_publish() -> None:
    track = SimpleNamespace(source=rtc.TrackSource.SOURCE_MICROPHONE)
    screen = SimpleNamespace(source=rtc.TrackSource.SOURCE_SCREENSHARE)
    assert told(
        ("track_published", track, TRAVELLER),
        ("participant_connected", OPERATOR),
        ("track_published", screen, OPERATOR),
        ("track_unpublished", screen, OPERATOR),
        ("participant_connected", AGENT),
        ("participant_disconnected", OPERATOR),
    ) == [
        ("joined", "traveller", None),
        ("published", "traveller", "microphone"),
        ("joined", "operator", None),
        ("published", "operator", "screenshare"),
        ("unpublished", "operator", "screenshare"),
        ("joined", "agent", None),
        ("left", "operator", None),
    ]


def test_a_line_is_told_of_when_it_turns_bad_and_when_it_is_well_again() -> None:
    turns = [QUALITY[name] for name in ("EXCELLENT", "GOOD", "POOR", "LOST", "POOR", "GOOD", "EXCELLENT")]
    found = told(*(("connection_quality_changed", TRAVELLER, quality) for quality in turns))
    assert found[1:] == [("quality", "traveller", "poor"), ("quality", "traveller", "good")]


def test_a_line_that_keeps_changing_does_not_flood_the_record() -> None:
    flapping = [QUALITY["POOR"], QUALITY["GOOD"]] * 50
    found = told(*(("connection_quality_changed", TRAVELLER, quality) for quality in flapping))
    assert len(found) == QUALITIES_MOST + 1
