"""One HTTP client of the model provider for a whole call: one connection pool, and no certificates loaded in it."""

import httpx2
import openai

from agent import budgets
from agent.backend import tls_context
from agent.settings import AgentSettings

LIMITS = httpx2.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=120)
TIMEOUTS = ("connect", "read", "write", "pool")


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


def provider_client(settings: AgentSettings) -> openai.AsyncClient:
    """A client without retries of its own, because the session has them; close it at the call's end."""
    return openai.AsyncClient(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.model_base_url,
        max_retries=0,
        http_client=httpx2.AsyncClient(
            transport=Bounded(httpx2.AsyncHTTPTransport(verify=tls_context(), limits=LIMITS)), follow_redirects=True
        ),
    )
