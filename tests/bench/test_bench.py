"""What the benchmark measures with: the grown graph, the queries, the client and its arithmetic.

How fast anything is is no test's business; `python -m tests.bench` reports it.
"""

from __future__ import annotations

import os
import subprocess
import sys
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
from tests.bench import client, memory
from tests.bench.answers import GRAPH, TAB_SEPARATED, TABLE, content, difference, row_count
from tests.bench.figures import (
    COLD,
    REPEATED,
    Figures,
    FirstAnswer,
    Load,
    Memory,
    Question,
    Size,
    Transfer,
    read,
    save,
)
from tests.bench.generate import Dataset, Files, grow, home_of, kept, write
from tests.bench.names import place_name
from tests.bench.page import page
from tests.bench.peers import METAPOLE, OXIGRAPH, RDFLIB, VIRTUOSO
from tests.bench.queries import PLANS, Query, lookups, read_queries
from tests.bench.verdicts import verdicts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TRIPLES = 60_000
DERIVED = ox.NamedNode(DERIVED_GRAPH)
QUERIES = read_queries()
BADLY_PLANNED = read_queries(folder=PLANS)


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


def test_what_is_written_to_files_is_what_grows(grown: Dataset, tmp_path: Path) -> None:
    files = Files.of(tmp_path)
    written = write(TRIPLES, files)
    assert (written.triples, written.quads) == (grown.triples, len(grown.quads))
    quads = set(ox.parse(path=files.quads))
    assert quads == set(grown.quads)
    in_default = {ox.Quad(*quad.triple) for quad in grown.quads}
    assert set(ox.parse(path=files.with_union)) == quads | in_default


def test_what_was_grown_before_is_not_grown_again(tmp_path: Path) -> None:
    files, written = kept(30_000, tmp_path)
    before = files.quads.stat()
    assert kept(30_000, tmp_path) == (files, written)
    assert files.quads.stat() == before
    homes = {home_of(size, tmp_path, seed) for size in (30_000, 40_000) for seed in (1, 2)}
    assert len(homes) == 4
    assert files == Files.of(home_of(30_000, tmp_path, 1))


def test_there_are_25_queries_and_three_that_are_planned_badly() -> None:
    assert (len(QUERIES), len(BADLY_PLANNED)) == (25, 3)


@pytest.mark.parametrize(
    "query", [pytest.param(query, id=query.name) for query in (*QUERIES, *BADLY_PLANNED)]
)
def test_a_query_says_what_it_asks_and_finds_something(
    query: Query, evaluated: Callable[[str], int]
) -> None:
    question = query.text.splitlines()[0]
    assert question.startswith("# ")
    assert question.endswith("?")
    assert TemplateCache().read(query.text)
    assert evaluated(query.text) > 0


def test_each_lookup_asks_about_another_thing(tmp_path: Path) -> None:
    path = tmp_path / "some.nq"
    path.write_text(
        "<x:a> <x:p> <x:b> .\n<x:a> <x:q> <x:b> .\n<x:b> <x:p> <x:a> <x:g> .\n_:c <x:p> 1 .\n"
    )
    found = sorted(lookups(path, seed=1))
    assert found == [f"SELECT ?property ?value {{ <x:{name}> ?property ?value }}" for name in "ab"]


def table(*bindings: str) -> bytes:
    """Return a table of the rows that are given as JSON, all in a column `a`."""
    rows = ", ".join(f'{{"a": {binding}}}' for binding in bindings)
    return f'{{"head": {{"vars": ["a"]}}, "results": {{"bindings": [{rows}]}}}}'.encode()


