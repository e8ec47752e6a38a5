import json
import subprocess
import sys
from pathlib import Path


def test_the_description_is_printed_for_generators() -> None:
    root = Path(__file__).parents[3]
    printed = subprocess.run(
        [sys.executable, "-m", "api.openapi"], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(printed.stdout)["openapi"].startswith("3.1")
