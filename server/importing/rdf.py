"""Import files of RDF as they are, or of what becomes RDF when it is changed a little."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from graph.importing import Origin, Part, prepare
from graph.importing.names import name_from
from graph.importing.origin import keep_raw, now
from server.importing.carrying_out import Work, carry_out

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from graph.importing import Prepared
    from graph.importing.target import Target
    from server.importing.fetching import Found


def import_rdf(
    args: argparse.Namespace,
    files: Sequence[Found],
    media_types: Sequence[str],
    mapping: str = "",
    change: Callable[[Path], None] = lambda _: None,
) -> int:
    """Import *files* as one graph, each after *change* of a copy; return the exit status."""

    async def make(target: Target, folder: Path) -> Prepared:
        parts = [Part(folder / f"part-{n}", each) for n, each in enumerate(media_types, 1)]
        raw = tuple(
            keep_raw(file.path, part.path, name=file.name, media_type=part.media_type, url=file.url)
            for file, part in zip(files, parts, strict=True)
        )
        for part in parts:
            change(part.path)
        name = args.name or name_from(Path(files[0].name))
        origin = Origin(name, raw, now(), args.source, args.licence, mapping)
        return await prepare(target, origin, parts, folder)

    return carry_out(args, Work(make))
