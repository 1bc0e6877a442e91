"""What the W3C tests of HTTP itself demand: the protocol, the graph store, the service description.

A refusal counts only when it answers the request: who takes no updates at all has not told the
wrong requests from the right ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox

from tests.spec.exchanges import exchanges_of
from tests.spec.manifests import RDF, Description
from tests.spec.results import compare, graph_from, table_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.spec.exchanges import Exchange, Expectation
    from tests.spec.manifests import SpecTest
    from tests.spec.over_http import Response, Server

SD = "http://www.w3.org/ns/sparql-service-description#"
_TABLES = {
    "application/sparql-results+json": "srj",
    "application/sparql-results+xml": "srx",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
_SD_NAMES = """
    Service Language Function Aggregate EntailmentRegime EntailmentProfile GraphCollection Dataset
    Graph NamedGraph Feature
    endpoint feature defaultEntailmentRegime entailmentRegime defaultSupportedEntailmentProfile
    supportedEntailmentProfile extensionFunction extensionAggregate languageExtension
    supportedLanguage propertyFeature defaultDataset availableGraphs resultFormat inputFormat
    defaultGraph namedGraph name graph supportedVersion
    DereferencesURIs UnionDefaultGraph RequiresDataset EmptyGraphs BasicFederatedQuery
    SPARQL10Query SPARQL11Query SPARQL11Update Query Update
"""
_KNOWN_SD_NAMES = frozenset(_SD_NAMES.split())


def check_protocol(test: SpecTest, server: Server) -> None:
    """Each request of the test gets the expected answer."""
    _check_exchanges(test, server, lambda target: target.replace("/sparql/", "/sparql", 1))


def check_graph_store(test: SpecTest, server: Server) -> None:
    """Each request of the test gets the expected answer."""
    _check_exchanges(test, server, _graph_store_target)


def check_service_description(test: SpecTest, server: Server) -> None:
    """What the endpoint answers to a request without a query describes it (SD 1.1, 2 and 3)."""
    answer = server.send("GET", "/sparql", [("Accept", "text/turtle")])
    assert 200 <= answer.status < 300, f"status {answer.status}: {_shown(answer)}"
    assert _media_type(answer) == "text/turtle", answer.headers["content-type"]
    base = f"{server.address}/sparql"
    triples = list(ox.parse(answer.body, ox.RdfFormat.TURTLE, base_iri=base))
    check = _DESCRIPTION_CHECKS.get(test.iri.rpartition("#")[2])
    assert check, "there is no check for this test"
    check(triples, base)


HTTP_CHECKS: dict[str, Callable[[SpecTest, Server], None]] = {
    "ProtocolTest": check_protocol,
    "GraphStoreProtocolTest": check_graph_store,
    "ServiceDescriptionTest": check_service_description,
}


def _graph_store_target(target: str) -> str:
    path, question, query = target.partition("?")
    if path == "/gsp":
        return f"/graph-store{question}{query}"
    return f"/graph{path.removeprefix('/gsp')}"


def _check_exchanges(test: SpecTest, server: Server, to_ours: Callable[[str], str]) -> None:
    locations: dict[str, str] = {}
    for exchange in exchanges_of(test):
        target = to_ours(exchange.target)
        for name, location in locations.items():
            target = target.replace(name, quote(location, safe=""))
        answer = server.send(
            exchange.method, target, exchange.message.headers, exchange.message.body
        )
        _check_answer(exchange, answer)
        if exchange.expected.location:
            assert "location" in answer.headers, "no Location"
            locations[exchange.expected.location] = answer.headers["location"]


def _check_answer(exchange: Exchange, answer: Response) -> None:
    expected = exchange.expected
    assert answer.status not in (401, 403), f"not a matter of rights: {_shown(answer)}"
    is_expected = any(answer.status in statuses for statuses in expected.statuses)
    assert is_expected, f"{exchange.method} {exchange.target}: {answer.status} {_shown(answer)}"
    if expected.format:
        _check_format(expected, answer)
    for name, value in expected.message.headers:
        found = answer.headers.get(name.lower(), "")
        assert _plain(found) == _plain(value), f"{name}: expected {value}, got {found}"
    if expected.message.body is not None:
        compare(graph_from(expected.message.body, "ttl"), graph_from(answer.body, "ttl"))


def _check_format(expected: Expectation, answer: Response) -> None:
    media_type = _media_type(answer)
    if expected.format == "RDF":
        assert ox.RdfFormat.from_media_type(media_type), f"{media_type} is not RDF"
        list(ox.parse(answer.body, ox.RdfFormat.from_media_type(media_type)))
        return
    assert media_type in _TABLES, f"{media_type} is no format of results"
    result = table_from(answer.body, _TABLES[media_type])
    assert isinstance(result, bool) == (expected.format == "boolean"), f"got {result}"
    if expected.boolean is not None:
        assert result is expected.boolean, f"expected {expected.boolean}, got {result}"


def _check_nothing_more(triples: list[ox.Quad], endpoint: str) -> None:
    assert triples, f"nothing is said about {endpoint}"


def _check_endpoint(triples: list[ox.Quad], endpoint: str) -> None:
    found = [str(each.object) for each in triples if each.predicate.value == f"{SD}endpoint"]
    assert f"<{endpoint}>" in found, f"the endpoint is {endpoint}, described are {found}"


def _check_schema(triples: list[ox.Quad], endpoint: str) -> None:
    """Say what is wrong by the schema of service descriptions (SD 1.1, 3)."""
    about = Description(iter(triples))
    types = about.having(f"{RDF}type")
    services = [node for node in types if f"{SD}Service" in _values(about, node, f"{RDF}type")]
    assert services, "there is no sd:Service"
    for service in services:
        assert endpoint in _values(about, service, f"{SD}endpoint"), "it has no sd:endpoint"
    for each in triples:
        for name in (each.predicate, each.object):
            if isinstance(name, ox.NamedNode) and name.value.startswith(SD):
                assert name.value.removeprefix(SD) in _KNOWN_SD_NAMES, f"there is no {name}"
        if each.predicate.value in (f"{SD}endpoint", f"{SD}name", f"{SD}feature"):
            assert isinstance(each.object, ox.NamedNode), f"{each.object} is no IRI"
        if each.predicate.value == f"{SD}namedGraph":
            assert about.one(each.object, f"{SD}name"), f"{each.object} has no sd:name"
        if each.predicate.value == f"{SD}defaultDataset":
            assert about.one(each.object, f"{SD}defaultGraph"), f"{each.object}: no sd:defaultGraph"


_DESCRIPTION_CHECKS = {
    "returns-rdf": _check_nothing_more,
    "has-endpoint-triple": _check_endpoint,
    "conforms-to-schema": _check_schema,
}


def _values(about: Description, node: object, predicate: str) -> list[str]:
    return [getattr(each, "value", "") for each in about.all(node, predicate)]  # type: ignore[arg-type]


def _media_type(answer: Response) -> str:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _plain(value: str) -> str:
    return value.replace(" ", "").replace('"', "").lower()


def _shown(answer: Response) -> str:
    return answer.body[:300].decode("utf-8", "replace")
