"""How numbers and days are written in each language."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def number(value: float | str | Decimal, language: str = "en") -> str:
    """Return *value* as it is written in *language*: 11200000000.0 is 11,200,000,000."""
    # Pages alone need it, and it takes a while to load.
    from babel.numbers import format_decimal  # noqa: PLC0415

    try:
        exact = Decimal(str(value)).normalize()
    except InvalidOperation:
        return str(value)
    return format_decimal(exact, locale=language, decimal_quantization=False)


def day(value: str, language: str = "en") -> str:
    """Return the day *value* (xsd:date or xsd:dateTime) as it is written in *language*."""
    from graph.publishing.site import wording  # noqa: PLC0415

    return wording.day(value, language)


def moment(value: str, language: str = "en") -> str:
    """Return the time *value* (xsd:dateTime) as it is written in *language*, in UTC."""
    from graph.publishing.site import wording  # noqa: PLC0415

    return wording.moment(value, language)


def amount(figure: Mapping[str, Any], language: str = "en", form: str = "compact") -> str:
    """Return the number of a key figure with its unit: `11.2 billion EUR`.

    In the *form* "long", that is `11,200,000,000 EUR`.
    """
    from graph.publishing.site import wording  # noqa: PLC0415

    return wording.amount(figure, language, is_long=form == "long")


def period(time: Mapping[str, Any], language: str = "en") -> str:
    """Return the time between `from` and `to` of *time*: `2014 – 2020`."""
    from graph.publishing.site import wording  # noqa: PLC0415

    return wording.period(time["from"], time["to"], language)
