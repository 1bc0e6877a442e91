"""SERVICE over HTTP: another portal is asked, which counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx2
import pyoxigraph as ox
import pytest

from graph.federation.outcome import Asked
from server.federation import federation_headers
from tests.http.conftest import publish
from tests.http.portal import Portal, running_portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.http.conftest import Serve, Server

PREFIX = "PREFIX : <http://example.org/> "
_LABELS = 20_000
_LINKS = 10_000
_EX = "http://example.org/"


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    """A portal with labels of 20,000 things."""
    store = ox.Store()
    label = ox.NamedNode(f"{_EX}label")
    store.bulk_extend(
        ox.Quad(ox.NamedNode(f"{_EX}r{number}"), label, ox.Literal(f"Organisation {number}"))
        for number in range(_LABELS)
    )
    with running_portal(store) as portal:
        yield portal


@pytest.fixture(scope="module")
def asking(
    serve: Serve, portal: Portal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with links to half of these things, which may ask the portal."""
    store: Path = tmp_path_factory.mktemp("asking") / "store"
    links = " ".join(f":l{n} :same :r{n} ; :number {n} ." for n in range(_LINKS))
    publish(store, f"PREFIX : <{_EX}> GRAPH :links {{ {links} }}")
    with serve(store, "--federate", portal.url) as server:
        yield server


_MANY = " ".join(f"<http://{number}.example/>" for number in range(101))


@pytest.fixture(autouse=True)
def _forget(portal: Portal) -> None:
    portal.forget()


@pytest.mark.parametrize(
    ("number", "requests", "bytes_down"),
    [(1, 1, 1_000), (100, 1, 30_000), (_LINKS, 25, 2_500_000)],
    ids=["1 binding", "100 bindings", "10,000 bindings"],
)
def test_the_portal_is_asked_only_for_what_can_matter(
    asking: Server, portal: Portal, number: int, requests: int, bytes_down: int
) -> None:
    text = f"""PREFIX : <{_EX}> SELECT ?l ?label {{
        ?l :same ?r ; :number ?n FILTER(?n < {number}) SERVICE <{portal.url}> {{ ?r :label ?label }}
    }}"""
    answer = asking.ask(text)
    assert answer.status_code == 200, answer.text
    assert answer.text.count("\r\n") == number + 1
    assert f"{_EX}l{number - 1},Organisation {number - 1}\r\n" in answer.text
    assert portal.requests <= requests
    assert portal.bytes_down < bytes_down
    said = answer.headers["X-Federation"]
    assert re.search(rf";status=complete;.*;rows={number};", said), said
    assert answer.headers["Cache-Control"] == "no-store"


def _link(number: int, portal: Portal, service: str = "SERVICE") -> str:
    return (
        f"{PREFIX} SELECT ?label {{ :l{number} :same ?r {service} <{portal.url}> "
        "{ ?r :label ?label } }"
    )


