"""`/admin/queries`: what readers are asked to do now, and its end; for those who run the server."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from server.auth import NotAuthorised, authorise, presented_by
from server.problems import OWN_SITE_HEADERS
from server.protocol import short_fields_from
from server.scopes import Scope

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from graph.query import Engine
    from graph.readers.running import Activity
    from server.auth import Tokens
    from server.settings import Settings

ADMIN = Scope("admin")

_HEADERS = {**OWN_SITE_HEADERS, "Cache-Control": "no-store"}


def admin_routes(settings: Settings, engine: Engine, tokens: Tokens | None) -> list[BaseRoute]:
    """Return the routes for those who run the server. *tokens* is None where nobody may."""

    def check(request: Request) -> None:
        request.scope["metapole.operation"] = "admin"
        if tokens is None:
            raise NotAuthorised(
                HTTPStatus.FORBIDDEN,
                "Administration is off",
                "this server has no file of tokens. Whoever runs it makes one with 'metapole token "
                "add --token-file FILE --name NAME --scope admin' and starts it with 'metapole "
                "serve --token-file FILE'",
            )
        presented = presented_by(request.scope["headers"])
        fields = short_fields_from(request.scope["query_string"])
        authorise(presented, ADMIN, tokens, settings.public_url, fields)

    async def queries(request: Request) -> Response:
        check(request)
        return JSONResponse({"queries": [_told(each) for each in engine.running]}, headers=_HEADERS)

    async def query(request: Request) -> Response:
        check(request)
        asker_id: str = request.path_params["id"]
        if not (stopped := engine.running.stop(asker_id)):
            raise HTTPException(
                HTTPStatus.NOT_FOUND,
                "nothing is running under this id; GET /admin/queries lists what is",
            )
        return JSONResponse({"stopped": stopped}, headers=_HEADERS)

    return [
        Route("/admin/queries", queries, methods=["GET"]),
        Route("/admin/queries/{id}", query, methods=["DELETE"]),
    ]


def _told(activity: Activity) -> dict[str, Any]:
    asker = activity.asker
    return {
        "id": asker.id,
        "kind": activity.kind,
        "state": activity.state,
        "seconds": round(activity.seconds, 3),
        "client": asker.client,
        "reader": activity.process_id,
        "generation": activity.generation,
        "query": asker.text or None,
        "fingerprint": asker.fingerprint or None,
    }
