"""The graph that is to be: one file of checked N-Triples without blank nodes, and what it holds."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.errors import ImportRefused, UnreadableUpload
from graph.importing.names import GENERATED, checked_name
from graph.importing.skolem import without_blank_nodes
from graph.limits import UploadLimits
from graph.terms import as_stored
from graph.uploads.process import parse_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from graph.importing.origin import Origin


@dataclass(frozen=True, slots=True)
class Part:
    """A file of RDF that becomes part of the graph."""

    path: Path
    media_type: str
    """One of those that `graph.formats` lists for graphs."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a graph is to hold."""

    path: Path
    """A file of N-Triples, sorted, each statement once."""
    triples: frozenset[ox.Triple]


async def make_candidate(
    origin: Origin, parts: Sequence[Part], folder: Path, limits: UploadLimits | None = None
) -> Candidate:
    """Read *parts* in a sandboxed process, add what *origin* says, and write it all to *folder*.

    ImportRefused says which file cannot be read, and why; relative IRIs are those of the graph.
    """
    checked_name(origin.name)
    triples: dict[ox.Triple, None] = {}
    for number, part in enumerate(parts, 1):
        copy = folder / f"part-{number}"
        if part.path != copy:
            shutil.copyfile(part.path, copy)
        try:
            read = await read_parts(
                [Part(copy, part.media_type)], origin.name, f"{origin.graph}/", origin.graph, limits
            )
        except UnreadableUpload as error:
            raise ImportRefused(f"{_name(origin, parts, number)}: {error}") from error
        triples.update(dict.fromkeys(map(_stored, read)))
    triples.update(dict.fromkeys(map(_stored, origin.triples())))
    return Candidate(write_lines(folder / "candidate.nt", triples), frozenset(triples))


async def read_parts(
    parts: Sequence[Part], name: str, base: str, graph: str | None = None,
    limits: UploadLimits | None = None,
) -> list[ox.Triple]:  # fmt: skip
    """Return what *parts* say, with the IRIs of the import *name* in place of blank nodes.

    They are read as `parse_parts` reads them; UnreadableUpload says why that cannot be done.
    """
    parsed = await parse_parts(parts, base, graph, limits or UploadLimits())
    try:
        with parsed.path.open("rb") as lines:
            read = ox.parse(lines, ox.RdfFormat.N_TRIPLES)
            return without_blank_nodes((quad.triple for quad in read), f"{GENERATED}import-{name}-")
    finally:
        parsed.path.unlink(missing_ok=True)


def _name(origin: Origin, parts: Sequence[Part], number: int) -> str:
    """Return what to call part *number*: as its file, where each file became one."""
    if len(origin.files) == len(parts):
        return origin.files[number - 1].name
    return origin.name


def write_lines(path: Path, triples: Iterable[ox.Triple]) -> Path:
    """Write *triples* to *path* as lines of N-Triples in order; return the path."""
    lines = sorted(f"{triple} .\n" for triple in triples)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def read_lines(path: Path) -> frozenset[ox.Triple]:
    """Return the triples in *path*, a file of N-Triples that a store has written."""
    with path.open("rb") as lines:
        return frozenset(quad.triple for quad in ox.parse(lines, ox.RdfFormat.N_TRIPLES))


def _stored(triple: ox.Triple) -> ox.Triple:
    return as_stored(ox.Quad(triple.subject, triple.predicate, triple.object)).triple
