"""`polyglot run` says what the user will see, and where its flights come from."""

from pathlib import Path

import pytest

from cli.commands.run import _welcome
from cli.stack.local import LocalStack


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (("sample",), "Flights are sample data; with DUFFEL_API_TOKEN in .env they are Duffel's."),
        (("duffel", "serpapi"), "Flights come from: duffel, serpapi."),
        ((), "Flights come from: nowhere."),
    ],
)
@pytest.mark.parametrize("environ", [{}, {"OPENAI_API_KEY": "sk-x"}])
def test_the_source_of_the_flights_is_named(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    environ: dict[str, str],
    sources: tuple[str, ...],
    said: str,
) -> None:
    _welcome(LocalStack(state_dir=tmp_path, environ=environ), sources)
    printed = capsys.readouterr().out
    assert said in printed
    assert ("the model is an emulator" in printed) == (not environ)
    assert ("POLYGLOT_SPEECH_MODEL" in printed) == bool(environ)
    assert ("sample data" in printed) == (sources == ("sample",))
