"""Sources of fares and the keys that each asks for, as the API reads them."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

FARE_SOURCES: Final[Mapping[str, Any]] = tomllib.loads(
    (Path(__file__).resolve().parents[2] / "contracts" / "fares.toml").read_text(encoding="utf-8")
)
