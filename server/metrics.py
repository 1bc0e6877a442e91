"""What is counted: requests and batches as they end; all else when somebody asks."""

from collections import Counter as Counts
from collections.abc import Callable, Iterator, Mapping
from typing import get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from graph.fetching.fetchers import Counts as RemoteCounts
from graph.processes.memory import resident_memory
from graph.query import Engine
from graph.readers.running import State
from graph.writing.desk import Desk
from server.cache import ResultCache

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OPERATIONS = (
    "query",
    "graph",
    "document",
    "page",
    "update",
    "graph-write",
    "upload",
    "validation",
    "description",
    "other",
)
"""What requests are for. Nothing that a client sends becomes the name of a series."""

_BUCKETS_S = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60)


class Metrics:
    """The counts of one server; several in one process do not mix."""

    def __init__(self, engine: Engine, cache: ResultCache) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "metapole_requests",
            "Requests that have ended, by what they were for and how",
            ("operation", "status"),
            registry=self._registry,
        )
        self._latency = Histogram(
            "metapole_request_seconds",
            "How long requests took, to the last byte",
            ("operation",),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._refusals = Counter(
            "metapole_refusals",
            "Requests that were refused because their client has had its share, by what of",
            ("reason",),
            registry=self._registry,
        )
        self._children: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._state = _State(engine, cache)
        self._registry.register(self._state)
        ProcessCollector(registry=self._registry)
        for operation in OPERATIONS:  # there from the beginning, so that a rate can be taken
            self._latency.labels(operation)
        self._registry.register(_Federation(engine))
        if desk := engine.desk:
            self._watch(desk)

    def count(self, operation: str, status: int, seconds: float) -> None:
        """Note the end of a request."""
        children = self._children.get((operation, status))
        if children is None:
            name = operation if operation in OPERATIONS else "other"
            children = (self._requests.labels(name, str(status)), self._latency.labels(name))
            self._children[operation, status] = children
        requests, latency = children
        requests.inc()
        latency.observe(seconds)

    def refuse(self, reason: str) -> None:
        """Note that a client has had its share of something."""
        self._refusals.labels(reason).inc()

    def watch_connections(self, count: Callable[[], int], refused: Mapping[int, int]) -> None:
        """Tell of the connections, too: how many there are, and by status how many were closed."""
        self._state.connections = count
        self._state.refused_connections = refused

    def written(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self._registry)

    def _watch(self, desk: Desk) -> None:
        batches = Histogram(
            "metapole_commit_seconds",
            "How long batches of changes took, until they were on disk and current",
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        desk.on_batch = batches.observe
        self._registry.register(_Writing(desk))


class _State(Collector):
    """What others know already of reading, and of the processes."""

    def __init__(self, engine: Engine, cache: ResultCache) -> None:
        self.connections: Callable[[], int] | None = None
        self.refused_connections: Mapping[int, int] = {}
        self._engine = engine
        self._cache = cache

    def collect(self) -> Iterator[Metric]:
        """Yield the present state."""
        yield from self._cache_state()
        yield from self._reader_state()
        generation = self._engine.generation
        yield _gauge("generation", "Number of the current generation", generation.number)
        yield _gauge("generation_quads", "Quads in the current generation", generation.quads)
        yield from self._process_state()
        if self.connections:
            yield _gauge("connections", "Connections that are open", self.connections())
        yield _counters(
            "connections_refused",
            "Connections that were closed because of what their client did, by status",
            "status",
            {str(status): number for status, number in self.refused_connections.items()},
        )

    def _cache_state(self) -> Iterator[Metric]:
        cache = self._cache.counts
        yield _counter("cache_hits", "Reads answered from the result cache", cache.hits)
        yield _counter("cache_misses", "Reads evaluated for the result cache", cache.misses)
        yield _gauge("cache_entries", "Answers in the result cache", cache.entries)
        yield _gauge("cache_bytes", "Bytes in the result cache", cache.bytes)

    def _reader_state(self) -> Iterator[Metric]:
        readers, running = self._engine.reader_counts, list(self._engine.running)
        yield _gauge("readers_idle", "Readers waiting for a query", readers.idle)
        yield _gauge("readers_busy", "Readers with a query", readers.busy)
        yield _counter("readers_started", "Readers started", readers.started)
        text = "Readers that were killed or died, by why"
        yield _counters("readers_ended", text, "reason", readers.ended)
        states = Counts(each.state for each in running)
        present = {state: states[state] for state in get_args(State)}
        yield _gauges("running", "What readers are asked to do, by how far it is", "state", present)
        longest = max((each.seconds for each in running), default=0.0)
        yield _gauge("running_longest_seconds", "How long the longest of it has taken", longest)

    def _process_state(self) -> Iterator[Metric]:
        size, number = resident_memory()
        text = "Memory that processes hold, by kind; what they share is counted for each"
        yield _gauges("resident_bytes", text, "process", size)
        yield _gauges("processes", "Processes of the server, by kind", "process", number)


class _Writing(Collector):
    """What the desk knows of changes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def collect(self) -> Iterator[Metric]:
        """Yield the present state."""
        counts = self._desk.counts
        yield _counter("commits", "Changes that were made and published", counts["commits"])
        yield _counter("changes_refused", "Changes that were not made", counts["refused"])
        yield _counter("writers_lost", "Writers that ended before their work", counts["lost"])
        yield _gauge("changes_waiting", "Changes that wait for the writer", self._desk.waiting)
        yield _gauge("writer_up", "1 while the writer is there", int(self._desk.is_up))


class _Federation(Collector):
    """What asking other servers takes, by their names on the list."""

    def __init__(self, engine: Engine) -> None:
        self._fetchers = engine.fetchers

    def collect(self) -> Iterator[Metric]:
        """Yield the present state."""
        for name, text, value_of in _OF_REMOTES:
            values = {remote: value_of(each) for remote, each in self._fetchers.counts.items()}
            yield _counters(f"remote_{name}", text, "remote", values)
        yield _gauge("remote_cache_bytes", "Bytes of answers kept", self._fetchers.kept_bytes)


_OF_REMOTES: tuple[tuple[str, str, Callable[[RemoteCounts], float]], ...] = (
    ("requests", "Requests to other servers", lambda each: each.requests),
    ("cached", "Questions answered from what other servers said before", lambda each: each.cached),
    ("failures", "Questions to which no answer came that can be used", lambda each: each.failures),
    ("sent_bytes", "Bytes sent to other servers", lambda each: each.bytes_up),
    ("received_bytes", "Bytes received from other servers", lambda each: each.bytes_down),
    ("seconds", "How long questions to other servers took", lambda each: each.seconds),
)


def _counter(name: str, help_: str, value: float) -> Metric:
    return CounterMetricFamily(f"metapole_{name}", help_, value=value)


def _gauge(name: str, help_: str, value: float) -> Metric:
    return GaugeMetricFamily(f"metapole_{name}", help_, value=value)


def _counters(name: str, help_: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(f"metapole_{name}", help_, labels=[label])
    for value, number in sorted(values.items()):
        family.add_metric([value], number)
    return family


def _gauges(name: str, help_: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"metapole_{name}", help_, labels=[label])
    for value, number in sorted(values.items()):
        family.add_metric([value], number)
    return family
