"""Who takes the floor for a moment wants silence, in every language alike, and not what a sentence with such a word says."""

import pytest

from contracts.languages import LANGUAGES, is_backchannel, is_stop, is_wait, normalise

WAITS = {
    "en": (
        "Wait.|Wait, wait.|Wait wait wait!|Hold on.|Hold on, hold on.|Hang on a second.|One moment.|One moment, please.|Oh, wait a second."
        "|Just a second, please.|Wait a minute.|Okay, hold on a moment.|Could you wait a moment, please?|Sorry, one second."
        "|No, wait.|Give me a minute, please.|Uh, hang on.|Actually, wait.|Let me think.|Please hold on for a moment.|Waaait!"
    ),
    "de": (
        "Warte.|Warte, warte!|Warte mal.|Warten Sie bitte.|Moment.|Moment mal.|Einen Moment, bitte.|Einen Augenblick.|Nein, warte."
        "|Warte kurz.|Oh, Moment bitte.|Kannst du kurz warten?|Sekunde, bitte.|Okay, einen kleinen Moment.|Könnten Sie bitte warten?"
        "|Warte eine Minute."
    ),
    "es": (
        "Espera.|Espera, espera.|Espere, por favor.|Un momento.|Un momento, por favor.|Espera un segundo.|No, espera.|Momentito."
        "|Oye, espera un momento.|Aguarde, por favor.|Dame un segundo.|Perdona, un segundo.|¿Puedes esperar un momento?|Espérate."
        "|Ah, espera un poco."
    ),
    "fr": (
        "Attends.|Attends, attends !|Attendez.|Attendez, s'il vous plaît.|Un instant.|Un instant, s'il vous plaît.|Une seconde."
        "|Non, attends.|Attends une minute.|Attendez un peu.|Oh, attendez un instant.|Minute !|Pouvez-vous attendre un moment ?"
        "|Bon, une petite seconde.|Patientez, s'il vous plaît.|Pardon, deux secondes."
    ),
    "it": (
        "Aspetta.|Aspetta, aspetta!|Aspetti, per favore.|Un attimo.|Un attimo, per favore.|Un momento.|No, aspetta.|Scusa, un secondo."
        "|Aspetta un attimo.|Attenda, per favore.|Puoi aspettare un momento?|Ehi, aspetta un po'.|Dammi un minuto, grazie."
        "|Aspetti un secondo, per favore."
    ),
    "pt": (
        "Espera.|Espera aí.|Espera, espera!|Espere, por favor.|Um momento.|Um momento, por favor.|Não, espera.|Só um minuto."
        "|Peraí.|Espera um pouco.|Aguarde um momento.|Só um segundo, por favor.|Desculpe, um instante.|Calma aí.|Me dá um minuto, por favor."
        "|Ah, espera só um pouquinho."
    ),
    "ja": (
        "待って。|待って待って！|ちょっと待って。|ちょっと待ってください。|すみません、少々お待ちください。|いや、待って。|少し待ってください。|あ、ちょっと待ってね。"
        "|待ってもらえますか？|ちょっとまって。|ごめん、ちょっと待って。|えっと、待ってください。|一旦待って。|待って、待ってください。"
    ),
    "zh": (
        "等一下。|等等。|等等等等。|等一下，等一下！|请稍等。|稍等一下。|请等一下。|不，等一下。|等一会儿。|喂，等等。|麻烦稍等。|能等一下吗？"
        "|好的，等一下。|等我一下。|抱歉，请稍等。"
    ),
}
OTHER = {
    "en": (
        "Wait until Friday|Hold on to my bag|I can wait|I can wait until Monday|How long is the wait?|wait two days in Rome|We wait in Paris"
        "|Is there a waiting list?|a flight with a short wait|Wait, what?|Wait, make it Milan|Hold on, I meant Friday|hold the second one"
        "|one moment in Paris|The second one|A minute|One minute|hold a seat for me|no waiting time"
    ),
    "de": (
        "Warte bis Montag|Ich kann warten|Ich warte auf dich|Wie lange muss ich warten?|zwei Tage warten|Wartezeit|im Moment nicht"
        "|Warte, lieber nach Mailand|Moment, ich meinte Freitag|ohne lange Wartezeit|Eine Minute|Die zweite"
    ),
    "es": (
        "Espera dos días|Puedo esperar|Espero una respuesta|¿Cuánto hay que esperar?|lista de espera|Espera, mejor a Milán|hasta el lunes"
        "|un momento en París|tiempo de espera|Un minuto|espera hasta el viernes|El segundo"
    ),
    "fr": (
        "Attends jusqu'à vendredi|J'attends|Je peux attendre|Combien de temps faut-il attendre ?|deux heures d'attente|liste d'attente"
        "|Attends, plutôt Milan|pour le moment|une minute d'attente|Une minute|La seconde|attendre deux jours"
    ),
    "it": (
        "Aspetta due giorni|Posso aspettare|Aspetto una risposta|Quanto devo aspettare?|lista d'attesa|Aspetta, meglio Milano"
        "|aspetta fino a venerdì|un attimo di pausa a Roma|Un minuto|Il secondo|tempo di attesa"
    ),
    "pt": (
        "Espera dois dias|Posso esperar|Eu espero|Quanto tempo de espera?|lista de espera|Espera, melhor Milão|espera até sexta"
        "|um momento em Paris|Um minuto|O segundo|tempo de espera"
    ),
    "ja": (
        "待ち時間|待ち時間は？|金曜日まで待って|待てます|待っています|二日待ちます|キャンセル待ち|待って、ミラノにして|パリで待つ時間|お待たせしました|ちょっと安いの"
    ),
    "zh": "等到周五|我可以等|等两天|等一下再去北京|候补名单|等候时间|等一下，改成米兰|北京、上海等等城市|稍等两天|要等多久？",
}


def each(table: dict[str, str]) -> list[str]:
    return [text for texts in table.values() for text in texts.split("|")]


@pytest.mark.parametrize("text", each(WAITS))
def test_who_asks_for_a_moment_wants_silence_and_no_answer(text: str) -> None:
    assert is_stop(text)
    assert is_wait(text)
    assert not is_backchannel(text)


@pytest.mark.parametrize("text", each(OTHER))
def test_a_sentence_with_such_a_word_asks_for_no_moment(text: str) -> None:
    assert not is_wait(text)
    assert not is_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Wait, stop.",
            "Hold on, that's enough.",
            "Warte, stopp.",
            "Espera, para.",
            "Attends, arrête.",
            "Aspetta, fermati.",
        ),
        *("Espera, pare.", "待って、止めて。", "等等，停下。", "Stop, wait."),
    ],
)
def test_who_says_stop_as_well_means_it(text: str) -> None:
    assert is_stop(text)
    assert not is_wait(text)


@pytest.mark.parametrize("code", WAITS)
def test_every_language_knows_the_same_ways_to_ask_for_a_moment(code: str) -> None:
    lang = LANGUAGES[code]
    assert [word for word in lang.wait_words if not (is_stop(word) and is_wait(word))] == []
    assert [word for word in (*lang.around_stop, *lang.backchannels, *lang.unfinished) if is_wait(word)] == []
    assert len(lang.wait_words) >= 25
    known = {normalise(text) for text in lang.wait_words}
    assert sum(normalise(text) not in known for text in WAITS[code].split("|")) >= 5, "wordings that nobody wrote down"


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_assistant_s_own_lines_say_more_but_the_one_that_asks_for_a_moment(code: str) -> None:
    lines = LANGUAGES[code].lines.model_dump()
    assert [name for name, text in lines.items() if is_stop(text)] == ["one_moment"]
