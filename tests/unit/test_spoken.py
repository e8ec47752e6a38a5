"""The reader of spoken prices and times must itself be right, or the calls' tests prove nothing."""

from decimal import Decimal

import pytest
from spoken import prices, times


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from €89.90 with Iberia", "89.90"),
        ("ab 1.234,50 € mit Lufthansa", "1234.50"),
        ("à partir de 1 234,50 € avec", "1234.50"),
        ("por R$ 1.480,00 com", "1480.00"),
        ("最安値は￥98,000です", "98000"),
        ("最便宜的是 ¥1,234.00", "1234.00"),
        ("for $1,020", "1020"),
        ("89 euros", "89"),
    ],
)
def test_prices(text: str, expected: str) -> None:
    assert prices(text) == [Decimal(expected)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("leaves at 7:15 AM", "07:15"),
        ("leaves at 7:15 p.m. and", "19:15"),
        ("at 12:05 AM", "00:05"),
        ("sale a las 19:40", "19:40"),
        ("um 06:30 Uhr", "06:30"),
        ("à 7h05", "07:05"),
        ("午後3時25分", "15:25"),
        ("下午3:25", "15:25"),
        ("14時05分発", "14:05"),
    ],
)
def test_times(text: str, expected: str) -> None:
    assert times(text) == [expected]


def test_counts_and_dates_are_neither() -> None:
    assert prices("12 flights on 22 November, 1 stop") == []
    assert times("12 flights on 22 November, 1 stop") == []
