"""The API against its own description, as each kind of caller that there is: no answer that it does not announce,
nothing taken that it says it refuses, never a server error.
"""

import asyncio
import atexit
import shutil
import tempfile
from pathlib import Path
from typing import Any

import httpx2
import pytest
import schemathesis
from credentials import (
    AUDIENCE,
    ISSUER,
    KEY,
    OPERATOR_KEY,
    SECRET,
    Login,
    agent,
    bearer,
    key,
    operator,
    participant,
)
from hypothesis import HealthCheck, Phase, settings
from media import FakeMedia
from schemathesis.config import (
    ChecksConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)

from api import services
from api.access.oidc import Issuer
from api.app import create_app
from api.settings import Settings

WIDE = "100000/second"


def whole() -> tuple[Any, dict[str, dict[str, str]]]:
    """The application with a database file of its own, because schemathesis starts it again and again, and callers."""
    folder = Path(tempfile.mkdtemp(prefix="polyglot-contract-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    login = Login()
    services.Issuer = lambda found: Issuer(found, transport=httpx2.MockTransport(login.answer))  # type: ignore[misc, assignment]
    app = create_app(
        Settings(
            livekit_url="wss://media.example.com",
            livekit_api_key=KEY,
            livekit_api_secret=SECRET,
            database_url=f"sqlite+aiosqlite:///{folder}/api.db",
            rate_sessions=WIDE,
            rate_tokens=WIDE,
            rate_searches=WIDE,
            rate_places=WIDE,
            rate_reads=WIDE,
            rate_receipts=WIDE,
            operator_keys=(OPERATOR_KEY,),
            oidc_issuer=ISSUER,
            oidc_audience=AUDIENCE,
        ),
        media=FakeMedia(),
    )

    async def callers() -> dict[str, dict[str, str]]:
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://api") as http,
        ):
            session = (await http.post("/v1/sessions", json={"consent": {"store_turns": True}})).json()
            made = await key(http, "calls", "search", "records")
            return {
                "nobody": {},
                "participant": participant(session),
                "agent": agent(session["room_name"]),
                "key": bearer(made["secret"]),
                "user": bearer(login.token()),
                "operator": operator(),
            }

    return app, asyncio.run(callers())


APP, CALLERS = whole()
schema = schemathesis.openapi.from_asgi(
    "/openapi.json",
    APP,
    config=SchemathesisConfig(
        projects=ProjectsConfig(
            default=ProjectConfig(
                checks=ChecksConfig(
                    # A day that is past, a voice that nobody has, a cursor of another list: no JSON Schema says it.
                    positive_data_acceptance=PositiveDataAcceptanceConfig(
                        expected_statuses=["2xx", 401, 403, 404, 409, 422, 429]
                    )
                )
            )
        )
    ),
)


@pytest.mark.parametrize("who", list(CALLERS))
@schema.parametrize()
@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
def test_every_answer_is_as_announced(case: schemathesis.Case, who: str) -> None:
    case.call_and_validate(headers=CALLERS[who])
