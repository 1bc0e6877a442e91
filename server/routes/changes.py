"""What changed, between which versions, and which versions of the dataset there are."""

from __future__ import annotations

import json
import re
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from graph.formats import Format, format_named
from graph.publishing.document import Document
from server.negotiate import choose
from server.pages import HTML, JSON, page_at
from server.places import localised, place_of
from server.problems import COMMON_HEADERS
from server.protocol import BadProtocolRequest, parameters_from
from server.reads import accepted, not_acceptable

if TYPE_CHECKING:
    from starlette.requests import Request

    from graph.query import Engine
    from server.reads import Reads, Subject
    from server.settings import Settings

_PATCH = format_named("rdf-patch")
_SPAN = re.compile(r"(0|[1-9]\d{0,8})\.\.(0|[1-9]\d{0,8})(?:\.(html|json|rdfp))?", re.ASCII)
_SECTIONS = {"versions": "data", "version": "data"}
"""Which place in the navigation pages belong to that are not about changes, by their writers."""
_NUMBER = re.compile(r"[1-9]\d{0,5}", re.ASCII)


def changes_pages(settings: Settings, engine: Engine, reads: Reads) -> list[BaseRoute]:
    """Return the routes of changes and versions, which are pages in every language, and files."""
    home = f"{settings.public_url.rstrip('/')}/"

    offered = partial(_offered, reads)

    async def changes(request: Request) -> Response:
        arguments = _arguments(request, "page", "part")
        is_json = request.url.path.endswith(".json")
        offers = (JSON,) if is_json else (HTML, JSON)
        return await offered(request, "changes", arguments, offers, f"{home}changes")

    async def difference(request: Request) -> Response:
        span = _SPAN.fullmatch(request.path_params["span"])
        if span is None:
            raise HTTPException(
                HTTPStatus.NOT_FOUND,
                "there is no such difference; name two generations, such as /changes/11..12, and "
                "a format, if need be: .html, .json or .rdfp",
            )
        start, end, extension = span.groups()
        arguments = {"from": start, "to": end, **_arguments(request, "page")}
        if not _NUMBER.fullmatch(arguments.get("page", "1")):
            raise BadProtocolRequest("'page' is no number; send one from 1 on")
        offers = tuple(each for each in (HTML, JSON, _PATCH) if extension in (None, each.extension))
        address = f"{home}changes/{start}..{end}"
        return await offered(request, "difference", arguments, offers, address)

    async def versions(request: Request) -> Response:
        _arguments(request)
        is_json = request.url.path.endswith(".json")
        offers = (JSON,) if is_json else (HTML, JSON)
        return await offered(request, "versions", kept(), offers, f"{home}data/versions")

    async def version(request: Request) -> Response:
        _arguments(request)
        name: str = request.path_params["name"]
        arguments = {**kept(), "name": name}
        if "." in name:
            return await offered(request, "version", arguments, (HTML, JSON), "")
        said, _ = await reads.values(Document("version", (JSON,), _tuple(arguments)))
        # What is current at the end of a day may be another one as long as the day is not over.
        address = f"{home}data/version/{json.loads(said)['version']}"
        return _found(localised(address, place_of(request).language, home))

    def kept() -> dict[str, str]:
        return {"kept": " ".join(map(str, engine.kept_numbers))}

    return [
        Route("/changes", changes, methods=["GET"]),
        Route("/changes.json", changes, methods=["GET"]),
        Route("/changes/{span}", difference, methods=["GET"]),
        Route("/data/versions", versions, methods=["GET"]),
        Route("/data/versions.json", versions, methods=["GET"]),
        Route("/data/version/{name}", version, methods=["GET"]),
    ]


async def _offered(
    reads: Reads,
    request: Request,
    writer: str,
    arguments: dict[str, str],
    offers: tuple[Format, ...],
    address: str,
) -> Response:
    """Answer with the format that is liked best of *offers*; the others are at *address*."""
    media_types = [each.media_type for each in offers]
    chosen = choose(accepted(request), media_types) if len(offers) > 1 else media_types[0]
    if chosen is None:
        return not_acceptable(accepted(request), media_types)
    wish = next(each for each in offers if each.media_type == chosen)
    subject: Subject = Document(writer, (wish,), _tuple(arguments))
    if wish == HTML:
        spoken = {**arguments, "language": place_of(request).language}
        section = _SECTIONS.get(writer, "changes")
        document = Document(writer, (JSON,), _tuple(spoken))
        subject = page_at(request, document, f"{writer}.html", section=section)
    links = ", ".join(
        f'<{address}.{each.extension}>; rel="alternate"; type="{each.media_type}"'
        for each in offers
        if address and each not in (wish, HTML)
    )
    return await reads.response(request, subject, headers={"Link": links} if links else {})


def _arguments(request: Request, *taken: str) -> dict[str, str]:
    return parameters_from(request.scope["query_string"], taken)


def _tuple(arguments: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(arguments.items()))


def _found(address: str) -> Response:
    headers = {**COMMON_HEADERS, "Location": address, "Cache-Control": "no-cache"}
    return Response(status_code=HTTPStatus.FOUND, headers=headers)