ONE = '{"type": "literal", "datatype": "http://www.w3.org/2001/XMLSchema#integer", "value": "1"}'
TWO = '{"type": "uri", "value": "x:two"}'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(table(ONE, TWO), table(TWO, ONE), id="order of rows"),
        pytest.param(
            table(ONE),
            table(ONE.replace('"1"', '"1.0"').replace("integer", "decimal")),
            id="number",
        ),
        pytest.param(table(ONE), table(ONE.replace('"literal"', '"typed-literal"')), id="old name"),
        pytest.param(
            table('{"type": "literal", "value": "x"}'),
            table(
                '{"value": "x", "type": "literal", '
                '"datatype": "http://www.w3.org/2001/XMLSchema#string"}'
            ),
            id="xsd:string",
        ),
        pytest.param(
            table('{"type": "literal", "value": "x", "xml:lang": "EN"}'),
            table('{"type": "literal", "value": "x", "xml:lang": "en"}'),
            id="case of a language",
        ),
        pytest.param(
            table('{"type": "bnode", "value": "b1"}'),
            table('{"type": "bnode", "value": "b2"}'),
            id="blank node",
        ),
        pytest.param(
            table(ONE), table(ONE, '{"type": "uri", "value": "urn:bench"}'), id="graph of the union"
        ),
        pytest.param(
            b'{"head": {}, "boolean": true}',
            table(ONE).replace(b'"a"', b'"__ASK_RETVAL"'),
            id="a yes as a table",
        ),
    ],
)
def test_answers_are_the_same_that_differ_in_spelling_only(one: bytes, other: bytes) -> None:
    assert not difference(content(TABLE, other), content(TABLE, one))


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        pytest.param(table(ONE, TWO), table(ONE), "1 rows, not 2", id="a row less"),
        pytest.param(table(ONE, ONE), table(ONE), "1 rows, not 2", id="a row once, not twice"),
        pytest.param(table(ONE, TWO), table(ONE, ONE), "1 of 2 rows differ", id="another row"),
        pytest.param(
            table(ONE), table(ONE.replace('"1"', '"2"')), "1 of 1 rows differ", id="another number"
        ),
        pytest.param(
            table('{"type": "literal", "value": "x:two"}'), table(TWO), "1 of 1", id="no literal"
        ),
        pytest.param(
            b'{"head": {}, "boolean": true}',
            b'{"head": {}, "boolean": false}',
            "1 of 1 rows differ",
            id="a no",
        ),
    ],
)
def test_a_real_difference_is_told(one: bytes, other: bytes, found: str) -> None:
    assert found in difference(content(TABLE, other), content(TABLE, one))


def test_graphs_are_compared_as_triples() -> None:
    one = content(GRAPH, b'<x:a> <x:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n')
    same = content(GRAPH, b'<x:a>\t<x:p>\t"1.0"^^<http://www.w3.org/2001/XMLSchema#decimal> .\n')
    other = content(GRAPH, b"<x:a> <x:p> <x:b> .\n")
    assert not difference(same, one)
    assert difference(other, one)


def test_rows_of_a_large_result_are_counted() -> None:
    assert row_count(TABLE, table(ONE, TWO)) == 2
    assert row_count(TAB_SEPARATED, b"?a\n1\n<x:two>\n") == 2
    with pytest.raises(ValueError, match="no text/tab-separated-values"):
        row_count(TAB_SEPARATED, b"<?xml version='1.0'?>\n<sparql/>\n")


def test_the_client_reads_whole_answers_and_counts_them(endpoint: str) -> None:
    port = urlsplit(endpoint).port
    assert port
    target = client.Target(port, "/sparql")
    [query] = read_queries(["03-specialties"])
    request = target.request(query.text, query.media_type)
    assert content(query.media_type, client.answer(target, request)).total() == 2
    assert client.rate(target, request, connections=3, seconds=0.02) > 0
    with pytest.raises(client.AnswerError, match="status 400"):
        client.answer(target, target.request("SELECT nonsense", query.media_type))


def test_memory_is_that_of_a_process_and_of_those_below_it() -> None:
    own = memory.resident_mb(os.getpid())
    code = "import time; filled = b'x' * 30_000_000; print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        assert process.pid in memory.tree(os.getpid())
        assert memory.resident_mb(os.getpid()) > own + 25
        assert memory.resident_mb(process.pid) > 30
        process.kill()


def made_up_question() -> Question:
    """Return a query that takes us twice as long as the peer, and a third when repeated."""
    question = Question("01-slow", "How slow is it?", rows=7)
    seconds = {COLD: 0.12, REPEATED: 0.12, OXIGRAPH: 0.06, VIRTUOSO: 2.0, RDFLIB: 0.0}
    question.first = {name: FirstAnswer(found) for name, found in seconds.items()}
    question.first[VIRTUOSO].note = "other answer: 6 rows, not 7"
    question.first[RDFLIB].failure = "over 30 s"
    # The second round is slow for all, which leaves ratios alone.
    for pace in (1.0, 0.5, 1.0):
        rates = {COLD: 5 * pace, REPEATED: 30 * pace, OXIGRAPH: 10 * pace}
        question.rounds.setdefault(1, []).append(rates)
    return question


