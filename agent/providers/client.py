"""HTTP clients of the model services for a whole call: one connection pool each, and no certificates loaded in it."""

import httpx2
from openai import AsyncClient

from agent import budgets
from agent.settings import AgentSettings
from agent.tls import tls_context
from contracts.models import Stage

LIMITS = httpx2.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=120)
TIMEOUTS = ("connect", "read", "write", "pool")
NO_KEY = "none"
"""What a server that wants no key is sent: the SDK does not take an empty one."""


class Bounded(httpx2.AsyncBaseTransport):
    """Caps every time-out at the agent's budget: the plugins ask for up to 30 s between two bytes, which is silence."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request with the shorter of its own time-outs and ours."""
        asked = request.extensions.get("timeout", {})
        capped = {name: min(asked.get(name) or budgets.MODEL_TIMEOUT, budgets.MODEL_TIMEOUT) for name in TIMEOUTS}
        request.extensions = {**request.extensions, "timeout": capped}
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class Clients:
    """The clients that a call has needed so far, one for each service; close them at its end."""

    def __init__(self, settings: AgentSettings) -> None:
        self._settings = settings
        self._clients: dict[tuple[str | None, str], AsyncClient] = {}

    def openai(self) -> AsyncClient:
        """OpenAI's, or of what OPENAI_BASE_URL names."""
        return self._client(self._settings.model_base_url, self._settings.value_of("OPENAI_API_KEY") or NO_KEY)

    def server(self, stage: Stage) -> AsyncClient:
        """The server of a stage."""
        return self._client(*server_of(self._settings, stage))

    async def aclose(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            await client.close()
        self._clients.clear()

    def _client(self, base_url: str | None, key: str) -> AsyncClient:
        if (base_url, key) not in self._clients:
            self._clients[base_url, key] = _new_client(base_url, key)
        return self._clients[base_url, key]


def server_of(settings: AgentSettings, stage: Stage) -> tuple[str | None, str]:
    """Base URL and key of a stage's own server."""
    key = getattr(settings, f"{stage}_api_key")
    return settings.value_of(f"POLYGLOT_{stage.upper()}_BASE_URL"), key.get_secret_value() if key else NO_KEY


def _new_client(base_url: str | None, key: str) -> AsyncClient:
    """Without retries of its own, because the session has them.

    HTTP/2, where the service speaks it: a request that is given up (`agent.hearing.eager_transcription`) closes its stream, not the
    connection, which the next one would have to open again.
    """
    transport = httpx2.AsyncHTTPTransport(verify=tls_context(), limits=LIMITS, http2=True)
    return AsyncClient(
        api_key=key,
        base_url=base_url,
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=Bounded(transport), follow_redirects=True),
    )
