"""How people ask for silence, show that they listen, and say neither with the same words, in each language.

None of these wordings stands as such in `contracts/languages`: they are made of its words, or they are not understood.
"""

import time

import pytest

from contracts.languages import LANGUAGES, is_backchannel, is_stop, normalise

STOPS = {
    "en": (
        "No, no, stop, please.|Whoa, stop.|Okay okay, that's enough, thanks.|Stop, I've heard enough.|Would you please be quiet?"
        "|Shhhh!|Alright, you can stop now.|Enough already.|Please stop talking now.|Hang on, stop.|No no no, stop it now."
        "|Oh please, stop.|Stop, stop, I get it.|Okay, zip it.|That's plenty, thank you.|Could you stop for a minute?"
        "|Please be silent.|Okay, hush now.|You can stop reading.|Right, stop there please.|No — stop!|Stoooop!"
    ),
    "de": (
        "Nein, nein, stopp!|Halt, halt, halt.|Okay, das reicht jetzt.|Sei bitte mal still.|Jetzt hör doch mal auf."
        "|Genug jetzt, danke.|Kannst du bitte aufhören?|Psssst.|Stopp mal kurz.|Ist gut jetzt, hör auf.|Nein, stopp, bitte."
        "|Stopp, ich hab's verstanden.|Bitte sei leise.|Schluss, aus.|Hören Sie sofort auf.|So, jetzt ist Schluss."
        "|Können Sie bitte still sein?|Jetzt halt den Mund.|Danke, das genügt.|Ach, hör auf damit."
    ),
    "es": (
        "No, no, para.|Para, para, para.|Ya está bien, basta.|Por favor, deja de hablar.|Cállate un momento."
        "|Vale, ya es suficiente.|¿Te puedes callar?|Para un segundo.|Basta ya.|Chist, silencio.|No, no, no, basta."
        "|Oye, para un momento.|Cállate ya, por favor.|Vale, para ya.|Ya, ya, detente.|Silencio, por favor."
        "|¿Podrías parar de hablar?|Suficiente, gracias.|No digas más, por favor.|Alto ahí, por favor."
    ),
    "fr": (
        "Non non, stop.|Arrête, arrête.|Stop, ça suffit maintenant.|Tais-toi un peu.|Oh là, stop.|Pouvez-vous vous taire ?"
        "|C'est bon, arrête.|Arrêtez tout de suite.|Merci, ça suffira.|Un peu de silence, s'il vous plaît.|Non, non, arrêtez."
        "|Stop, stop, j'ai compris.|Ça va, arrête.|Bon, arrête ça.|S'il te plaît, tais-toi.|Bon, stop maintenant.|Chut, chut."
        "|Vous pouvez arrêter de parler ?|Assez, merci.|Ok, ne dis plus rien."
    ),
    "it": (
        "No, no, fermati.|Basta, basta.|Ok, può bastare così.|Smettila di parlare, dai.|Stop, per favore.|Fermati un momento."
        "|Silenzio, grazie.|Adesso basta.|Puoi smettere di parlare?|Shh, zitto.|No no no, basta.|Ferma, ferma."
        "|Stai zitto, per favore.|Ok, ho capito, basta.|Può smettere, grazie.|Fermati subito.|Ora basta parlare."
        "|Per favore, silenzio.|Alt, alt.|Taci, per favore."
    ),
    "pt": (
        "Não, não, para.|Pare, por favor.|Chega, chega.|Já é suficiente, obrigada.|Fica quieto um pouco.|Pode parar de falar?"
        "|Ei, para com isso.|Silêncio, por favor.|Ok, já chega.|Cala-te, por favor.|Não, não, chega.|Para, para, por favor."
        "|Ei, para de falar.|Pode ficar quieto?|Chega, já entendi.|Pare com isso, por favor.|Tá bom, chega."
        "|Cale-se, por favor.|Basta, basta.|Por favor, silêncio."
    ),
    "ja": (
        "いやいや、ストップ。|ちょっと止めて。|もうやめて。|ストップお願いします。|はい、もういいです。|静かにしてもらえますか、お願いします。"
        "|待って、止めて。|はい、もう十分です。|すみません、話を止めてください。|やめてやめて。|ちょっとストップ。|いや、もうやめて。"
        "|すみません、ストップ。|ストップ、ストップ。|ねえ、話をやめて。|お願い、静かにして。|もうしゃべらないで。|わかった、もういい。"
        "|もう、うるさい。|やめてくださいお願いします。"
    ),
    "zh": (
        "不不，停。|停停停，别说了。|好了，停吧。|请你停一下。|好了，别再说了。|先停一下。|够了够了，谢谢。|请安静一点。|你能停下来吗？"
        "|请住口。|不用说了，谢谢。|停，停，停。|好了，不要再说了。|麻烦你停一下。|好了别念了。|行了，够了。|停止，停止。"
        "|安静，安静。|可以停下来了。|喂，别吵了。"
    ),
}
FLIGHTS = {
    "en": (
        "non-stop|Non-stop, please.|Nonstop only|No stop, please.|Please, no stop.|one stop is fine|no stops please"
        "|a stop in Rome|Stop in Rome for two days|How long is the stop?|Enough time to change planes|quiet seats please"
        "|Does it stop anywhere?|Where do we stop?|The second one|Two stops at most|Stop over in Dubai"
    ),
    "de": (
        "Halt in Rom|ohne Halt|nonstop bitte|Nonstop|mit einem Stopp|kein Stopp, bitte|höchstens ein Stopp|Zwischenstopp"
        "|Hält er unterwegs?|nur ein Halt|genug Zeit zum Umsteigen|Das reicht mir nicht|Stopover in Dubai|Nein, ohne Stopp|Ende Mai"
    ),
    "es": (
        "sin parar|sin escalas|para dos|para mañana|para dos personas|para el lunes|uno que no pare|No para|No pare|para Roma"
        "|con una parada|basta con una maleta|para nada|¿para en París?|el más alto"
    ),
    "fr": (
        "Non-stop|Un vol non-stop|Non-stop, s'il vous plaît|sans arrêt|un arrêt à Rome|il s'arrête à Lyon|vol sans escale"
        "|assez tôt|pas d'arrêt, merci|arrêt à Madrid|Non, merci|s'arrêter à Nice|pas assez cher"
    ),
    "it": (
        "senza fermate|volo non stop|Non stop, per favore|Si ferma?|si ferma a Roma?|basta un bagaglio|ferma a Milano"
        "|una fermata sola|senza scalo|con uno stop a Parigi|fermata a Vienna|No stop, per favore"
    ),
    "pt": (
        "sem parar|sem escalas|para Lisboa|para amanhã|Não para|não pare em Madrid|para duas pessoas|com uma parada|para mim"
        "|chega a que horas?|chega amanhã|para isso|para em Paris?|quando chega a Roma|pare em Faro"
    ),
    "ja": (
        "ノンストップ|ノンストップでお願いします|止まらない便|乗り換えなし|パリで一度止まる便|途中で止まりますか|直行便|待ち時間は|静かな席"
        "|ストップオーバー|二番目"
    ),
    "zh": (
        "不停|中途不停的|不要停|停留一天|停一次|经停北京|停在罗马|不停的航班，谢谢|停几次？|直飞|等一下再去北京|够了吗，两个人"
        "|安静的座位|请不停"
    ),
}
LISTENING = {
    "en": (
        "Mm-hmm, okay.|Oh, nice.|Right, right.|Yeah, yeah.|Uh-huh, sure.|I see, thanks.|Oh okay.|Ah, alright.|Great, thank you."
        "|Hmmmm.|Oh, fair enough.|That's great, thanks.|Oh, gotcha.|Hmm, interesting."
    ),
    "de": (
        "Ja ja.|Aha, okay.|Mhm, genau.|Ach so, verstehe.|Alles klar, danke.|Oh, schön.|Na gut, okay.|Ah, klingt gut.|Jo, passt."
        "|Ach, wirklich?|Hmmm, ja.|Super, danke."
    ),
    "es": (
        "Sí, sí.|Ajá, claro.|Ah, vale.|Muy bien, gracias.|Mm, ya veo.|Ah, qué bien.|Mm, ok.|Ah, entendido.|Anda, vale."
        "|Bien, bien.|Ya, claro.|Perfecto, gracias."
    ),
    "fr": (
        "Oui, oui.|Ah d'accord.|Mm, je vois.|Très bien, merci.|Ah, super.|Ok, ok.|D'accord, d'accord.|Ah ouais.|Ah, pas mal."
        "|Hmm hmm.|Bien, merci.|Ah oui, d'accord."
    ),
    "it": (
        "Sì, sì.|Ah, ok.|Va bene, va bene.|Mh, mh.|Certo, certo.|Ah, ho capito.|Bene, grazie.|Perfetto, grazie.|Ah, bello."
        "|Sì, certo.|Ah, eh già.|Ok, capito."
    ),
    "pt": (
        "Sim, sim.|Ah, entendi.|Tá, tá.|Uhum, certo.|Ok, obrigado.|Ah, que bom.|Hum, tá.|Claro, claro.|Ah é, legal.|Legal, legal."
        "|Pois, pois.|Tá bom, obrigada."
    ),
    "ja": (
        "はい、はい。|うん、なるほど。|へえ、そうなんですね。|あ、はい。|なるほど、なるほど。|ああ、そうですか。|ええ、ええ。|はい、わかりました。"
        "|ふうん、そうか。|そうそう、はい。|うんうん、いいですね。"
    ),
    "zh": (
        "嗯嗯，好的。|哦，这样啊。|对对对。|好的，谢谢。|嗯，明白了。|啊，原来如此。|是的是的。|行行行。|哦，好。|嗯，不错。|哦哦哦。|嗯嗯嗯嗯嗯。"
    ),
}
SAYING = {
    "en": "Yes, book it|The second one|No|Okay, and the price?|Right, but cheaper|Good, the first|Sorry?|Thanks, to Berlin instead|What",
    "de": "Nein|Ja, die erste|Gut, und morgen?|Okay, nach Berlin|Was kostet das?|Danke, lieber am Montag|Genau, zu zweit|Wie bitte?",
    "es": "No|Sí, la primera|Vale, ¿y mañana?|Bien, a Berlín|¿Cuánto cuesta?|Claro, pero más barato|Gracias, mejor el lunes",
    "fr": "Non|Oui, le premier|D'accord, et demain ?|Bien, à Berlin|Combien ?|Parfait, mais moins cher|Merci, plutôt lundi",
    "it": "No|Sì, il primo|Va bene, e domani?|Bene, a Berlino|Quanto costa?|Perfetto, ma più economico|Grazie, meglio lunedì",
    "pt": "Não|Sim, o primeiro|Tá, e amanhã?|Certo, para Berlim|Quanto custa?|Perfeito, mas mais barato|Obrigado, melhor na segunda",
    "ja": "いいえ|はい、一番目|わかりました、明日は？|はい、ベルリンへ|いくらですか|なるほど、もっと安いのは|ありがとう、月曜がいい",
    "zh": "不|好，第一个|好的，那明天呢？|对，去柏林|多少钱？|可以，但是便宜一点|谢谢，还是周一吧",
}


