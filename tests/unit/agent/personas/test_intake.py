"""An intake: what cannot wait, what must not be said, and what is kept when."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import llm

from agent.call.backend import BackendError
from agent.call.screen import Screen
from agent.call.state import Call
from agent.hearing.language import LanguageTracker
from agent.personas import persona
from agent.personas.intake import alarm
from agent.personas.intake.desk import begin, desk_of, take_up
from agent.personas.intake.tools import (
    SymptomSaid,
    finish_intake,
    note_allergies,
    note_history,
    note_medicines,
    note_symptoms,
    raise_red_flag,
    record_consent,
)
from agent.turns.tracker import Turns
from contracts.desk import HandoffReply
from contracts.dispatch import DispatchMetadata, Pipeline
from contracts.intakes import Intake, IntakeStatus, KeptIntake, RedFlag


class Api:
    def __init__(self, *, down: bool = False, waiting: int = 0) -> None:
        self.down, self.waiting = down, waiting
        self.kept: list[Intake] = []
        self.asked: list[str] = []

    async def ask(self, answer: Any, method: str, _path: str, *, body: Any = None) -> Any:
        if self.down:
            raise BackendError(None)
        if answer is HandoffReply:
            self.asked.append(body["reason"])
            return HandoffReply(waiting=self.waiting)
        if method == "PUT":
            self.kept.append(Intake.model_validate(body))
        now = self.kept[-1].consented_at
        return KeptIntake(session_id="session-1", intake=self.kept[-1], updated_at=now, kept_until=now)


class Speaker:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.own: dict[str, str] = {}

    def text(self, line: str) -> str:
        return self.own[line]

    def words(self, text: str) -> None:
        self.said.append(text)

    async def notice(self, *_: Any, **__: Any) -> None:
        """Shown."""


class Room:
    def __init__(self) -> None:
        self.shown: list[Any] = []

    async def intake(self, message: Any) -> None:
        self.shown.append(message)


def a_call(api: Api | None = None, *, code: str = "es", zone: str = "Europe/Madrid") -> Call:
    metadata = DispatchMetadata(
        session_id="session-1", persona="intake", pipeline=Pipeline.TEXT, language=code, time_zone=zone
    )
    speaker: Any = Speaker()
    call = Call(
        metadata=metadata,
        settings=None,  # type: ignore[arg-type]
        pipeline=Pipeline.TEXT,
        backend=api or Api(),  # type: ignore[arg-type]
        room=Room(),  # type: ignore[arg-type]
        turns=Turns(),
        language=LanguageTracker(metadata),
        speaker=speaker,
        screen=Screen(),
    )
    speaker.own = dict(call.persona.lines(code, metadata))
    return call


def context(call: Call) -> Any:
    return SimpleNamespace(userdata=call, session=SimpleNamespace(current_agent=None))


def told(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer if isinstance(answer, str) else answer.output)
    return found


def chat(*turns: tuple[str, str]) -> llm.ChatContext:
    made = llm.ChatContext.empty()
    for role, text in turns:
        made.add_message(role=role, content=text)  # type: ignore[arg-type]
    return made


async def test_nothing_is_kept_before_the_patient_has_agreed() -> None:
    api = Api()
    call = a_call(api)
    for work in (note_history(context(call), ["x"]), finish_intake(context(call))):
        assert told(await work)["status"] == "error"
    assert told(await record_consent(context(call), agreed=False))["done"] == "declined"
    assert (api.kept, desk_of(call).intake) == ([], None)


async def test_each_answer_is_kept_and_says_what_is_next() -> None:
    api = Api()
    call = a_call(api)
    assert told(await record_consent(context(call), agreed=True))["next"] == "symptoms"
    said = [SymptomSaid(what="carraspera", since=None, severity=3)]
    assert told(await note_symptoms(context(call), said))["next"] == "history"
    assert told(await finish_intake(context(call)))["status"] == "error"
    await note_history(context(call), [])
    await note_allergies(context(call), ["penicilina"])
    assert told(await note_medicines(context(call), []))["next"] is None
    assert told(await finish_intake(context(call)))["done"] == "complete"
    last = api.kept[-1]
    assert (last.status, last.allergies, last.history) == (IntakeStatus.COMPLETE, ("penicilina",), ())
    assert len(call.room.shown) >= 5  # type: ignore[attr-defined]


async def test_what_does_not_fit_is_said_and_changes_nothing() -> None:
    api = Api()
    call = a_call(api)
    await record_consent(context(call), agreed=True)
    answer = told(await note_symptoms(context(call), [SymptomSaid(what="x", since=None, severity=12)]))
    assert answer["status"] == "error"
    assert "severity" in answer["field"]
    assert api.kept[-1].symptoms == ()


async def test_an_api_that_is_away_is_said_and_begins_nothing() -> None:
    call = a_call(Api(down=True))
    assert told(await record_consent(context(call), agreed=True))["problem"] == "unavailable"
    assert desk_of(call).intake is None
    call = a_call()
    await record_consent(context(call), agreed=True)
    call.backend.down = True  # type: ignore[attr-defined]
    assert told(await note_history(context(call), ["x"]))["problem"] == "unavailable"
    assert told(await finish_intake(context(call)))["status"] == "error"


async def test_after_a_stop_no_tool_does_anything() -> None:
    api = Api()
    call = a_call(api)
    call.turns.stop()
    for work in (
        record_consent(context(call), agreed=True),
        note_history(context(call), []),
        finish_intake(context(call)),
    ):
        assert told(await work)["status"] == "stopped"
    assert api.kept == []


async def test_a_sign_of_danger_takes_the_place_of_any_answer_and_a_person_is_called_once() -> None:
    api = Api()
    call = a_call(api)
    begin(call)
    line = call.speaker.text("red_flag")
    assert "112" in line
    assert call.persona.fixed_answer(call, chat(("user", "Me duele la rodilla"))) is None
    said = chat(("user", "Me duele el pecho"))
    assert call.persona.fixed_answer(call, said) == line
    assert call.persona.fixed_answer(call, said) == line, "asked twice for the same turn, nothing of it heard yet"
    call.persona.said(call, line)
    more = chat(("user", "Me duele el pecho"), ("assistant", line), ("user", "¿Y qué tomo?"))
    assert call.persona.fixed_answer(call, more) == call.speaker.text("red_flag_again")
    await asyncio.gather(*call.background)
    assert api.asked == ["red_flag"]
    assert (api.kept[-1].status, api.kept[-1].red_flags) == (IntakeStatus.RED_FLAG, (RedFlag.CHEST_PAIN,))


async def test_a_person_is_called_also_where_the_line_is_never_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm, "SAID_WITHIN", 0.01)
    api = Api()
    call = a_call(api)
    call.persona.fixed_answer(call, chat(("user", "No puedo respirar")))
    await asyncio.gather(*call.background)
    assert api.asked == ["red_flag"]
    assert api.kept == [], "the patient has not agreed to anything"


async def test_the_model_may_raise_one_that_no_list_has() -> None:
    call = a_call()
    begin(call)
    await raise_red_flag(context(call), "other")
    assert call.speaker.said == [call.speaker.text("red_flag")]  # type: ignore[attr-defined]
    call.persona.said(call, call.speaker.text("red_flag"))
    await asyncio.gather(*call.background)
    assert desk_of(call).intake.status is IntakeStatus.RED_FLAG  # type: ignore[union-attr]


@pytest.mark.parametrize(("zone", "number"), [("America/New_York", "911"), ("Europe/London", "999"), ("UTC", "112")])
def test_the_number_to_call_is_that_of_where_the_patient_is(zone: str, number: str) -> None:
    for line in ("greeting", "red_flag"):
        assert number in a_call(code="en", zone=zone).speaker.text(line)


def test_advice_is_replaced_and_its_own_lines_are_not() -> None:
    call = a_call()
    replaced = call.persona.right(call, "Debería tomar paracetamol. ")
    assert (replaced.text, replaced.kinds) == (call.speaker.text("no_advice") + " ", ("advice",))
    assert call.persona.right(call, "You should take aspirin.").kinds == ("advice",), "in the other language too"
    for line in persona("intake").lines("es", call.metadata).values():
        assert call.persona.right(call, line).text == line


async def test_an_agent_that_takes_over_knows_what_is_kept() -> None:
    api = Api()
    call = a_call(api)
    await record_consent(context(call), agreed=True)
    await note_symptoms(context(call), [SymptomSaid(what="carraspera", since=None, severity=None)])
    other = a_call(api)
    assert "carraspera" not in other.persona.instructions(other)
    await take_up(other)
    assert "carraspera" in other.persona.instructions(other)
    away = a_call(Api(down=True))
    await take_up(away)
    assert desk_of(away).intake is None
