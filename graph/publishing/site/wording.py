"""How amounts and times are written in each language, by the rules of Unicode's CLDR."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval
from babel.numbers import (
    format_compact_decimal,
    format_decimal,
    format_percent,
    format_scientific,
)
from babel.units import UnknownUnitError, format_unit

if TYPE_CHECKING:
    from collections.abc import Mapping


def locale_of_days(language: str) -> str:
    """Return whose way of writing days is meant by *language*: in English the one of Europe."""
    return "en_GB" if language == "en" else language


for _language in ("en", "fr", "de"):
    # A reader loads this when it has nothing else to do; the first page must not wait for it.
    _ = (Locale(_language).decimal_formats, Locale.parse(locale_of_days(_language)).months)

_MILLION = Decimal(1_000_000)
_MOST_DIGITS = 3
"""How many digits behind the decimal mark a number in millions may have."""
_LARGEST, _SMALLEST = 18, -9
"""Numbers with more digits than this are written with an exponent."""


def amount(figure: Mapping[str, Any], language: str, *, is_long: bool = False) -> str:
    """Return the number of *figure* with its unit, nothing rounded: `11.2 billion EUR`.

    If it *is_long*, no word stands for zeros.
    """
    numbers = [Decimal(each) for each in figure["numbers"]]
    if not numbers:
        return ""
    if figure["unit_kind"] == "ratio" and figure["unit_symbol"] == "%":
        return _percent(numbers, language)
    written = "–".join(number_words(each, language, is_long=is_long) for each in numbers[-2:])
    if figure["unit_kind"] == "time" and len(numbers) == 1:
        return _duration(numbers[0], figure["unit_name"], language) or written
    unit = figure["unit_symbol"] or _counted(figure)
    return f"{written} {unit}" if unit else written


def number_words(number: Decimal, language: str, *, is_long: bool = False) -> str:
    """Return *number* with a word for its zeros, such as billion, if that needs no rounding."""
    if number and not _SMALLEST <= number.adjusted() <= _LARGEST:
        return format_scientific(number, locale=language)
    digits = _digits_in_millions(number)
    if not is_long and abs(number) >= _MILLION and digits <= _MOST_DIGITS:
        return format_compact_decimal(
            number, format_type="long", locale=language, fraction_digits=digits
        )
    return format_decimal(number, locale=language, decimal_quantization=False)


def day(text: str, language: str) -> str:
    """Return the day that *text* (xsd:date or xsd:dateTime) begins with; what is none as it is."""
    return _one(_day(text), text, language)


def moment(text: str, language: str) -> str:
    """Return the time *text* (xsd:dateTime) in UTC; what is none as it is."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return text
    told = format_datetime(
        time.astimezone(UTC) if time.tzinfo else time, "medium", locale=locale_of_days(language)
    )
    return f"{told} UTC"


def period(first: str | None, last: str | None, language: str) -> str:
    """Return the time from day *first* to *last* as people write it: `2014 – 2020`, `March 2008`.

    Either may be None: then that end is open. What is no day is shown as it is.
    """
    start, end = _day(first), _day(last)
    if start is None or end is None:
        ends = (_one(start, first, language), _one(end, last, language))
        return " – ".join(each or "…" for each in ends) if any(ends) else ""
    if start > end:
        return f"{_one(start, first, language)} – {_one(end, last, language)}"
    return format_interval(start, end, _skeleton(start, end), locale=locale_of_days(language))


def _percent(numbers: list[Decimal], language: str) -> str:
    """Return shares of a whole in per cent; the sign stands once, behind."""
    *first, last = numbers[-2:]
    lows = [number_words(100 * each, language, is_long=True) for each in first]
    return "–".join([*lows, format_percent(last, locale=language, decimal_quantization=False)])


def _counted(figure: Mapping[str, Any]) -> str:
    """Return what a figure counts; of an unknown currency its page says that it is not known."""
    if figure["unit_kind"] == "money" or figure["unit"] is None:
        return ""
    return figure["unit"]["label"]


def _duration(number: Decimal, unit: str, language: str) -> str:
    try:
        return format_unit(number, f"duration-{unit}", locale=language)
    except UnknownUnitError:
        return ""


def _digits_in_millions(number: Decimal) -> int:
    """Return how many digits stand behind the decimal mark in millions, billions or trillions."""
    thousands = min(number.adjusted() // 3, 4)
    exponent = number.scaleb(-3 * thousands).normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def _one(found: date | None, text: str | None, language: str) -> str:
    if found is None:
        return text or ""
    return format_date(found, format="long", locale=locale_of_days(language))


def _skeleton(start: date, end: date) -> str:
    """Return which parts of the days have to be told: whole years need no months."""
    is_whole_month = end.day == calendar.monthrange(end.year, end.month)[1]
    if start.day != 1 or not is_whole_month:
        return "yMMMd"
    is_whole_year = start.month == 1 and end.month == 12
    return "y" if is_whole_year else "yMMMM"
