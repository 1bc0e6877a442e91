"""`/healthz`: is the server alive, and can it answer queries?"""

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from graph.query import Engine
from server.problems import COMMON_HEADERS


def health_routes(engine: Engine) -> APIRouter:
    """Return the routes that machines watch."""
    router = APIRouter()

    @router.api_route("/healthz", methods=["GET", "HEAD"])
    async def health() -> JSONResponse:  # pyright: ignore[reportUnusedFunction] -- the router has it
        """Answer 200 when queries can be answered, and 503 when not."""
        status = HTTPStatus.OK if engine.is_ready else HTTPStatus.SERVICE_UNAVAILABLE
        content = {"ready": engine.is_ready, "generation": engine.generation.number}
        headers = {**COMMON_HEADERS, "Cache-Control": "no-store"}
        return JSONResponse(content, status, headers)

    return router
