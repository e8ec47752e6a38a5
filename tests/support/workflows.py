"""The delivery workflows as data, and their shell as the runner runs it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github"
FILES = sorted((FOLDER / "workflows").glob("*.yml"))
SCRIPTS = FOLDER / "scripts"


def load(name: str) -> dict[str, Any]:
    """A workflow."""
    text = (FOLDER / "workflows" / f"{name}.yml").read_text()
    content: dict[str, Any] = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - either is safe
    return content


def jobs() -> list[tuple[str, str, dict[str, Any]]]:
    """File, name and content of every job."""
    return [(path.stem, name, job) for path in FILES for name, job in load(path.stem)["jobs"].items()]


def steps(job: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps of a job; one that calls another workflow has none."""
    return list(job.get("steps", []))


def triggers(name: str) -> dict[str, Any]:
    """What starts a workflow."""
    content: dict[Any, Any] = load(name)
    found = content[True]  # YAML 1.1 reads the key `on` as a boolean
    return found if isinstance(found, dict) else {found: None}


def run(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """A program's end and output."""
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=100, **options)  # noqa: S603 - our own scripts


def program(folder: Path, name: str, body: str) -> dict[str, str]:
    """A stand-in for a program of the runner; returns the environment in which it is found."""
    path = folder / name
    path.write_text(f"#!{sys.executable} -IS\nimport json, os, sys\nfolder = {str(folder)!r}\n{body}")
    path.chmod(0o755)
    # This Python before any other: one that is only a link to others' (pyenv) would put what it knows before the stand-ins.
    path = (str(folder), str(Path(sys.executable).parent), os.environ["PATH"])
    return {**os.environ, "PATH": os.pathsep.join(path), "GITHUB_REPOSITORY": "acme/polyglot"}
