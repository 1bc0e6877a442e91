"""Graphs as they are: the SPARQL 1.1 Graph Store Protocol.

`/graph-store?graph=IRI` and `/graph-store?default` name a graph in the query, `/graph/X` by the
address itself: `{public-url}/graph/X` and `https://w3id.org/metapole/graph/X` are one graph.
What is posted to `/graph-store` alone becomes a new graph.
Who likes HTML best gets a page about the graph at `/graph/X`; `/graph` is the list of them.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from graph.namespaces import GRAPH
from graph.publishing.document import Document
from graph.publishing.things.links import links_of_graph
from graph.query import WholeGraph
from server.negotiate import choose
from server.pages import HTML, JSON, page_at
from server.places import place_of
from server.problems import COMMON_HEADERS
from server.protocol import (
    BadProtocolRequest,
    check_iri,
    generation_from,
    refuse_generation,
    short_fields_from,
)
from server.reads import Reads, accepted, offers_of
from server.settings import Settings
from server.site_pages import SitePage, site_page_routes
from server.uploads import MULTIPART, TAKEN
from server.writes import Method, Target, Writes

_READING = ("GET", "HEAD", "OPTIONS")
_WRITING: dict[str, Method] = {"DELETE": "delete", "POST": "post", "PUT": "put"}
_PREFLIGHT_HEADERS = {
    **COMMON_HEADERS,
    "Access-Control-Allow-Methods": ", ".join(_READING),
    "Access-Control-Allow-Headers": "Accept, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_NAME_A_GRAPH = "send ?graph= with the percent-encoded IRI of a graph, or ?default"
_LIST = SitePage("/graph", "graphs", "graphs.html", ("page",), section="data")
_NOT_ASCII = re.compile(rb"(?:%[89A-Fa-f][0-9A-Fa-f])+")


def graph_routes(settings: Settings, reads: Reads, writes: Writes) -> list[BaseRoute]:
    """Return the routes of the graph store."""
    allowed = ", ".join([*_READING, *(_WRITING if writes.is_on else ())])

    async def indirect(request: Request) -> Response:
        query: bytes = request.scope["query_string"]
        if request.method == "POST" and not query:
            return await answer(request, lambda: None)
        return await answer(request, lambda: graph_from_query(query, settings.graphs_url))

    async def direct(request: Request) -> Response:
        path: bytes = request.scope["raw_path"]
        query: bytes = request.scope["query_string"]
        if request.method in ("GET", "HEAD") and _likes_a_page(request):
            return await _page(request, reads, graph_from_path(path, query), settings)
        return await answer(request, lambda: graph_from_path(path, query))

    async def answer(request: Request, wish: Callable[[], WholeGraph | None]) -> Response:
        if request.method == "OPTIONS":
            return _options(allowed, is_on=writes.is_on)
        if request.method in ("GET", "HEAD") and (subject := wish()):
            fields = short_fields_from(request.scope["query_string"])
            pinned = replace(subject, generation=generation_from(fields))
            return await reads.response(request, pinned)
        request.scope["metapole.operation"] = "graph-write"
        method = _WRITING.get(request.method)
        if method is None or not writes.is_on:
            raise HTTPException(
                HTTPStatus.METHOD_NOT_ALLOWED,
                f"{request.method} is not for graphs here; they take {allowed}"
                + ("" if writes.is_on else ". Writing needs a token, and this server has none"),
                {"Allow": allowed},
            )
        fields = short_fields_from(request.scope["query_string"])
        refuse_generation(fields)
        subject = wish()
        target = Target(subject.name) if subject else Target(None, is_new=True)
        return await writes.graph(request, method, target, fields)

    routes = [Route("/graph-store", indirect), Route("/graph/{name:path}", direct)]
    for route in routes:
        route.methods = None  # `answer` knows better what to say to the others
    return list[BaseRoute](routes)


def _options(allowed: str, *, is_on: bool) -> Response:
    accept = {"Accept-Post": ", ".join([*TAKEN, MULTIPART])} if is_on else {}
    headers = {**_PREFLIGHT_HEADERS, **accept, "Allow": allowed}
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)


def _likes_a_page(request: Request) -> bool:
    """Tell whether a client likes a page about a graph better than the graph itself."""
    offers = [*offers_of(WholeGraph(None)), HTML.media_type]
    return choose(accepted(request), offers) == HTML.media_type


def graph_pages(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the routes of the list of graphs and of the pages about them.

    At the root, the graph store has the latter, too.
    """

    async def page(request: Request) -> Response:
        path, query = f"/{place_of(request).path}".encode("latin-1"), request.scope["query_string"]
        return await _page(request, reads, graph_from_path(path, query), settings)

    return [*site_page_routes(reads, _LIST), Route("/graph/{name:path}", page, methods=["GET"])]


async def _page(
    request: Request, reads: Reads, subject: WholeGraph, settings: Settings
) -> Response:
    """Answer with the page about a graph."""
    name = subject.name or ""
    generation = generation_from(short_fields_from(request.scope["query_string"]))
    arguments = (("iri", name), ("language", place_of(request).language))
    page = page_at(request, Document("graph", (JSON,), arguments, generation), "graph.html")
    public_url = f"{settings.public_url.rstrip('/')}/"
    links = links_of_graph(name, public_url, settings.publisher.licence)
    headers = {"Link": ", ".join(link.written() for link in links)}
    return await reads.response(request, page, headers=headers)


def graph_from_query(query_string: bytes, graphs_url: str) -> WholeGraph:
    """Read which graph the query string names (4.2 of the protocol).

    An IRI has no space, so a plus is a plus. It is percent-decoded once.
    """
    fields = short_fields_from(query_string.replace(b"+", b"%2B"))
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


def graph_from_path(raw_path: bytes, query_string: bytes = b"") -> WholeGraph:
    """Read which graph the address itself is (4.1 of the protocol).

    Only what is not ASCII is decoded, as an IRI becomes a URI (RFC 3987, 3.2): an address with
    `%2F` names another graph than one with `/`.
    """
    if {"graph", "default"} & short_fields_from(query_string).keys():
        raise BadProtocolRequest(
            "the path of the address and what is behind its ? both name a graph; send one of them"
        )
    name = raw_path.partition(b"/graph/")[2]
    try:
        iri = GRAPH + _NOT_ASCII.sub(lambda match: unquote_to_bytes(match[0]), name).decode()
    except UnicodeDecodeError as error:
        raise BadProtocolRequest(
            "the address is not percent-encoded UTF-8; encode it as UTF-8, then percent-encode it"
        ) from error
    check_iri(iri, "the address of the graph")
    return WholeGraph(iri)
