"""The pages of the SPARQL editor, answers at the ending of a file, and what the editor asks for."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from graph.errors import GraphError
from graph.formats import FORMATS, format_named, formats_of
from graph.iris import fault_of
from graph.publishing.document import Document
from graph.query import Operation
from server.bodies import body_of
from server.editor import EditorPage, mistake_in
from server.messages import LANGUAGES
from server.pages import JSON
from server.problems import COMMON_HEADERS
from server.protocol import BadProtocolRequest, check_iri, parameters_from

if TYPE_CHECKING:
    from starlette.requests import Request

    from server.reads import Reads
    from server.settings import Settings

_BY_EXTENSION = {each.extension: each for each in FORMATS} | {
    name: format_named(name) for name in ("json", "xml")
}
_MOST_NAMES = 500
_MOST_CLASSES = 10
_LONGEST_BODY = 256 * 1024
_ADVICE = "send less"
_NO_STORE = {**COMMON_HEADERS, "Cache-Control": "no-store"}


def editor_pages(editor: EditorPage, reads: Reads) -> list[BaseRoute]:
    """Return the routes of the page, which is at the root besides SPARQL's own, and of files."""

    async def page(request: Request) -> Response:
        return await editor.response(request)

    async def file(request: Request) -> Response:
        query = await reads.query(request, await editor.operation(request))
        there = {name: each for name, each in _BY_EXTENSION.items() if each.kind == query.kind}
        if (extension := request.path_params["extension"]) not in there:
            raise HTTPException(
                HTTPStatus.NOT_FOUND,
                f"there is no such file; what this query finds can be had with the endings "
                f"{', '.join(there)}",
            )
        return await reads.response(request, query, accept=there[extension].media_type)

    return [
        Route("/sparql.{extension}", file, methods=["GET"]),
        Route("/sparql", page, methods=["GET"]),
    ]


def editor_routes(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the routes of what the editor asks for while somebody writes."""

    async def complete(request: Request) -> Response:
        taken = ("kind", "of", "property", "q", "language")
        asked = parameters_from(request.scope["query_string"], taken, ("class",))
        if asked.get("class", "").count("\n") >= _MOST_CLASSES:
            raise BadProtocolRequest(f"send at most {_MOST_CLASSES} times 'class'")
        for name in ("of", "property", "class"):
            for iri in filter(None, asked.get(name, "").split("\n")):
                check_iri(iri, name)
        arguments = asked | {"language": _language(asked.get("language"))}
        document = Document("completion", (JSON,), tuple(sorted(arguments.items())))
        return await reads.response(request, document)

    async def check(request: Request) -> Response:
        body = await body_of(request, settings.max_query_bytes, _ADVICE)
        text = body.decode("utf-8", "replace")
        try:
            query = await reads.query(request, Operation(text))
            await reads.check(query, formats_of(query.kind)[0])
        except GraphError as error:
            mistake = mistake_in(str(error))
            place = {"line": mistake.line or None, "column": mistake.column or None}
            return _json({"mistake": {"message": mistake.message, **place}})
        return _json({"mistake": None, "form": query.reading.form})

    async def names(request: Request) -> Response:
        iris = _iris(await body_of(request, _LONGEST_BODY, _ADVICE))
        language = _language(request.query_params.get("language"))
        arguments = (("iris", "\n".join(iris)), ("language", language))
        content, _ = await reads.values(Document("names", (JSON,), arguments))
        return Response(content, headers=_NO_STORE, media_type="application/json")

    return [
        Route("/sparql/complete", complete, methods=["GET"]),
        Route("/sparql/check", check, methods=["POST"]),
        Route("/sparql/names", names, methods=["POST"]),
    ]


def _language(wished: str | None) -> str:
    return wished if wished in LANGUAGES else next(iter(LANGUAGES))


def _json(values: dict[str, Any]) -> Response:
    content = json.dumps(values, ensure_ascii=False)
    return Response(content, headers=_NO_STORE, media_type="application/json")


def _iris(body: bytes) -> list[str]:
    """Read a list of IRIs; what is none in it has no name, and is left out."""
    try:
        found = json.loads(body)
    except ValueError as error:
        raise BadProtocolRequest("the body is no JSON; send a list of IRIs") from error
    if not isinstance(found, list) or len(cast("list[Any]", found)) > _MOST_NAMES:
        raise BadProtocolRequest(f"send a list of at most {_MOST_NAMES} IRIs")
    texts = [each for each in cast("list[Any]", found) if isinstance(each, str)]
    return [each for each in texts if "\n" not in each and not fault_of(each)]
