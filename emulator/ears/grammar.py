"""The grammar of what an English-speaking traveller says, in JSGF, made from the place data and the date grammar."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Final

from contracts.languages import LANGUAGES
from contracts.places import City, top_cities
from emulator.ears.automaton import compile_grammar
from emulator.mind.dates.lexicon import date_lexicon

CITIES: Final = 5000
"""Looked through for the notable ones; more names would only be mistaken for each other."""

_SIZE_COUNTS: Final = 0.75
"""Power of the population by which a city is likelier than another."""
_STOP_WEIGHT: Final = 20.0
"""Missing a "stop" is worse than hearing one too many."""
_APART: Final = re.compile(r"[^a-z']+")

_RULES: Final = """
<utterance> = <request> | <other> [please] | <stop>;
<request> = [<please>] <open> <journey> [please] | [<please>] <marked> [please] | [<about>] <short> [please];
<please> = please | hello | hi | okay | now;
<open> = <find> | <wish> | <asking>;
<find> = [can you | could you | would you | i want you to | i'd like you to | please]
         (find | show | get | give | search | search for | look for | look up | book | check | find out)
         [me | us] <offer>;
<wish> = (i want | i need | i'd like | i would like | we want | we need | we'd like | i have | i wanna)
         (to (fly | go | travel | get <offer> | book <offer>) | <offer>)
         | (i'm | i am) (going | flying);
<asking> = <offer> | (what | which) flights are there | are there [any] flights
         | do you have [any] flights | is there a [direct] flight | how much (is | does) (a | the) flight
         | what is the cheapest flight | flying;
<offer> = [<one>] <flight> | [<some>] <flights>;
<one> = a | the | the cheapest | a cheap | the next | a direct | a nonstop | the fastest | a business class
      | a first class | a one way | a round trip | a return | one way | round trip;
<some> = the | some | any | all | all the | the cheapest | cheap | direct | nonstop | business class;
<flight> = flight | ticket | trip | connection;
<flights> = flights | tickets | connections;
<journey> = [<on>] <ends> <whens>;
<marked> = <ends> <whens>;
<ends> = <from> <to> | <to> <from> | <to> | <from> | between <city> and <city>;
<from> = (from | leaving from | out of) <city>;
<to> = (to | going to) <city>;
<whens> = [<on>] [<extra>] [<returning> <date>] [<extra>];
<on> = [on | for | leaving on] <date>;
<returning> = (returning | return | coming back | and back | and returning) [on];
<extra> = for <party> | <cabin> class | [with] (no stops | one stop) | nonstop | non stop | direct | one way
        | round trip | in the morning | in the evening;
<about> = what about | how about | and | and what about | or | make it | change it to | no;
<short> = <city> [to <city>] <whens> | <on> | <returning> <date> | [for] <party> | <cabin> class | one way
        | round trip;
<party> = (one | two | three | four | five | six) [adults | people | passengers | persons] | one adult | one person;
<cabin> = economy | business | first | premium economy;
<other> = <refine> | <choice> | <talk>;
<refine> = [show me | give me | i want | what is | what's | which is | which one is | take | only | just | i'd like]
           [the] (<superlative> [one | ones | flight | flights | option])
         | [show | show me | i want | give me] [only | just] (direct | nonstop | non stop) [flights | ones]
         | [only] flights without stops | without stops | no stops
         | (sort | order) [them] by (price | duration | departure)
         | (under | less than | below) <hundreds> (euros | dollars | pounds);
<superlative> = cheapest | fastest | shortest | quickest | earliest | cheaper | faster | earlier;
<hundreds> = (one | two | three | four | five) hundred [fifty];
<choice> = [show me | give me | i want | i take | i'll take | take | select | choose | tell me about | more about]
           (the <ordinal> [one | flight | option | offer] | (number | option | flight [number]) <count>);
<ordinal> = first | second | third | fourth | fifth | last;
<count> = one | two | three | four | five | six | seven | eight | nine;
<talk> = (hello | hi | hey | good morning | good afternoon | good evening) [there]
       | (thank you | thanks) [very much | a lot] | repeat [that | it] | say (that | it) again | once more | pardon
       | yes | no | okay | yes please | no thanks | no thank you | help | what can you do | goodbye | good bye | bye
       | [please | can you | let's | could you] (speak | talk) [in] <language> | in <language> [please]
       | (what is | how is) the weather [like];
<language> = english | spanish | french | german | italian | portuguese | japanese | chinese;
<date> = today | tonight | tomorrow | [the] day after tomorrow | [this | next | this coming] <weekday>
       | this weekend | next weekend | the weekend | next week | <weekday> next week
       | in <span> (days | weeks | months) | in (a | one) (week | month) | a week from today
       | [<weekday>] ([the] <day> of <month> | <month> [the] <day>) | the <day>;
<span> = two | three | four | five | six | seven | eight | nine | ten;
"""


class Grammar:
    """The automaton of all sentences that a rule makes."""

    def __init__(self, cities: Sequence[City], rule: str = "utterance") -> None:
        names = dict.fromkeys(spoken_form(city.english) for city in cities)
        dates = date_lexicon("en")
        long_months = [name for name in dates.months if len(name) > len("sept") or name in ("may", "june", "july")]
        lists = {
            "month": long_months,
            "weekday": dates.weekdays,
            "day": [*dates.ordinals],
            "stop": LANGUAGES["en"].stop_words,
        }
        rules = dict(re.findall(r"<(\w+)> = ([^;]*);", _RULES))
        rules |= {name: " | ".join(sorted(set(map(spoken_form, items)))) for name, items in lists.items()}
        self.automaton = compile_grammar(rules, rule, {"city": names})
        self.weights = _weights(cities)
        """How likely a word is against others at its place; a word that is not here has the weight 1."""


def _weights(cities: Sequence[City]) -> dict[str, float]:
    """Much for words that stop, a tenth for the first word of a city of average size, and more for a bigger one."""
    mean = sum(city.population**_SIZE_COUNTS for city in cities) / len(cities)
    weights = dict.fromkeys(("stop", "quiet"), _STOP_WEIGHT)
    for city in cities:
        first = spoken_form(city.english).split()[0]
        weights[first] = weights.get(first, 0.01) + 0.1 * city.population**_SIZE_COUNTS / mean
    return weights


def spoken_form(name: str) -> str:
    """A name as the words that are said: lower case, no accents, no punctuation."""
    base = unicodedata.normalize("NFKD", name.lower())
    letters = "".join(char for char in base if not unicodedata.combining(char))
    return " ".join(part for part in _APART.split(letters) if part)


def travel_grammar() -> Grammar:
    """The grammar over the notable cities of the place data."""
    return Grammar(_cities())


def command_grammar() -> Grammar:
    """The grammar of commands to be silent, and nothing else."""
    return Grammar(_cities(), "stop")


def written(spoken: str) -> str:
    """A recognised text as one would write it: cities with their names, capitals where they belong."""
    pattern, names = _proper_names()
    text = pattern.sub(lambda match: names[match[0]], spoken)
    return text[:1].upper() + text[1:]


@cache
def _cities() -> tuple[City, ...]:
    return tuple(city for city in top_cities(CITIES) if city.notable)


@cache
def _proper_names() -> tuple[re.Pattern[str], dict[str, str]]:
    """Names as they are said to names as they are written."""
    calendar = (*date_lexicon("en").weekdays, *date_lexicon("en").months)
    names = {name: name.capitalize() for name in (*calendar, "i")}
    names |= {language.english_name.lower(): language.english_name for language in LANGUAGES.values()}
    names |= {spoken_form(city.english): city.english for city in _cities()}
    ordered = sorted(names, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, ordered))})\b"), names
