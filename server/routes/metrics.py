"""`/metrics`: the counts of the server, for Prometheus."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.metrics import CONTENT_TYPE, Metrics


def metrics_routes(metrics: Metrics) -> list[BaseRoute]:
    """Return the route of the metrics."""

    turn = asyncio.Lock()
    """Who asks for them often waits for himself: others have their turn between two of them."""

    async def written(_: Request) -> Response:
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        async with turn:
            content = metrics.written()
            await asyncio.sleep(0)
        return Response(content, headers=headers, media_type=CONTENT_TYPE)

    return [Route("/metrics", written, methods=["GET"])]
