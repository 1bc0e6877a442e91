"""The composition root: from settings to an application."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from graph.query import Engine
from server.problems import install_problem_handlers
from server.routes.health import health_routes
from server.routes.sparql import sparql_routes
from server.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """Return the application; its readers live as long as its lifespan."""
    engine = Engine(
        settings.store,
        settings.limits,
        default_graph=settings.default_graph,
        base_iri=settings.sparql_url,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with engine:
            app.state.engine = engine
            yield

    app = FastAPI(
        title="Metapole", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.include_router(sparql_routes(settings, engine))
    app.include_router(health_routes(engine))
    install_problem_handlers(app)
    return app
