"""`python -m api.openapi` prints the API's description: clients are generated from it."""

import json
import sys

from api.app import create_app
from api.settings import Settings


def main() -> None:
    """Print the description as JSON."""
    settings = Settings(
        livekit_url="ws://localhost:7880", livekit_api_key="openapi", livekit_api_secret="-" * 32, ui_dir=None
    )
    json.dump(create_app(settings).openapi(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
