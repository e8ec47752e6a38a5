"""Reads prices and times out of spoken text in eight languages, to compare them with the data they must come from."""

import re
from datetime import datetime
from decimal import Decimal

from contracts.flights import Filters, Offer

CURRENCY = r"(?:€|US\$|R\$|CN¥|JP¥|\$|£|¥|￥|EUR|USD|BRL|JPY|CNY|GBP|euros?|dollars?|dólares|reais|円|元)"
NUMBER = r"\d[\d.,\u00a0\u202f ]*\d|\d"
PRICE = re.compile(rf"{CURRENCY}\s?({NUMBER})|({NUMBER})\s?{CURRENCY}")
TIME = re.compile(
    r"(?P<before>午前|午後|上午|下午|凌晨|早上|中午|晚上)?\s?(?P<hour>\d{1,2})\s?(?:[:hH時时点]|Uhr\s)\s?(?P<minute>\d{2})分?"
    r"[\s\u202f\u00a0]?(?P<after>[AaPp]\.?\s?[Mm]\.?)?"
)
PM_WORDS = ("午後", "下午", "晚上", "中午")


def prices(text: str) -> list[Decimal]:
    """Every amount with a currency."""
    return [_amount(match.group(1) or match.group(2)) for match in PRICE.finditer(text)]


def _amount(digits: str) -> Decimal:
    bare = re.sub(r"[\s\u00a0\u202f]", "", digits)
    parts = re.split(r"[.,]", bare)
    if len(parts) > 1 and len(parts[-1]) != 3:  # a last group of three is thousands
        return Decimal("".join(parts[:-1]) + "." + parts[-1])
    return Decimal("".join(parts))


def times(text: str) -> list[str]:
    """Every time of day, as HH:MM in 24 hours."""
    found = []
    for match in TIME.finditer(text):
        hour = int(match["hour"])
        after = (match["after"] or "").lower()
        if (after.startswith("p") or match["before"] in PM_WORDS) and hour < 12:
            hour += 12
        if after.startswith("a") and hour == 12:
            hour = 0
        found.append(f"{hour:02d}:{match['minute']}")
    return found


def assert_true_to(text: str, offers: tuple[Offer, ...], asked: Filters | None = None) -> None:
    """Every price and time in the text is one of the offers', or was asked for; and there is a price at all."""
    said = prices(text)
    assert said, f"no price in {text!r}"
    known = {offer.total.decimal for offer in offers}
    wrong = [price for price in said if price not in known]
    assert not wrong, f"{wrong} in {text!r} are none of {sorted(known)}"
    moments = {hhmm(moment) for offer in offers for leg in offer.slices for moment in (leg.departs_at, leg.arrives_at)}
    limits = (asked.depart_from, asked.depart_until, asked.arrive_from, asked.arrive_until) if asked else ()
    moments |= {limit for limit in limits if limit}
    invented = [time for time in times(text) if time not in moments]
    assert not invented, f"{invented} in {text!r} are none of the flights' times"


def hhmm(moment: datetime) -> str:
    """A local time as HH:MM."""
    return moment.strftime("%H:%M")
