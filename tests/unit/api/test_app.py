import base64
import hashlib
import json
import logging
from pathlib import Path
from typing import Any

import pytest
import structlog

from api.health import service as checks
from api.logs import configure, redact
from contracts import agent_name
from contracts.problems import Problem


async def test_health_is_what_the_load_balancer_expects(api: Any) -> None:
    api.media.down = True
    response = await api.http.get("/health")
    assert response.status_code == 200
    assert response.json().keys() == {"status", "timestamp"}
    assert response.json()["status"] == "healthy"


@pytest.fixture
def asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks are made at every request."""
    monkeypatch.setattr(checks, "FRESH", 0.0)


async def test_a_crowd_of_monitors_asks_the_media_server_once(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    async def ping() -> None:
        nonlocal asked
        asked += 1

    monkeypatch.setattr(api.media, "ping", ping)
    for _ in range(20):
        assert (await api.http.get("/ready")).status_code == 200
        assert (await api.http.get("/health/agent")).status_code == 200
    assert asked == 1


@pytest.mark.usefixtures("asked_anew")
async def test_ready_says_which_part_does_not_answer(api: Any) -> None:
    good = await api.http.get("/ready")
    assert (good.status_code, good.json()["checks"]) == (200, {"livekit": "ok", "database": "ok", "fares": "ok"})
    api.media.down = True
    bad = await api.http.get("/ready")
    assert (bad.status_code, bad.json()["checks"]["livekit"]) == (503, "failed")


async def test_no_fare_source_is_not_ready(start: Any) -> None:
    async with start(fares=()) as api:
        assert (await api.http.get("/ready")).json()["checks"]["fares"] == "failed"


@pytest.mark.usefixtures("asked_anew")
async def test_agent_health(api: Any) -> None:
    body = (await api.http.get("/health/agent")).json()
    assert (body["status"], body["livekit_reachable"], body["agent_name"]) == ("unknown", True, agent_name())
    api.media.down = True
    body = (await api.http.get("/health/agent")).json()
    assert (body["status"], body["livekit_reachable"]) == ("media_unreachable", False)


async def test_status_counts_sessions(api: Any) -> None:
    session = (await api.http.post("/v1/sessions")).json()
    api.media.join(session["room_name"], "user-1")
    headers = {"Authorization": f"Bearer {session['participant_token']}"}
    await api.http.get(f"/v1/sessions/{session['session_id']}", headers=headers)
    body = (await api.http.get("/status")).json()
    assert (body["status"], body["active_connections"], body["fare_sources"]) == ("running", 1, ["sample"])


async def test_root_tells_what_this_is(api: Any) -> None:
    body = (await api.http.get("/", headers={"Accept": "text/html"})).json()
    assert body["name"] == "Polyglot"
    assert "flight search" in body["features"]
    assert len(body["languages"]) == 8


@pytest.fixture
def page(tmp_path: Path) -> Path:
    folder = tmp_path / "ui"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Polyglot</title>")
    (folder / "assets" / "app.js").write_text("1")
    return folder


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_the_page_is_served_beside_the_api(start: Any, page: Path) -> None:
    async with start(ui_dir=page) as api:
        for path in ("/", "/some/address/of/the/page"):
            response = await api.http.get(path, headers=BROWSER)
            assert response.status_code == 200
            assert "<title>Polyglot" in response.text
            assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert (await api.http.get("/")).json()["name"] == "Polyglot"
        assert (await api.http.get("/assets/app.js")).text == "1"
        assert (await api.http.get("/assets/missing.js")).status_code == 404
        assert (await api.http.get("/../state.db")).status_code == 404


async def test_files_of_the_page_are_kept_by_their_names_or_asked_for_again(start: Any, page: Path) -> None:
    (page / "sw.js").write_text("1")
    async with start(ui_dir=page) as api:
        kept = {
            path: await api.http.get(path) for path in ("/assets/app.js", "/assets/missing.js", "/sw.js", "/v1/places")
        }
    assert kept["/assets/app.js"].headers["cache-control"] == "public, max-age=31536000, immutable"
    assert kept["/sw.js"].headers["cache-control"] == "no-cache"
    # What is not there today may be there tomorrow, and answers of the API are not files.
    for path in ("/assets/missing.js", "/v1/places"):
        assert "immutable" not in kept[path].headers.get("cache-control", "")


async def test_what_is_long_is_compressed_and_what_is_short_is_not(start: Any, page: Path) -> None:
    (page / "assets" / "long.js").write_text("const word = 1;\n" * 1000)
    async with start(ui_dir=page) as api:
        long = await api.http.get("/assets/long.js")
        assert (long.headers["content-encoding"], long.headers["vary"]) == ("gzip", "Accept-Encoding")
        assert long.text == "const word = 1;\n" * 1000
        plain = await api.http.get("/assets/long.js", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert "content-encoding" not in (await api.http.get("/assets/app.js")).headers
        part = await api.http.get("/assets/long.js", headers={"Range": "bytes=0-9"})
        assert (part.status_code, part.text) == (206, "const word")


async def test_a_script_in_the_page_runs_by_its_hash_and_no_other(start: Any, page: Path) -> None:
    script = "document.documentElement.dataset.theme = 'dark'"
    (page / "index.html").write_text(f"<!doctype html><script>{script}</script><script src='/x.js'></script>")
    async with start(ui_dir=page) as api:
        policy = (await api.http.get("/", headers=BROWSER)).headers["content-security-policy"]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


async def test_the_desk_is_reached_without_leaving_https(start: Any, page: Path) -> None:
    (page / "desk").mkdir()
    (page / "desk" / "index.html").write_text("<title>desk</title>", encoding="utf-8")
    async with start(ui_dir=page) as api:
        led = await api.http.get("/desk", headers=BROWSER)
        assert (led.status_code, led.headers["location"]) == (307, "desk/")
        asked = await api.http.get("/desk?view=calls&reason=silence", headers=BROWSER)
        assert asked.headers["location"] == "desk/?view=calls&reason=silence"
        shown = await api.http.get("/desk/", headers=BROWSER)
    assert (shown.status_code, "<title>desk" in shown.text) == (200, True)
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]


async def test_the_page_never_hides_a_missing_route(start: Any, page: Path) -> None:
    async with start(ui_dir=page) as api:
        for path in ("/v1/nothing", "/api/nothing", "/v1/sessions/short"):
            response = await api.http.get(path, headers=BROWSER)
            assert response.status_code in (401, 404)
            assert response.headers["content-type"] == "application/problem+json"
        wrong = await api.http.get("/v1/token", headers=BROWSER)
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")


async def test_a_body_of_ten_megabytes_is_refused_with_a_problem(api: Any) -> None:
    for path in ("/v1/sessions", "/v1/token", "/search_flights", "/v1/livekit/webhook", "/health"):
        response = await api.http.post(path, content=b"x" * 10_000_000)
        assert response.status_code == 413
        assert response.headers["content-type"] == "application/problem+json"
        assert Problem.model_validate_json(response.content).type == "/problems/too-large"


async def test_a_body_that_does_not_say_its_length_is_counted(api: Any) -> None:
    async def chunks() -> Any:
        for _ in range(100):
            yield b'{"language": "' + b"x" * 10_000

    response = await api.http.post("/v1/sessions", content=chunks(), headers={"Content-Type": "application/json"})
    assert response.status_code == 413
    assert response.json()["type"] == "/problems/too-large"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"language": 7}', b"[" * 50_000])
async def test_bodies_that_are_no_request(api: Any, body: bytes) -> None:
    response = await api.http.post("/search_flights", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    problem = Problem.model_validate_json(response.content)
    assert problem.instance == response.headers["x-request-id"]


async def test_an_unexpected_error_tells_the_caller_nothing(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret-detail at /home/somebody")

    monkeypatch.setattr(type(api.services.flights), "answer", explode)
    response = await api.http.get(
        "/v1/flights/search", params={"origin": "MAD", "destination": "BER", "departure_date": "2026-12-01"}
    )
    assert response.status_code == 500
    problem = Problem.model_validate_json(response.content)
    assert problem.type == "/problems/internal"
    assert "secret-detail" not in response.text
    assert "Traceback" not in response.text


async def test_request_ids_are_taken_over_only_when_they_are_harmless(api: Any) -> None:
    response = await api.http.get("/health", headers={"X-Request-Id": "abcdefgh-1234"})
    assert response.headers["x-request-id"] == "abcdefgh-1234"
    response = await api.http.get("/health", headers={"X-Request-Id": 'x"; drop'})
    assert len(response.headers["x-request-id"]) == 24


async def test_security_headers(api: Any) -> None:
    headers = (await api.http.get("/health")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


async def test_other_origins_only_from_the_list(start: Any) -> None:
    async with start(cors_origins=("https://travel.example.com",)) as api:
        for origin, allowed in (("https://travel.example.com", True), ("https://evil.example.com", False)):
            response = await api.http.get("/health", headers={"Origin": origin})
            assert ("access-control-allow-origin" in response.headers) is allowed
        preflight = await api.http.options(
            "/v1/token",
            headers={"Origin": "https://travel.example.com", "Access-Control-Request-Method": "POST"},
        )
        assert preflight.status_code == 200


async def test_rate_limits_say_when_to_come_back(start: Any) -> None:
    async with start(rate_sessions="2/minute") as api:
        first = await api.http.post("/v1/sessions")
        assert (first.headers["ratelimit-limit"], first.headers["ratelimit-remaining"]) == ("2", "1")
        await api.http.post("/v1/sessions/start")
        third = await api.http.post("/v1/sessions")
        assert third.status_code == 429
        assert 1 <= int(third.headers["retry-after"]) <= 60
        assert Problem.model_validate_json(third.content).retryable
        assert (await api.http.post("/v1/token")).status_code == 201, "scopes are counted apart"


async def test_everything_is_closed_at_the_end(start: Any, media: Any) -> None:
    async with start(media=media) as api:
        await api.http.post("/v1/sessions")
    assert media.closed
    assert len(api.services.watch) == 0


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdefghijklmnop",
        "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.abcDEF123",
        "key sk-proj-abcdefghijklmnop",
        "mail ada.lovelace@example.com",
        "postgresql://user:pass@db/x",
    ],
)
def test_logs_carry_no_secrets(text: str) -> None:
    cleaned = redact(text)
    assert "[" in cleaned
    for secret in ("abcdefghijklmnop", "eyJ", "lovelace", "user:pass"):
        assert secret not in cleaned


@pytest.mark.parametrize("text", ["EZE-MAD 2026-12-03 IB6842", "room polyglot-abc", "GET /v1/sessions 201"])
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    assert redact(text) == text


def test_log_lines_are_json_with_bound_context(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure("INFO")
        with structlog.contextvars.bound_contextvars(request_id="r-1"):
            structlog.get_logger("test").info("hello", api_key="k", count=3)
            logging.getLogger("library").warning("Bearer abcdefghijklmnop")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["event"], first["request_id"], first["api_key"], first["count"]) == ("hello", "r-1", "[redacted]", 3)
    assert second["event"] == "[credentials]"


async def test_airports_are_where_they_are_and_unknown_ones_are_left_out(api: Any) -> None:
    found = (await api.http.get("/v1/airports?code=MAD&code=QQQ&code=LON&code=MAD")).json()["airports"]
    assert [airport["code"] for airport in found] == ["MAD", "LON"]
    assert (round(found[0]["latitude"]), round(found[0]["longitude"])) == (40, -4)
    assert (round(found[1]["latitude"]), round(found[1]["longitude"])) == (51, 0)


@pytest.mark.parametrize("query", ["", "?code=madrid", "?code=" + "&code=".join(["MAD"] * 41)])
async def test_airports_that_are_asked_for_wrongly_are_refused_by_name(api: Any, query: str) -> None:
    answer = await api.http.get(f"/v1/airports{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("code")
