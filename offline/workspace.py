"""Stacks on the real engine: inline programs of the Automation API, state in S3, stand-ins for missing plugins."""

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS

from infra.engine import MissingCliError, pulumi_cli
from offline.backend import REGION, Backend
from offline.places import ROOT

PLUGINS = ("aws", "awsx", "docker", "docker-build")
SECRET = "value-of-a-secret"  # noqa: S105 - stands for a value that only the stack's own key could open
PASSPHRASE = "offline"  # noqa: S105 - opens nothing but a state that is thrown away

Program = Callable[[], None]

# gRPC remembers for all channels of a process that nobody answered at an address. Of the many engines that come and go
# here, one may get the port of one that was killed, and would be taken for dead before it was asked.
_GRPC_CHANNEL_OPTIONS.append(("grpc.use_local_subchannel_pool", 1))


def installed_plugins() -> dict[str, Path]:
    """Where the real plugins are that the user has: on PATH, or in Pulumi's own folder."""
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    found: dict[str, Path] = {}
    for name in PLUGINS:
        program = shutil.which(f"pulumi-resource-{name}")
        folders = sorted((home / "plugins").glob(f"resource-{name}-v*[0-9]"))
        if program:
            found[name] = Path(program)
        elif folders:
            found[name] = folders[-1]
    return found


def installed_language_host(cli: Path) -> Path | None:
    """Where the user's `pulumi-language-python` is, looked for where the CLI does: PATH, next to itself, its own folder."""
    found = shutil.which("pulumi-language-python")
    beside = cli.resolve().parent / "pulumi-language-python"
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    folders = sorted((home / "plugins").glob("language-python-v*[0-9]"))
    return Path(found) if found else beside if beside.is_file() else folders[-1] if folders else None


@dataclass(frozen=True)
class StackFile:
    """What a stack's settings file says, without its encryption."""

    project: str
    config: Mapping[str, Any]  # keys with their namespace; values are YAML

    @classmethod
    def read(cls, stack: str, folder: Path = ROOT) -> "StackFile":
        """Read Pulumi.yaml and Pulumi.<stack>.yaml; encrypted values become a stand-in, as nothing here can open them.

        Raises:
            FileNotFoundError: there is no such stack.

        """
        project = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
        file = yaml.safe_load((folder / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")) or {}
        shared = {key: entry["value"] for key, entry in (project.get("config") or {}).items() if "value" in entry}
        config = {**shared, **(file.get("config") or {})}
        return cls(str(project["name"]), {str(key): _opened(value) for key, value in config.items()})


def _opened(value: Any) -> Any:  # noqa: ANN401 - YAML
    if isinstance(value, dict):
        return SECRET if set(value) == {"secure"} else {key: _opened(item) for key, item in value.items()}
    return [_opened(item) for item in value] if isinstance(value, list) else value


def _write_script(path: Path, command: str) -> None:
    path.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
    path.chmod(0o755)


class Engine:
    """The CLI, a backend, and the plugins, in a folder of their own."""

    def __init__(self, folder: Path, backend: Backend) -> None:
        """Prepare `folder`.

        Raises:
            MissingCliError: there is no Pulumi CLI.

        """
        cli = pulumi_cli()
        if cli is None:
            raise MissingCliError("the Pulumi CLI is not there; `python3 tools/setup.py --pulumi` builds it once")
        self.folder = folder
        self.backend = backend
        (folder / "cli" / "bin").mkdir(parents=True)
        (folder / "cli" / "bin" / "pulumi").symlink_to(cli)
        self.real = installed_plugins()
        self.standins = tuple(name for name in PLUGINS if name not in self.real)
        self.language_host = installed_language_host(cli)
        self._install()

    def _install(self) -> None:
        scripts = self.folder / "bin"
        scripts.mkdir()
        for name in self.standins:
            path = scripts / f"pulumi-resource-{name}"
            start = f'exec {shlex.quote(sys.executable)} -m offline.standins {name} "$@"'
            _write_script(path, f"PYTHONPATH={shlex.quote(str(ROOT))} {start}")
        if self.language_host is None:
            # Not by PYTHONPATH, which the programs that it starts would inherit.
            start = f"import runpy, sys; sys.path.insert(0, {str(ROOT)!r}); "
            start += "runpy.run_module('offline.language_host', run_name='__main__')"
            command = f'exec {shlex.quote(sys.executable)} -c {shlex.quote(start)} "$@"'
            _write_script(scripts / "pulumi-language-python", command)
        home = self.folder / "home"
        home.mkdir()
        real = [*self.real.values(), *filter(None, [self.language_host])]
        folders = [path.parent for path in real if path.is_dir()]
        if folders:
            (home / "plugins").symlink_to(folders[0])

    @property
    def cli(self) -> Path:
        """The CLI."""
        return self.folder / "cli" / "bin" / "pulumi"

    def environment(self, passphrase: str = PASSPHRASE) -> dict[str, str]:
        """The engine's environment: our backend, no network, credentials that open nothing.

        A real AWS plugin takes `AWS_ENDPOINT_URL` and so talks to moto.
        """
        return {
            "AWS_ACCESS_KEY_ID": "offline",
            "AWS_SECRET_ACCESS_KEY": "offline",
            "AWS_SESSION_TOKEN": "",
            "AWS_PROFILE": "",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.backend.endpoint,
            "AWS_REGION": REGION,
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PULUMI_BACKEND_URL": self.backend.url,
            "PULUMI_CONFIG_PASSPHRASE": passphrase,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def stack(  # noqa: PLR0913 - a stack has this many parts
        self,
        name: str,
        program: Program,
        *,
        file: StackFile | None = None,
        passphrase: str = PASSPHRASE,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> automation.Stack:
        """A stack of a program, made if need be; `folder` holds its settings and is made per stack unless given."""
        file = file or StackFile("polyglot", {})
        work = folder or self.folder / "work" / name
        work.mkdir(parents=True, exist_ok=True)
        settings = work / f"Pulumi.{name}.yaml"
        known = yaml.safe_load(settings.read_text(encoding="utf-8")) if settings.is_file() else {}
        content = {**known, "config": dict(file.config)}
        settings.write_text(yaml.safe_dump(content), encoding="utf-8")
        options = automation.LocalWorkspaceOptions(
            work_dir=str(work),
            pulumi_home=str(self.folder / "home"),
            env_vars={**self.environment(passphrase), **(environment or {})},
            secrets_provider="passphrase",
            project_settings=automation.ProjectSettings(name=file.project, runtime="python"),
            pulumi_command=automation.PulumiCommand(str(self.folder / "cli")),
        )
        return automation.create_or_select_stack(
            stack_name=name, project_name=file.project, program=program, opts=options
        )
