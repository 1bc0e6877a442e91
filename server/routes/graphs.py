"""Graphs as they are: the reading half of the SPARQL 1.1 Graph Store Protocol.

`/graph-store?graph=IRI` and `/graph-store?default` name a graph in the query, `/graph/X` by the
address itself: `{public-url}/graph/X` and `https://w3id.org/metapole/graph/X` are one graph.
"""

import re
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route

from graph.namespaces import GRAPH
from graph.query import WholeGraph
from server.problems import COMMON_HEADERS
from server.protocol import BadProtocolRequest, check_iri, fields_from
from server.reads import Reads
from server.settings import Settings

_ALLOWED = "GET, HEAD, OPTIONS"
_PREFLIGHT_HEADERS = {
    **COMMON_HEADERS,
    "Allow": _ALLOWED,
    "Access-Control-Allow-Methods": _ALLOWED,
    "Access-Control-Allow-Headers": "Accept, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_NAME_A_GRAPH = "send ?graph= with the percent-encoded IRI of a graph, or ?default"
_NOT_ASCII = re.compile(rb"(?:%[89A-Fa-f][0-9A-Fa-f])+")


def graph_routes(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the routes of the graph store."""

    async def indirect(request: Request) -> Response:
        query: bytes = request.scope["query_string"]
        return await answer(request, lambda: graph_from_query(query, settings.graphs_url))

    async def direct(request: Request) -> Response:
        path: bytes = request.scope["raw_path"]
        return await answer(request, lambda: graph_from_path(path))

    async def answer(request: Request, wish: Callable[[], WholeGraph]) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=_PREFLIGHT_HEADERS)
        if request.method not in ("GET", "HEAD"):
            raise HTTPException(
                HTTPStatus.METHOD_NOT_ALLOWED,
                f"graphs can only be read here, by GET and HEAD, not by {request.method}; "
                "writing them will need a token",
                {"Allow": _ALLOWED},
            )
        return await reads.response(request, wish())

    routes = [Route("/graph-store", indirect), Route("/graph/{name:path}", direct)]
    for route in routes:
        route.methods = None  # `answer` knows better what to say to the others
    return list[BaseRoute](routes)


def graph_from_query(query_string: bytes, graphs_url: str) -> WholeGraph:
    """Read which graph the query string names (4.2 of the protocol).

    An IRI has no space, so a plus is a plus. It is percent-decoded once.
    """
    fields = fields_from(query_string.replace(b"+", b"%2B"))
    names, defaults = fields.get("graph", []), fields.get("default", [])
    if len(names) + len(defaults) != 1:
        found = f"{len(names)} 'graph' and {len(defaults)} 'default'"
        raise BadProtocolRequest(f"there are {found} in the request; {_NAME_A_GRAPH}")
    if defaults:
        if defaults[0]:
            raise BadProtocolRequest(f"'default' is {defaults[0][:200]!r}; send ?default alone")
        return WholeGraph(None)
    (name,) = names
    check_iri(name, "graph")
    return WholeGraph(GRAPH + name[len(graphs_url) :] if name.startswith(graphs_url) else name)


def graph_from_path(raw_path: bytes) -> WholeGraph:
    """Read which graph the address itself is (4.1 of the protocol).

    Only what is not ASCII is decoded, as an IRI becomes a URI (RFC 3987, 3.2): an address with
    `%2F` names another graph than one with `/`.
    """
    name = raw_path.partition(b"/graph/")[2]
    try:
        iri = GRAPH + _NOT_ASCII.sub(lambda match: unquote_to_bytes(match[0]), name).decode()
    except UnicodeDecodeError as error:
        raise BadProtocolRequest(
            "the address is not percent-encoded UTF-8; encode it as UTF-8, then percent-encode it"
        ) from error
    check_iri(iri, "the address of the graph")
    return WholeGraph(iri)
