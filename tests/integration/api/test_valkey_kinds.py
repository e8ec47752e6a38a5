"""The kinds of server that production has: one that spreads keys over slots, and one that speaks TLS only."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from limits import parse
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from pydantic import SecretStr
from samples import offer, result
from valkey.asyncio import Valkey
from valkey_server import ValkeyServer

from api.sessions.memory import TURNS_MAX, SharedMemory
from api.shared import AwayError, Shared
from cli.stack.processes import free_port
from contracts.turns import Turn

Run = Callable[..., Awaitable[ValkeyServer]]


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[Run]:
    servers: list[ValkeyServer] = []

    async def started(*arguments: str, port: int | None = None) -> ValkeyServer:
        made = ValkeyServer(tmp_path / "valkey", arguments, port or free_port())
        servers.append(made)
        await made.run()
        return made

    yield started
    for server in servers:
        await server.stop()


def turn(number: int) -> Turn:
    at = datetime(2026, 11, 21, 10, tzinfo=UTC) + timedelta(seconds=number)
    return Turn(id=f"turn-{number}", role="user", text="Madrid", language="en", modality="voice", started_at=at)


async def use_all(shared: Shared) -> None:
    """Every command that the API sends; fails if one is refused."""
    counted = SlidingWindowCounterRateLimiter(shared.counters())
    hits = [await shared.ask(lambda _: counted.hit(parse("2/hour"), "sessions", "192.0.2.7")) for _ in range(3)]
    assert hits == [True, True, False]
    stats = await shared.ask(lambda _: counted.get_window_stats(parse("2/hour"), "sessions", "192.0.2.7"))
    assert stats.remaining == 0
    memory = SharedMemory(shared, 600)
    for number in range(TURNS_MAX + 1):
        assert await memory.add_turn("call-1", turn(number))
    await memory.add_search("call-1", result(offer("100")))
    assert not memory._own._calls, "nothing had to be kept here instead"
    assert len(await memory.turns("call-1")) == TURNS_MAX
    assert await memory.searches("call-1") == [result(offer("100"))]
    for call in ("call-1", "call-2"):
        await memory.forget(call)
    assert not memory._owed
    assert await memory.turns("call-1") == []
    assert await memory.searches("call-1") == []


async def test_every_command_stays_in_one_slot(run: Run) -> None:
    # The second port defaults to one that may be too high to exist.
    server = await run("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    async with Valkey(port=server.port, decode_responses=True) as client:
        await client.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)  # type: ignore[no-untyped-call]

        async def has_all_slots() -> bool:
            info = await client.execute_command("CLUSTER INFO")  # type: ignore[no-untyped-call]
            return bool(info["cluster_state"] == "ok")

        assert server.child
        await server.child.wait_until(has_all_slots, 20)
    shared = Shared(SecretStr(f"redis://127.0.0.1:{server.port}"))
    await use_all(shared)
    await shared.aclose()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for `localhost` alone, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "server.crt", folder / "server.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    )
    return paths


async def test_tls_with_a_password_and_only_with_the_server_that_was_meant(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain, key = certificate(tmp_path)
    files = ("--tls-cert-file", str(chain), "--tls-key-file", str(key), "--tls-auth-clients", "no")
    port = free_port()
    await run("--tls-port", str(port), "--port", "0", *files, "--requirepass", "p@ss", port=port)

    async def reaches(host: str, password: str = "p%40ss") -> bool:  # noqa: S107 - of this test alone
        shared = Shared(SecretStr(f"rediss://:{password}@{host}:{port}/0"))
        try:
            await shared.ask(lambda valkey: valkey.get("key"))
        except AwayError:
            return False
        finally:
            await shared.aclose()
        return True

    assert not await reaches("localhost"), "signed by nobody whom this machine trusts"
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    assert await reaches("localhost")
    assert not await reaches("localhost", "wrong")
    assert not await reaches("127.0.0.1"), "the certificate is another server's"
    shared = Shared(SecretStr(f"rediss://:p%40ss@localhost:{port}"))
    await use_all(shared)
    await shared.aclose()
