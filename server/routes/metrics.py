"""`/metrics`: the counts of the server, for Prometheus."""

from fastapi import Request, Response
from starlette.routing import BaseRoute, Route

from server.metrics import CONTENT_TYPE, Metrics


def metrics_routes(metrics: Metrics) -> list[BaseRoute]:
    """Return the route of the metrics."""

    async def written(_: Request) -> Response:
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return Response(metrics.written(), headers=headers, media_type=CONTENT_TYPE)

    return [Route("/metrics", written, methods=["GET"])]
