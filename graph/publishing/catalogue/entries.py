"""What a catalogue lists: the whole, the tables and the graphs, with all they can be had from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from graph.generations.record import kept_generation
from graph.namespaces import BASE, COMMITS_GRAPH, GRAPH, UNION_GRAPH, short
from graph.publishing.catalogue import texts
from graph.publishing.catalogue.facts import Changes, Coverage, coverage, licence, source_document
from graph.publishing.catalogue.formats import NamedFile, named_file
from graph.publishing.catalogue.texts import filled
from graph.publishing.feeds.versions import version_name
from graph.publishing.files import static_files
from graph.publishing.version import version_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graph.publishing.catalogue.describing import Texts
    from graph.publishing.catalogue.facts import SourceDocument, Times
    from graph.publishing.edition import Edition, Facts

WHOLE = "metapole"
"""The name of the dataset that is all of it."""

UNLISTED = (UNION_GRAPH, COMMITS_GRAPH)
"""Graphs that are no datasets: the union is the whole, and the log of commits tells of others."""

_MOST_VERSIONS = 100
_FOLDER = "data/"
_ABOUT_A_TABLE = ("csv-metadata.json", "rq")
_ABOUT_ALL_FILES = tuple(
    _FOLDER + name
    for name in ("csv-metadata.json", "datapackage.json", "checksums.json", "checksums.txt")
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One dataset of the catalogue, by its name."""

    kind: Literal["whole", "table", "graph"]
    name: str
    """The IRI of the graph, or the name of the table."""

    @property
    def slug(self) -> str:
        """How its address ends."""
        if self.kind == "graph":
            return f"graph/{_slug_of_graph(self.name)}"
        return f"table/{self.name}" if self.kind == "table" else WHOLE

    def iri(self, public_url: str) -> str:
        """Return its name, which is also its address."""
        return f"{public_url}data/catalogue/{self.slug}"


@dataclass(frozen=True, slots=True)
class Distribution:
    """One way to get a dataset."""

    name: str
    """How its own name ends, behind the # of its dataset's."""
    address: str
    title: Texts
    description: Texts
    file: NamedFile | None = None
    """None: what is there comes in several formats."""
    eu_format: str = "RDF_TURTLE"
    """The name, in the EU's table of file types, of the format that comes without a wish."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset, with all that the catalogue says of it."""

    entry: Entry
    iri: str
    title: Texts
    description: Texts
    times: Times
    version: str
    coverage: Coverage
    landing_page: str
    """The address of a page for people."""
    distributions: tuple[Distribution, ...]
    triples: int | None = None
    part_of: str | None = None
    derived_from: str | None = None
    """The IRI of the document whose statements it holds."""
    licence: str | None = None
    """The address of its own licence, as an import has one; None: that of all the data."""
    documentation: tuple[str, ...] = ()
    """The addresses of files that say what is in its files."""
    versions: tuple[str, ...] = ()
    """The addresses of the versions of it that are kept, the newest first."""


