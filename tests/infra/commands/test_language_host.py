"""The stand-in for `pulumi-language-python`: what the engine asks of it before anything runs."""

import sys
import venv
from pathlib import Path

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2, language_pb2
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub

from offline import workspace
from offline.language_host.children import Children, Interpreter
from offline.language_host.host import LanguageHost
from offline.language_host.pack import Pack

SDKS = {"aws": "7.51.1", "awsx": "3.11.0", "docker": "4.11.2", "docker-build": "0.0.22"}


def info(root: Path, virtualenv: str = "") -> language_pb2.ProgramInfo:
    options = Struct()
    if virtualenv:
        options.update({"virtualenv": virtualenv})
    return language_pb2.ProgramInfo(
        root_directory=str(root), program_directory=str(root), entry_point=".", options=options
    )


@pytest.fixture
def host() -> LanguageHost:
    return LanguageHost("127.0.0.1:1", Children())


def test_the_project_s_own_environment_is_used_where_it_is(host: LanguageHost, tmp_path: Path) -> None:
    venv.create(tmp_path / "other", with_pip=False, symlinks=True)
    own, missing = info(tmp_path, "other"), info(tmp_path, ".venv")
    assert host.About(language_pb2.AboutRequest(info=own), None).executable == str(tmp_path / "other/bin/python")
    assert host.About(language_pb2.AboutRequest(info=missing), None).executable == sys.executable
    assert host.About(language_pb2.AboutRequest(info=info(tmp_path)), None).executable == sys.executable
    assert Interpreter.chosen(str(tmp_path), {"virtualenv": "other"}).distributions() == []


def test_the_engine_is_told_which_plugins_the_installed_sdks_need(host: LanguageHost, tmp_path: Path) -> None:
    request = language_pb2.GetRequiredPackagesRequest(info=info(tmp_path))
    found = {item.name: item.version for item in host.GetRequiredPackages(request, None).packages}
    assert found.items() >= SDKS.items()
    installed = host.GetProgramDependencies(language_pb2.GetProgramDependenciesRequest(info=info(tmp_path)), None)
    assert {"pulumi", "pulumi_policy", "pulumi_aws"} <= {item.name.replace("-", "_") for item in installed.dependencies}


def test_a_pack_that_does_not_start_is_an_error_and_not_a_wait(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("import sys\nprint('here')\nsys.exit('planted')\n")
    request = language_pb2.RunPluginRequest(info=info(tmp_path), kind="analyzer", args=["127.0.0.1:1"])
    pack = Pack(request, Interpreter.chosen(str(tmp_path), {}), Children())
    said = pack.run()
    port = next(said).stdout.decode().strip()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        analyzer = AnalyzerStub(channel)
        analyzer.Handshake(analyzer_pb2.AnalyzerHandshakeRequest(), timeout=10)
        analyzer.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack="dev"), timeout=10)
        rest = list(said)
        with pytest.raises(grpc.RpcError, match="the policy pack") as caught:
            analyzer.GetAnalyzerInfo(analyzer_pb2.AnalyzeRequest(), timeout=10)
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert b"here" in b"".join(line.stdout for line in rest)
    assert b"planted" in b"".join(line.stderr for line in rest)
    assert rest[-1].exitcode == 1
    pack.close()


def test_a_pack_that_is_no_more_needed_is_never_started(tmp_path: Path) -> None:
    request = language_pb2.RunPluginRequest(info=info(tmp_path), kind="analyzer", args=["127.0.0.1:1"])
    pack = Pack(request, Interpreter("/nowhere/python", ()), Children())
    said = pack.run()
    next(said)
    pack.close()
    assert list(said) == []


def test_a_language_host_is_looked_for_where_the_cli_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, link = tmp_path / "real" / "pulumi", tmp_path / "pulumi"
    real.parent.mkdir()
    real.touch()
    link.symlink_to(real)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    assert workspace.installed_language_host(link) is None
    plugin = tmp_path / "home" / "plugins" / "language-python-v3.250.0"
    plugin.mkdir(parents=True)
    assert workspace.installed_language_host(link) == plugin
    beside = real.parent / "pulumi-language-python"
    beside.touch()
    assert workspace.installed_language_host(link) == beside
    program = tmp_path / "bin" / "pulumi-language-python"
    program.parent.mkdir()
    program.touch(mode=0o755)
    assert workspace.installed_language_host(link) == program
