"""`?generation=N`: older generations over HTTP, and how caches treat what they say."""

from collections.abc import Generator

import httpx2
import pytest

from graph.generations.keeping import Policy, set_policy

from .conftest import Serve, Server, publish

QUERY = "SELECT ?o { ?s <http://example.org/is> ?o }"
GRAPH = "http://example.org/g"
IMMUTABLE = "public, max-age=86400, immutable"


@pytest.fixture(scope="module")
def old(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """A server of five generations, the last three of which are kept."""
    store = tmp_path_factory.mktemp("old") / "store"
    set_it = Policy(last=3)
    for number in range(1, 6):
        publish(store, f"GRAPH <{GRAPH}> {{ <x:s> <http://example.org/is> {number} }}")
        set_policy(store, set_it)
    for number in (1, 2):  # a sweep lets what was current just now linger
        (store / f"generations/{number:06d}.json").unlink(missing_ok=True)
    with serve(store, "--readers", 2) as running:
        yield running


def get(server: Server, path: str, **headers: str) -> httpx2.Response:
    return httpx2.get(server.url + path, headers=headers)


def ask(server: Server, method: str, generation: object) -> httpx2.Response:
    fields = {"query": QUERY, "generation": str(generation)}
    headers = {"Accept": "text/csv"}
    match method:
        case "GET":
            return httpx2.get(server.sparql, params=fields, headers=headers)
        case "form":
            return httpx2.post(server.sparql, data=fields, headers=headers)
        case _:
            headers["Content-Type"] = "application/sparql-query"
            params = {"generation": str(generation)}
            return httpx2.request(
                method, server.sparql, params=params, content=QUERY, headers=headers
            )


@pytest.mark.parametrize("method", ["GET", "form", "POST", "QUERY"])
def test_a_query_may_name_an_older_generation_in_every_form(old: Server, method: str) -> None:
    for number in (3, 5, 4, 3):
        answer = ask(old, method, number)
        assert answer.text.split() == ["o", str(number)]
        assert answer.headers["x-generation"] == str(number)
        assert answer.headers["cache-control"] == IMMUTABLE
    current = old.ask(QUERY)
    assert current.text.split() == ["o", "5"]
    assert current.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/graph-store?graph=http%3A%2F%2Fexample.org%2Fg", "/graph-store?default"]
)
def test_a_graph_may_be_had_as_it_was(old: Server, path: str) -> None:
    answer = get(old, f"{path}&generation=3", Accept="application/n-triples")
    assert answer.status_code == 200
    assert answer.headers["x-generation"] == "3"
    assert answer.headers["cache-control"] == IMMUTABLE
    if "default" not in path:
        assert '"3"' in answer.text
    known = get(old, f"{path}&generation=3", Accept="application/n-triples",
                **{"If-None-Match": answer.headers["etag"]})  # fmt: skip
    assert known.status_code == 304
    other = get(old, f"{path}&generation=4", Accept="application/n-triples")
    assert other.headers["etag"] != answer.headers["etag"]


def test_what_an_older_generation_says_puts_nothing_out_of_the_cache(old: Server) -> None:
    def metric(name: str) -> float:
        said = get(old, "/metrics").text
        return float(said.partition(f"\n{name} ")[2].split()[0])

    old.ask(QUERY)
    entries, hits = metric("metapole_cache_entries"), metric("metapole_cache_hits_total")
    for number in (3, 4, 3):
        assert ask(old, "GET", number).text.split() == ["o", str(number)]
    assert metric("metapole_cache_entries") == entries
    old.ask(QUERY)
    assert metric("metapole_cache_hits_total") == hits + 1


@pytest.mark.parametrize(
    ("generation", "status", "said"),
    [
        pytest.param("9", 404, "there is no generation 9; there are 3, 4, 5", id="to come"),
        pytest.param("1", 410, "generation 1 is no longer kept; there are 3, 4, 5", id="swept"),
        pytest.param("0", 400, "'generation' is '0'", id="nought"),
        pytest.param("-1", 400, "'generation' is '-1'", id="negative"),
        pytest.param("3\r\nX: y", 400, "", id="two lines"),
        pytest.param("٣", 400, "send one number", id="other digits"),
        pytest.param("", 400, "send one number", id="empty"),
    ],
)
def test_what_is_said_of_a_generation_that_is_not_there(
    old: Server, generation: str, status: int, said: str
) -> None:
    for answer in (
        ask(old, "GET", generation),
        ask(old, "form", generation),
        httpx2.get(f"{old.url}/graph-store", params={"graph": GRAPH, "generation": generation}),
    ):
        assert answer.status_code == status
        assert said in answer.json()["detail"]
        assert answer.headers["cache-control"] == "no-store"
        assert "x" not in answer.headers


def test_a_change_may_not_name_a_generation(old: Server) -> None:
    fields = {"update": "CLEAR ALL", "generation": "3"}
    answer = httpx2.post(old.sparql, data=fields)
    assert answer.status_code == 400
    assert "always made to the current generation" in answer.json()["detail"]
