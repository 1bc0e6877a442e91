"""The data that a test is about: which files make its default graph, and which are named graphs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pyoxigraph as ox

from tests.spec.manifests import QT, RDFS, UT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.spec.manifests import SpecTest, Term

_FROM = re.compile(r"\bFROM\s+(?:NAMED\s+)?<([^>]*)>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of RDF."""

    iri: str
    path: Path

    def quads(self) -> list[ox.Quad]:
        """Read the file; its blank nodes are no other file's."""
        return [*_parsed(self)]


@dataclass(frozen=True, slots=True)
class Dataset:
    """The files of a default graph, and the files that each are a graph of their own name."""

    default: tuple[DataFile, ...] = ()
    named: tuple[DataFile, ...] = ()
    is_named_in_query: bool = False
    """The query says which files, by FROM; the store holds them by their names."""

    def quads(self) -> list[ox.Quad]:
        """Return all that a store has to hold."""
        quads = [quad for file in self.default for quad in file.quads()]
        for file in self.named:
            graph = ox.NamedNode(file.iri)
            quads += [ox.Quad(q.subject, q.predicate, q.object, graph) for q in file.quads()]
        return quads


def dataset_of(test: SpecTest) -> Dataset:
    """Return the dataset of *test*: what its action names, or else what its query does."""
    default = _files(test, test.about.all(test.action, f"{QT}data"))
    named = _files(test, test.about.all(test.action, f"{QT}graphData"))
    in_query = {urljoin(test.text_iri, found) for found in _FROM.findall(test.text)}
    if in_query and not default:
        named = _files(test, [ox.NamedNode(iri) for iri in sorted(in_query)])
    return Dataset(default, named, is_named_in_query=bool(in_query))


def protocol_data_of(test: SpecTest) -> tuple[DataFile, ...]:
    """Return the files that a test of the protocol asks about, each called as its graph is."""
    about = test.about
    named = {
        about.text(each, f"{RDFS}label") or "": about.text(each, f"{UT}graph") or ""
        for each in about.all(test.node, f"{UT}graphData")
    }
    return tuple(DataFile(name, test.path(file)) for name, file in named.items())


def _files(test: SpecTest, nodes: list[Term]) -> tuple[DataFile, ...]:
    iris = [node.value for node in nodes if isinstance(node, ox.NamedNode)]
    assert len(iris) == len(nodes), f"{test.iri}: a file of data has no IRI"
    return tuple(DataFile(iri, test.path(iri)) for iri in iris)


@cache
def _parsed(file: DataFile) -> tuple[ox.Quad, ...]:
    rdf_format = ox.RdfFormat.from_extension(file.path.suffix[1:])
    quads = ox.parse(path=file.path, format=rdf_format, base_iri=file.iri, rename_blank_nodes=True)
    return tuple(quads)
