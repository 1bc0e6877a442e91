"""What a run found: rates by query, and the ratios and the table made of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import geometric_mean, median

COLD, REPEATED, PEER = "cold", "repeated", "peer"
_OURS = (COLD, REPEATED)

Rates = dict[str, float]
"""Answers a second, by server, in one round."""


@dataclass(slots=True)
class Figures:
    """The rates of all rounds, by query and number of connections."""

    queries: list[str]
    connections: list[int]
    rows: dict[str, int] = field(default_factory=dict[str, int])
    planning: dict[str, float] = field(default_factory=dict[str, float])
    """Seconds to read a query whose template is known."""
    _rounds: dict[tuple[str, int], list[Rates]] = field(
        default_factory=lambda: defaultdict[tuple[str, int], list[Rates]](list)
    )

    def add(self, query: str, connections: int, rates: Rates) -> None:
        """Add what one round found."""
        self._rounds[query, connections].append(rates)

    def ratio(self, query: str, connections: int, ours: str) -> float:
        """Return the median over the rounds of our throughput divided by the peer's."""
        rounds = self._rounds[query, connections]
        return median(rates[ours] / rates[PEER] for rates in rounds)

    def mean_ratio(self, connections: int, ours: str) -> float:
        """Return the geometric mean of the ratios of all queries."""
        return geometric_mean(self.ratio(query, connections, ours) for query in self.queries)

    def mean_ratios_of_rounds(self, connections: int, ours: str) -> list[float]:
        """Return the geometric mean over the queries of each round, the lowest first."""
        rounds = zip(*(self._rounds[query, connections] for query in self.queries), strict=True)
        return sorted(
            geometric_mean(rates[ours] / rates[PEER] for rates in found) for found in rounds
        )

    def milliseconds(self, query: str, connections: int, server: str) -> float:
        """Return the median time that a connection waits for an answer."""
        rounds = self._rounds[query, connections]
        return median(1000 * connections / rates[server] for rates in rounds)

    def as_json(self) -> dict[str, object]:
        """Return everything, rates of single rounds included."""
        return {
            "geometric means": {
                f"{ours}, {count} connections": self.mean_ratio(count, ours)
                for count in self.connections
                for ours in _OURS
            },
            "planning seconds": self.planning,
            "rows": self.rows,
            "answers per second": [
                {"query": query, "connections": count, "rounds": rounds}
                for (query, count), rounds in self._rounds.items()
            ],
        }

    def table(self) -> str:
        """Return the table that a run prints."""
        lines: list[str] = []
        for count in self.connections:
            lines += [*self._table_of(count), ""]
        slowest = max(self.queries, key=self.planning.__getitem__)
        middle = median(self.planning.values())
        lines.append(
            f"reading a query of a known template: median {middle * 1e3:.3f} ms, "
            f"at most {self.planning[slowest] * 1e3:.3f} ms ({slowest})"
        )
        return "\n".join(lines) + "\n"

    def _table_of(self, count: int) -> list[str]:
        rounds = len(self._rounds[self.queries[0], count])
        title = (
            f"{count} connection{'s' * (count > 1)}, {rounds} rounds; milliseconds for an answer, "
            "and our throughput divided by the peer's"
        )
        lines = [
            title,
            f"{'query':36} {'rows':>5} {COLD:>9} {REPEATED:>9} {PEER:>9} {COLD:>8} {REPEATED:>9}",
        ]
        for query in self.queries:
            times = (self.milliseconds(query, count, server) for server in (*_OURS, PEER))
            ratios = [self.ratio(query, count, ours) for ours in _OURS]
            lines.append(
                f"{query:36} {self.rows[query]:5} "
                + " ".join(f"{time:9.3f}" for time in times)
                + f" {ratios[0]:8.2f} {ratios[1]:9.2f}"
            )
        for ours in _OURS:
            of_rounds = self.mean_ratios_of_rounds(count, ours)
            worst = min(self.queries, key=lambda query: self.ratio(query, count, ours))
            lines.append(
                f"geometric mean, {ours}: {self.mean_ratio(count, ours):.2f} "
                f"(rounds: {of_rounds[0]:.2f} to {of_rounds[-1]:.2f}); "
                f"worst: {self.ratio(worst, count, ours):.2f} ({worst})"
            )
        return lines
