"""SPARQL updates over the protocol, on a real server."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from .conftest import Serve, publish
from .writers import FORM, OURS, UPDATE, Writer, writing


@pytest.fixture(scope="module")
def writer(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    store = tmp_path_factory.mktemp("updates") / "store"
    publish(store)
    with writing(serve, store) as each:
        yield each


@pytest.fixture
def graph(request: pytest.FixtureRequest) -> str:
    """The name of a graph that no other test writes to."""
    return f"{OURS}{request.node.name}"


def values(writer: Writer, graph: str) -> set[str]:
    response = writer.server.ask(f"SELECT ?o {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
    return set(response.text.split()[1:])


def test_an_update_is_seen_by_the_next_query(writer: Writer, graph: str) -> None:
    for number in range(5):
        response = writer.update(f"INSERT DATA {{ GRAPH <{graph}> {{ <x:s> <x:p> {number} }} }}")
        assert (response.status_code, response.content) == (204, b"")
        assert values(writer, graph) == {str(each) for each in range(number + 1)}


def test_a_form_is_as_good(writer: Writer, graph: str) -> None:
    form = urlencode({"update": f"INSERT DATA {{ GRAPH <{graph}> {{ <x:s> <x:p> 'é+&' }} }}"})
    assert writer.send("POST", "/sparql", form, FORM).status_code == 204
    assert values(writer, graph) == {"é+&"}


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ([("using-graph-uri", "g/1")], {"default-1"}),
        ([("using-graph-uri", "g/1"), ("using-graph-uri", "g/2")], {"default-1", "default-2"}),
        ([("using-named-graph-uri", "g/2")], {"named-2"}),
        (
            [("using-graph-uri", "g/1"), ("using-named-graph-uri", "g/2")],
            {"default-1", "named-2"},
        ),
        ([("using-graph-uri", "g/3")], set[str]()),
    ],
)
@pytest.mark.parametrize("is_form", [True, False], ids=["form", "direct"])
def test_the_request_names_what_is_read(
    writer: Writer, parameters: list[tuple[str, str]], found: set[str], is_form: bool
) -> None:
    target = f"{OURS}found"
    update = f"""
        PREFIX g: <{OURS}g/>
        DROP SILENT GRAPH <{target}> ;
        INSERT DATA {{ GRAPH g:1 {{ g:1 <x:n> 1 }} GRAPH g:2 {{ g:2 <x:n> 2 }} }} ;
        INSERT {{ GRAPH <{target}> {{ ?s <x:found> ?found }} }} WHERE {{
            {{ ?s <x:n> ?n BIND(CONCAT("default-", STR(?n)) AS ?found) }}
            UNION {{ GRAPH ?g {{ ?s <x:n> ?n }} BIND(CONCAT("named-", STR(?n)) AS ?found) }}
        }}
    """
    named = [(name, OURS + value) for name, value in parameters]
    if is_form:
        content = urlencode([("update", update), *named])
        response = writer.send("POST", "/sparql", content, FORM)
    else:
        response = writer.update(update, f"?{urlencode(named)}")
    assert response.status_code == 204, response.text
    assert values(writer, target) == found


def test_an_update_that_is_sent_twice_happens_once(writer: Writer, graph: str) -> None:
    increment = f"""
        WITH <{graph}> DELETE {{ ?s ?p ?o }} INSERT {{ <x:s> <x:n> ?next }}
        WHERE {{ OPTIONAL {{ ?s ?p ?o }} BIND(COALESCE(?o, 0) + 1 AS ?next) }}
    """
    first, again = (writer.update(increment, Idempotency_Key="once") for _ in range(2))
    assert (first.status_code, again.status_code) == (204, 204)
    assert first.headers["x-commit"] == again.headers["x-commit"]
    assert again.headers["idempotency-replayed"] == "true"
    assert values(writer, graph) == {"1"}
    assert writer.update(increment, Idempotency_Key="another").status_code == 204
    assert values(writer, graph) == {"2"}
    reused = writer.update(f"{increment} # other", Idempotency_Key="once")
    assert (reused.status_code, values(writer, graph)) == (422, {"2"})


def test_a_long_update_is_one_change(writer: Writer, graph: str) -> None:
    lines = "\n".join(f"<x:s> <x:p> {number} ." for number in range(2_000))
    form = urlencode(
        {"update": f"INSERT DATA {{ GRAPH <{graph}> {{ {lines} }} }} #{'é' * 400_000}"}
    )
    response = writer.send("POST", "/sparql", form, FORM)
    assert response.status_code == 204, response.text
    assert len(values(writer, graph)) == 2_000


def test_an_update_without_operations_is_none(writer: Writer) -> None:
    before = writer.everything()
    assert writer.update("PREFIX x: <x:>").status_code == 204
    assert writer.send("POST", "/sparql", b"", UPDATE).status_code == 204
    assert writer.everything() == before
