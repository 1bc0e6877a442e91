"""What the benchmark measures with: the grown graph, the queries, the client and its arithmetic.

How fast anything is is no test's business; `python -m tests.bench.run` reports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest

from graph.derivation import derive
from graph.namespaces import DERIVED_GRAPH
from graph.paths import bundled
from graph.sources import Sources
from graph.sparql.template import TemplateCache
from graph.validation import check_findings, shape_findings
from tests.bench import client, report
from tests.bench.generate import Dataset, grow
from tests.bench.names import place_name
from tests.bench.run import Query, content, read_queries

if TYPE_CHECKING:
    from collections.abc import Callable

TRIPLES = 60_000
DERIVED = ox.NamedNode(DERIVED_GRAPH)
QUERIES = read_queries()


@pytest.fixture(scope="module")
def grown() -> Dataset:
    return grow(TRIPLES)


@pytest.fixture(scope="module")
def stated(grown: Dataset) -> list[ox.Quad]:
    """What the documents state, without what follows from it."""
    return [quad for quad in grown.quads if quad.graph_name != DERIVED]


@pytest.fixture(scope="module")
def evaluated(grown: Dataset) -> Callable[[str], int]:
    """Return how many rows or triples a query finds in the grown graph."""
    store = ox.Store()
    store.bulk_extend(grown.quads)
    store.bulk_extend(ox.Quad(*quad.triple) for quad in grown.quads)

    def count(text: str) -> int:
        answer = store.query(text)
        return int(bool(answer)) if isinstance(answer, ox.QueryBoolean) else len(list(answer))

    return count


def test_the_same_number_and_seed_grow_the_same_graph(grown: Dataset) -> None:
    assert grow(TRIPLES).quads == grown.quads


def test_another_seed_grows_another_graph_of_the_same_size(grown: Dataset) -> None:
    other = grow(TRIPLES, seed=2)
    assert set(other.quads) != set(grown.quads)
    assert other.triples == pytest.approx(grown.triples, rel=0.5)


def test_as_many_triples_grow_as_were_asked_for_and_are_told(grown: Dataset) -> None:
    assert grown.triples == len({quad.triple for quad in grown.quads})
    assert grown.triples >= TRIPLES
    assert len(grown.quads) == len(set(grown.quads))


def test_the_grown_graph_keeps_the_shapes_and_the_checks(stated: list[ox.Quad]) -> None:
    sources, ontology = Sources(quads=stated), bundled("ontology")
    findings = shape_findings(sources, ontology / "shapes")
    findings += check_findings(sources, ontology / "checks")
    assert {finding.rule for finding in findings} <= {"check:conflicting-figures"}


def test_what_is_derived_of_each_document_is_what_is_derived_of_all(
    grown: Dataset, stated: list[ox.Quad]
) -> None:
    derived = {quad for quad in grown.quads if quad.graph_name == DERIVED}
    assert derived == set(derive(stated, bundled("ontology") / "rules"))


def test_no_two_places_have_the_same_name() -> None:
    assert len({place_name(number) for number in range(50_000)}) == 50_000


def test_there_are_25_queries() -> None:
    assert len(QUERIES) == 25


@pytest.mark.parametrize("query", [pytest.param(query, id=query.name) for query in QUERIES])
def test_a_query_says_what_it_asks_and_finds_something(
    query: Query, evaluated: Callable[[str], int]
) -> None:
    question = query.text.splitlines()[0]
    assert question.startswith("# ")
    assert question.endswith("?")
    assert TemplateCache().read(query.text)
    assert evaluated(query.text) > 0


def test_answers_are_the_same_whatever_the_order_of_rows_and_names() -> None:
    query = Query("", "SELECT * {}")
    one = b'{"results": {"bindings": [{"a": {"value": "1"}}, {"b": {"type": "x", "value": "2"}}]}}'
    two = b'{"results": {"bindings": [{"b": {"value": "2", "type": "x"}}, {"a": {"value": "1"}}]}}'
    assert content(query, one) == content(query, two)
    assert content(query, one) != content(query, b'{"results": {"bindings": []}}')


def test_the_client_reads_whole_answers_and_counts_them(endpoint: str) -> None:
    port = urlsplit(endpoint).port
    assert port
    target = client.Target(port, "/sparql")
    [query] = read_queries(["03-specialties"])
    request = target.request(query.text, query.media_type)
    assert len(content(query, client.answer(target, request))) == 2
    assert client.rate(target, request, connections=3, seconds=0.02) > 0
    with pytest.raises(client.AnswerError, match="status 400"):
        client.answer(target, target.request("SELECT nonsense", query.media_type))


def test_a_ratio_compares_rates_of_the_same_round() -> None:
    figures = report.Figures(["one", "two"], [1])
    for ours, peer in ((100, 50), (300, 100), (10, 1)):
        rates = {report.COLD: peer / 2, report.REPEATED: ours, report.PEER: peer}
        figures.add("one", 1, dict(rates))
        figures.add("two", 1, {**rates, report.REPEATED: 12 * peer})
    assert figures.ratio("one", 1, report.REPEATED) == 3
    assert figures.mean_ratio(1, report.REPEATED) == pytest.approx(6)
    assert figures.mean_ratio(1, report.COLD) == pytest.approx(0.5)
    figures.rows = {"one": 1, "two": 1}
    figures.planning = {"one": 0.00001, "two": 0.00002}
    assert "geometric mean, repeated: 6.00" in figures.table()
