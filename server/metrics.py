"""What is counted: requests as they end; cache, readers and generation when somebody asks."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from graph.query import Engine
from server.cache import ResultCache

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
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
        self._children: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._registry.register(_State(engine, cache))

    def count(self, operation: str, status: int, seconds: float) -> None:
        """Note the end of a request."""
        children = self._children.get((operation, status))
        if children is None:
            children = (
                self._requests.labels(operation, str(status)),
                self._latency.labels(operation),
            )
            self._children[operation, status] = children
        requests, latency = children
        requests.inc()
        latency.observe(seconds)

    def written(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self._registry)


class _State(Collector):
    """What others count already."""

    def __init__(self, engine: Engine, cache: ResultCache) -> None:
        self._engine = engine
        self._cache = cache

    def collect(self) -> Iterator[Metric]:
        """Yield the present state."""
        cache, readers = self._cache.counts, self._engine.reader_counts
        generation = self._engine.generation
        yield _counter("cache_hits", "Reads answered from the result cache", cache.hits)
        yield _counter("cache_misses", "Reads evaluated for the result cache", cache.misses)
        yield _gauge("cache_entries", "Answers in the result cache", cache.entries)
        yield _gauge("cache_bytes", "Bytes in the result cache", cache.bytes)
        yield _gauge("readers_idle", "Readers waiting for a query", readers.idle)
        yield _gauge("readers_busy", "Readers with a query", readers.busy)
        yield _counter("readers_started", "Readers started", readers.started)
        ended = CounterMetricFamily(
            "metapole_readers_ended", "Readers that were killed or died", labels=["reason"]
        )
        for reason, number in sorted(readers.ended.items()):
            ended.add_metric([reason], number)
        yield ended
        yield _gauge("generation", "Number of the current generation", generation.number)
        yield _gauge("generation_quads", "Quads in the current generation", generation.quads)


def _counter(name: str, help_: str, value: float) -> Metric:
    return CounterMetricFamily(f"metapole_{name}", help_, value=value)


def _gauge(name: str, help_: str, value: float) -> Metric:
    return GaugeMetricFamily(f"metapole_{name}", help_, value=value)
