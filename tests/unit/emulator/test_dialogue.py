import json
from typing import Any, get_args

import pytest

from contracts.languages import LANGUAGES
from contracts.tools import ToolProblem
from emulator.lexicon import lexicon
from emulator.mind.conversation import Reply, Said, Tool

ASK = "Find me a flight from Madrid to Berlin tomorrow"

FOLLOW_UPS = [
    ("en", ASK, "the cheapest", "the second one", "only direct flights", "and to Rome?"),
    ("es", "de Madrid a Berlín mañana", "el más barato", "el segundo", "solo vuelos directos", "¿y a Roma?"),
    ("fr", "de Madrid à Berlin demain", "le moins cher", "le deuxième", "que les vols directs", "et à Rome ?"),
    ("de", "von Madrid nach Berlin morgen", "der günstigste", "der zweite", "nur Direktflüge", "und nach Rom?"),
    ("it", "da Madrid a Berlino domani", "il più economico", "il secondo", "solo voli diretti", "e a Roma?"),
    ("pt", "de Madrid para Berlim amanhã", "o mais barato", "o segundo", "só voos diretos", "e para Roma?"),
    ("ja", "マドリードからベルリンまで明日", "一番安いのは", "二番目の", "直行便だけ", "ローマは？"),
    ("zh", "明天从马德里飞往柏林", "最便宜的", "第二个", "只要直飞", "去罗马呢"),
]

SMALL_TALK = [
    ("en", "Hello!", "hello"),
    ("es", "Buenos días", "hello"),
    ("fr", "Bonjour", "hello"),
    ("de", "Guten Morgen", "hello"),
    ("it", "Buongiorno", "hello"),
    ("pt", "Olá, bom dia", "hello"),
    ("ja", "こんにちは", "hello"),
    ("zh", "你好", "hello"),
    ("en", "thank you very much", "thanks"),
    ("es", "muchas gracias", "thanks"),
    ("fr", "merci beaucoup", "thanks"),
    ("de", "vielen Dank", "thanks"),
    ("it", "grazie mille", "thanks"),
    ("pt", "muito obrigado", "thanks"),
    ("ja", "ありがとうございます", "thanks"),
    ("zh", "谢谢", "thanks"),
    ("en", "What is the weather like?", "not_understood"),
    ("es", "¿Qué tiempo hace?", "not_understood"),
    ("fr", "Quel temps fait-il ?", "not_understood"),
    ("de", "Wie wird das Wetter?", "not_understood"),
    ("it", "Che tempo fa?", "not_understood"),
    ("pt", "Como está o tempo?", "not_understood"),
    ("ja", "天気はどうですか", "not_understood"),
    ("zh", "天气怎么样", "not_understood"),
]

SWITCHES = [
    ("auf Deutsch bitte", "de"),
    ("speak Spanish please", "es"),
    ("en français s'il vous plaît", "fr"),
    ("日本語でお願いします", "ja"),
    ("请说中文", "zh"),
    ("parla italiano", "it"),
    ("em português", "pt"),
    ("in English please", "en"),
]

PRICES = {
    "en": "€1,089.90",
    "es": "1.089,90 €",
    "fr": "1 089,90 €",
    "de": "1.089,90 €",
    "it": "1.089,90 €",
    "pt": "€ 1.089,90",
    "ja": "€1,089.90",
    "zh": "€1,089.90",
}
TIMES = {"en": "5:05 PM"}


def called(reply: Reply) -> tuple[str | None, dict[str, Any]]:
    return reply.tool, {name: value for name, value in reply.arguments.items() if value is not None}


@pytest.mark.parametrize("sentences", FOLLOW_UPS)
def test_a_conversation_goes_on_from_its_results(talk: Any, sentences: tuple[str, ...]) -> None:
    language, ask, cheapest, second, direct, elsewhere = sentences
    call = talk()
    assert call.say(ask).tool == "search_flights"
    answer = call.give(talk.found())
    assert answer.language == language
    assert lexicon(language).answers.sample in answer.text
    assert PRICES[language] in answer.text.replace("\u202f", " ")
    assert TIMES.get(language, "17:05") in answer.text
    assert "Iberia" in answer.text
    assert "Lufthansa" not in answer.text
    assert called(call.say(cheapest)) == ("refine_flights", {"sort_by": "price"})
    call.give(talk.found())
    assert called(call.say(second)) == ("select_flight", {"number": 2})
    call.give(json.dumps({"sample": True, "offer": talk.offer(2)}))
    assert called(call.say(direct)) == ("refine_flights", {"max_stops": 0})
    call.give(talk.found())
    again = call.say(elsewhere)
    assert again.tool == "search_flights"
    assert talk.given(again) | {"max_stops": 0} == {
        "origin": "MAD",
        "destination": "ROM",
        "departure_date": "2026-11-22",
        "max_stops": 0,
    }


