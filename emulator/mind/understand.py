"""Takes an utterance apart: places, dates, numbers and intents, by lexicon, place data and date grammar."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, TypeVar

from contracts.flights import Cabin, SortKey
from contracts.languages import is_stop
from contracts.places.index import index
from contracts.places.text import UNSPACED
from contracts.places.text import fold as fold_name
from emulator.lexicon import Intent, Lexicon, lexicon
from emulator.mind.dates import DateMatch, fold, parse_dates
from emulator.mind.han import COUNTED, counted_in_han
from emulator.mind.phrases import ends_with, find, find_number, starts_with
from emulator.mind.places import PlaceMention, find_places
from emulator.mind.scripts import in_lexicon_script
from emulator.mind.wanted import Wanted, wanted

_Key = TypeVar("_Key", bound=str)

_THREE: Final = 3
_LONGEST_REGION: Final = 9
"""Characters of the name of a country or an island without spaces."""
MAX_ADULTS: Final = 9
_AMOUNT: Final = r"(\d{1,3}(?:[.,' ]\d{3})+|\d+)(?:[.,](\d{1,2})(?!\d))?"
_UNKNOWN_NAME: Final = re.compile(r"\s*([^\W\d_][\w'-]*(?:[ -][^\W\d_a-zà-ÿ][\w'-]*)*)")


@dataclass(frozen=True)
class Understood:
    """What an utterance says; None and empty mean that it does not say."""

    text: str
    language: str
    origin: str | None = None
    """IATA code, or the user's word for a place that is not known."""
    destination: str | None = None
    places: tuple[str, ...] = ()
    """Places without a marker, in order."""
    onward: tuple[tuple[str, str], ...] = ()
    """Legs after the first of a journey that goes on elsewhere: where from and where to."""
    dates: tuple[date, ...] = ()
    """Dates without a marker, in order."""
    return_date: date | None = None
    adults: int | None = None
    cabin: Cabin | None = None
    sort_by: SortKey | None = None
    number: int | None = None
    max_price: str | None = None
    stop: bool = False
    wanted: Wanted = field(default_factory=Wanted)
    """Who travels beside adults, and what the flights must be like."""
    intents: frozenset[Intent] = field(default_factory=frozenset)

    @property
    def names_search(self) -> bool:
        """Whether anything that a search is made of was said."""
        return bool(
            self.origin
            or self.destination
            or self.places
            or self.dates
            or self.return_date
            or self.adults
            or self.cabin
        )


def understand(text: str, language: str, today: date) -> Understood:
    """Takes a user's words apart in one language."""
    words = lexicon(language)
    written, said = text, in_lexicon_script(text, language)
    wishes = wanted(said, language, _first_leg_until(find_places(written, language)))
    text = _blank(said, list(wishes.spans))
    picked = find_number(words.picked, words.cardinals, fold(text), spaced=words.spaced)
    dates = [] if picked else parse_dates(text, language, today)
    named = find_places(_blank(written, list(wishes.spans)), language)
    dates = _without_cities(dates, named, fold(text), words)
    places = _without_overlap(named, dates)
    rest = _blank(text, [(d.start, d.end) for d in dates])
    route = _route(places)
    ends = _Ends(*route[0], ()) if len(route) > 1 else _ends(rest, places, words)
    rest_folded = fold(_blank(rest, [(p.start, p.end) for p in places]))
    plain, marked = _dates(fold(text), dates, words)
    back = _after(marked, plain, text, language) if marked else None
    adults = find_number(words.adults, words.cardinals, rest_folded, spaced=words.spaced)
    if adults is None and wishes.companions:
        adults = 1 + wishes.companions
    return Understood(
        text=said,
        language=language,
        origin=ends.origin,
        destination=ends.destination,
        places=ends.plain,
        onward=tuple(route[1:]),
        dates=plain,
        return_date=back,
        adults=adults if adults and adults <= MAX_ADULTS else None,
        cabin=_keyed(words.cabins, rest_folded, words),
        sort_by=_keyed(words.sort, rest_folded, words),
        number=picked or _choice(rest_folded, words),
        max_price=_price_cap(rest_folded, words),
        stop=is_stop(said),
        wanted=wishes,
        intents=frozenset(
            intent for intent, phrases in words.intents.items() if find(phrases, rest_folded, spaced=words.spaced)
        ),
    )


