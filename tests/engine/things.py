"""Small graphs of things, as a generation has them: each triple in its graph and in the union."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import UNION_GRAPH

from .published import Published

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ID = "https://w3id.org/metapole/id/"
PREFIXES = """
PREFIX : <http://example.org/>
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX graph: <https://w3id.org/metapole/graph/>
PREFIX cluster: <https://w3id.org/metapole/id/cluster/>
PREFIX area: <https://w3id.org/metapole/id/area/>
PREFIX figure: <https://w3id.org/metapole/id/figure/>
PREFIX evidence: <https://w3id.org/metapole/id/evidence/>
PREFIX naming: <https://w3id.org/metapole/id/naming/>
PREFIX sector: <https://w3id.org/metapole/def/sector/>
"""
MANY = 10_000


def thing(name: str) -> ox.NamedNode:
    return ox.NamedNode(ID + name)


def of_quads(quads: Iterable[ox.Quad]) -> Published:
    """Return what is published of *quads*, which are in named graphs."""
    union = ox.NamedNode(UNION_GRAPH)
    store = ox.Store()
    stated = list(quads)
    store.bulk_extend(stated)
    store.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object, union) for quad in stated)
    return Published(store)


def of_trig(text: str) -> Published:
    """Return what is published of *text*, in which all triples are in named graphs."""
    return of_quads(ox.parse(PREFIXES + text, ox.RdfFormat.TRIG))


def crowd(number: int = MANY) -> Iterator[ox.Quad]:
    """Yield a cluster with so many statements about it, and so many links from it."""
    graph, centre = ox.NamedNode("http://example.org/crowd"), thing("cluster/centre")
    mp = "https://w3id.org/metapole/def#"
    a = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    yield ox.Quad(centre, a, ox.NamedNode(mp + "Cluster"), graph)
    for each in range(number // 2):
        figure, other = thing(f"figure/f-{each}"), thing(f"organisation/o-{each}")
        yield ox.Quad(figure, a, ox.NamedNode(mp + "Statement"), graph)
        yield ox.Quad(figure, ox.NamedNode(mp + "about"), centre, graph)
        yield ox.Quad(figure, ox.NamedNode(mp + "value"), ox.Literal(each), graph)
        yield ox.Quad(centre, ox.NamedNode(mp + "partnerOf"), other, graph)
        yield ox.Quad(other, label, ox.Literal(f"Organisation {each}", language="en"), graph)