def each(table: dict[str, str]) -> list[str]:
    return [text for texts in table.values() for text in texts.split("|")]


@pytest.mark.parametrize("text", each(STOPS))
def test_silence_is_asked_for_in_words_that_nobody_wrote_down(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize("text", [*each(FLIGHTS), *each(LISTENING), *each(SAYING)])
def test_what_is_said_of_flights_and_to_listen_asks_for_no_silence(text: str) -> None:
    assert not is_stop(text)


@pytest.mark.parametrize("text", each(LISTENING))
def test_listening_is_heard_as_listening(text: str) -> None:
    assert is_backchannel(text)


@pytest.mark.parametrize("text", [*each(SAYING), *each(FLIGHTS), *each(STOPS)])
def test_who_says_something_does_not_only_listen(text: str) -> None:
    assert not is_backchannel(text)


@pytest.mark.parametrize("code", STOPS)
def test_the_wordings_are_not_the_ones_that_are_written_down(code: str) -> None:
    lang = LANGUAGES[code]
    assert len(STOPS[code].split("|")) >= 20
    known = {normalise(text) for text in lang.stop_words}
    assert sum(normalise(text) in known for text in STOPS[code].split("|")) <= 2


def test_a_pause_tells_a_stop_from_a_flight_without_one() -> None:
    for stop, flight in (
        ("Non, stop.", "Non-stop."),
        ("No, para.", "No para."),
        ("不，停。", "不停。"),
        ("Não, pare", "Não pare"),
    ):
        assert (is_stop(stop), is_stop(flight)) == (True, False)
    assert is_stop("No, no stop."), "said twice, the first word stands by itself"


@pytest.mark.parametrize("sign", ["好", "嗯", "停", "はい", "no ", "ok ", "stop "])
def test_what_a_recogniser_repeats_without_end_takes_no_longer_than_a_sentence(sign: str) -> None:
    text = (sign * 80)[:79] + "x"
    began = time.process_time()
    assert not is_stop(text)
    assert not is_backchannel(text)
    assert time.process_time() - began < 1.0