@pytest.mark.parametrize("sentences", FOLLOW_UPS)
def test_what_prices_are_worth_is_said(talk: Any, sentences: tuple[str, ...]) -> None:
    language, ask, cheapest, second, *_ = sentences
    answers = lexicon(language).answers
    call = talk()
    call.say(ask)
    assert answers.indicative in call.give(talk.found(sample=False, indicative=True)).text
    call.say(cheapest)
    assert answers.indicative in call.give(talk.found(sample=False, indicative=True)).text
    call.say(second)
    chosen = call.give(json.dumps({"sample": False, "indicative": True, "offer": talk.offer(2)}))
    assert answers.indicative in chosen.text
    call.say(cheapest)
    live = call.give(talk.found(sample=False)).text
    assert answers.indicative not in live
    assert answers.sample not in live


def test_french_leans_on_a_vowel(talk: Any) -> None:
    call = talk()
    call.say("d'Oslo à Stockholm demain")
    oslo = {"code": "OSL", "name": "Oslo"}
    answer = call.give(talk.found(origin=oslo)).text
    assert "d'Oslo à" in answer
    assert "d'Iberia" in answer
    assert "de Oslo" not in answer


@pytest.mark.parametrize(("language", "text", "answer"), SMALL_TALK)
def test_small_talk_is_answered_in_its_language(talk: Any, language: str, text: str, answer: str) -> None:
    reply = talk().say(text)
    assert (reply.language, reply.text) == (language, getattr(lexicon(language).answers, answer))


@pytest.mark.parametrize(("text", "language"), SWITCHES)
def test_a_language_can_be_asked_for(talk: Any, text: str, language: str) -> None:
    call = talk(instructions="" if language == "en" else talk().instructions)
    call.say("de Madrid a Berlín mañana" if language != "es" else ASK)
    call.give(talk.found())
    reply = call.say(text)
    assert (reply.language, reply.text) == (language, lexicon(language).answers.switched)


def test_speaking_another_language_is_enough(talk: Any) -> None:
    call = talk()
    call.say(ASK)
    call.give(talk.found())
    reply = call.say("und nach Rom am 3. Dezember?")
    assert reply.language == "de"
    assert talk.given(reply)["departure_date"] == "2026-12-03"
    assert call.give(talk.found()).text.startswith("Ich habe 7 Flüge")


def test_a_name_alone_stays_in_the_language_of_the_conversation(talk: Any) -> None:
    call = talk()
    call.say("Ich möchte fliegen")
    assert call.say("Berlin").text == lexicon("de").answers.ask_origin
    assert call.say("Madrid").text == lexicon("de").answers.ask_date


def test_what_is_missing_is_asked_for_and_kept(talk: Any) -> None:
    call = talk()
    assert call.say("I want to fly").text == lexicon("en").answers.ask_destination
    assert call.say("to Berlin").text == lexicon("en").answers.ask_origin
    assert call.say("from Madrid").text == lexicon("en").answers.ask_date
    assert call.say("tomorrow, a round trip").text == lexicon("en").answers.ask_return
    assert talk.given(call.say("on December 3rd")) == {
        "origin": "MAD",
        "destination": "BER",
        "departure_date": "2026-11-22",
        "return_date": "2026-12-03",
    }


@pytest.mark.parametrize("word", [language.stop_words[0] for language in LANGUAGES.values()])
def test_stop_is_answered_by_silence(talk: Any, word: str) -> None:
    call = talk()
    call.say(ASK)
    call.give(talk.found())
    reply = call.say(word)
    assert (reply.text, reply.tool) == ("", None)
    assert reply.language == "en"


def test_repeat_says_the_last_answer_again(talk: Any) -> None:
    call = talk()
    call.say(ASK)
    answer = call.give(talk.found())
    assert call.say("can you repeat that").text == answer.text


def test_only_the_search_tool_is_enough(talk: Any) -> None:
    call = talk(talk.search)
    call.say(ASK)
    call.give(talk.found())
    assert "Lufthansa" in call.say("the fastest one").text
    assert "LH1801" in call.say("number one").text
    assert call.say("number nine").text == lexicon("en").answers.no_such_number
    assert talk.given(call.say("only non-stop flights"))["max_stops"] == 0


def test_without_tools_it_says_that_it_cannot_search(talk: Any) -> None:
    reply = talk(tool_choice="none").say(ASK)
    assert (reply.tool, reply.text) == (None, LANGUAGES["en"].lines.search_unavailable)


@pytest.mark.parametrize("choice", ["required", "select_flight"])
def test_a_demanded_tool_is_called(talk: Any, choice: str) -> None:
    reply = talk(tool_choice=choice).say("hello")
    assert reply.tool == ("search_flights" if choice == "required" else "select_flight")


def test_arguments_are_those_of_the_offered_schema(talk: Any) -> None:
    narrow = Tool("search_flights", {"properties": {"origin": {}, "destination": {}, "departure_date": {}}})
    assert set(talk(narrow).say(ASK).arguments) == {"origin", "destination", "departure_date"}


