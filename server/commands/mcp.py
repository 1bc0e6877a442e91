"""`metapole mcp`: offer the graph to assistants, over the Model Context Protocol."""

from __future__ import annotations

import argparse
import asyncio
import importlib.metadata
import importlib.util
import logging
from contextlib import ExitStack
from typing import TYPE_CHECKING

from server.commands import federation
from server.commands.serving import (
    CannotListen,
    add_limits,
    add_place,
    address_of,
    leave_stopping_to_uvicorn,
    limits_from,
    listen,
    show_limits,
)

if TYPE_CHECKING:
    import socket

    from graph.fetching.allowed import AllowList
    from graph.query import Engine
    from graph.source_texts import SourceTexts
    from server.assistants.reading import Graph
    from server.limits import AllLimits

_NAME = "metapole mcp"
_WITHOUT_SDK = (
    "the SDK of the Model Context Protocol is not installed; "
    "install it with: pip install 'metapole[mcp]'"
)
_INTERRUPTED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `mcp`."""
    place = parser.add_argument_group("where")
    add_place(place, port=8001, sources="answers then have the text around evidence")
    _add_reach(place)
    add_limits(parser.add_argument_group("limits of queries"))
    federation.add_arguments(parser.add_argument_group("other servers"))


def _add_reach(group: argparse._ArgumentGroup) -> None:  # pyright: ignore[reportPrivateUsage] -- argparse has no public name for it
    group.add_argument("--http", action="store_true", help="serve over HTTP instead of stdio")
    group.add_argument(
        "--allow-host",
        type=_host,
        action="append",
        default=[],
        metavar="NAME",
        help="a name by which clients reach it over HTTP, beside those of this machine; repeatable",
    )
    group.add_argument(
        "--public-url", help="where the site is, so that answers lead to its pages (nowhere)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Offer the tools until the client, or somebody else, ends it; return the exit status."""
    from graph.errors import GraphError, UnreadableList
    from graph.source_texts import SourceTexts
    from server.limits import UnknownLimit
    from server.preparing import see_to_store
    from server.terminal import fail

    try:
        limits = limits_from(arguments)
        allow_list = federation.allow_list_from(arguments, limits)
    except (UnknownLimit, UnreadableList) as error:
        return fail(_NAME, str(error), 2)
    if arguments.limits:
        return show_limits(limits)
    if importlib.util.find_spec("mcp") is None:
        return fail(_NAME, _WITHOUT_SDK, 1)
    try:
        sources = SourceTexts(arguments.sources)
        if see_to_store(arguments):
            return 1  # why has been said
        with ExitStack() as held:
            listener = (
                held.enter_context(listen(arguments.host, arguments.port))
                if arguments.http
                else None
            )
            return asyncio.run(_offer(arguments, limits, sources, listener, allow_list))
    except (GraphError, CannotListen) as error:
        return fail(_NAME, str(error), 1)
    except KeyboardInterrupt:
        return _INTERRUPTED


async def _offer(
    arguments: argparse.Namespace,
    limits: AllLimits,
    sources: SourceTexts,
    listener: socket.socket | None,
    allow_list: AllowList,
) -> int:
    """Offer the tools at *listener*, or over stdio."""
    from server.assistants.service import assistant_server

    _log_plainly()
    base = arguments.public_url or "http://127.0.0.1:8000"
    engine = _engine(arguments, limits, base, allow_list)
    graph = _graph(arguments, engine, sources, limits, base)
    version = importlib.metadata.version("metapole")
    server = assistant_server(graph, base, limits.message.query_bytes, version)
    async with engine:
        if listener is None:
            await server.run_stdio_async()
            return 0
        from server.assistants.hosting import hosted

        app = hosted(server, engine, limits, [arguments.host, *arguments.allow_host])
        return await _serve(app, limits, listener)


def _log_plainly() -> None:
    """Have what the SDK logs on stderr as lines: clients show them, and others wrote parts."""
    from server.logs import visible

    class Plain(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return visible(super().format(record))

    handler = logging.StreamHandler()
    handler.setFormatter(Plain("%(levelname)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _engine(
    arguments: argparse.Namespace, limits: AllLimits, base: str, allow_list: AllowList
) -> Engine:
    from graph.query import Engine

    return Engine(
        arguments.store,
        limits.query,
        default_graph=arguments.default_graph,
        base_iri=f"{base.rstrip('/')}/sparql",
        public_url=base,
        dumps=limits.dump,
        federation=allow_list,
        fetchers=limits.fetcher,
    )


def _graph(
    arguments: argparse.Namespace,
    engine: Engine,
    sources: SourceTexts,
    limits: AllLimits,
    base: str,
) -> Graph:
    from graph.publishing.publisher import Publisher
    from server.assistants.reading import Graph
    from server.cache import ResultCache
    from server.pages import Templates
    from server.reads import Reads

    cache = ResultCache(arguments.cache_mb * 1_000_000)
    reads = Reads(engine, cache, Templates(base), _NAME, limits.dump)
    return Graph(engine, reads, sources, Publisher().licence, base, arguments.public_url)


async def _serve(app: object, limits: AllLimits, listener: socket.socket) -> int:
    import uvicorn

    from server.assistants.hosting import PATH
    from server.descriptors import within_reach
    from server.guarded import guarded
    from server.terminal import say

    connection = within_reach(limits.connection, say)
    config = uvicorn.Config(
        app,  # pyright: ignore[reportArgumentType] -- it is an ASGI application
        http=guarded(connection, ()),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                say(f"Metapole offers its tools at {address_of(listener)}{PATH}")

    leave_stopping_to_uvicorn()
    server = Server(config)
    await server.serve(sockets=[listener])
    return 0 if server.started else 1


def _host(text: str) -> str:
    if not text or any(each in text for each in "/@ ") or text == "*":
        raise argparse.ArgumentTypeError(
            f"{text!r} is no host; give a name such as data.example.org"
        )
    return text
