"""What a run found, as it was measured, and the ratios that are made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import geometric_mean, median
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COLD, REPEATED = "metapole, cold", "metapole, repeated"
"""Ours without a cache: every answer is evaluated anew. Ours as delivered: the same again."""

Rates = dict[str, float]
"""Answers a second, by server, in one round."""
Rounds = dict[int, list[Rates]]
"""By the number of connections."""


@dataclass(slots=True)
class Load:
    """How a server took the data; *failure* says why it did not."""

    seconds: float = 0.0
    disk_mb: float = 0.0
    peak_mb: float = 0.0
    failure: str = ""


@dataclass(slots=True)
class Memory:
    """Resident megabytes of a server and all its processes: after its start, and the most."""

    at_rest_mb: float = 0.0
    peak_mb: float = 0.0


@dataclass(slots=True)
class FirstAnswer:
    """The first answer of a server to a query, or why there is none; *note* is what is odd."""

    seconds: float = 0.0
    note: str = ""
    failure: str = ""


@dataclass(slots=True)
class Question:
    """A query, and what came of it."""

    name: str
    title: str
    rows: int = 0
    first: dict[str, FirstAnswer] = field(default_factory=dict[str, FirstAnswer])
    rounds: Rounds = field(default_factory=dict[int, list[Rates]])

    def ratio(self, server: str, peer: str, connections: int = 1) -> float | None:
        """Return the median over the rounds of throughput divided by that of *peer*."""
        return ratio(self.rounds.get(connections, []), server, peer)

    def milliseconds(self, server: str, connections: int = 1) -> float | None:
        """Return how long a connection waits for an answer; None when there is none."""
        first = self.first.get(server)
        if first is None or first.failure:
            return None
        rates = [each[server] for each in self.rounds.get(connections, []) if server in each]
        if rates:
            return 1000 * connections / median(rates)
        return first.seconds * 1000 if connections == 1 else None


@dataclass(slots=True)
class Transfer:
    """One large result, again and again."""

    megabytes: float = 0.0
    rows: int = 0
    seconds: list[float] = field(default_factory=list[float])
    first_row: list[float] = field(default_factory=list[float])
    failure: str = ""


@dataclass(slots=True)
class Lookups:
    """Lookups of which each names another thing, and why servers take no part."""

    rounds: Rounds = field(default_factory=dict[int, list[Rates]])
    failures: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class Size:
    """What was found on a graph of one size."""

    triples: int
    quads: int
    grown_seconds: float = 0.0
    loads: dict[str, Load] = field(default_factory=dict[str, Load])
    memory: dict[str, Memory] = field(default_factory=dict[str, Memory])
    questions: list[Question] = field(default_factory=list[Question])
    plans: list[Question] = field(default_factory=list[Question])
    """Queries that the engine is known to evaluate badly."""
    lookups: Lookups = field(default_factory=Lookups)
    large: dict[str, dict[str, Transfer]] = field(default_factory=dict[str, dict[str, Transfer]])
    """By media type and server."""
    commits: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    """Milliseconds from a change to its being seen, by kind."""
    kills: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    """Milliseconds from the end of a reader to the next answer, by kind."""
    failures: list[str] = field(default_factory=list[str])
    """What could not be measured at all."""

    def mean_ratio(self, server: str, peer: str, connections: int = 1) -> float | None:
        """Return the geometric mean of the ratios of all queries that both answer."""
        found = [question.ratio(server, peer, connections) for question in self.questions]
        ratios = [each for each in found if each is not None]
        return geometric_mean(ratios) if ratios else None

    def large_ratio(self, media_type: str, server: str, peer: str) -> float | None:
        """Return the median over the rounds of the time for the large result, to *peer*'s."""
        found = self.large.get(media_type, {})
        ours, theirs = found.get(server, Transfer()), found.get(peer, Transfer())
        pairs = list(zip(ours.seconds, theirs.seconds, strict=False))
        return median(one / other for one, other in pairs) if pairs else None


@dataclass(slots=True)
class Figures:
    """All that one run found."""

    date: str
    command: str
    machine: dict[str, str]
    versions: dict[str, str]
    how: dict[str, str]
    """How each server was run."""
    query_seconds: float
    rounds: int
    sizes: list[Size] = field(default_factory=list[Size])
    seconds: float = 0.0


def ratio(rounds: Sequence[Rates], server: str, peer: str) -> float | None:
    """Return the median over *rounds* of throughput divided by that of *peer* in the same."""
    found = [each[server] / each[peer] for each in rounds if server in each and peer in each]
    return median(found) if found else None


def save(figures: Figures, path: Path) -> None:
    """Write *figures* as JSON."""
    path.write_bytes(_FIGURES.dump_json(figures, indent=2))


def read(path: Path) -> Figures:
    """Return the figures that a run has saved."""
    return _FIGURES.validate_json(path.read_bytes())


_FIGURES = TypeAdapter(Figures)
