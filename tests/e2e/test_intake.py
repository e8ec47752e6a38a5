"""A medical intake by voice in Spanish: consent, identity, a sign of danger, a person who takes the call, and an erasure."""

import asyncio
from typing import Self

import httpx2
from livekit import rtc
from stacks import Speech

from cli.stack.local import LocalStack
from cli.traveller.caller import Traveller
from contracts.desk import DeskToken, HandoffOffer
from contracts.dispatch import Pipeline
from contracts.intakes import IntakeStatus, KeptIntake, RedFlag
from contracts.names import TOPIC_HANDOFF
from contracts.sessions import SessionRequest

PATIENT = SessionRequest(persona="intake", locale="es-ES", time_zone="Europe/Madrid")


class Operator:
    """Waits at the desk, and joins the first call that it is told of."""

    def __init__(self, stack: LocalStack) -> None:
        self._http = httpx2.AsyncClient(
            base_url=stack.api_url, headers={"Authorization": f"Bearer {stack.operator_key}"}
        )
        self._desk, self.call = rtc.Room(), rtc.Room()
        self.told: asyncio.Future[HandoffOffer] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Self:
        self._desk.on("data_received", self._on_data)
        await self._enter(self._desk, "/v1/desk/token")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.call.disconnect()
        await self._desk.disconnect()
        await self._http.aclose()

    def _on_data(self, packet: rtc.DataPacket) -> None:
        if packet.topic == TOPIC_HANDOFF and not self.told.done():
            self.told.set_result(HandoffOffer.model_validate_json(packet.data))

    async def join(self) -> HandoffOffer:
        """Take the call."""
        async with asyncio.timeout(30):
            offer = await self.told
        await self._enter(self.call, f"/v1/desk/calls/{offer.session_id}/join")
        return offer

    async def _enter(self, room: rtc.Room, path: str) -> None:
        answer = await self._http.post(path, json={"name": "Marta"})
        token = DeskToken.model_validate_json(answer.content)
        await room.connect(token.server_url, token.participant_token)


async def test_an_intake_ends_at_a_sign_of_danger_and_a_person_takes_the_call(
    stack: LocalStack, speech: Speech
) -> None:
    async with Operator(stack) as operator, Traveller.call(stack.api_url, PATIENT) as caller:
        assert caller.session.pipeline is Pipeline.CASCADE, "what is said is read before it is heard"
        await caller.ready()
        await caller.sound(0.0)
        await caller.hush()
        for words, answer in (
            ("Sí, adelante.", "apellido"),
            ("Me llamo Ana García.", "Ana García"),
            ("Me duele mucho el pecho y no puedo respirar.", "Llame ahora al 112"),
        ):
            ended = await caller.say(await speech(words))
            assert answer in (await caller.answer(ended)).text
            if answer != "Llame ahora al 112":
                await caller.hush()
        offer = await operator.join()
        assert (offer.reason, offer.language, offer.persona) == ("red_flag", "es", "intake")
        assert "Marta" in (await caller.told("operator_joined", ended)).text
        async with httpx2.AsyncClient(base_url=stack.api_url) as http:
            path = f"/v1/sessions/{caller.session.session_id}/intake"
            kept = KeptIntake.model_validate_json((await http.get(path, headers=caller.credentials)).content).intake
            assert (kept.language, kept.status) == ("es", IntakeStatus.RED_FLAG)
            assert kept.red_flags == (RedFlag.CHEST_PAIN, RedFlag.BREATHING)
            erased = await http.post("/v1/privacy/erase", json={"receipt": caller.session.receipt})
            assert erased.json()["rows"]["intakes"] == 1


async def test_a_call_goes_to_another_persona_which_begins_anew(stack: LocalStack) -> None:
    wanted = SessionRequest(pipeline=Pipeline.TEXT, locale="es-ES", time_zone="Europe/Madrid")
    async with Traveller.call(stack.api_url, wanted) as caller:
        await caller.greeted()
        asked = await caller.write("Quiero hacer mi historia clínica")
        assert "urgencia" in (await caller.answer(asked)).text
        asked = await caller.write("Sí, adelante")
        assert "apellido" in (await caller.answer(asked)).text
