"""The API against its own description: no answer that it does not announce, and never a 500."""

import atexit
import shutil
import tempfile
from typing import Any

import pytest
from credentials import OPERATOR_KEY
from media import FakeMedia

from api.app import create_app
from api.settings import Settings
from contracts.problems import PROBLEM_MEDIA_TYPE, Problem

EXPECTED_PATHS = {
    ("/", "get"),
    ("/health", "get"),
    ("/ready", "get"),
    ("/health/agent", "get"),
    ("/status", "get"),
    ("/v1/sessions", "post"),
    ("/v1/sessions/start", "post"),
    ("/v1/sessions/{session_id}", "get"),
    ("/v1/sessions/{session_id}/dispatch", "post"),
    ("/v1/sessions/{session_id}/companions", "post"),
    ("/v1/sessions/{session_id}/end", "post"),
    ("/v1/sessions/{session_id}/turns", "get"),
    ("/v1/sessions/{session_id}/turns", "post"),
    ("/v1/sessions/{session_id}/summary", "get"),
    ("/v1/sessions/{session_id}/intake", "get"),
    ("/v1/sessions/{session_id}/intake", "put"),
    ("/v1/sessions/{session_id}/handoff", "post"),
    ("/v1/desk/sign-in", "get"),
    ("/v1/desk/caller", "get"),
    ("/v1/desk/models", "get"),
    ("/v1/desk/budgets", "get"),
    ("/v1/desk/alerts", "get"),
    ("/v1/desk/privacy", "get"),
    ("/v1/desk/token", "post"),
    ("/v1/desk/calls/{session_id}/join", "post"),
    ("/v1/agent/reports", "post"),
    ("/v1/token", "post"),
    ("/api/livekit/token", "post"),
    ("/api/livekit-token", "post"),
    ("/v1/livekit/webhook", "post"),
    ("/v1/flights/search", "get"),
    ("/v1/flights/search", "post"),
    ("/v1/flights/search/stream", "post"),
    ("/v1/flights/offers/check", "post"),
    ("/v1/flights/compare", "post"),
    ("/v1/flights/shares", "post"),
    ("/v1/flights/shares/{share_id}", "get"),
    ("/v1/flights/calendar", "get"),
    ("/v1/flights/status", "get"),
    ("/v1/sessions/{session_id}/screen", "get"),
    ("/v1/sessions/{session_id}/screen", "post"),
    ("/v1/alerts", "post"),
    ("/v1/alerts", "get"),
    ("/v1/alerts/{alert_id}", "patch"),
    ("/v1/alerts/{alert_id}", "delete"),
    ("/v1/alerts/links/confirm", "get"),
    ("/v1/alerts/links/confirm", "post"),
    ("/v1/alerts/links/unsubscribe", "get"),
    ("/v1/alerts/links/unsubscribe", "post"),
    ("/api/flights", "get"),
    ("/search_flights", "post"),
    ("/v1/airports", "get"),
    ("/v1/places", "get"),
    ("/api/v2/sandbox/connection-details", "post"),
    ("/v1/agent/sessions", "post"),
    ("/v1/sessions/{session_id}/events", "post"),
    ("/v1/sessions/{session_id}/searches", "get"),
    ("/v1/calls", "get"),
    ("/v1/calls/revisions", "get"),
    ("/v1/calls/export", "get"),
    ("/v1/calls/outcomes", "get"),
    ("/v1/calls/{call_id}", "get"),
    ("/v1/calls/{call_id}/recordings/{recording_id}/audio", "get"),
    ("/v1/calls/{call_id}/timeline", "get"),
    ("/v1/calls/{call_id}/erase", "post"),
    ("/v1/privacy", "get"),
    ("/v1/privacy/export", "post"),
    ("/v1/privacy/erase", "post"),
    ("/v1/keys", "get"),
    ("/v1/keys", "post"),
    ("/v1/keys/{key_id}/rotate", "post"),
    ("/v1/keys/{key_id}/revoke", "post"),
    ("/v1/webhooks", "get"),
    ("/v1/webhooks", "post"),
    ("/v1/webhooks/{webhook_id}/remove", "post"),
    ("/v1/webhooks/{webhook_id}/deliveries", "get"),
    ("/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay", "post"),
}


def make_app() -> Any:
    """With a file of its own, because its loops and its requests use several connections; schemathesis starts and stops it."""
    folder = tempfile.mkdtemp(prefix="polyglot-contract-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return create_app(
        Settings(
            livekit_url="wss://media.example.com",
            livekit_api_key="test-key",
            livekit_api_secret="a-secret-of-more-than-thirty-two-bytes",
            database_url=f"sqlite+aiosqlite:///{folder}/api.db",
            rate_sessions="100000/second",
            rate_tokens="100000/second",
            rate_searches="100000/second",
            rate_places="100000/second",
            rate_reads="100000/second",
            rate_receipts="100000/second",
            operator_keys=(OPERATOR_KEY,),
        ),
        media=FakeMedia(),
    )


@pytest.fixture
def described() -> dict[str, Any]:
    found: dict[str, Any] = make_app().openapi()
    return found


def operations(described: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for methods in described["paths"].values() for operation in methods.values()]


def test_every_route_is_described(described: dict[str, Any]) -> None:
    paths = {(path, method) for path, methods in described["paths"].items() for method in methods}
    assert paths == EXPECTED_PATHS


def test_every_operation_announces_problems_and_has_its_own_name(described: dict[str, Any]) -> None:
    for operation in operations(described):
        for status in ("4XX", "5XX"):
            assert PROBLEM_MEDIA_TYPE in operation["responses"][status]["content"], operation["operationId"]
    names = [operation["operationId"] for operation in operations(described)]
    assert len(names) == len(set(names))


def test_the_problem_of_the_description_is_the_contracts(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    assert set(schemas["Problem"]["properties"]) == set(Problem.model_fields)
    assert "HTTPValidationError" not in schemas
