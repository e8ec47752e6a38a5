# ruff: noqa: INP001 - a script of the workflows, no package
"""Prints the plugins that the agent's image must hold: `aws anthropic`.

One image runs in every stack, so it holds those of the models that any stack's file names, and of the defaults. Runs before
anything is installed, so it does not read YAML: a provider's name before a slash, or a listed model's that is no key, is enough
to hold its plugin.
"""

import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
STAGES: Final = ("realtime", "chat", "transcription", "speech")


def plugins(registry: Mapping[str, Any], stacks: str) -> list[str]:
    """Extras of the providers that are named in the text of the stacks' files, or by default; sorted."""
    text = "\n".join([re.sub(r"(^|\s)#.*", "", stacks, flags=re.MULTILINE), *registry["defaults"].values()])
    named = (entry for provider, entry in registry["providers"].items() if _is_named(provider, entry, text))
    return sorted({entry["extra"] for entry in named if "extra" in entry})


def _is_named(provider: str, entry: Mapping[str, Any], text: str) -> bool:
    listed = (name for stage in STAGES for name in entry.get(stage, {}).get("models", ()))
    ways = [rf"{re.escape(provider)}/", *(rf"{re.escape(name)}(?=[\s,\"'@]|$)" for name in listed)]
    return any(re.search(rf"(?<![\w/.-]){way}", text) for way in ways)


if __name__ == "__main__":
    table = tomllib.loads((ROOT / "contracts" / "models.toml").read_text(encoding="utf-8"))
    files = "\n".join(file.read_text(encoding="utf-8") for file in sorted(ROOT.glob("Pulumi.*.yaml")))
    sys.stdout.write(" ".join(plugins(table, files)) + "\n")