def test_what_the_offered_search_cannot_take_is_said_and_never_left_out(talk: Any) -> None:
    narrow = Tool("search_flights", {"properties": {"origin": {}, "destination": {}, "departure_date": {}}})
    reply = talk(narrow).say(ASK + " for two adults and a baby, arriving by 6 pm")
    assert reply.tool is None
    assert reply.text == "I cannot search with this: 2 adults, 1 infant, arriving by 6:00 PM."


def test_carrier_and_price_limit_narrow_the_results(talk: Any) -> None:
    call = talk()
    call.say(ASK)
    call.give(talk.found())
    assert talk.given(call.say("with Lufthansa please")) == {"carrier": "Lufthansa"}
    call.give(talk.found())
    assert talk.given(call.say("under €1,100")) == {"max_price": "1100"}
    assert call.give(talk.found(offers=[], total_offers=0)).text == lexicon("en").answers.nothing_left


def test_an_unknown_place_is_asked_about_by_its_name(talk: Any) -> None:
    call = talk()
    assert talk.given(call.say("a flight from Madrid to Atlantis tomorrow"))["destination"] == "Atlantis"
    answer = call.give(talk.problem("unknown_place", field="destination"))
    assert "Atlantis" in answer.text
    assert talk.given(call.say("Berlin"))["destination"] == "BER"


@pytest.mark.parametrize("answer", ["the one in the United States", "the second one"])
def test_an_ambiguous_place_is_settled_by_a_choice(talk: Any, answer: str) -> None:
    candidates = ["Birmingham, United Kingdom", "Birmingham, United States"]
    call = talk()
    call.say("a flight from Madrid to Birmingham tomorrow")
    question = call.give(talk.problem("ambiguous_place", field="destination", candidates=candidates))
    assert " or ".join(candidates) in question.text
    assert talk.given(call.say(answer))["destination"] == candidates[1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", get_args(ToolProblem.model_fields["problem"].annotation))
def test_every_problem_has_words_in_every_language(talk: Any, language: str, kind: str) -> None:
    ask = next(ask for code, ask, *_ in FOLLOW_UPS if code == language)
    call = talk()
    call.say(ask)
    reply = call.give(talk.problem(kind, field="origin", candidates=["A", "B"]))
    assert reply.language == language
    assert len(reply.text) > 5
    assert "{" not in reply.text


@pytest.mark.parametrize("output", ["", "oops", "[]", '{"status": "ok"}'])
def test_a_reply_that_is_none_is_not_made_up(talk: Any, output: str) -> None:
    call = talk()
    call.say(ASK)
    assert call.give(output).text == LANGUAGES["en"].lines.search_unavailable


def test_words_to_say_exactly_are_said(talk: Any) -> None:
    instructions = 'Be brief.\nSay exactly: "Ich bin gleich zurück."'
    assert talk(instructions=instructions).think().text == "Ich bin gleich zurück."


def test_a_silent_start_is_a_greeting_in_the_asked_language(talk: Any) -> None:
    reply = talk(instructions="Greet the user. Answer in German.").think()
    assert reply.text == LANGUAGES["de"].lines.greeting


def test_the_same_conversation_has_the_same_answer(talk: Any) -> None:
    first, second = talk(), talk()
    assert [first.say(ASK), first.give(talk.found())] == [second.say(ASK), second.give(talk.found())]


def test_nothing_heard_is_not_understood(talk: Any) -> None:
    call = talk()
    call.items.append(Said("user", ""))
    assert call.think().text == lexicon("en").answers.not_understood


def test_nothing_in_time_is_not_told_as_nothing(talk: Any) -> None:
    call = talk()
    call.say("a flight from Madrid to Berlin tomorrow")
    empty = json.loads(talk.found()) | {"offers": [], "total_offers": 0}
    nothing = call.give(json.dumps(empty)).text
    call.say("a flight from Madrid to Berlin on Friday")
    late = call.give(json.dumps(empty | {"complete": False})).text
    assert "no flights from" in nothing
    assert "in time" in late
    assert "I found no flights" not in late


def test_a_journey_that_goes_on_elsewhere_is_no_return(talk: Any) -> None:
    call = talk()
    reply = call.say("Rome to Athens on 3 December, then Athens to Cairo on 9 December")
    assert (reply.arguments["origin"], reply.arguments["destination"]) == ("ROM", "ATH")
    (leg,) = reply.arguments["further_legs"]
    assert (leg["origin"], leg["destination"], leg["date"][5:]) == ("ATH", "CAI", "12-09")
    assert reply.arguments["return_date"] is None


def test_the_days_of_such_a_journey_are_asked_for(talk: Any) -> None:
    call = talk()
    assert call.say("Rome to Athens, then Athens to Cairo").tool is None
    assert call.say("on 3 December").tool is None
    assert call.say("on 9 December").arguments["further_legs"][0]["date"].endswith("12-09")