def made_up_size() -> Size:
    size = Size(triples=1000, quads=1100)
    size.loads = {
        METAPOLE: Load(2.6, 10, 300),
        OXIGRAPH: Load(2.0, 8, 200),
        RDFLIB: Load(failure="not loaded: over 12 GB (12.1)"),
    }
    size.memory = {REPEATED: Memory(100, 150), OXIGRAPH: Memory(20, 40)}
    size.questions = [made_up_question()]
    size.lookups.rounds = {1: [{REPEATED: 30, OXIGRAPH: 60}, {REPEATED: 50, OXIGRAPH: 100}]}
    size.large = {
        TABLE: {
            COLD: Transfer(60, 200, [1.0, 1.2], [0.1, 0.1]),
            OXIGRAPH: Transfer(60, 200, [1.0, 1.0], [0.1, 0.1]),
            RDFLIB: Transfer(failure="status 500: no"),
        }
    }
    size.commits = {"one commit to visible, gate off": [10, 61, 70], "PUT": [900]}
    size.kills = {"kill -9": [20, 30, 400]}
    return size


def made_up_figures() -> Figures:
    return Figures(
        date="2026-01-02",
        command="python -m tests.bench --quick",
        machine={"processor": "a slow one"},
        versions={METAPOLE: "0.1"},
        how={METAPOLE: "as delivered", VIRTUOSO: "not at all"},
        query_seconds=30,
        rounds=3,
        sizes=[made_up_size()],
        seconds=120,
    )


def test_a_ratio_compares_rates_of_the_same_round() -> None:
    question = Question("one", "")
    question.rounds[1] = [
        {COLD: ours, OXIGRAPH: peer} for ours, peer in ((100, 50), (300, 100), (10, 1))
    ]
    question.rounds[1].append({COLD: 1})  # the peer took no part
    assert question.ratio(COLD, OXIGRAPH) == 3
    assert question.ratio(VIRTUOSO, OXIGRAPH) is None
    size = Size(
        1, 1, questions=[question, Question("two", "", rounds={1: [{COLD: 12, OXIGRAPH: 1}]})]
    )
    assert size.mean_ratio(COLD, OXIGRAPH) == pytest.approx(6)


def test_every_target_has_a_verdict() -> None:
    found = {each.target.partition(",")[0]: each.words for each in verdicts(made_up_size())}
    assert found == {
        "repeated queries": "3.00 times: reached",
        "distinct point lookups": "0.50 times: reached",
        "every query over 50 ms": "1 of 1 over, worst 2.00 times (01-slow): **missed**",
        "a large result as JSON": "1.10 times: reached",
        "bulk load": "1.30 times: reached",
        "commit to visible": "61 ms: **missed**",
        "kill to next answer": "30 ms: reached",
    }
    assert {each.words for each in verdicts(Size(1, 1))} == {"not measured"}


def test_the_page_says_how_it_was_made_and_all_that_was_found() -> None:
    text = page(made_up_figures())
    beginning = text[: text.index("## ")]
    assert "`python -m tests.bench --quick` on 2026-01-02; it took 2 minutes." in beginning
    assert "one run on one machine" in beginning
    lines = text.splitlines()
    for line in (
        "| processor | a slow one |",
        "| virtuoso | not installed | not at all |",
        "| metapole | 2.6 | 385 | 1.30 | 10 | 300 | 100 | 150 |",
        "| rdflib-endpoint | not loaded: over 12 GB (12.1) |  |  |  |  |  |  |",
        "| 01-slow | 7 | 200 | 33.3 | 100 | 2,000 \\* | over time | 2.00 | 3.00 |",
        "- 01-slow, virtuoso: other answer: 6 rows, not 7.",
        "- 01-slow, rdflib-endpoint: over 30 s.",
        "| metapole, cold | 1 | 0.50 | 1 | 0.50 (01-slow) |",
        "| metapole, repeated | 1 | 40 | 0.50 |",
        "| metapole, cold | JSON | 60 | 200 | 1.10 | 0.100 | 1.10 |",
        "| rdflib-endpoint | JSON | status 500: no |  |  |  |  |",
        "| kill -9 | 3 | 30 | 400 |",
    ):
        assert line in lines


def test_figures_are_read_as_they_were_saved(tmp_path: Path) -> None:
    save(made_up_figures(), tmp_path / "figures.json")
    assert read(tmp_path / "figures.json") == made_up_figures()
