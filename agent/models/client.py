"""One HTTP client of the model provider for a whole call: one connection pool, and no certificates loaded in it."""

import httpx2
import openai

from agent import budgets
from agent.backend import tls_context
from agent.settings import AgentSettings


def provider_client(settings: AgentSettings) -> openai.AsyncClient:
    """A client without retries of its own, because the session has them; close it at the call's end."""
    return openai.AsyncClient(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.model_base_url,
        max_retries=0,
        http_client=httpx2.AsyncClient(
            verify=tls_context(),
            timeout=httpx2.Timeout(budgets.MODEL_TIMEOUT),
            follow_redirects=True,
            limits=httpx2.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=120),
        ),
    )
