"""`metapole import sparql`: keep what a CONSTRUCT finds at another endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from server.importing.options import add_consent, add_origin, add_target
from server.importing.reaching import add_reach

if TYPE_CHECKING:
    import argparse

    from graph.importing import Prepared
    from graph.importing.target import Target

EXAMPLE = """\
The query is asked page by page, and nothing is kept unless all of it came. What is the same as last
time changes nothing, so it can be run as often as you like.
Example: metapole import sparql https://query.wikidata.org/sparql --query labels.rq --yes
"""
_KEYS = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("url", metavar="URL", help="the endpoint")
    parser.add_argument(
        "--query", type=Path, required=True, metavar="FILE", help="file with a CONSTRUCT"
    )
    parser.add_argument(
        "--key", metavar="NAME",
        help="the variable to make pages by (the subject of the first statement it makes)",
    )  # fmt: skip
    parser.add_argument(
        "--page", type=int, default=_KEYS, metavar="N",
        help="how many values of it are asked for at once (%(default)s)",
    )  # fmt: skip
    for add in (add_origin, add_reach, add_target, add_consent):
        add(parser)


def run(args: argparse.Namespace) -> int:
    """Make or renew the mirror; return the exit status."""
    from graph.errors import GraphError
    from graph.importing.mirror import Mirror
    from server.importing.carrying_out import COMMAND, Work, carry_out
    from server.importing.reaching import reached
    from server.terminal import fail

    if args.page < 1:
        return fail(COMMAND, f"--page is {args.page}; give 1 or more", 2)
    try:
        mirror = Mirror.read(args.query.read_text(encoding="utf-8"), args.key)
        allow_list, allowed = reached(args, args.url, "endpoint")
    except (GraphError, OSError, UnicodeDecodeError) as error:
        return fail(COMMAND, str(error), 2)

    async def make(target: Target, folder: Path) -> Prepared:
        from graph.fetching.fetchers import Fetchers
        from graph.importing import Origin, prepare
        from graph.importing.mirroring import Mirroring
        from graph.importing.names import name_from
        from graph.importing.origin import mapped_by, now
        from server.terminal import say

        name, retrieved = args.name or name_from(args.query), now()
        async with Fetchers(allow_list, public_url=args.to or "") as fetchers:
            mirroring = Mirroring(fetchers, allowed, mirror, folder, args.page)
            mirrored = await mirroring.fetch(name, say)
        mapping = mapped_by(args.query.name, mirror.text.encode())
        source = args.source or allowed.url
        origin = Origin(name, (mirrored.raw,), retrieved, source, args.licence, mapping)
        return await prepare(target, origin, [mirrored.part], folder)

    return carry_out(args, Work(make))
