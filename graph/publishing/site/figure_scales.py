"""Where times and amounts are on a chart, and which lines help the eye."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.publishing.site.figures import Figure

_MOST_TICKS = 5
_LARGEST, _SMALLEST = 1e18, 1e-15
"""What is more than this is not drawn, and what is less is nothing; the words beside it tell it."""


class Times:
    """Where days are, from the year *first* at the *left* to the year *last* at the *right*."""

    def __init__(self, first: int, last: int, left: float, right: float) -> None:
        self._first, self._last = first, max(last, first + 1)
        self.left, self.right = left, right

    @classmethod
    def of(cls, figures: Sequence[Figure], left: float, right: float) -> Times:
        """Return a scale for the times of *figures*."""
        days = [day for each in figures for day in ends_of(each) if day]
        first, last = (min(days).year, max(days).year + 1) if days else (2000, 2001)
        return cls(first, last, left, right)

    def at(self, day: date) -> float:
        """Return where *day* is."""
        part = (day.year + (day.timetuple().tm_yday - 1) / 366 - self._first) / self._length
        return self.left + part * (self.right - self.left)

    def ticks(self) -> list[tuple[float, str]]:
        """Return where some years begin, and how they are called."""
        steps = (1, 2, 5, 10, 20, 50, 100, 500, 2000, 5000)
        step = next(each for each in steps if self._length / each <= _MOST_TICKS)
        first = math.ceil(self._first / step) * step
        years = range(first, min(self._last, 9999) + 1, step)
        return [(self.at(date(year, 1, 1)), str(year)) for year in years if year > 0]

    @property
    def _length(self) -> int:
        return self._last - self._first


class Values:
    """Where amounts are between *left* and *right*, from nothing on: amounts below it are rare."""

    def __init__(self, least: float, most: float, left: float, right: float) -> None:
        step = _round_step(max((most - least) / 3, _SMALLEST) if most > least else 1.0)
        self.least = math.floor(least / step) * step
        self.most = max(math.ceil(most / step) * step, self.least + step)
        self._step = step
        self._left, self._right = left, right

    @classmethod
    def of(cls, figures: Sequence[Figure], left: float, right: float) -> Values:
        """Return a scale for the amounts of *figures*."""
        numbers = [0.0, *(number for each in figures for number in numbers_of(each))]
        return cls(min(numbers), max(numbers), left, right)

    def at(self, number: float) -> float:
        """Return where *number* is."""
        part = (number - self.least) / (self.most - self.least)
        return self._left + part * (self._right - self._left)

    def ticks(self) -> list[float]:
        """Return some round numbers, the ends among them."""
        count = round((self.most - self.least) / self._step)
        return [self.least + number * self._step for number in range(count + 1)]


def numbers_of(figure: Figure) -> list[float]:
    """Return the numbers of *figure*: one, or the two ends of a range."""
    found = (figure[key] for key in ("value", "minimum", "maximum"))
    return [number for number in found if number is not None and abs(number) < _LARGEST]


def ends_of(figure: Figure) -> tuple[date | None, date | None]:
    """Return the first and the last day of *figure*; None is an open end."""
    start, end = (_day(figure[key]) for key in ("from", "to"))
    return (end, start) if start and end and start > end else (start, end)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def _round_step(rough: float) -> float:
    """Return a step near *rough* that people count in: 1, 2 or 5 and zeros."""
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(each for each in (1, 2, 5, 10) if each * power >= rough * 0.999)
