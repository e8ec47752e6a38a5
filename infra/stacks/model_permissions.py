"""What the agent's role may do where it uses AWS's own models: they take no key."""

from infra import iam
from infra.settings import Settings

OURS = "aws/"
"""How a model of AWS begins in a stage's list; see `contracts/models.toml`."""


def model_statements(settings: Settings) -> list[iam.Statement]:
    """By the configured models. Polly speaks by default; what it says has no resource."""
    models = settings.models
    statements = []
    if models.speech is None or OURS in models.speech:
        statements.append(iam.allow(["polly:SynthesizeSpeech"], "*"))
    if any(OURS in (name or "") for name in (models.realtime, models.chat, models.expert)):
        statements.append(
            iam.allow(
                ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
                f"arn:{settings.aws.partition}:bedrock:{settings.aws.region}::foundation-model/*",
            )
        )
    if OURS in (models.transcription or ""):
        statements.append(iam.allow(["transcribe:StartStreamTranscription"], "*"))
    return statements
