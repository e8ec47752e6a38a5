"""Every tool of the flights persona in every language: words through the real agent to the API in this process.

The language model is the emulator's, over HTTP as a provider's is; so is the second, stronger one.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
import pytest_asyncio
import yaml
from aiohttp.test_utils import TestServer
from in_room import KEY, SECRET
from livekit.agents.utils import http_context
from media import FakeMedia
from text_call import recovery_of, text_call

from agent.call.agent_session import new_session
from agent.call.assistant import Assistant
from agent.call.backend import Backend
from agent.call.expert import Expert
from agent.call.pipelines import build
from agent.personas import persona
from agent.providers.choice import choose_models
from agent.providers.client import Clients
from agent.providers.context import CallContext
from agent.settings import AgentSettings
from agent.speaking.fact_guard import FactGuard
from api.app import create_app
from api.settings import Settings
from contracts import tools
from contracts.dispatch import DispatchMetadata, Pipeline
from contracts.languages import LANGUAGES
from emulator.app import build_app
from emulator.settings import EmulatorSettings

SAID: Final[dict[str, list[list[str]]]] = yaml.safe_load(
    (Path(__file__).parent / "trips.yaml").read_text(encoding="utf-8")
)
SCREEN_ONLY: Final = {tools.TOOL_REFINE}
"""In every language by `test_dialogues`."""
HANDED_OVER: Final = {"en", "es"}
"""Where another persona speaks the language."""


def test_every_tool_is_asked_for_in_every_language() -> None:
    every = {tool.info.name for tool in persona("flights").tools} - SCREEN_ONLY
    every |= {tools.TOOL_EXPERT, tools.TOOL_PERSON}
    assert set(SAID) == set(LANGUAGES)
    for code, turns in SAID.items():
        wanted = every | ({tools.TOOL_HAND_OVER} if code in HANDED_OVER else set())
        assert {tool for _, tool in turns} == wanted, code


class Room:
    """Shown to nobody."""

    async def results(self, _message: Any) -> None:
        pass

    async def notice(self, _message: Any) -> None:
        pass

    def ask_shown(self, *_: Any) -> None:
        pass


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def environment() -> AsyncIterator[dict[str, str]]:
    async with TestServer(build_app(EmulatorSettings(ears="clips"))) as running:
        yield {
            "LIVEKIT_URL": "ws://127.0.0.1",
            "LIVEKIT_API_KEY": KEY,
            "LIVEKIT_API_SECRET": SECRET,
            "OPENAI_API_KEY": "emulator",
            "OPENAI_BASE_URL": str(running.make_url("/v1")),
            "POLYGLOT_EXPERT_MODEL": "openai/gpt-6-sol",
        }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    settings = Settings(
        livekit_url="wss://media.example.com",
        livekit_api_key=KEY,
        livekit_api_secret=SECRET,
        state_dir=tmp_path_factory.mktemp("api"),
        fare_sources="sample",
        personas="flights,intake",
    )
    app = create_app(settings, media=FakeMedia())
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://api") as http:
            yield http


D={
"en":[["Flights from Manchester to Rome on 12 January for two","Anything cheaper?","Which leave before noon?","Not with Ryanair, please","And in business class?"],
      ["I need to get from Portland to Boston next Friday","The one in Maine","Show me only nonstop ones","Compare the first two","Let me know if it drops below 150"],
      ["How are prices from Dublin to Lisbon in the first week of March?","OK, fly on the cheapest of those days","Is the first one refundable?","What's the status of that flight?"]],
"es":[["Busco un vuelo de Bilbao a Berlín el 14 de enero","Más barato","¿Y alguno que salga más temprano?","Sin Ryanair","¿Cuánto cuesta en business?"],
      ["Quiero volar de Santiago a Madrid el 20 de enero","Santiago de Chile","Solo directos","Compara el primero y el tercero"],
      ["Vuelos de Sevilla a París el 9 de febrero, dos adultos y un niño de siete años","Que llegue antes de las seis de la tarde","Avísame si baja de 300 euros","¿Qué alertas tengo?","Bórrala"]],
"fr":[["Je cherche un vol de Lyon à Lisbonne le 15 janvier","Moins cher ?","Plutôt le matin","Sans Ryanair ni easyJet","Et en classe affaires ?"],
      ["Un aller-retour de Brest à Londres du 10 au 17 février","En France","Avec un bagage en soute","Compare les deux premiers"],
      ["Quel est le jour le moins cher en mars pour aller de Nantes à Barcelone ?","Cherche ce jour-là","Préviens-moi si le prix baisse","Est-ce que le premier vol est à l'heure ?"]],
"de":[["Ich suche einen Flug von Hamburg nach Wien am 16. Januar","Geht es günstiger?","Früher am Tag, bitte","Ohne Ryanair","Und in der Businessclass?"],
      ["Flug von Frankfurt nach San José am 3. Februar","Costa Rica","Höchstens ein Stopp","Vergleiche den ersten mit dem zweiten"],
      ["Von München nach Athen und weiter nach Kairo, am 5. und am 9. Februar","Wie lange dauert das insgesamt?","Nur mit Lufthansa","Sag Bescheid, wenn es unter 400 Euro kostet"]],
"it":[["Cerco un volo da Milano a Madrid il 18 gennaio","C'è qualcosa di più economico?","Che parta prima","Senza Ryanair","E in business?"],
      ["Un volo da Napoli a Birmingham il 6 febbraio","In Inghilterra","Solo con un bagaglio incluso","Confronta il primo e il secondo"],
      ["Quando costa meno volare da Bologna a Parigi a marzo?","Va bene, cerca quel giorno","Avvisami se scende sotto i 90 euro","Togli l'avviso"]],
"pt":[["Quero um voo de Lisboa para Londres no dia 19 de janeiro","Tem mais barato?","Um que saia mais cedo","Sem Ryanair","E na executiva?"],
      ["Voo de São Paulo para Santiago no dia 4 de fevereiro","No Chile","Só voos diretos","Compare os dois primeiros"],
      ["Voos do Porto para Zurique ida e volta de 12 a 20 de fevereiro para duas pessoas","Com bagagem despachada","Avise-me se baixar","Como está o primeiro voo?"]],
"ja":[["1月20日に東京から大阪へのフライトを探して","もっと安いのは?","もっと早い便は?","ピーチは除いて","ビジネスクラスだと?"],
      ["2月5日に成田からバンクーバーへ行きたい","直行便だけ","最初の二つを比べて","10万円以下になったら知らせて"],
      ["3月で一番安い日はいつ? 福岡からソウルまで","その日で検索して","一番目の便は定刻?","荷物は含まれる?"]],
"zh":[["找1月21日从上海到新加坡的航班","有更便宜的吗?","早一点的呢?","不要春秋航空","商务舱多少钱?"],
      ["我想2月6日从北京飞伯明翰","英国的","最多转一次机","比较前两个"],
      ["三月份从广州到曼谷哪天最便宜?","就搜那一天","低于一千元时通知我","我有哪些提醒?"]],
}

ZONE={"en":"Europe/London","es":"Europe/Madrid","fr":"Europe/Paris","de":"Europe/Berlin","it":"Europe/Rome","pt":"Europe/Lisbon","ja":"Asia/Tokyo","zh":"Asia/Shanghai"}
@pytest.mark.parametrize(("code","n"), [(c,i) for c in D for i in range(len(D[c]))])
@pytest.mark.asyncio(loop_scope="module")
async def test_probe(environment, api, code, n):
    agent_settings = AgentSettings.model_validate(environment)
    opened = (await api.post("/v1/sessions", json={"locale": LANGUAGES[code].tag})).json()
    backend = Backend(agent_settings, opened["room_name"], transport=api._transport)
    metadata = DispatchMetadata(session_id=opened["session_id"], pipeline=Pipeline.TEXT, language=code, locale=LANGUAGES[code].tag, time_zone=ZONE[code])
    clients = Clients(agent_settings)
    call = text_call(metadata, agent_settings, backend, Room())
    recovery = recovery_of(call); context = CallContext(agent_settings, clients, code, pinned=True)
    call.expert = Expert(lambda: context)
    out=[f"=== {code} {n}"]
    async with http_context.open():
        session = new_session(build(Pipeline.TEXT, choose_models(metadata, agent_settings), context), call)
        await session.start(Assistant(call, recovery, FactGuard(call, lambda k: out.append(f"   !! corrected {k}"))), record=False)
        try:
            for say in D[code][n]:
                before=call.screen.result
                out.append("> "+say)
                try:
                    async with asyncio.timeout(30): result = await session.run(user_input=say)
                except Exception as x: out.append("   FAIL "+repr(x)); break
                for e in result.events:
                    if e.type=="function_call": out.append(f"   CALL {e.item.name} {e.item.arguments}")
                    elif e.type=="function_call_output": out.append("   OUT "+e.item.output[:160 if '"offers"' in e.item.output else 420])
                    elif e.type=="message" and e.item.role=="assistant": out.append("   SAYS "+(e.item.text_content or ""))
                if call.screen.result:
                    q=call.screen.result.query
                    out.append(f"   [cards {len(call.screen.offers)}/{len(call.screen.result.offers)} {q.origin.code}>{q.destination.code} {q.departure_date} ret {q.return_date} {[(g.origin.code,g.destination.code,str(g.date)) for g in q.further]} {q.adults}a{q.children} {q.cabin.value} st{q.max_stops} {q.currency} {q.filters.model_dump(exclude_defaults=True)} view {call.screen.view.model_dump(exclude_defaults=True)} {[ (o.carrier.code,o.total.amount,str(o.slices[0].departs_at)[11:16]) for o in call.screen.offers[:2]]}]")
        finally:
            await session.aclose(); await clients.aclose(); await backend.aclose()
            open("/tmp/tripwork/dlgout.txt","a").write("\n".join(out)+"\n")
