"""The commit log is there for who names it, and part of nothing else."""

import pytest

from graph.generations import COMMITS_GRAPH

from .conftest import Ask, Publish

DATA = f"""
PREFIX : <http://example.org/>
:a :p 1 .
GRAPH :g {{ :a :p 2 }}
GRAPH <{COMMITS_GRAPH}> {{ :commit :p 3 }}
"""


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("SELECT ?o { ?s ?p ?o }", [1, 2], id="the union"),
        pytest.param("SELECT ?o { GRAPH ?g { ?s ?p ?o } }", [2], id="any graph"),
        pytest.param("SELECT ?o { GRAPH <LOG> { ?s ?p ?o } }", [3], id="the log by name"),
        pytest.param("SELECT ?o FROM <LOG> { ?s ?p ?o }", [3], id="FROM the log"),
        pytest.param(
            "SELECT ?o FROM NAMED <LOG> { GRAPH ?g { ?s ?p ?o } }", [3], id="FROM NAMED the log"
        ),
        pytest.param(
            "SELECT ?o { VALUES ?g { <LOG> } GRAPH ?g { ?s ?p ?o } }", [3], id="the log as a value"
        ),
    ],
)
def test_the_log_has_to_be_named(publish: Publish, ask: Ask, text: str, values: list[int]) -> None:
    store = publish(DATA).path.parents[1]
    named = text.replace("LOG", COMMITS_GRAPH)
    assert sorted(map(int, ask(store, named).split()[1:])) == values
