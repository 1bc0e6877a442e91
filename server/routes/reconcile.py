"""`/reconcile`: which thing a name means, for OpenRefine and others (Reconciliation Service API).

Version 0.2 is at `/reconcile`, the draft of 1.0 at `/reconcile/1.0-draft`. What clients send is
read by a reader, which can be killed, as queries are.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from graph.addresses import page_of
from graph.namespaces import BASE, ID, MP
from graph.publishing.document import Document
from graph.publishing.reconciliation.limits import DEFAULT_TYPES, MOST_QUERIES
from server.bodies import body_of, too_long, type_of
from server.pages import JSON, page_at
from server.places import place_of
from server.problems import COMMON_HEADERS
from server.protocol import (
    FORM,
    BadProtocolRequest,
    fields_from,
    parameters_from,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from server.reads import Reads
    from server.settings import Settings

    Endpoint = Callable[[Request], Awaitable[Response]]

ROOT, DRAFT = "/reconcile", "/reconcile/1.0-draft"
MOST_BYTES = 256 * 1024
"""How long a body may be."""
_ADVICE = f"send at most {MOST_QUERIES} queries"
_METHODS = ["GET", "POST", "OPTIONS"]
_JSON_TYPE = "application/json"
_TAKEN = ("queries", "query", "extend", "callback")
_CALLBACK = re.compile(r"[A-Za-z_$][\w$]{0,99}(\.[A-Za-z_$][\w$]{0,99}){0,4}", re.ASCII)
"""What may be called in a page: a name, or a name within one, and nothing that is run before."""
_WIDTH, _HEIGHT = 430, 300
_NO_STORE = {**COMMON_HEADERS, "Cache-Control": "no-cache"}
_PREFLIGHT = {
    **COMMON_HEADERS,
    "Allow": ", ".join(_METHODS),
    "Access-Control-Allow-Methods": ", ".join(_METHODS),
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type",
    "Access-Control-Max-Age": "86400",
}


@dataclass(frozen=True, slots=True)
class _Sent:
    """What a client sends: parameters, and the JSON of a body that is no form."""

    fields: Mapping[str, str]
    body: str = ""


def reconciliation_pages(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the routes of both versions."""
    service = _Service(f"{settings.public_url.rstrip('/')}/", reads)
    routes: dict[str, Endpoint] = {
        ROOT: service.root,
        f"{ROOT}/extend": service.extend,
        f"{ROOT}/view": service.view,
        DRAFT: service.draft,
        f"{DRAFT}/match": service.match,
        f"{DRAFT}/reconcile": service.match,
        f"{DRAFT}/extend": service.extend_as_list,
    }
    for root in (ROOT, DRAFT):
        routes[f"{root}/preview"] = service.preview
        routes[f"{root}/extend/propose"] = service.propose
        for kind in ("entity", "type", "property"):
            routes[f"{root}/suggest/{kind}"] = partial(service.suggest, kind)
    return [Route(path, _with_preflight(each), methods=_METHODS) for path, each in routes.items()]


def _with_preflight(endpoint: Endpoint) -> Endpoint:
    """Return *endpoint*; it answers to browsers that ask first whether a page may ask."""

    async def answered(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=_PREFLIGHT)
        return await endpoint(request)

    return answered


