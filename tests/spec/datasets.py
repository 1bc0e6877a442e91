"""The data that a test is about: which files make its default graph, and which are named graphs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pyoxigraph as ox

from tests.spec.manifests import MF, QT, RDFS, UT

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


@dataclass(frozen=True, slots=True)
class GraphStore:
    """What a store holds before or after an update; graphs may be empty."""

    quads: tuple[ox.Quad, ...]
    named_graphs: frozenset[str]
    may_have_more: bool = False
    """It is told of by a file of quads, which cannot name graphs that are empty."""

    def triples(self, name: str | None) -> list[ox.Triple]:
        """Return what is in the graph *name*; without a name, in the default graph."""
        graph = ox.NamedNode(name) if name else ox.DefaultGraph()
        return [quad.triple for quad in self.quads if quad.graph_name == graph]


def store_before(test: SpecTest) -> GraphStore:
    """Return what the store holds when the update of *test* is sent."""
    return _graph_store(test, test.action)


def store_after(test: SpecTest) -> GraphStore:
    """Return what the store must hold after the update of *test*."""
    result = test.about.one(test.node, f"{MF}result")
    assert result is not None, "no result is expected"
    return _graph_store(test, result)


def _graph_store(test: SpecTest, node: Term) -> GraphStore:
    about = test.about
    files = _files(test, about.all(node, f"{UT}data"))
    quads = [quad for file in files for quad in file.quads()]
    names: set[str] = {q.graph_name.value for q in quads if isinstance(q.graph_name, ox.NamedNode)}
    for each in about.all(node, f"{UT}graphData"):
        name = about.text(each, f"{RDFS}label")
        assert name, f"{test.iri}: a graph has no name"
        names.add(name)
        graph = ox.NamedNode(name)
        for file in _files(test, about.all(each, f"{UT}graph")):
            quads += [ox.Quad(q.subject, q.predicate, q.object, graph) for q in file.quads()]
    may_have_more = any(file.path.suffix in (".trig", ".nq") for file in files)
    return GraphStore(tuple(quads), frozenset(names), may_have_more)


def _files(test: SpecTest, nodes: list[Term]) -> tuple[DataFile, ...]:
    iris = [node.value for node in nodes if isinstance(node, ox.NamedNode)]
    assert len(iris) == len(nodes), f"{test.iri}: a file of data has no IRI"
    return tuple(DataFile(iri, test.path(iri)) for iri in iris)


@cache
def _parsed(file: DataFile) -> tuple[ox.Quad, ...]:
    rdf_format = ox.RdfFormat.from_extension(file.path.suffix[1:])
    quads = ox.parse(path=file.path, format=rdf_format, base_iri=file.iri, rename_blank_nodes=True)
    return tuple(quads)
