"""The API's image holds the interpreter and what it loads, and nothing else: made here as its build makes it, and run.

The build's own program makes a root folder from this machine's Python, the packages of the API's lock and the API; a
process that sees nothing else answers. So a package that only our tests have, or a library that only a shell's
neighbours brought, fails here.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import httpx2
import pytest
from unprivileged import may_make_namespaces

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 60


def _locked() -> list[str]:
    """Names of the API's lock that are installed here; the others are for other Pythons and systems."""
    text = (ROOT / "requirements" / "api.txt").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE)))


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    may_make_namespaces()
    made = tmp_path_factory.mktemp("image")
    packages, ours = made / "packages", made / "app"
    for name in _locked():
        try:
            files = metadata.distribution(name).files or []
        except metadata.PackageNotFoundError:
            continue
        for file in files:
            source = Path(str(file.locate()))
            if ".." not in file.parts and source.suffix != ".pyc" and source.is_file():
                _link(source, packages / file)
    for package in ("api", "contracts"):
        shutil.copytree(ROOT / package, ours / package, ignore=shutil.ignore_patterns("__pycache__"))
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    command = [str(base), str(ROOT / "tools" / "image_root.py"), str(made / "root"), str(packages), str(ours)]
    done = subprocess.run(  # noqa: S603 - the build's own program
        command, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert done.returncode == 0, done.stderr
    yield made
    shutil.rmtree(made)


SEEN_BY_SOME = """
import asyncpg, cryptography.hazmat.primitives.asymmetric.rsa, livekit.rtc, openai, ssl, uvloop, valkey, zoneinfo
import opentelemetry.exporter.otlp.proto.http.trace_exporter
assert ssl.create_default_context().get_ca_certs()
zoneinfo.ZoneInfo("Europe/Lisbon")
import runpy
runpy.run_module("api", run_name="__main__")
"""
"""What only some deployments load, and then the API."""


def test_the_api_answers_from_what_its_image_holds(image: Path) -> None:
    python = (Path(sys.base_prefix) / "bin" / "python3").resolve()
    environ = {
        "PYTHONPATH": f"{image}/packages:{image}/app",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": "/tmp",  # noqa: S108
        "LIVEKIT_URL": "ws://127.0.0.1:9",
        "LIVEKIT_API_KEY": "image",
        "LIVEKIT_API_SECRET": "a-secret-of-the-image-of-more-than-thirty-two-bytes",
        "POLYGLOT_STATE_DIR": "/tmp",  # noqa: S108
        "POLYGLOT_PORT": "0",
    }
    root = ["unshare", "--map-root-user", f"--root={image}/root", f"--wd={image}/app"]
    with (image / "log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - our own words
            [*root, str(python), "-c", SEEN_BY_SOME], env=environ, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("api listening on http://"), (image / "log").read_text(encoding="utf-8")
        with httpx2.Client(base_url=line.split()[-1], timeout=30) as http:
            assert http.get("/health").json()["status"] == "healthy"
            assert http.post("/v1/token").status_code == 201
            assert http.get("/v1/places", params={"q": "Lisboa"}).json()["places"][0]["code"] == "LIS"
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_it_has_no_shell_and_says_what_it_is_made_of(image: Path) -> None:
    root = image / "root"
    programs = {path.name for path in root.rglob("*") if path.parent.name in {"bin", "sbin"} and path.is_file()}
    assert all(name.startswith("python") for name in programs if "packages" not in name), programs
    kept = root / "var/lib/dpkg/status.d"
    if Path("/var/lib/dpkg/status").exists():  # where scanners look
        assert "Version: " in (kept / "libc6").read_text(encoding="utf-8")


def test_a_library_that_is_not_there_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    loader = tmp_path / "ldd"
    loader.write_text("#!/bin/sh\necho '\tliblost.so.1 => not found'\n", encoding="utf-8")
    loader.chmod(0o755)
    command = [sys.executable, str(ROOT / "tools" / "image_root.py"), str(tmp_path / "root"), str(tmp_path / "tree")]
    environ = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(  # noqa: S603 - the build's own program
        command, env=environ, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert done.returncode == 1
    assert "liblost.so.1" in done.stderr