def _without_cities(dates: list[DateMatch], places: list[PlaceMention], folded: str, words: Lexicon) -> list[DateMatch]:
    """Without feasts that are a city here: "para Natal em 9 de dezembro" has another day."""
    markers = {*words.markers.from_before, *words.markers.to_before} - {*words.markers.return_before, "até"}
    cities = {(place.start, place.end) for place in places}
    left = [
        one
        for one in dates
        if (one.start, one.end) not in cities or not ends_with(tuple(markers), folded[: one.start], spaced=words.spaced)
    ]
    return left or dates


def _without_overlap(places: list[PlaceMention], dates: list[DateMatch]) -> list[PlaceMention]:
    return [p for p in places if all(p.end <= d.start or d.end <= p.start for d in dates)]


def _blank(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with spans replaced by a neutral filler of the same length."""
    characters = list(text)
    for start, end in spans:
        characters[start:end] = "·" * (end - start)
    return "".join(characters)


@dataclass(frozen=True)
class _Ends:
    origin: str | None
    destination: str | None
    plain: tuple[str, ...]


def _route(places: list[PlaceMention]) -> list[tuple[str, str]]:
    """The legs of a journey through three places or more, unless it is there and back."""
    stops = [place.argument for place in places]
    stops = [stop for number, stop in enumerate(stops) if number == 0 or stop != stops[number - 1]]
    closed = len(stops) > _THREE or stops[:1] != stops[-1:]  # there and back is a return
    return list(pairwise(stops)) if len(stops) >= _THREE and closed else []


def _first_leg_until(places: list[PlaceMention]) -> int | None:
    """Where a journey through three places or more begins to tell of its second flight."""
    if not _route(places):
        return None
    stops: list[PlaceMention] = []
    for place in places:
        if not stops or stops[-1].argument != place.argument:
            stops.append(place)
    again = next((place.start for place in places if place.start > stops[1].start), stops[2].start)
    return min(again, stops[2].start)


def _ends(text: str, places: list[PlaceMention], words: Lexicon) -> _Ends:
    """Says for every place, by the markers around it, which end of the journey it is."""
    roles: dict[str, str] = {}
    plain: list[str] = []
    folded = fold(text)
    for number, place in enumerate(places):
        left = folded[places[number - 1].end if number else 0 : place.start]
        right = folded[place.end : places[number + 1].start if number + 1 < len(places) else None]
        role = _role(left, right, words)
        if role is None or role in roles:
            plain.append(place.argument)
        else:
            roles[role] = place.argument
    blanked = _blank(text, [(p.start, p.end) for p in places])
    for role, name in _unknown_names(blanked, words).items():
        roles.setdefault(role, name)
    return _Ends(roles.get("origin"), roles.get("destination"), tuple(plain))


def _role(left: str, right: str, words: Lexicon) -> str | None:
    markers = words.markers
    left = _strip_articles(left, words)
    before = {
        "origin": ends_with(markers.from_before, left, spaced=words.spaced),
        "destination": ends_with(markers.to_before, left, spaced=words.spaced),
    }
    after = {
        "origin": starts_with(markers.from_after, right, spaced=words.spaced),
        "destination": starts_with(markers.to_after, right, spaced=words.spaced),
    }
    for found in (after, before):
        role = max(found, key=lambda name: len(found[name] or ""))
        if found[role]:
            return role
    return None


def _strip_articles(left: str, words: Lexicon) -> str:
    article = ends_with(words.articles, left, spaced=words.spaced)
    return left.rstrip()[: -len(article)] if article and left.rstrip().endswith(article) else left


def _unknown_names(text: str, words: Lexicon) -> dict[str, str]:
    """Words after a marker that are no place we know: the tool is asked, so that the answer can name them."""
    if not words.spaced:
        return _regions(text, words)
    markers = {"origin": words.markers.from_before, "destination": words.markers.to_before}
    known = _known_words(words)
    found: dict[str, str] = {}
    for role, phrases in markers.items():
        for match in re.finditer(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})\s+", text, re.IGNORECASE):
            name = _UNKNOWN_NAME.match(text, match.end())
            if name and name[1][0].isupper() and fold(name[1].split()[0]) not in known:
                found.setdefault(role, name[1])
    return found


def _regions(text: str, words: Lexicon) -> dict[str, str]:
    """Countries and islands beside a marker, which running text without spaces is not searched for otherwise."""
    markers = words.markers
    found: dict[str, str] = {}
    for role, before, after in (
        ("origin", markers.from_before, markers.from_after),
        ("destination", markers.to_before, markers.to_after),
    ):
        for marker in sorted(before, key=len, reverse=True):
            for match in re.finditer(re.escape(marker), text):
                name = next((part for part in _lengths(text, match.end(), 1) if index().areas(fold_name(part))), None)
                if name:
                    found.setdefault(role, name)
        for marker in sorted(after, key=len, reverse=True) if not before else ():
            for match in re.finditer(re.escape(marker), text):
                name = next(
                    (part for part in _lengths(text, match.start(), -1) if index().areas(fold_name(part))), None
                )
                if name:
                    found.setdefault(role, name)
    return found


def _lengths(text: str, at: int, way: int) -> Iterator[str]:
    """What stands behind or before a place in a text, the longest first."""
    for length in range(_LONGEST_REGION, 1, -1):
        part = text[at : at + length] if way > 0 else text[max(0, at - length) : at]
        if len(part) == length and UNSPACED.fullmatch(part):
            yield part


def _known_words(words: Lexicon) -> frozenset[str]:
    groups = [words.words, words.ordinals, words.cardinals, *words.intents.values(), *words.cabins.values()]
    markers = words.markers
    groups += [markers.from_before, markers.to_before, markers.return_before, words.names, *words.sort.values()]
    return frozenset(fold(word) for group in groups for phrase in group for word in phrase.replace("|", " ").split())


def _after(back: DateMatch, plain: tuple[date, ...], text: str, language: str) -> date:
    """The return: "on Friday, returning on Sunday" means the Sunday after that Friday, also when one comes before it."""
    if not plain or back.date >= plain[0]:
        return back.date
    words = text[back.start : back.end]
    # Said the day after itself, a weekday's name means the one a week later; "tomorrow" and "30 November" do not.
    later = parse_dates(words, language, back.date + timedelta(days=1))
    then = parse_dates(words, language, plain[0])
    weekly = bool(later) and later[0].date - back.date == timedelta(days=7)
    return then[0].date if weekly and then else back.date


def _dates(folded: str, dates: list[DateMatch], words: Lexicon) -> tuple[tuple[date, ...], DateMatch | None]:
    """Dates without a marker, and the one that a word such as "returning" makes the return."""
    plain: list[date] = []
    back: DateMatch | None = None
    for match in dates:
        left = _strip_articles(folded[: match.start], words)
        marked = ends_with(words.markers.return_before, left, spaced=words.spaced)
        marked = marked or starts_with(words.markers.return_after, folded[match.end :], spaced=words.spaced)
        if marked and back is None:
            back = match
        else:
            plain.append(match.date)
    return tuple(plain), back


def _keyed(table: Mapping[_Key, tuple[str, ...]], folded: str, words: Lexicon) -> _Key | None:
    """The key whose phrase occurs, the longest phrase winning: `premium economy` before `economy`."""
    found = {key: find(phrases, folded, spaced=words.spaced) for key, phrases in table.items()}
    lengths = {key: len(match[0]) for key, match in found.items() if match}
    return max(lengths, key=lambda key: lengths[key]) if lengths else None


def _choice(folded: str, words: Lexicon) -> int | None:
    """The offer that is chosen: "the second one", "number two"."""
    by_place = find_number(words.select, words.ordinals, folded, spaced=words.spaced)
    return by_place or find_number(words.numbered, words.cardinals, folded, spaced=words.spaced)


def _price_cap(folded: str, words: Lexicon) -> str | None:
    for template in words.price_cap:
        body = r"\s*".join(re.escape(part) for part in fold(template).split())
        match = re.search(body.replace(re.escape("{amount}"), r"[^\d\s]?\s?" + _AMOUNT), folded)
        if match:
            whole = re.sub(r"\D", "", match[1])
            return f"{whole}.{match[2]}" if match[2] else whole
        if not words.spaced:
            counted = re.search(body.replace(re.escape("{amount}"), r"[$¥€£]?(" + COUNTED + ")"), folded)
            count = counted_in_han(counted[1]) if counted else None
            if count:
                return f"{count:.0f}"
    return None
