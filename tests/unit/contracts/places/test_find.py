import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.places import find


def codes(text: str, language: str | None = None) -> list[str]:
    return [match.city.code for match in find(text, language)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Nice to meet you", "en"),
        ("that would be nice, thank you", None),
        ("that is good and nice, and fine for nice weather", "en"),
        ("I want a nice flight for me and my son", "en"),
        ("I am reading a page about the sale of mobile homes", "en"),
        ("please stop, that is enough of this", None),
        ("can we split the fare, or is there a van?", "en"),
        ("the second one, the cheaper one", None),
        ("is there a male passenger of note", None),
        ("me gusta más el segundo, para la mesa de mi padre", "es"),
        ("¡Para! Es suficiente", "es"),
        ("la vista es alta y el plano está en la mesa", "es"),
        ("¿cuál es el paso siguiente para mí?", "es"),
        ("c'est bien, est-ce que vous pouvez m'aider ?", "fr"),
        ("je voudrais le premier, pour la fête de ma mère", "fr"),
        ("la tête, le sucre et les tours", "fr"),
        ("aujourd'hui, d'abord, l'heure, d'accord, qu'elle", "fr"),
        ("l'una e dell'altro, d'estate, all'alba, quell'arte", "it"),
        ("die Reise ist gut, aber die Preise sind hoch", "de"),
        ("ich möchte jetzt essen und dann bar zahlen", "de"),
        ("in der Mitte, bitte, die meisten", "de"),
        ("parla più piano, bello, è mare", "it"),
        ("quanto costa il secondo? la vista dal mare", "it"),
        ("qual é o nome da praia? a mesa está alta", "pt"),
        ("quero voar no Natal com a minha família", "pt"),
        ("明日の朝、一番安い便をお願いします", "ja"),
        ("もう一度お願いします。大分待ちました", "ja"),
        ("サービスとコーヒーとプールがいいです", "ja"),
        ("明天早上最便宜的航班是哪个", "zh"),
        ("我要第二个，谢谢你的帮助", "zh"),
        ("中国和日本的天气很好，光明", "zh"),
        ("PLEASE STOP NOW AND WAIT FOR ME", "en"),
        ("it costs 300 USD or 250 EUR, OK?", "en"),
        ("my name is David and my wife is Victoria", "en"),
        ("parisian romance and berliner bread", "en"),
    ],
)
def test_ordinary_words_are_no_places(text: str, language: str | None) -> None:
    assert find(text, language) == []


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Find me a flight from Madrid to Berlin tomorrow", "en", ["MAD", "BER"]),
        ("fly to nice from london", "en", ["NCE", "LON"]),
        ("Nous voulons voyager d'Oslo à Stockholm mercredi", "fr", ["OSL", "STO"]),
        ("d’Athènes à Istanbul, puis jusqu'à Oslo et l'hôtel d'Amsterdam", "fr", ["ATH", "IST", "OSL", "AMS"]),
        ("voglio volare dall'Avana a Roma", "it", ["HAV", "ROM"]),
        ("de L'Hospitalet de Llobregat a Roma", "es", ["BCN", "ROM"]),
        ("would be nice to fly to nice", "en", ["NCE"]),
        ("Nice to Rome", "en", ["NCE", "ROM"]),
        ("Paris Nice tomorrow", None, ["PAR", "NCE"]),
        ("from MAD to BER", "en", ["MAD", "BER"]),
        ("new york los angeles cheap", None, ["NYC", "LAX"]),
        ("from york to madrid", "en", ["LBA", "MAD"]),
        ("St. Petersburg to Xi'an.", "en", ["LED", "SIA"]),
        ("de Niza a Nueva York el 3 de mayo", "es", ["NCE", "NYC"]),
        ("un vuelo de La Paz a Santiago de Chile", "es", ["LPB", "SCL"]),
        ("un vol de Nice à Saint-Pétersbourg", "fr", ["NCE", "LED"]),
        ("de lyon vers le cap", "fr", ["LYS", "CPT"]),
        ("von Köln nach Monaco di Baviera", "de", ["CGN", "MUC"]),
        ("ich will nach essen fliegen", "de", ["DUS"]),
        ("da Roma a Città del Messico", "it", ["ROM", "MEX"]),
        ("do Porto para o Rio de Janeiro", "pt", ["OPO", "RIO"]),
        ("東京からニューヨークまで", "ja", ["TYO", "NYC"]),
        ("リオ・デ・ジャネイロ行き", "ja", ["RIO"]),
        ("羽田発パリ行き", "ja", ["HND", "PAR"]),
        ("从马德里到柏林", "zh", ["MAD", "BER"]),
        ("下周五從紐約飛巴黎", "zh", ["NYC", "PAR"]),
        ("Рейс из Москва в Paris", None, ["MOW", "PAR"]),
    ],
)
def test_places_in_sentences(text: str, language: str | None, expected: list[str]) -> None:
    assert codes(text, language) == expected


def test_the_longest_name_wins() -> None:
    assert [match.text for match in find("to Santiago de Compostela", "es")] == ["Santiago de Compostela"]
    assert [match.text for match in find("ニューヨーク", "ja")] == ["ニューヨーク"]


def test_offsets_point_at_the_name() -> None:
    text = "Ich fliege von MÜNCHEN, morgen, nach straßburg!"
    assert [(text[m.start : m.end], m.text, m.city.code) for m in find(text, "de")] == [
        ("MÜNCHEN", "MÜNCHEN", "MUC"),
        ("straßburg", "straßburg", "SXB"),
    ]


@given(st.text(max_size=200), st.sampled_from([None, "en", "de", "ja", "zh", "xx"]))
def test_any_text_gives_ordered_offsets_and_never_fails(text: str, language: str | None) -> None:
    position = 0
    for match in find(text, language):
        assert position <= match.start < match.end <= len(text)
        assert text[match.start : match.end] == match.text
        assert match.cities
        position = match.end
