"""`/healthz`: is the server alive, and can it do its work?

`/healthz/live` is for whoever restarts it, `/healthz/ready` for whoever sends it requests, and
`/healthz` tells both, and more. Nothing here waits for a reader: it is answered under any load.
"""

import time
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from graph.query import Engine
from server.problems import COMMON_HEADERS

_HEADERS = {**COMMON_HEADERS, "Cache-Control": "no-store"}


def health_routes(engine: Engine) -> list[BaseRoute]:
    """Return the routes that machines watch."""
    started = time.monotonic()

    async def both(_: Request) -> Response:
        reasons = not_ready(engine)
        generation = engine.generation
        content = {
            "live": True,
            "ready": not reasons,
            "reasons": reasons,
            "generation": generation.number,
            "commit": generation.commit,
            "writer": _writer(engine),
            "uptime_s": round(time.monotonic() - started, 1),
        }
        return JSONResponse(content, _status(reasons), _HEADERS)

    async def live(_: Request) -> Response:
        return JSONResponse({"live": True}, headers=_HEADERS)

    async def ready(_: Request) -> Response:
        reasons = not_ready(engine)
        content = {"ready": not reasons, "reasons": reasons}
        return JSONResponse(content, _status(reasons), _HEADERS)

    addresses = {"/healthz": both, "/healthz/live": live, "/healthz/ready": ready}
    return [Route(path, answer, methods=["GET", "HEAD"]) for path, answer in addresses.items()]


def not_ready(engine: Engine) -> list[str]:
    """Return why the server cannot do all of its work now; nothing when it can."""
    reasons: list[str] = []
    if not engine.is_ready:
        reasons.append("no reader is there that could answer on the current generation")
    if engine.trouble:
        reasons.append(
            f"{engine.trouble}, so what can be read is served, and nothing is changed; "
            "the log says what is damaged"
        )
    if _writer(engine) == "aside":
        reasons.append("the store is being restored or goes back; changes are refused meanwhile")
    if _writer(engine) == "down":
        reasons.append("the writer is down, and being started again")
    return reasons


def _writer(engine: Engine) -> str:
    if engine.desk is None:
        return "held" if engine.trouble and engine.takes_writes else "off"
    if engine.desk.has_let_go:
        return "aside"
    return "up" if engine.desk.is_up else "down"


def _status(reasons: list[str]) -> HTTPStatus:
    return HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
