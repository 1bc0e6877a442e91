"""`metapole serve`: publish the graph over HTTP."""

from __future__ import annotations

import argparse
import gc
import importlib
import sys
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from graph.errors import GraphError, StoreUnusable
from server.commands import federation
from server.commands.publisher import add_publisher, publisher_from
from server.commands.serving import (
    CannotListen,
    add_limits,
    add_place,
    address_of,
    count,
    leave_stopping_to_uvicorn,
    limits_from,
    listen,
    show_limits,
    size,
)

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from graph.fetching.allowed import AllowList
    from server.limits import AllLimits
    from server.preparing import Prepared


_SWITCH_S = 0.0005
"""How long a thread that reads a long text may keep the event loop waiting, each time."""

_WITHOUT_SCRIPTS = (
    "the scripts of the pages could not be built when Metapole was installed; every page works "
    "without them. To have them, install it anew where npm can reach its registry"
)

_ACCEPTED_AT_ONCE = 64
"""How many of them are taken up in one go: who is there already waits meanwhile."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `serve`."""
    place = parser.add_argument_group("where")
    add_place(place, port=8000, sources="pages then show the text around evidence")
    _add_reach(place)
    add_limits(parser.add_argument_group("limits of queries"))
    _add_writing(parser.add_argument_group("changes"))
    federation.add_arguments(parser.add_argument_group("other servers"))
    add_publisher(parser.add_argument_group("who publishes the data, as catalogues tell it"))


def _add_reach(group: argparse._ArgumentGroup) -> None:  # pyright: ignore[reportPrivateUsage] -- argparse has no public name for it
    group.add_argument("--public-url", help="where clients find the server (http://HOST:PORT)")
    group.add_argument(
        "--proxy",
        type=_network,
        action="append",
        default=[],
        metavar="ADDRESS",
        help="address or network of a proxy, whose X-Forwarded-For is believed; repeatable",
    )


def _add_writing(group: argparse._ArgumentGroup) -> None:  # pyright: ignore[reportPrivateUsage] -- the same
    group.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help="who may change the data (see metapole token); without it nobody may",
    )
    group.add_argument(
        "--validate",
        choices=("off", "warn", "reject"),
        default="reject",
        help="what happens to a change after which data would break a shape (%(default)s)",
    )
    group.add_argument(
        "--keep-generations",
        type=count,
        metavar="N",
        help="from now on keep the last N generations, to go back to (3, or as said last time)",
    )
    group.add_argument(
        "--keep-days",
        type=size,
        metavar="N",
        help="and the last of each of N days (0, or as said last time)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop; return the exit status."""
    from graph.sparql.tables import Making

    tables = Making()
    _preload()
    from graph.errors import UnreadableList
    from server.descriptors import within_reach
    from server.limits import UnknownLimit
    from server.logs import teller
    from server.preparing import NotBuiltError, prepare
    from server.supervisor import supervise
    from server.tokens import TokenError

    try:
        limits = limits_from(arguments)
        allow_list = federation.allow_list_from(arguments, limits)
    except (UnknownLimit, UnreadableList) as error:
        _fail(str(error))
        return 2
    if arguments.limits:
        return show_limits(limits)
    try:
        listener = listen(arguments.host, arguments.port)
    except CannotListen as error:
        return _fail(str(error))
    with listener, ExitStack() as held:
        try:
            prepared = prepare(arguments, held)
        except NotBuiltError:
            return 1  # why has been said
        except (GraphError, TokenError) as error:
            return _fail(str(error))

        tables.take()
        tell = teller(arguments.log)
        limits = replace(limits, connection=within_reach(limits.connection, tell))
        return supervise(
            lambda ready: _front(arguments, limits, allow_list, listener, prepared, ready),
            tell,
            listener.close,
        )


def _preload() -> None:
    """Load what every front needs, so that one which follows another is there in no time.

    All of it stays, so nobody looks for garbage in it: not meanwhile, and not later.
    """
    gc.disable()
    try:
        for module in ("uvicorn", "server.app", "server.guarded"):
            importlib.import_module(module)
        with suppress(ImportError):  # not on every system
            importlib.import_module("uvloop")
    finally:
        gc.freeze()
        gc.enable()


def _front(
    arguments: argparse.Namespace,
    limits: AllLimits,
    allow_list: AllowList,
    listener: socket.socket,
    prepared: Prepared,
    ready: Callable[[], None],
) -> int:
    """Be the front, with what is known of the store; return the exit status."""
    from server.preparing import as_it_is_now

    with ExitStack() as held:
        try:
            prepared = as_it_is_now(arguments, prepared, held)
        except StoreUnusable as error:
            return _fail(str(error))
        return _serve(arguments, limits, allow_list, listener, prepared, ready)


def _serve(
    arguments: argparse.Namespace,
    limits: AllLimits,
    allow_list: AllowList,
    listener: socket.socket,
    prepared: Prepared,
    ready: Callable[[], None],
) -> int:
    """Be the front: serve on *listener*, and call *ready* once that begins."""
    import uvicorn

    from server.app import create_app
    from server.descriptors import backlog
    from server.guarded import guarded
    from server.logs import Log, teller
    from server.pages import why_without_scripts
    from server.settings import Settings
    from server.stopping import STOP_S, GentleServer

    address = address_of(listener)
    settings = Settings(
        store=arguments.store,
        public_url=arguments.public_url or address,
        limits=limits,
        default_graph=arguments.default_graph,
        token_file=arguments.token_file,
        validate=arguments.validate,
        lock=prepared.lock.descriptor if prepared.lock else None,
        fallback=prepared.fallback,
        proxies=tuple(arguments.proxy),
        max_cache_bytes=arguments.cache_mb * 1_000_000,
        publisher=publisher_from(arguments),
        federation=allow_list,
        sources=prepared.sources,
    )
    sys.setswitchinterval(_SWITCH_S)
    log = Log(arguments.log)
    log.start()
    app = create_app(settings)

    class Server(GentleServer):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                listener.listen(backlog())  # asyncio has one number for both
                # What is there now stays: to look through it again and again for garbage would
                # have everybody wait for a tenth of a second each time.
                gc.freeze()
                ready()
                generation = app.generation
                tell = teller(arguments.log)
                tell(
                    f"Metapole serves {address}/sparql "
                    f"(generation {generation.number}, {generation.quads} quads)"
                )
                if reason := why_without_scripts():
                    tell(f"{_WITHOUT_SCRIPTS} ({reason})", "warning")

    server = Server(
        uvicorn.Config(
            app,
            http=guarded(limits.connection, settings.proxies),
            loop="auto",  # uvloop, where there is one
            ws="none",
            log_config=None,  # its lines go where ours go
            log_level="warning",
            access_log=False,
            backlog=min(_ACCEPTED_AT_ONCE, backlog()),
            proxy_headers=bool(settings.proxies),
            forwarded_allow_ips=list(settings.proxies),
            server_header=False,
            timeout_graceful_shutdown=STOP_S,
        ),
        app,
    )
    leave_stopping_to_uvicorn()
    server.run(sockets=[listener])
    log.finish()
    return server.exit_status


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _fail(text: str) -> int:
    _say(f"metapole serve: {text}")
    return 1


def _network(text: str) -> str:
    import ipaddress

    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text} is no address; give one such as 127.0.0.1 or 10.0.0.0/8"
        ) from error
