"""`metapole serve`: publish the graph over HTTP."""

import argparse
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from graph.errors import BuildRejected, GraphError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `serve`."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8000, help="port (%(default)s); 0: a free one"
    )
    parser.add_argument(
        "--store",
        type=Path,
        default=Path("metapole-store"),
        help="directory of the store (./%(default)s); an empty one is filled first",
    )
    parser.add_argument("--public-url", help="where clients find the server (http://HOST:PORT)")
    parser.add_argument(
        "--readers", type=_count, help="queries answered at once (2 per processor, and 2 more)"
    )
    parser.add_argument(
        "--timeout", type=_seconds, default=30.0, help="seconds one query may take (%(default)g)"
    )
    parser.add_argument(
        "--memory", type=_count, default=512, help="megabytes one query may use (%(default)s)"
    )
    parser.add_argument(
        "--cache-mb",
        type=_size,
        default=64,
        help="megabytes of answers to keep for the next who asks (%(default)s); 0: none",
    )
    parser.add_argument(
        "--default-graph",
        choices=("union", "own"),
        default="union",
        help="what a query without FROM is about: all graphs as one (%(default)s), or the store's "
        "own default graph",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop; return the exit status."""
    try:
        listener = _listen(arguments.host, arguments.port)
    except OSError as error:
        return _fail(
            f"cannot listen on {arguments.host}:{arguments.port} ({error.strerror}); "
            "give another --port, or stop the program that uses this one"
        )
    with listener:
        try:
            _build_if_empty(arguments.store)
            return _serve(arguments, listener)
        except BuildRejected as error:
            findings = "\n".join(str(finding) for finding in error.findings)
            return _fail(f"{findings}\n{error}")
        except GraphError as error:
            return _fail(str(error))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=2048)
    # The head and the body of an answer are two writes; the second would wait for a late
    # acknowledgement of the first, 40 ms. asyncio sees to this for sockets of its own only.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _build_if_empty(store: Path) -> None:
    """Build the graph that ships with the project, unless a store is there; then check that one."""
    from graph.generations import current_generation, verify_generation

    if generation := current_generation(store):
        verify_generation(generation)
        return
    from graph.build import build

    _say(f"{store} is empty: building the graph that ships with Metapole ...")
    build(store, progress=_progress() if sys.stderr.isatty() else None)


def _progress() -> Callable[[str, float], None]:
    def show(step: str, done: float) -> None:
        sys.stderr.write(f"\r\033[K{step} {done:4.0%}" + ("\r\033[K" if done >= 1 else ""))
        sys.stderr.flush()

    return show


def _serve(arguments: argparse.Namespace, listener: socket.socket) -> int:
    import uvicorn

    from graph.query import Limits
    from server.app import create_app
    from server.connections import HttpProtocol
    from server.logs import Log
    from server.settings import Settings, default_readers

    host, port = listener.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    settings = Settings(
        store=arguments.store,
        public_url=arguments.public_url or address,
        limits=Limits(
            readers=arguments.readers or default_readers(),
            timeout_s=arguments.timeout,
            memory_mb=arguments.memory,
        ),
        default_graph=arguments.default_graph,
        max_cache_bytes=arguments.cache_mb * 1_000_000,
    )
    log = Log()
    log.start()
    app = create_app(settings)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                generation = app.generation
                _say(
                    f"Metapole serves {address}/sparql "
                    f"(generation {generation.number}, {generation.quads} quads)"
                )

    server = Server(
        uvicorn.Config(
            app,
            http=HttpProtocol,
            loop="asyncio",
            ws="none",
            log_config=None,  # its lines go where ours go
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
    )
    # uvicorn stops gently on these and then raises them again, for whom it found here.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ignore)
    server.run(sockets=[listener])
    log.finish()
    return 0 if server.started else 1


def _ignore(number: int, frame: FrameType | None) -> None:
    """Go on: uvicorn has stopped already."""


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _fail(text: str) -> int:
    _say(f"metapole serve: {text}")
    return 1


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port; give a number from 0 to 65535")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is too small; give 1 or more")
    return number


def _size(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is no size; give 0 or more")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no time limit; give a number above 0")
    return number
