"""All files of the static set: what `metapole export` writes, by the paths they are served at.

Each piece of what is published says which files it has of a generation: one function, named below.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from graph.formats import format_named
from graph.publishing.document import Document
from graph.publishing.dumps.offered import all_checksums, all_dumps
from graph.publishing.ontology.offers import FILES
from graph.publishing.tables.files import TELLING_OF_THE_PUBLISHER, table_documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from graph.formats import Format
    from graph.publishing.publisher import Publisher

_TELLING_OF_THE_PUBLISHER = frozenset(
    ("bibtex", "catalogue", "citation", "profile", "void", *TELLING_OF_THE_PUBLISHER)
)


class Holding(Protocol):
    """What files there are depends on: a generation, or what is known of one."""

    @property
    def graphs(self) -> Mapping[str, int] | None:
        """How many triples each named graph holds."""
        ...

    @property
    def history(self) -> str:
        """What tells of what changed before; "" for nothing."""
        ...


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file: a document in one format. Its *path* is that of its address, without a slash."""

    path: str
    document: Document
    format: Format


def first_format(path: str, document: Document) -> StaticFile:
    """Return the file with *document* in the format that it likes best."""
    return StaticFile(path, document, document.formats[0])


def dump_files(generation: Holding) -> Iterator[StaticFile]:
    """Yield the dumps, and what to check them by."""
    for dump in all_dumps(generation.graphs or ()):
        yield first_format(f"data/{dump.name}", dump.document())
    for extension in ("json", "txt"):
        yield first_format(f"data/checksums.{extension}", all_checksums(extension))


def table_files(_: Holding) -> Iterator[StaticFile]:
    """Yield what is made of rows."""
    for name, document in table_documents().items():
        yield first_format(f"data/{name}", document)


def ontology_files(_: Holding) -> Iterator[StaticFile]:
    """Yield the ontology, its shapes, diagrams and context."""
    for path, document in FILES.items():
        yield first_format(path, document)


def describing_files(_: Holding) -> Iterator[StaticFile]:
    """Yield what describes the data; the catalogue is on one page there."""
    turtle = format_named("turtle")
    yield first_format(".well-known/void", Document("void", (turtle,)))
    for name in ("turtle", "rdfxml", "jsonld"):
        chosen = format_named(name)
        path = f"data/catalogue.{chosen.extension}"
        arguments = (("path", path), ("whole", "yes"))
        yield first_format(path, Document("catalogue", (chosen,), arguments))
    for name in ("profile", "questions"):
        yield first_format(f"data/{name}.ttl", Document(name, (turtle,)))
    yield first_format("data/citation.cff", Document("citation", (format_named("citation"),)))
    yield first_format("data/citation.bib", Document("bibtex", (format_named("bibtex"),)))


def feed_files(generation: Holding) -> Iterator[StaticFile]:
    """Yield the feed for people; that for programs has pages below a page, and no names of files.

    There is none before the first change.
    """
    if generation.history:
        yield first_format("feed.atom", Document("atom", (format_named("atom"),)))


PIECES: tuple[Callable[[Holding], Iterable[StaticFile]], ...] = (
    dump_files,
    table_files,
    ontology_files,
    describing_files,
    feed_files,
)
"""What yields the files of each piece; one line for each."""


def static_files(generation: Holding) -> list[StaticFile]:
    """Return all files that there are of *generation*, in the order of their paths."""
    files = [file for piece in PIECES for file in piece(generation)]
    return sorted(files, key=lambda file: file.path)


def published_by(publisher: Publisher, files: Iterable[StaticFile]) -> list[StaticFile]:
    """Return *files* so that those which tell who publishes tell of *publisher*."""
    return [
        replace(file, document=_told(file.document, publisher))
        if file.document.writer in _TELLING_OF_THE_PUBLISHER
        else file
        for file in files
    ]


def _told(document: Document, publisher: Publisher) -> Document:
    return replace(document, arguments=(*publisher.arguments, *document.arguments))
