"""Who came and went, which tracks there were and how good the connection was, for the record of the call.

Of the connection only turns for the worse and back are told; a line that keeps changing is told so often and no more.
"""

from collections.abc import Callable
from typing import Final, Literal

from livekit import rtc

from contracts.desk import OPERATOR_PREFIX

QUALITIES_MOST: Final = 20
BAD: Final = frozenset({"poor", "lost"})
Who = Literal["traveller", "operator", "agent"]
Put = Callable[[str, Who, str | None], None]
"""What happened, to whom, and which track or quality."""


def who(participant: rtc.Participant) -> Who:
    """What somebody in the room is."""
    if participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
        return "agent"
    return "operator" if participant.identity.startswith(OPERATOR_PREFIX) else "traveller"


def tell_of(room: rtc.Room, put: Put) -> None:
    """Tell of what happens in a room from now on; whoever is there already has come."""
    bad: dict[str, bool] = {}
    told = 0

    def on_quality(participant: rtc.Participant, quality: int) -> None:
        nonlocal told
        name = _name(rtc.ConnectionQuality(quality).name)
        if isinstance(participant, rtc.LocalParticipant) or (name in BAD) == bad.get(participant.identity, False):
            return
        bad[participant.identity] = name in BAD
        told += 1
        if told <= QUALITIES_MOST:
            put("quality", who(participant), name)

    def on_track(what: str) -> Callable[[rtc.RemoteTrackPublication, rtc.RemoteParticipant], None]:
        def told_of(track: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant) -> None:
            put(what, who(participant), _name(rtc.TrackSource.Name(track.source)))

        return told_of

    room.on("participant_connected", lambda participant: put("joined", who(participant), None))
    room.on("participant_disconnected", lambda participant: put("left", who(participant), None))
    room.on("track_published", on_track("published"))
    room.on("track_unpublished", on_track("unpublished"))
    room.on("connection_quality_changed", on_quality)
    for participant in list(room.remote_participants.values()):
        put("joined", who(participant), None)


def _name(constant: str) -> str:
    """`SOURCE_MICROPHONE` as `microphone`."""
    return constant.partition("_")[2].lower()
