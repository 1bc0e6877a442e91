"""`metapole export`: write all that is published as files, into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from server.commands.publisher import add_publisher, publisher_from
from server.terminal import bars, fail, say

if TYPE_CHECKING:
    import argparse

    from graph.publishing.exporting import Exported

AGENT = "metapole export"
_STEPS = {"write": "Writing files"}
_READERS = 2
_NO_LIMIT_S = 7 * 24 * 3600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--store", type=Path, default=Path("metapole-store"), metavar="DIR",
        help="folder of the store (default: %(default)s); a server may be using it",
    )  # fmt: skip
    parser.add_argument(
        "--to", type=Path, required=True, metavar="DIR",
        help="folder to write; an export that is there already is replaced when all is written",
    )  # fmt: skip
    parser.add_argument(
        "--only", action="append", default=[], metavar="PATTERN",
        help="write only files whose paths are like this, such as 'data/metapole.*'; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--public-url", default="http://127.0.0.1:8000", metavar="URL",
        help="where clients will find the server that the files link to (default: %(default)s)",
    )  # fmt: skip
    add_publisher(parser)
    parser.add_argument(
        "--list", action="store_true", help="list the files that would be written, and write none"
    )


def run(args: argparse.Namespace) -> int:
    """Write the files and say what they are; return the exit status."""
    import asyncio

    from graph.errors import GraphError
    from graph.publishing.exporting import UnknownPattern

    try:
        asyncio.run(_export(args))
    except UnknownPattern as error:
        return fail(AGENT, str(error), 2)
    except (GraphError, OSError) as error:
        return fail(AGENT, str(error), 1)
    except KeyboardInterrupt:
        return fail(AGENT, f"stopped; {args.to} is as it was", 1)
    return 0


async def _export(args: argparse.Namespace) -> None:
    import sys

    from graph.limits import Limits
    from graph.publishing.exporting import check_target, export, files_to_export
    from graph.publishing.files import published_by
    from graph.query import Engine

    check_target(args.to)
    # Whoever has the store may read all of it, and it takes as long as it takes.
    limits = Limits(
        readers=_READERS, spares=0, timeout_s=_NO_LIMIT_S, memory_mb=768, result_bytes=sys.maxsize
    )
    engine = Engine(args.store, limits, public_url=args.public_url, dumps=None)
    async with engine:
        files = published_by(publisher_from(args), files_to_export(engine.generation, args.only))
        if args.list:
            sys.stdout.writelines(f"{file.path}\n" for file in files)
            return
        with bars(_STEPS) as progress:
            done = await export(engine, args.to, files, index=_index, progress=progress)
    total = sum(file.size for file in done.files)
    say(
        f"{args.to}: version {done.version} (generation {done.generation.number}), "
        f"{len(done.files)} files, {total:,} bytes"
    )


def _index(exported: Exported) -> bytes:
    """Return a page that lists the files."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from server.pages import WEB

    environment = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("export.html").render(exported=exported).encode()
