"""`metapole import`: take data in from files, list what was taken in, and take it back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from server.commands import mapped, mirrors
from server.importing.options import add_consent, add_origin, add_target
from server.importing.reaching import add_memory, add_reach

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import Protocol

    class Actions(Protocol):
        """What `add_subparsers` returns; argparse has no public name for it."""

        def add_parser(
            self, name: str, *, help: str, description: str, epilog: str,  # noqa: A002 -- argparse calls it that
            formatter_class: type[argparse.HelpFormatter],
        ) -> argparse.ArgumentParser:  # fmt: skip
            """Add one of them."""
            ...

    from graph.importing import Prepared
    from graph.importing.listing import Import
    from graph.importing.target import Target
    from server.importing.fetching import Found

_RDF = """\
The file may be Turtle, TriG, N-Triples, N-Quads, RDF/XML or JSON-LD, known by the end of its name.
Example: metapole import rdf clusters.ttl --name clusters --licence cc-by-4.0
"""
_RDF_TYPES = (
    "text/turtle, application/n-triples, application/trig, application/n-quads, "
    "application/rdf+xml;q=0.8, application/ld+json;q=0.8, */*;q=0.1"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what can be imported, each with its options."""
    actions = parser.add_subparsers(title="what", metavar="WHAT", required=True)
    rdf = _action(actions, "rdf", "a file of RDF, as it is", _rdf, _RDF)
    rdf.add_argument("file", metavar="FILE", help="the file, or its address (http, https)")
    rdf.add_argument("--format", metavar="NAME", help="its format, where its name does not tell")
    for add in (add_memory, add_origin, add_reach, add_target, add_consent):
        add(rdf)
    sparql = _action(
        actions,
        "sparql",
        "a mirror of what a query finds at another endpoint",
        mirrors.run,
        mirrors.EXAMPLE,
    )
    mirrors.add_arguments(sparql)
    for name, (summary, action, epilog, add_options) in mapped.ACTIONS.items():
        add_options(_action(actions, name, summary, action, epilog))
    undo = _action(actions, "undo", "take the last import of a name back", _undo)
    undo.add_argument("name", metavar="NAME", help="what the import is called")
    for add in (add_target, add_consent):
        add(undo)
    listing = _action(actions, "list", "show which imports there are", _list)
    add_target(listing)


def run(args: argparse.Namespace) -> int:
    """Do what was asked for; return the exit status."""
    return int(args.action(args))


def _action(
    actions: Actions,
    name: str,
    summary: str,
    action: Callable[[argparse.Namespace], int],
    epilog: str = "",
) -> argparse.ArgumentParser:
    import argparse

    parser = actions.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(action=action)
    return parser


def _rdf(args: argparse.Namespace) -> int:
    from graph.errors import GraphError
    from server.importing.carrying_out import COMMAND
    from server.importing.fetching import file_named, remember
    from server.terminal import fail, say

    try:
        with file_named(args, args.file, _RDF_TYPES, args.remember) as found:
            if found is None:
                say(f"{args.file} is the same as last time; nothing was changed.")
                return 0
            status = _rdf_file(args, found)
            if status == 0 and not args.dry_run:
                remember(args, found)
            return status
    except (GraphError, OSError) as error:
        return fail(COMMAND, f"{error}\nNothing was changed.", 1)


def _rdf_file(args: argparse.Namespace, found: Found) -> int:
    from graph.errors import ImportRefused
    from graph.importing.rdf_files import media_type_of
    from server.importing.carrying_out import COMMAND
    from server.importing.rdf import import_rdf
    from server.terminal import fail

    try:
        media_type = media_type_of(Path(found.name), args.format, found.media_type)
    except ImportRefused as error:
        return fail(COMMAND, str(error), 2)
    return import_rdf(args, [found], [media_type])


def _undo(args: argparse.Namespace) -> int:
    from graph.importing import prepare_undo
    from server.importing.carrying_out import Work, carry_out

    async def make(target: Target, folder: Path) -> Prepared:
        return await prepare_undo(target, args.name, folder)

    return carry_out(args, Work(make))


def _list(args: argparse.Namespace) -> int:
    import asyncio

    from graph.differences import printable
    from graph.errors import GraphError
    from graph.importing.listing import imports_in
    from server.importing.carrying_out import COMMAND
    from server.terminal import fail, say

    try:
        if args.to:
            found = asyncio.run(_listed_at(args.to, args.token_file))
        else:
            from graph.generations import current_generation

            generation = current_generation(args.store)
            if generation is None:
                return fail(COMMAND, f"{args.store}: there is no store", 1)
            found = imports_in(generation)
    except (GraphError, OSError) as error:
        return fail(COMMAND, str(error), 1)
    if not found:
        say("There are no imports.")
    for each in found:
        fields = (each.name, each.retrieved, each.files, each.licence, each.mapping)
        sys.stdout.write("\t".join(map(printable, fields)) + "\n")
    return 0


async def _listed_at(url: str, token_file: Path | None) -> list[Import]:
    from server.client import connected
    from server.importing.remote import imports_at

    async with connected(url, token_file) as client:
        return await imports_at(client)
