"""The composition root: from settings to an application."""

import importlib.metadata
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from graph.limits import Writing
from graph.query import Engine
from server.access import AccessLog
from server.background import Background
from server.cache import ResultCache
from server.direct import Direct
from server.editor import EditorPage
from server.explaining import Explaining
from server.fairness import Fair
from server.front import Front
from server.metrics import Metrics
from server.pages import Templates
from server.places import in_every_language
from server.problem_pages import ProblemPages
from server.problems import install_problem_handlers
from server.reads import Reads
from server.routes.admin import admin_routes
from server.routes.catalogue import catalogue_pages, catalogue_routes
from server.routes.changes import changes_pages
from server.routes.compare import compare_pages
from server.routes.directories import directory_pages
from server.routes.dumps import dump_routes
from server.routes.editor import editor_pages, editor_routes
from server.routes.features import features_pages
from server.routes.feeds import feeds_routes
from server.routes.figures import figure_pages
from server.routes.graphs import graph_pages, graph_routes
from server.routes.health import health_routes
from server.routes.home import home_pages, static_routes
from server.routes.metrics import metrics_routes
from server.routes.oai import oai_routes
from server.routes.ontology import ontology_pages, ontology_routes
from server.routes.pictures import base_map_routes, picture_pages
from server.routes.prose import prose_pages
from server.routes.quality import quality_pages
from server.routes.questions import question_pages
from server.routes.reconcile import reconciliation_pages
from server.routes.review import review_pages, review_routes
from server.routes.search import opensearch_routes, search_pages
from server.routes.sparql import sparql_routes
from server.routes.tables import tables_routes
from server.routes.things import thing_pages, thing_routes
from server.routes.validate import validation_routes
from server.settings import Settings
from server.tokens import TokenFile
from server.uploads import sweep
from server.writes import Writes


def create_app(settings: Settings) -> Front:
    """Return the application; its readers live as long as its lifespan."""
    engine = Engine(
        settings.store,
        settings.limits.query,
        default_graph=settings.default_graph,
        base_iri=settings.sparql_url,
        public_url=settings.public_url,
        writing=_writing(settings),
        uploads=settings.limits.upload,
        gate=settings.limits.gate,
        dumps=settings.limits.dump,
        fallback=settings.fallback,
        federation=settings.federation,
        fetchers=settings.limits.fetcher,
    )
    cache = ResultCache(settings.max_cache_bytes)
    metrics = Metrics(engine, cache)
    templates = Templates(settings.public_url, settings.publisher)
    reads = Reads(engine, cache, templates, _dialect(settings), settings.limits.dump)
    background = Background(engine)
    tokens = TokenFile(settings.token_file) if settings.token_file else None
    writes = Writes(engine, reads, tokens, settings)

    editor = EditorPage(settings, engine, reads)
    sparql = sparql_routes(settings, reads, writes, editor, Explaining(engine, reads))

    pages = [
        *home_pages(reads),
        *directory_pages(reads),
        *search_pages(reads),
        *prose_pages(reads),
        *compare_pages(reads),
        *catalogue_pages(settings, engine, reads),
        *changes_pages(settings, engine, reads),
        *features_pages(settings, reads),
        *graph_pages(settings, reads),
        *ontology_pages(settings, reads),
        *figure_pages(settings, reads),
        *question_pages(reads),
        *editor_pages(editor, reads),
        *picture_pages(settings, reads),
        *quality_pages(settings, reads, background),
        *reconciliation_pages(settings, reads),
        *review_pages(settings, engine, reads, tokens),
    ]
    things = thing_pages(settings, reads)  # last, for they take all that looks like a thing

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with engine:
            sweep(engine.spool)
            background.open(templates)
            yield
            await background.close()

    app = Starlette(
        lifespan=lifespan,
        routes=[
            *sparql,
            *editor_routes(settings, reads),
            *graph_routes(settings, reads, writes),
            *validation_routes(settings, engine, tokens),
            *metrics_routes(metrics),
            *health_routes(engine),
            *static_routes(),
            *opensearch_routes(settings.public_url),
            *ontology_routes(settings, reads),
            *review_routes(settings, engine, reads, tokens),
            *tables_routes(settings, reads),
            *dump_routes(settings, reads),
            *feeds_routes(reads),
            *oai_routes(settings, reads),
            *catalogue_routes(settings, engine, reads),
            *base_map_routes(reads),
            *admin_routes(settings, engine, tokens),
            *in_every_language(settings.public_url, [*pages, *things]),
            *pages,
            *thing_routes(settings, reads),
            *things,
        ],
    )
    app.router.redirect_slashes = False  # to an address made from the Host header
    install_problem_handlers(app)
    fair = Fair(Direct(app, sparql), settings.limits.client, lambda: engine.has_all_readers)
    return Front(
        ProblemPages(fair, templates), engine, cache, metrics, AccessLog(settings.limits.log)
    )


def _writing(settings: Settings) -> Writing | None:
    if settings.token_file is None:
        return None
    return Writing(settings.limits.write, settings.validate, settings.lock)


def _dialect(settings: Settings) -> str:
    """Return all that answers depend on beside the question and the data."""
    try:
        version = importlib.metadata.version("metapole")
    except importlib.metadata.PackageNotFoundError:
        version = ""
    return f"{version} {settings.default_graph} {settings.public_url}"
