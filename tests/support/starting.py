"""A session that was just started."""

from typing import Any

from contracts.sessions import SessionStarted


async def started(api: Any, **body: Any) -> SessionStarted:
    response = await api.http.post("/v1/sessions", json=body)
    assert response.status_code == 201, response.text
    return SessionStarted.model_validate_json(response.content)
