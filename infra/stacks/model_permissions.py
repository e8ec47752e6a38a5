"""What the agent's role may do where it uses AWS's own models: they take no key."""

from infra import iam
from infra.settings import Settings


def model_statements(settings: Settings) -> list[iam.Statement]:
    """By the configured models. Polly speaks by default; what it says has no resource."""
    models = settings.models.listed()
    ours = {key for key, refs in models.items() if any(ref.provider == "aws" for ref in refs)}
    statements = []
    if "speech" in ours:
        statements.append(iam.allow(["polly:SynthesizeSpeech"], "*"))
    if ours & {"realtime", "chat", "expert"}:
        statements.append(
            iam.allow(
                ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
                f"arn:{settings.aws.partition}:bedrock:{settings.aws.region}::foundation-model/*",
            )
        )
    if "transcription" in ours:
        statements.append(iam.allow(["transcribe:StartStreamTranscription"], "*"))
    return statements
