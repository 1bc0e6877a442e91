"""The targets against `oxigraph serve`, and whether a run has reached them."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.answers import TABLE
from tests.bench.figures import COLD, REPEATED, ratio
from tests.bench.peers import METAPOLE, OXIGRAPH

if TYPE_CHECKING:
    from tests.bench.figures import Question, Size

SLOW_MS = 50
"""Queries that take `oxigraph serve` longer have to be as fast in ours, nearly."""


class Verdict(NamedTuple):
    """A target, and what was found."""

    target: str
    found: str
    is_reached: bool | None
    """None where it could not be measured."""

    @property
    def words(self) -> str:
        """What was found, and whether that is enough."""
        if self.is_reached is None:
            return "not measured"
        return f"{self.found}: {'reached' if self.is_reached else '**missed**'}"


def verdicts(size: Size) -> list[Verdict]:
    """Return a verdict for each target, always in the same order."""
    found = [
        *_at_least("repeated queries, throughput, at least 1.2 times", 1.2, _repeated(size)),
        *_at_least("distinct point lookups, throughput, at least 0.4 times", 0.4, _lookups(size)),
        _slow_queries(size),
    ]
    large = size.large_ratio(TABLE, COLD, OXIGRAPH)
    found.append(_at_most("a large result as JSON, time, at most 1.1 times", 1.1, large, " times"))
    found.append(_at_most("bulk load, time, at most 1.3 times", 1.3, load_ratio(size), " times"))
    changes = [median(times) for what, times in size.commits.items() if what.startswith("one")]
    target = "commit to visible, median, under 60 ms"
    found.append(_at_most(target, 60, max(changes, default=None), " ms"))
    kills = [median(times) for times in size.kills.values()]
    target = "kill to next answer, median, under 100 ms"
    found.append(_at_most(target, 100, max(kills, default=None), " ms"))
    return found


def time_ratio(question: Question) -> float | None:
    """Return our time without a cache divided by that of `oxigraph serve`."""
    found = question.ratio(COLD, OXIGRAPH)
    return 1 / found if found else None


def load_ratio(size: Size) -> float | None:
    """Return our time to load divided by that of `oxigraph`."""
    ours, theirs = size.loads.get(METAPOLE), size.loads.get(OXIGRAPH)
    if ours is None or theirs is None or not ours.seconds or not theirs.seconds:
        return None
    return ours.seconds / theirs.seconds


def _repeated(size: Size) -> dict[int, float | None]:
    return {count: size.mean_ratio(REPEATED, OXIGRAPH, count) for count in size.lookups.rounds}


def _lookups(size: Size) -> dict[int, float | None]:
    rounds = size.lookups.rounds
    return {count: ratio(rounds[count], REPEATED, OXIGRAPH) for count in rounds}


def _slow_queries(size: Size) -> Verdict:
    target = f"every query over {SLOW_MS} ms, time, at most 1.1 times"
    slow = [each for each in size.questions if (each.milliseconds(OXIGRAPH) or 0) > SLOW_MS]
    ratios = {each.name: found for each in slow if (found := time_ratio(each))}
    if not ratios:
        return Verdict(target, "", None)
    over = sorted(name for name, found in ratios.items() if found > 1.1)
    worst = max(ratios, key=ratios.__getitem__)
    text = f"{len(over)} of {len(ratios)} over, worst {ratios[worst]:.2f} times ({worst})"
    return Verdict(target, text, not over)


def _at_least(target: str, limit: float, found: dict[int, float | None]) -> list[Verdict]:
    return [
        Verdict(
            f"{target}; {count} connection{'s' * (count > 1)}",
            "" if value is None else f"{value:.2f} times",
            None if value is None else value >= limit,
        )
        for count, value in found.items()
    ]


def _at_most(target: str, limit: float, found: float | None, unit: str) -> Verdict:
    if found is None:
        return Verdict(target, "", None)
    digits = 2 if limit < 10 else 0
    return Verdict(target, f"{found:.{digits}f}{unit}", found <= limit)
