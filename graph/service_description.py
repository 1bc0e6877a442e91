"""What the SPARQL endpoint can do and what it holds (SPARQL 1.1 Service Description).

It is made of our own constants and of what a generation says of itself. So the process that
speaks HTTP may write it down itself: nothing is parsed, and no store is opened.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pyoxigraph as ox

from graph.formats import FORMATS, Format, Kind
from graph.namespaces import RDF, RDFS
from graph.sparql.matches import MATCHES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.generations import Generation
    from graph.query import DefaultGraph

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
SPARQL = "http://www.w3.org/ns/sparql#"
GEOF = "http://www.opengis.net/def/function/geosparql/"

LANGUAGES = ("SPARQL10Query", "SPARQL11Query")
VERSIONS = ("1.1", "1.2-basic", "1.2")
"""Of the language; 1.2 is a draft still. The protocol's parameter `version` takes the same."""

_GEO_NAMES = """
    area asGeoJSON centroid convexHull coordinateDimension difference dimension distance envelope
    getSRID intersection isEmpty isSimple length perimeter relate spatialDimension symDifference
    union
    sfContains sfCrosses sfDisjoint sfEquals sfIntersects sfOverlaps sfTouches sfWithin
    ehContains ehCoveredBy ehCovers ehDisjoint ehEquals ehInside ehMeet ehOverlap
    rcc8dc rcc8ec rcc8eq rcc8ntpp rcc8ntppi rcc8po rcc8tpp rcc8tppi
"""
GEO_FUNCTIONS = tuple(_GEO_NAMES.split())
"""The functions of GeoSPARQL that the engine has; a test asks it for each."""

_PREFIXES = {
    "sd": SD,
    "void": VOID,
    "sparql": SPARQL,
    "geof": GEOF,
    "rdfs": RDFS,
    "format": "http://www.w3.org/ns/formats/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@dataclass(frozen=True, slots=True)
class ServiceDescription:
    """The description of the endpoint at an address."""

    endpoint: str
    default_graph: DefaultGraph
    federates: bool = False
    """Whether queries may ask other endpoints. Which, no standard term says."""

    generation: ClassVar[None] = None
    """It is always about the current one."""

    kind: ClassVar[Kind] = "graph"
    is_volatile: ClassVar[bool] = False

    def written(self, generation: Generation, rdf_format: Format) -> bytes:
        """Return the description, with what *generation* holds, in *rdf_format*."""
        out = io.BytesIO()
        engine_format = ox.RdfFormat.from_media_type(rdf_format.media_type)
        ox.serialize(self.triples(generation), out, engine_format, prefixes=_PREFIXES)
        return out.getvalue()

    def triples(self, generation: Generation) -> Iterator[ox.Triple]:
        """Yield the description."""
        service = ox.NamedNode(f"{self.endpoint}#service")
        yield _type(service, "Service")
        yield ox.Triple(service, ox.NamedNode(f"{RDFS}label"), ox.Literal("Metapole SPARQL"))
        yield ox.Triple(service, _sd("endpoint"), ox.NamedNode(self.endpoint))
        for language in LANGUAGES:
            yield ox.Triple(service, _sd("supportedLanguage"), _sd(language))
        for version in VERSIONS:
            value = ox.NamedNode(f"{SPARQL}version-{version}")
            yield ox.Triple(service, _sd("supportedVersion"), value)
        for each in FORMATS:
            yield ox.Triple(service, _sd("resultFormat"), ox.NamedNode(each.iri))
        if self.default_graph == "union":
            yield ox.Triple(service, _sd("feature"), _sd("UnionDefaultGraph"))
        if self.federates:
            yield ox.Triple(service, _sd("feature"), _sd("BasicFederatedQuery"))
        for name in GEO_FUNCTIONS:
            function = ox.NamedNode(GEOF + name)
            yield ox.Triple(service, _sd("extensionFunction"), function)
            yield _type(function, "Function")
        # A property that searches instead of being looked up.
        yield ox.Triple(service, _sd("propertyFeature"), ox.NamedNode(MATCHES))
        yield _type(ox.NamedNode(MATCHES), "Feature")
        yield from self._dataset(service, generation)

    def _dataset(self, service: ox.NamedNode, generation: Generation) -> Iterator[ox.Triple]:
        dataset = ox.NamedNode(f"{self.endpoint}#dataset")
        yield ox.Triple(service, _sd("defaultDataset"), dataset)
        yield ox.Triple(service, _sd("availableGraphs"), dataset)
        yield _type(dataset, "Dataset")
        yield _type(dataset, "GraphCollection")
        is_union = self.default_graph == "union"
        default = ox.NamedNode(f"{self.endpoint}#default-graph")
        yield ox.Triple(dataset, _sd("defaultGraph"), default)
        size = generation.union_triples if is_union else generation.default_triples
        yield from _graph(default, size)
        for number, (name, triples) in enumerate(sorted((generation.graphs or {}).items())):
            named, content = ox.BlankNode(f"named{number}"), ox.BlankNode(f"graph{number}")
            yield ox.Triple(dataset, _sd("namedGraph"), named)
            yield _type(named, "NamedGraph")
            yield ox.Triple(named, _sd("name"), ox.NamedNode(name))
            yield ox.Triple(named, _sd("graph"), content)
            yield from _graph(content, triples)


def _graph(node: ox.NamedNode | ox.BlankNode, triples: int | None) -> Iterator[ox.Triple]:
    yield _type(node, "Graph")
    if triples is not None:
        yield ox.Triple(node, ox.NamedNode(f"{VOID}triples"), ox.Literal(triples))


def _type(node: ox.NamedNode | ox.BlankNode, name: str) -> ox.Triple:
    return ox.Triple(node, ox.NamedNode(f"{RDF}type"), _sd(name))


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(SD + name)
