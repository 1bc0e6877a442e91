"""All files of the static set: what `metapole export` writes, by the paths they are served at.

Each piece of what is published says which files it has of a generation: one function, named below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.publishing.dumps import all_checksums, all_dumps
from graph.publishing.ontology_offers import FILES
from graph.publishing.tables_files import table_documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from graph.formats import Format
    from graph.generations import Generation
    from graph.publishing.document import Document


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file: a document in one format. Its *path* is that of its address, without a slash."""

    path: str
    document: Document
    format: Format


def first_format(path: str, document: Document) -> StaticFile:
    """Return the file with *document* in the format that it likes best."""
    return StaticFile(path, document, document.formats[0])


def dump_files(generation: Generation) -> Iterator[StaticFile]:
    """Yield the dumps, and what to check them by."""
    for dump in all_dumps(generation.graphs or ()):
        yield first_format(f"data/{dump.name}", dump.document())
    for extension in ("json", "txt"):
        yield first_format(f"data/checksums.{extension}", all_checksums(extension))


def table_files(_: Generation) -> Iterator[StaticFile]:
    """Yield tables, and what else is made of rows."""
    for name, document in table_documents().items():
        yield first_format(f"data/{name}", document)


def ontology_files(_: Generation) -> Iterator[StaticFile]:
    """Yield the ontology, its shapes, diagrams and context."""
    for path, document in FILES.items():
        yield first_format(path, document)


PIECES: tuple[Callable[[Generation], Iterable[StaticFile]], ...] = (
    dump_files,
    table_files,
    ontology_files,
)
"""What yields the files of each piece; one line for each."""


def static_files(generation: Generation) -> list[StaticFile]:
    """Return all files that there are of *generation*, in the order of their paths."""
    files = [file for piece in PIECES for file in piece(generation)]
    return sorted(files, key=lambda file: file.path)
