"""`metapole query`: run a SPARQL query on a store, through the same readers that `serve` uses."""

import argparse
import asyncio
import sys
from pathlib import Path

from graph.errors import GraphError
from graph.formats import FORMATS, Format, format_named
from server.commands import federation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `query`."""
    text = parser.add_mutually_exclusive_group(required=True)
    text.add_argument("file", nargs="?", metavar="FILE", help="file with the query; - is stdin")
    text.add_argument("-q", "--query", metavar="TEXT", help="the query itself")
    parser.add_argument(
        "--store",
        type=Path,
        default=Path("metapole-store"),
        help="directory of the store (./%(default)s)",
    )
    parser.add_argument(
        "--format",
        choices=("table", *(each.name for each in FORMATS)),
        help="how to write the answer (a table to read on a terminal; CSV or Turtle elsewhere)",
    )
    parser.add_argument(
        "--timeout", type=float, default=30.0, help="seconds the query may take (%(default)g)"
    )
    parser.add_argument(
        "--memory", type=int, default=512, help="megabytes the query may use (%(default)s)"
    )
    parser.add_argument(
        "--default-graph",
        choices=("union", "own"),
        default="union",
        help="what a query without FROM is about (%(default)s)",
    )
    federation.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the query; return the exit status."""
    try:
        asyncio.run(_answer(arguments, _text(arguments)))
    except (GraphError, _WrongFormat, OSError, UnicodeDecodeError) as error:
        if isinstance(error, BrokenPipeError):
            sys.stderr.close()  # whoever read us has seen enough
            return 0
        sys.stderr.write(f"metapole query: {error}\n")
        return 1
    return 0


class _WrongFormat(Exception):  # noqa: N818 -- it names what was asked for
    """The query has no answer in the format that was asked for."""


def _text(arguments: argparse.Namespace) -> str:
    if arguments.query is not None:
        return arguments.query
    if arguments.file == "-":
        return sys.stdin.buffer.read().decode("utf-8")
    return Path(arguments.file).read_text(encoding="utf-8")


async def _answer(arguments: argparse.Namespace, text: str) -> None:
    from graph.query import Engine, Limits, Operation

    wanted = arguments.format or ("table" if sys.stdout.isatty() else None)
    limits = Limits(
        readers=1,
        spares=0,
        timeout_s=arguments.timeout,
        memory_mb=arguments.memory,
        result_bytes=sys.maxsize,  # whoever has the store may read it all
    )
    engine = Engine(
        arguments.store,
        limits,
        default_graph=arguments.default_graph,
        federation=federation.allow_list_from(arguments),
    )
    async with engine:
        query = await engine.read(Operation(text))
        answer_format = _format(wanted, query.kind)
        answer = await engine.answer(query, answer_format)
        if wanted == "table" and answer_format.kind == "table":
            _show(b"".join([piece async for piece in answer]).decode())
            return
        async for piece in answer:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()


def _format(wanted: str | None, kind: str) -> Format:
    if wanted in (None, "table"):
        return format_named("csv" if kind == "table" else "turtle")
    answer_format = format_named(wanted)
    if answer_format.kind != kind:
        fitting = ", ".join(each.name for each in FORMATS if each.kind == kind)
        raise _WrongFormat(f"this query has no answer as {wanted}; choose one of {fitting}")
    return answer_format


def _show(text: str) -> None:
    """Print the CSV *text* as a table; an answer of ASK is one word and stays one."""
    import csv
    import io

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    head, *rows = csv.reader(io.StringIO(text))
    console = Console()
    if not text.endswith("\n"):
        console.print(text)
        return
    table = Table(*head)
    for row in rows:
        table.add_row(*(Text(_printable(cell)) for cell in row))
    console.print(table)


def _printable(text: str) -> str:
    """Return *text* without what would steer the terminal."""
    return "".join(each if each.isprintable() or each == "\n" else "\ufffd" for each in text)
