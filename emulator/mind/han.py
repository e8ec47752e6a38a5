"""Amounts that are written with Han numerals or powers: "三千五百", "3万", "10万"."""

import re
from typing import Final

COUNTED: Final = r"[\d.,]*\d\s?[万千]|[一二两三四五六七八九十百千万]+"
_MYRIAD: Final = 10_000
_THOUSAND: Final = 1_000
_DIGITS: Final = dict(zip("一二三四五六七八九", range(1, 10), strict=True)) | {"两": 2}
_POWERS: Final = {"十": 10, "百": 100, "千": _THOUSAND}


def counted_in_han(written: str) -> float | None:
    """The number, up to 99,999,999; None when it is none.

    >>> counted_in_han("三千五百"), counted_in_han("3万"), counted_in_han("十二万")
    (3500.0, 30000.0, 120000.0)
    """
    found = re.match(r"[\d.,]+", written)
    if found:
        count = float(found[0].rstrip(".,").replace(",", ""))
        return count * (_MYRIAD if "万" in written else _THOUSAND if "千" in written else 1)
    total, part, digit = 0, 0, 0
    for sign in written:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign in _POWERS:
            part, digit = part + (digit or 1) * _POWERS[sign], 0
        elif sign == "万":
            total, part, digit = (total + part + digit) * _MYRIAD, 0, 0
        else:
            return None
    return float(total + part + digit) or None