class Catalogue:
    """All datasets of *edition*, and the files that they can be had as."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._paths = _paths_of(edition.generation, {})
        self._files = [file for path in self._paths if (file := named_file(path))]

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The datasets, in the order in which they are listed."""
        stems = (file.stem.removeprefix(_FOLDER) for file in self._files)
        tables = dict.fromkeys(stem for stem in stems if stem in texts.TABLE_TITLES)
        return (
            Entry("whole", WHOLE),
            *(Entry("table", name) for name in tables),
            *(Entry("graph", name) for name in self.graphs),
        )

    @cached_property
    def graphs(self) -> tuple[str, ...]:
        """The names of the graphs that are datasets, in order."""
        return tuple(sorted(set(self._edition.generation.graphs) - set(UNLISTED)))

    @cached_property
    def changes(self) -> Changes:
        """When each graph changed."""
        return Changes(self._edition)

    @cached_property
    def coverage(self) -> Coverage:
        """Of what all of it tells."""
        return coverage(self._edition, None)

    def dataset_at(self, slug: str) -> Dataset | None:
        """Return the dataset whose address ends with *slug*; None when there is none."""
        found = (each for each in self.entries if each.slug == slug)
        return next((self.dataset(entry) for entry in found), None)

    def dataset(self, entry: Entry) -> Dataset:
        """Return all that the catalogue says of *entry*."""
        make = {"whole": self._whole, "table": self._table, "graph": self._graph}
        return make[entry.kind](entry)

    def _whole(self, entry: Entry) -> Dataset:
        triples = self._edition.generation.union_triples
        files = [file for file in self._files if _is_of_the_whole(file)]
        about = filled(texts.WHOLE_DESCRIPTION, triples=str(triples), graphs=str(len(self.graphs)))
        return Dataset(
            entry,
            self._iri(entry),
            texts.WHOLE_TITLE,
            about,
            self.changes.of_all,
            version_of(self._edition.generation),
            self.coverage,
            self._page,
            (*self._distributions(texts.WHOLE_TITLE, files), self._queries()),
            triples=triples,
            documentation=self._present(_ABOUT_ALL_FILES),
            versions=tuple(self._versions()),
        )

    def _table(self, entry: Entry) -> Dataset:
        title = texts.TABLE_TITLES[entry.name]
        files = [file for file in self._files if file.stem == _FOLDER + entry.name]
        return Dataset(
            entry,
            self._iri(entry),
            title,
            _with_title(texts.TABLE_DESCRIPTION, title),
            self.changes.of_all,
            version_of(self._edition.generation),
            self.coverage,
            self._page,
            tuple(self._distributions(title, files)),
            part_of=self._iri(Entry("whole", WHOLE)),
            documentation=self._present(
                f"{_FOLDER}{entry.name}.{ending}" for ending in _ABOUT_A_TABLE
            ),
        )

    def _graph(self, entry: Entry) -> Dataset:
        count = str(self._edition.generation.graphs[entry.name])
        document = source_document(self._edition, entry.name)
        title = title_of_graph(entry.name, document)
        if document:
            about = filled(texts.SOURCE_DESCRIPTION, document=document.label, triples=count)
        else:
            about = _with_title(texts.GRAPH_DESCRIPTION, title, triples=count)
        stem = f"{_FOLDER}graph/{entry.name.removeprefix(GRAPH)}"
        facts = self._edition.generation
        paths = _paths_of(facts, {entry.name: facts.graphs[entry.name]})
        files = [file for path in paths if (file := named_file(path)) and file.stem == stem]
        return Dataset(
            entry,
            self._iri(entry),
            title,
            about,
            self.changes.of(entry.name),
            version_of(self._edition.generation),
            coverage(self._edition, entry.name),
            address_of_graph(entry.name, self._edition.public_url)
            if entry.name.startswith(GRAPH)
            else self._page,
            (*self._distributions(title, files), self._store_of(entry.name, title)),
            triples=self._edition.generation.graphs[entry.name],
            part_of=self._iri(Entry("whole", WHOLE)),
            derived_from=document.iri if document else None,
            licence=licence(self._edition, entry.name),
        )

    def _distributions(self, title: Texts, files: Iterable[NamedFile]) -> Iterator[Distribution]:
        for file in files:
            name = file.path.rpartition("/")[2]
            yield Distribution(
                name,
                self._edition.public_url + quote(file.path),
                _with_title(texts.DISTRIBUTION_TITLE, title, format=file.label),
                filled(texts.DISTRIBUTION_DESCRIPTION, file=name, format=file.label),
                file,
            )

    def _versions(self) -> Iterator[str]:
        """Yield the addresses of the generations that the argument `kept` names."""
        store = Path(self._edition.generation.store)
        numbers = map(int, self._edition.arguments.get("kept", "").split())
        for number in sorted(numbers, reverse=True)[:_MOST_VERSIONS]:
            if kept := kept_generation(store, number):
                yield f"{self._edition.public_url}data/version/{version_name(kept)}"

    def _present(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Return the addresses of those of *paths* that there are."""
        return tuple(self._edition.public_url + path for path in paths if path in self._paths)

    def _queries(self) -> Distribution:
        return Distribution(
            "sparql",
            f"{self._edition.public_url}sparql",
            _with_title(texts.DISTRIBUTION_TITLE, texts.WHOLE_TITLE, format="SPARQL"),
            texts.QUERIES_DESCRIPTION,
            eu_format="SPARQLQRES",
        )

    def _store_of(self, graph: str, title: Texts) -> Distribution:
        return Distribution(
            "graph-store",
            address_of_graph(graph, self._edition.public_url),
            _with_title(texts.DISTRIBUTION_TITLE, title, format="RDF"),
            texts.GRAPH_STORE_DESCRIPTION,
        )

    def _iri(self, entry: Entry) -> str:
        return entry.iri(self._edition.public_url)

    @property
    def _page(self) -> str:
        return f"{self._edition.public_url}data"


def _paths_of(facts: Facts, graphs: Mapping[str, int]) -> list[str]:
    """Return the paths of the files that there are of *graphs* alone; of all, there may be many."""
    return [file.path for file in static_files(replace(facts, graphs=graphs))]


def title_of_graph(graph: str, document: SourceDocument | None) -> Texts:
    """Return what people call *graph*, which holds what *document* says, if it is from one."""
    if document:
        return filled(texts.SOURCE_TITLE, document=document.label)
    known = texts.GRAPH_TITLES.get(graph.removeprefix(GRAPH))
    return known or filled(texts.OTHER_TITLE, name=short(graph))


def address_of_graph(graph: str, public_url: str) -> str:
    """Return where the triples of *graph* can be read, in any format."""
    if _is_path(graph):
        return public_url + quote(graph.removeprefix(BASE), safe="/:@!$&'()*+,;=~-._%")
    return f"{public_url}graph-store?graph={quote(graph, safe='')}"


def _slug_of_graph(graph: str) -> str:
    """Return what stands for *graph* in an address: ours by their names, others by their IRIs."""
    if _is_path(graph):
        return quote(graph.removeprefix(GRAPH), safe="/:")
    return quote(graph, safe="")


def _is_path(graph: str) -> bool:
    """Tell whether *graph* is one of ours whose name every client leaves as it is in an address."""
    parts = graph.removeprefix(GRAPH).split("/")
    is_plain = not {"?", "#"} & set(graph) and not {"", ".", ".."} & set(parts)
    return graph.startswith(GRAPH) and is_plain


def _is_of_the_whole(file: NamedFile) -> bool:
    return file.stem in (_FOLDER + WHOLE, f"{_FOLDER}{WHOLE}-annotated")


def _with_title(pattern: Texts, title: Texts, **values: str) -> Texts:
    """Return *pattern* with the *title* of the same language, and *values*, in its places."""
    return {tag: text.format(title=title[tag], **values) for tag, text in pattern.items()}
