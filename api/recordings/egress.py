"""What the API asks of LiveKit's egress, in LiveKit's own messages."""

from typing import Final

from livekit.protocol.egress import (
    AudioMixing,
    EgressInfo,
    EgressStatus,
    EncodedFileOutput,
    EncodedFileType,
    RoomCompositeEgressRequest,
    S3Upload,
)

from api.recordings.schemas import RecordingState
from api.recordings.settings import RecordingSettings

_STATES: Final = {
    EgressStatus.EGRESS_STARTING: RecordingState.STARTING,
    EgressStatus.EGRESS_ACTIVE: RecordingState.RUNNING,
    EgressStatus.EGRESS_ENDING: RecordingState.ENDING,
    EgressStatus.EGRESS_COMPLETE: RecordingState.COMPLETE,
    EgressStatus.EGRESS_FAILED: RecordingState.FAILED,
    EgressStatus.EGRESS_ABORTED: RecordingState.FAILED,
    EgressStatus.EGRESS_LIMIT_REACHED: RecordingState.COMPLETE,
}
"""One that was stopped by a limit has a file all the same; one that was given up before it ran has none."""


def request_for(settings: RecordingSettings, room: str, path: str) -> RoomCompositeEgressRequest:
    """Sound alone, so that no browser is needed for it: the assistant in one channel, the others in the other."""
    output = EncodedFileOutput(file_type=EncodedFileType.OGG, filepath=path, disable_manifest=True)
    if settings.bucket:
        upload = S3Upload(bucket=settings.bucket, region=settings.region, assume_role_arn=settings.role or "")
        if settings.access_key and settings.secret_key:
            upload.access_key = settings.access_key.get_secret_value()
            upload.secret = settings.secret_key.get_secret_value()
        if settings.endpoint:
            upload.endpoint = str(settings.endpoint).rstrip("/")
            upload.force_path_style = True
        output.s3.CopyFrom(upload)
    return RoomCompositeEgressRequest(
        room_name=room, audio_only=True, audio_mixing=AudioMixing.DUAL_CHANNEL_AGENT, file_outputs=[output]
    )


def state_of(info: EgressInfo) -> RecordingState:
    """Its state in our words."""
    return _STATES[info.status]