class _Service:
    def __init__(self, public_url: str, reads: Reads) -> None:
        self._public_url = public_url
        self._reads = reads

    async def root(self, request: Request) -> Response:
        """Answer version 0.2: what there is, candidates, or values."""
        sent = await _sent(request, _TAKEN)
        callback = _callback(sent)
        asked = {name: text for name, text in sent.fields.items() if name != "callback"}
        if not asked:
            return _script(self._manifest(request), callback)
        if len(asked) > 1:
            raise BadProtocolRequest(f"send only one of {', '.join(sorted(asked))}")
        if "extend" in asked:
            return await self._answered(
                request, "reconciliation-extension", asked, callback, searches=False
            )
        return await self._answered(request, "reconciliation", asked, callback)

    async def extend(self, request: Request) -> Response:
        """Answer a wish for values in a body of JSON."""
        return await self._extended(request, {})

    async def draft(self, request: Request) -> Response:
        """Tell what there is in the draft of 1.0."""
        await _sent(request, ())
        return _script(self._draft_manifest(request), "")

    async def match(self, request: Request) -> Response:
        """Answer a batch of the draft of 1.0."""
        sent = await _json_sent(request)
        return await self._answered(request, "reconciliation", {"conditions": sent}, "")

    async def extend_as_list(self, request: Request) -> Response:
        """Answer a wish for values as the draft of 1.0 writes them."""
        return await self._extended(request, {"form": "list"})

    async def suggest(self, kind: str, request: Request) -> Response:
        """Suggest what begins with what is typed."""
        sent = await _sent(request, ("prefix", "cursor", "callback", "type", "limit", "lang"))
        callback = _callback(sent)
        taken = {name: sent.fields[name] for name in ("prefix", "cursor") if name in sent.fields}
        arguments = {**taken, "kind": kind}
        searches = kind == "entity"
        return await self._answered(
            request, "reconciliation-suggested", arguments, callback, searches=searches
        )

    async def propose(self, request: Request) -> Response:
        """Propose properties for things of a type."""
        sent = await _sent(request, ("type", "limit", "callback"))
        callback = _callback(sent)
        asked = {name: text for name, text in sent.fields.items() if name != "callback"}
        return await self._answered(
            request, "reconciliation-proposals", asked, callback, searches=False
        )

    async def preview(self, request: Request) -> Response:
        """Show a small page, which any site may show in a frame."""
        asked = parameters_from(request.scope["query_string"], ("id",))
        document = self._document(request, "reconciliation-preview", asked)
        page = page_at(request, document, "reconcile_preview.html", embedded="yes")
        return await self._reads.response(request, page, accept="text/html")

    async def view(self, request: Request) -> Response:
        """Lead from an id to the page about what it names, here and nowhere else."""
        asked = parameters_from(request.scope["query_string"], ("id",)).get("id", "")
        iri = asked if asked.startswith(BASE) else f"{ID}{asked}"
        if not re.fullmatch(r"[A-Za-z0-9:/#._~%+-]+", iri, re.ASCII):
            raise HTTPException(HTTPStatus.NOT_FOUND, "this is no id of a thing here")
        headers = {**COMMON_HEADERS, "Location": page_of(iri, self._public_url)}
        return Response(status_code=HTTPStatus.SEE_OTHER, headers=headers)

    async def _extended(self, request: Request, more: dict[str, str]) -> Response:
        asked = {"extend": await _json_sent(request), **more}
        return await self._answered(request, "reconciliation-extension", asked, "", searches=False)

    async def _answered(
        self,
        request: Request,
        writer: str,
        asked: Mapping[str, str],
        callback: str,
        *,
        searches: bool = True,
    ) -> Response:
        document = self._document(request, writer, asked, searches=searches)
        if callback:
            content, _ = await self._reads.values(document)
            return _script(content, callback)
        response = await self._reads.response(
            request, document, body=repr(sorted(asked.items())).encode(), accept="*/*"
        )
        response.headers["Content-Language"] = place_of(request).language
        return response

    def _document(
        self, request: Request, writer: str, asked: Mapping[str, str], *, searches: bool = False
    ) -> Document:
        arguments = {**asked, "language": place_of(request).language}
        return Document(writer, (JSON,), tuple(sorted(arguments.items())), searches=searches)

    def _manifest(self, request: Request) -> bytes:
        """Return what version 0.2 is told of the service."""
        root = f"{self._public_url}{_prefix(request)}reconcile"

        def service(kind: str) -> dict[str, str]:
            return {"service_url": root, "service_path": f"/suggest/{kind}"}

        return _encoded(
            {
                "versions": ["0.1", "0.2"],
                **self._told(root, "{{id}}"),
                "identifierSpace": BASE,
                "schemaSpace": MP,
                "preview": {
                    "url": f"{root}/preview?id={{{{id}}}}", "width": _WIDTH, "height": _HEIGHT,
                },
                "suggest": {kind: service(kind) for kind in ("entity", "type", "property")},
                "extend": {
                    "propose_properties": {"service_url": root, "service_path": "/extend/propose"},
                    "property_settings": [
                        {
                            "name": "limit", "label": "Limit", "type": "number", "default": 0,
                            "help_text": "How many values of each thing at most; 0 for all",
                        },
                        {
                            "name": "language", "label": "Language", "type": "text", "default": "",
                            "help_text": "The language of texts, such as fr; empty for the best",
                        },
                    ],
                },
            }
        )  # fmt: skip

    def _draft_manifest(self, request: Request) -> bytes:
        """Return what a client of the draft of 1.0 is told of the service."""
        root = f"{self._public_url}{_prefix(request)}reconcile"
        return _encoded(
            {
                "versions": ["1.0-draft"],
                **self._told(root, "{id}"),
                "identifierSpace": BASE,
                "schemaSpace": MP,
                "preview": {"width": _WIDTH, "height": _HEIGHT},
                "suggest": {"entity": True, "property": True, "type": True},
                "extend": {
                    "proposeProperties": True,
                    "propertySettings": [
                        {
                            "id": "limit", "name": "Limit", "type": "number", "default": 0,
                            "helpText": "How many values of each thing at most; 0 for all",
                        },
                        {
                            "id": "language", "name": "Language", "type": "text", "default": "",
                            "helpText": "The language of texts, such as fr; empty for the best",
                        },
                    ],
                },
                "batchSize": MOST_QUERIES,
                "standardizedScore": True,
            }
        )  # fmt: skip

    def _told(self, root: str, placeholder: str) -> dict[str, Any]:
        return {
            "name": "Metapole",
            "serviceVersion": _version(),
            "documentation": f"{self._public_url}help",
            "defaultTypes": [{"id": f"{MP}{name}", "name": label} for name, label in DEFAULT_TYPES],
            "view": {"url": f"{root}/view?id={placeholder}"},
        }


