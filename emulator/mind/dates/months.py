"""A month that is named without a day."""

import re
from datetime import date
from typing import Final

from emulator.mind.dates.lexicon import date_lexicon
from emulator.mind.dates.text import fold

_SHORT: Final = 3
"""Names of so few letters are other words too ("may"), unless a word for "in" stands before them."""
_IN: Final = r"(?:in|im|of|for|during|en|em|a|de|di|du|next|n[aä]chsten)\s+"
_HAN: Final = {
    name: number
    for number, name in enumerate(["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"], start=1)
}
_CJK: Final = re.compile(r"(\d{1,2}|十[一二]|[一二三四五六七八九十])月(?!\s*(?:\d|[一二三四五六七八九十]+[日号號]))")


def month_named(text: str, language: str, today: date) -> date | None:
    """The first day of the month that is named, the present one from today on; None where none is.

    >>> month_named("the cheapest day in March", "en", date(2026, 11, 29))
    datetime.date(2027, 3, 1)
    """
    month = _named(fold(text), language)
    if month is None:
        return None
    year = today.year + (month < today.month)
    return max(today, date(year, month, 1))


def _named(folded: str, language: str) -> int | None:
    lexicon = date_lexicon(language)
    if not lexicon.words.spaced:
        found = _CJK.search(folded)
        number = int(found[1]) if found and found[1].isdigit() else _HAN.get(found[1]) if found else None
        return number if number and number <= len(_HAN) else None
    for name, month in sorted(lexicon.months.items(), key=lambda item: -len(item[0])):
        before = _IN if len(name) <= _SHORT else ""
        if re.search(rf"(?<!\w){before}{re.escape(name)}(?!\w)", folded):
            return month
    return None