@pytest.mark.parametrize(
    ("pattern", "found", "requests", "said"),
    [
        pytest.param(
            ":l1 :same ?r SERVICE <PORTAL> { ?r :label ?label }", ["Organisation 1"], 1,
            "status=complete;requests=1;rows=1;", id="joined",
        ),
        pytest.param(
            ":l1 :none ?r SERVICE <PORTAL> { ?r :label ?label }", [], 0,
            "status=not-asked;requests=0;rows=0;bytes=0;keys=0", id="nothing to ask for",
        ),
        pytest.param(
            "VALUES ?r { :r3 :r4 } SERVICE <PORTAL> { ?r :label ?label }",
            ["Organisation 3", "Organisation 4"], 1, "rows=2;", id="constants",
        ),
        pytest.param(
            "VALUES ?e { <PORTAL> } :l2 :same ?r SERVICE ?e { ?r :label ?label }",
            ["Organisation 2"], 1, "rows=1;", id="the endpoint is a variable",
        ),
        pytest.param(
            "VALUES ?e { <PORTAL> <http://other.example/sparql> } :l22 :same ?r "
            "SERVICE SILENT ?e { ?r :label ?label }",
            ["", "Organisation 22"], 1, "status=not-allowed;", id="some endpoints are not allowed",
        ),
        pytest.param(
            ":l1 :same ?r OPTIONAL { SERVICE SILENT <http://other.example/sparql> "
            "{ ?r :label ?label } }", [""], 0, 'left-out="line 1, column', id="SILENT, not allowed",
        ),
    ],
)  # fmt: skip
def test_the_answer_and_its_header_say_what_came_of_it(
    asking: Server, portal: Portal, pattern: str, found: list[str], requests: int, said: str
) -> None:
    answer = asking.ask(f"{PREFIX} SELECT ?label {{ {pattern.replace('PORTAL', portal.url)} }}")
    assert answer.status_code == 200, answer.text
    assert sorted(answer.text.split("\r\n")[1:-1]) == found
    assert portal.requests == requests
    assert said in answer.headers["X-Federation"]


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("ASK { SERVICE <http://other.example/sparql> { ?s ?p ?o } }", 403, "--federate http://other"),
        ("ASK { SERVICE <http://127.0.0.1:1/sparql> { ?s ?p ?o } }", 403, "1, column 7: "),
        ("ASK { VALUES ?e { <http://x.example/> } SERVICE ?e { ?s ?p ?o } }", 403, "x.example"),
        ("ASK { SERVICE ?e { ?s ?p ?o } }", 400, "nothing beside SERVICE gives ?e a value"),
        ("ASK { OPTIONAL { ?s <x:no> ?e } SERVICE ?e {} }", 400, "unbound in some"),
        (
            f"ASK {{ VALUES ?e {{ {_MANY} }} SERVICE SILENT ?e {{ ?s ?p ?o }} }}", 400,
            "?e names 101 endpoints",
        ),
        ("ASK { SERVICE <PORTAL> { SERVICE ?e { ?s ?p ?o } } }", 501, "would ask further ones"),
        ("ASK { SERVICE <PORTAL> { SERVICE <http://x.example/> {} } }", 403, "x.example"),
        ("ASK { ?s ?p ?o LATERAL { SERVICE <PORTAL> { ?s ?p ?o } } }", 501, "LATERAL"),
        (
            "ASK { ?s ?p ?x FILTER EXISTS { SERVICE <PORTAL> { ?s ?p ?o FILTER(?o = ?x) } } }",
            501, "?x has its value outside of SERVICE",
        ),
        ("ASK {" + "SERVICE <PORTAL> {?s ?p ?o}" * 21 + "}", 400, "more than 20 SERVICE"),
        ("ASK { VALUES ?x { <about:rows?0> } SERVICE <PORTAL> { ?s ?p ?x } }", 400, "about:rows"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_and_nobody_is_asked(
    asking: Server, portal: Portal, text: str, status: int, said: str
) -> None:
    for accept in ("application/json", "text/html"):
        answer = asking.ask(text.replace("PORTAL", portal.url), accept)
        assert answer.status_code == status, answer.text
        assert said in answer.text.replace("&lt;", "<")
    assert portal.requests == 0


def test_without_a_list_nobody_is_asked(server: Server) -> None:
    for service in ("SERVICE <http://a.example/>", "SERVICE SILENT <http://a.example/>"):
        answer = server.ask(f"ASK {{ {service} {{ ?s ?p ?o }} }}", "application/json")
        assert answer.status_code == 403
        assert "--federate http://a.example/" in answer.json()["detail"]


@pytest.mark.parametrize(("status", "answered"), [(400, 502), (401, 502), (503, 503)])
def test_a_portal_that_fails_fails_the_query_unless_it_is_silent(
    asking: Server, portal: Portal, status: int, answered: int
) -> None:
    portal.status = status
    number = 5_000 + status
    answer = asking.ask(_link(number, portal))
    assert answer.status_code == answered, answer.text
    if status == 503:
        return  # it is left alone for a while
    assert answer.json()["remote"]
    answer = asking.ask(_link(number, portal, "SERVICE SILENT"))
    assert answer.status_code == 200
    assert answer.text == "label\r\n\r\n"
    assert ";status=failed;" in answer.headers["X-Federation"]


def test_an_explanation_says_who_was_asked_for_what(asking: Server, portal: Portal) -> None:
    with httpx2.Client(params={"explain": "", "query": _link(7_000, portal)}, timeout=60) as client:
        told = client.get(asking.sparql)
        page = client.get(f"{asking.url}/fr/sparql", headers={"Accept": "text/html"})
    assert told.headers["Content-Type"] == "application/json"
    assert told.headers["Cache-Control"] == page.headers["Cache-Control"] == "no-store"
    said = told.json()
    (service,), (asked,) = said["services"], said["asked"]
    assert service["keys"] == ["r"]
    assert "LIMIT" not in service["local"]["text"]
    assert asked["status"] == "complete"
    assert asked["requests"] == asked["rows"] == asked["keys"] == 1
    assert asked["request"] == portal.queries[0]
    assert asked["bytes_up"] >= len(asked["request"])
    assert "SERVICE" not in said["engine_text"]
    assert portal.requests == 1, "the page is about what is known by then"
    assert page.status_code == 200
    assert "Autres services" in page.text
    assert re.search(r"SERVICE à la ligne \d+, colonne \d+<", page.text)
    assert "(connu depuis peu)" in page.text


def test_of_a_long_request_the_beginning_is_told(asking: Server, portal: Portal) -> None:
    text = f'ASK {{ SERVICE <{portal.url}> {{ ?s ?p ?o FILTER(?o != "{"x" * 50_000}") }} }}'
    told = httpx2.post(asking.sparql, data={"explain": "", "query": text}, timeout=60).json()
    (asked,) = told["asked"]
    assert asked["status"] == "complete"
    assert len(portal.queries[0]) > 50_000
    assert asked["request"] == f"{portal.queries[0][:10_000]} ..."


def test_a_query_without_service_is_explained_too(server: Server) -> None:
    text = "SELECT * { ?s ?p ?o MINUS { ?a ?b ?c } }"
    with httpx2.Client(params={"explain": "", "query": text}, timeout=60) as client:
        said = client.get(server.sparql).json()
        page = client.get(server.sparql, headers={"Accept": "text/html"})
    assert said["generation"] == 1
    assert said["repairs"] == ["named_columns", "without_idle_minus"]
    assert said["services"] == said["asked"] == []
    assert "A MINUS that shares no variable takes nothing away" in page.text
    assert server.ask("SELECT").status_code == 400
    refused = httpx2.get(server.sparql, params={"explain": "", "query": "SELECT"}, timeout=60)
    assert refused.status_code == 400


def test_the_page_of_an_answer_says_who_was_asked(asking: Server, portal: Portal) -> None:
    answer = httpx2.get(
        asking.sparql,
        params={"query": _link(8_000, portal)},
        headers={"Accept": "text/html"},
        timeout=60,
    )
    assert answer.status_code == 200
    assert "Organisation 8000" in answer.text
    assert 'id="asked"' in answer.text
    assert "status=complete" in answer.headers["X-Federation"]


def test_an_update_asks_nobody(asking: Server, portal: Portal) -> None:
    text = f"INSERT {{ ?s ?p 1 }} WHERE {{ SERVICE <{portal.url}> {{ ?s ?p ?o }} }}"
    answer = httpx2.post(asking.sparql, data={"update": text}, timeout=60)
    assert answer.status_code in (400, 401, 403)
    assert portal.requests == 0


def test_the_service_description_says_whether_others_can_be_asked(
    asking: Server, server: Server
) -> None:
    for each, is_said in ((asking, True), (server, False)):
        told = httpx2.get(each.sparql, headers={"Accept": "application/n-triples"}, timeout=60).text
        assert ("#BasicFederatedQuery>" in told) is is_said


@pytest.mark.parametrize(
    ("name", "missing", "item"),
    [
        ("portal", "", '"portal";status=failed;requests=1;rows=2;bytes=3'),
        (
            'a "b" \\',
            "line 1: x; y",
            '"a \\"b\\" \\\\";status=failed;requests=1;rows=2;bytes=3;left-out="line 1: x; y"',
        ),
        (
            "café",
            "100 %\n\u2013",
            '%"caf%c3%a9";status=failed;requests=1;rows=2;bytes=3;left-out=%"100 %25%0a%e2%80%93"',
        ),
    ],
)
def test_the_header_is_a_list_of_structured_fields(name: str, missing: str, item: str) -> None:
    asked = Asked(
        0, "line 1", name, "", "failed", requests=1, rows=2, bytes_down=3, left_out=missing
    )
    assert federation_headers([asked]) == {"X-Federation": item}
    assert federation_headers([asked, asked]) == {"X-Federation": f"{item}, {item}"}
    assert federation_headers([]) == {}
    many = federation_headers([asked] * 35)["X-Federation"]
    assert many.endswith(', "and others";number=5')


def test_a_graph_can_be_made_of_what_others_say(asking: Server, portal: Portal) -> None:
    text = f"""{PREFIX} CONSTRUCT {{ ?l :called ?label }} {{
        VALUES ?l {{ :l31 }} ?l :same ?r SERVICE <{portal.url}> {{ ?r :label ?label }} }}"""
    answer = asking.ask(text, "application/n-triples")
    assert answer.text == f'<{_EX}l31> <{_EX}called> "Organisation 31" .\n'
    assert "rows=1" in answer.headers["X-Federation"]
    file = httpx2.get(f"{asking.sparql}.nt", params={"query": text}, timeout=60)
    assert file.text == answer.text
