"""`/review`: suggested matches side by side, and what somebody decides about them.

Everybody may read. To decide needs a token: in a field of the form, for whom there are no scripts,
or in a header, for programs. A browser never keeps it, and no other site's page can send it.
"""

from __future__ import annotations

import importlib.metadata
import json
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from graph.formats import Format
from graph.publishing.document import Document
from graph.review.desk import WRITTEN, Review
from graph.review.terms import ACCEPTED_GRAPH, ACTS, MATCHES, REVIEW_GRAPH, STATES, without_copies
from server.auth import NotAuthorised, authorise, presented_by
from server.bodies import body_of, type_of
from server.places import place_of
from server.problems import OWN_SITE_HEADERS
from server.protocol import (
    FORM,
    BadProtocolRequest,
    fields_from,
    parameters_from,
    short_fields_from,
)
from server.scopes import Scope
from server.site_pages import SitePage, site_page_routes
from server.streaming import while_connected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from graph.query import Engine
    from graph.review.terms import Act
    from graph.writing.wishes import Author, Written
    from server.auth import Tokens
    from server.reads import Reads
    from server.settings import Settings

MOST_BYTES = 64 * 1024
"""How long a body may be."""
_ADVICE = "decide about fewer matches"
SSSOM = Format(
    "sssom",
    "document",
    "text/tab-separated-values",
    "sssom.tsv",
    "https://www.iana.org/assignments/media-types/text/tab-separated-values",
)
_PAGE = SitePage("/review", "review", "review.html", ("state", "page"), section="review")
_JSON = "application/json"
_HEADERS = {**OWN_SITE_HEADERS, "Cache-Control": "no-store"}


def review_pages(
    settings: Settings, engine: Engine, reads: Reads, tokens: Tokens | None
) -> list[BaseRoute]:
    """Return the routes of the page, and of what its form sends. *tokens* is None: nobody may."""
    deciding = _Deciding(settings, engine, tokens if engine.takes_writes else None)
    return [
        *site_page_routes(reads, _PAGE),
        Route("/review", deciding.decide, methods=["POST"]),
    ]


def review_routes(
    settings: Settings, engine: Engine, reads: Reads, tokens: Tokens | None
) -> list[BaseRoute]:
    """Return the routes of all matches as a table, and of looking for more."""
    deciding = _Deciding(settings, engine, tokens if engine.takes_writes else None)

    async def table(request: Request) -> Response:
        parameters_from(request.scope["query_string"], ())
        return await reads.response(request, Document("sssom", (SSSOM,)), accept="*/*")

    return [
        Route("/data/mappings.sssom.tsv", table, methods=["GET"]),
        Route("/review/suggestions", deciding.suggest, methods=["POST"]),
    ]


class _Deciding:
    def __init__(self, settings: Settings, engine: Engine, tokens: Tokens | None) -> None:
        self._settings = settings
        self._review = Review(engine, _tool())
        self._tokens = tokens

    async def decide(self, request: Request) -> Response:
        """Decide about the matches that a form or a program names."""
        request.scope["metapole.operation"] = "update"
        is_form = type_of(request, FORM, _JSON) == FORM
        body = await body_of(request, MOST_BYTES, _ADVICE)
        said = _form(body) if is_form else _json(body)
        author = self._author(request, _texts(said, "token") if is_form else [])
        act = _act(next(iter(_texts(said, "decision")), ""))
        named = _texts(said, "match" if is_form else "matches")
        matches = without_copies(_iri_of(each) for each in named)
        work = self._review.decide(act, matches, author)
        written = await while_connected(request.scope, request.receive, work)
        if is_form:
            return self._back(request, _texts(said, "state"), act)
        return JSONResponse({"decided": len(matches), **_told(written)}, headers=_HEADERS)

    async def suggest(self, request: Request) -> Response:
        """Look for matches of the things of a graph."""
        request.scope["metapole.operation"] = "update"
        author = self._author(request, [])
        type_of(request, _JSON)
        body = await body_of(request, MOST_BYTES, _ADVICE)
        graph = next(iter(_texts(_json(body), "graph")), "")
        work = self._review.suggest(graph, author)
        found = await while_connected(request.scope, request.receive, work)
        told = _told(found.written) if found.written else {}
        said = {"new": found.new, "looked_at": found.looked_at, "complete": found.is_all}
        return JSONResponse({**said, **told}, headers=_HEADERS)

    def _author(self, request: Request, tokens: Sequence[str]) -> Author:
        """Return who decides, by the one of *tokens* from a form, or by a header."""
        presented = presented_by(request.scope["headers"])
        if tokens:
            if presented.authorization or len(tokens) > 1:
                raise BadProtocolRequest("there are several tokens; send one")
            presented = replace(presented, authorization=(f"Bearer {tokens[0].strip()}",))
        elif "token" in short_fields_from(request.scope["query_string"]):
            raise NotAuthorised(
                HTTPStatus.BAD_REQUEST,
                "A token is in the wrong place",
                "a token in an address is seen by logs; send it in the form, or in the header "
                "'Authorization: Bearer TOKEN', and have the one that was sent revoked",
            )
        author, *_ = [
            authorise(presented, Scope("write", graph), self._tokens, self._settings.public_url)
            for graph in WRITTEN
        ]
        return author

    def _back(self, request: Request, states: Sequence[str], act: str) -> Response:
        """Lead back to the page, to what is still to be decided."""
        language = place_of(request).language
        prefix = "" if language == "en" else f"{language}/"
        state = next((each for each in states if each in STATES), "open")
        query = urlencode({"state": state})
        root = f"{self._settings.public_url.rstrip('/')}/{prefix}"
        headers = {**_HEADERS, "Location": f"{root}review?{query}#{act}"}
        return Response(status_code=HTTPStatus.SEE_OTHER, headers=headers)


def _told(written: Written) -> dict[str, Any]:
    return {
        "commit": written.commit,
        "generation": written.generation.number,
        "graphs": [REVIEW_GRAPH, ACCEPTED_GRAPH],
    }


def _act(text: str) -> Act:
    for act in ACTS:
        if act == text:
            return act
    raise BadProtocolRequest(f"'decision' is {text[:40]!a}; send one of {', '.join(ACTS)}")


def _iri_of(text: str) -> str:
    return text if ":" in text else MATCHES + text


def _form(body: bytes) -> Mapping[str, object]:
    return {name: values for name, values in fields_from(body).items() if name}


def _json(body: bytes) -> Mapping[str, object]:
    try:
        said: object = json.loads(body)
        json.dumps(said, ensure_ascii=False).encode()  # an escape may be half a character
    except (ValueError, RecursionError) as error:
        raise BadProtocolRequest(
            f"the body is no JSON ({str(error)[:200]}); send an object"
        ) from error
    if not isinstance(said, dict):
        raise BadProtocolRequest("the body is no JSON object; send one")
    return cast("dict[str, object]", said)


def _texts(said: Mapping[str, object], name: str) -> list[str]:
    """Return the texts that are said under *name*: one, or a list."""
    value = said.get(name, [])
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in values):
        raise BadProtocolRequest(f"'{name}' is no text and no list of texts; send one")
    return [str(each) for each in values if each]


def _tool() -> str:
    try:
        return f"metapole {importlib.metadata.version('metapole')}"
    except importlib.metadata.PackageNotFoundError:
        return "metapole"
