"""The language host's side of the engine's protocol (`pulumirpc.LanguageRuntime`).

Learnt from sdk/go/common/resource/plugin/langruntime_plugin.go of Pulumi 3.250. Installing dependencies, templates and
generated code are not here: the engine is told so by the protocol's own answer.
"""

import json
import platform
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from offline.language_host import program
from offline.language_host.children import Children, Interpreter, kill_after
from offline.language_host.pack import Pack


def interpreter(info: language_pb2.ProgramInfo) -> Interpreter:
    """What runs a program or a pack."""
    return Interpreter.chosen(info.root_directory, MessageToDict(info.options))


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs programs and policy packs, each in a fresh process."""

    def __init__(self, engine: str, children: Children) -> None:
        self._engine = engine
        self._children = children

    # The methods' names are the protocol's.

    def Handshake(  # noqa: N802
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        """Sent when the engine attaches to a host that it did not start."""
        del context
        self._engine = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802
        """The version of the SDK."""
        del request, context
        return plugin_pb2.PluginInfo(version=metadata.version("pulumi"))

    def About(  # noqa: N802
        self, request: language_pb2.AboutRequest, context: grpc.ServicerContext
    ) -> language_pb2.AboutResponse:
        """What `pulumi about` says of Python; the version is of our own interpreter."""
        del context
        executable = interpreter(request.info).executable
        return language_pb2.AboutResponse(executable=executable, version=platform.python_version())

    def GetRequiredPackages(  # noqa: N802
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """The provider plugins of the SDKs that are installed, each of which says so in a file of its own."""
        del context
        found = [_plugin(item) for item in interpreter(request.info).distributions()]
        return language_pb2.GetRequiredPackagesResponse(packages=[item for item in found if item])

    def GetProgramDependencies(  # noqa: N802
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        """What is installed."""
        del context
        found = interpreter(request.info).distributions()
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[language_pb2.DependencyInfo(name=item.name, version=item.version) for item in found]
        )

    def Run(  # noqa: N802
        self, request: language_pb2.RunRequest, context: grpc.ServicerContext
    ) -> language_pb2.RunResponse:
        """Run a program; what it prints goes to our own output, which the engine shows."""
        settings = {
            "project": request.project,
            "stack": request.stack,
            "organization": request.organization or "organization",
            "root": request.info.root_directory,
            "monitor": request.monitor_address,
            "engine": self._engine,
            "parallel": request.parallel,
            "dry_run": request.dryRun,
            "pwd": request.pwd,
            "program": request.info.entry_point,
        }
        try:
            process = self._children.start(
                interpreter(request.info),
                [str(program.__file__), json.dumps(settings), *request.args],
                folder=request.pwd,
                environment={
                    "PULUMI_CONFIG": json.dumps(dict(request.config)),
                    "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
                },
            )
        except OSError as error:
            return language_pb2.RunResponse(error=f"Python could not be started: {error}")
        context.add_callback(lambda: kill_after(process, 0) if process.poll() is None else None)
        code = self._children.wait(process)
        if code == program.SHOWN:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"program exited with exit code {code}" if code else "")

    def RunPlugin(  # noqa: N802
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Run a policy pack. Plugins of another kind are refused."""
        if request.kind != "analyzer":
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED,
                f"the stand-in for pulumi-language-python runs policy packs, and not plugins of kind {request.kind!r}",
            )
        pack = Pack(request, interpreter(request.info), self._children)
        context.add_callback(pack.close)
        yield from pack.run()

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """The engine has been interrupted."""
        del request, context
        self._children.end()
        return Empty()


def _plugin(distribution: metadata.Distribution) -> plugin_pb2.PackageDependency | None:
    """The plugin that an SDK needs; None for what is no SDK."""
    files = distribution.files or []
    named = next((file for file in files if file.name == "pulumi-plugin.json"), None)
    if named is None:
        return None
    said = json.loads(Path(str(named.locate())).read_text(encoding="utf-8"))
    if not said.get("resource") or not said.get("name"):
        return None
    version = str(said.get("version") or distribution.version)
    return plugin_pb2.PackageDependency(
        name=said["name"], kind="resource", version=version, server=said.get("server") or ""
    )