def _version() -> str:
    try:
        return importlib.metadata.version("metapole")
    except importlib.metadata.PackageNotFoundError:
        return ""


def _prefix(request: Request) -> str:
    language = place_of(request).language
    return "" if language == "en" else f"{language}/"


async def _sent(request: Request, taken: tuple[str, ...]) -> _Sent:
    """Return the parameters of *request*, each once: those of its address, and of a form."""
    fields = fields_from(request.scope["query_string"])
    if len(request.scope["query_string"]) > MOST_BYTES:
        raise too_long(MOST_BYTES, _ADVICE)
    if request.method == "POST":
        type_of(request, FORM)
        in_body = fields_from(await body_of(request, MOST_BYTES, _ADVICE))
        fields = {name: fields.get(name, []) + in_body.get(name, []) for name in fields | in_body}
    if unknown := sorted(fields.keys() - set(taken)):
        known = ", ".join(taken) or "none"
        raise BadProtocolRequest(
            f"this address has no parameter {unknown[0][:40]!a}; it takes {known}"
        )
    for name, values in fields.items():
        if len(values) > 1:
            raise BadProtocolRequest(f"'{name}' is there {len(values)} times; send it once")
    return _Sent({name: values[0] for name, values in fields.items()})


async def _json_sent(request: Request) -> str:
    if request.method != "POST":
        raise HTTPException(
            HTTPStatus.METHOD_NOT_ALLOWED, "send a body of JSON by POST", {"Allow": "POST, OPTIONS"}
        )
    type_of(request, _JSON_TYPE)
    try:
        return (await body_of(request, MOST_BYTES, _ADVICE)).decode()
    except UnicodeDecodeError as error:
        raise BadProtocolRequest(f"the body is not UTF-8 ({error})") from error


def _callback(sent: _Sent) -> str:
    """Return the function of a page that is to be called with the answer; "" for none."""
    name = sent.fields.get("callback", "")
    if name and not _CALLBACK.fullmatch(name):
        raise BadProtocolRequest(
            f"'callback' is {name[:60]!a}; it is the name of a function, such as jQuery123.done"
        )
    return name


def _script(content: bytes, callback: str) -> Response:
    """Return JSON, or a script that calls *callback* with it."""
    if not callback:
        return Response(content, headers=_NO_STORE, media_type=_JSON_TYPE)
    # What is in it may not end the script or be taken for something else (comment first: no Flash).
    safe = content.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
    safe = safe.replace(b"<", b"\\u003c")
    return Response(
        b"/**/" + callback.encode() + b"(" + safe + b");",
        headers=_NO_STORE,
        media_type="application/javascript",
    )


def _encoded(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()
