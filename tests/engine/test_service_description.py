"""The service description says what is so, and all of it."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from graph.formats import FORMATS, Format, formats_of
from graph.generations import Generation
from graph.query import DefaultGraph
from graph.service_description import GEO_FUNCTIONS, GEOF, SD, VOID, ServiceDescription

ENDPOINT = "https://example.org/sparql"
GENERATION = Generation(7, Path(), 9, "digest", "", {"x:b": 3, "x:a": 4}, 6)
# All functions of GeoSPARQL 1.1, those included that our engine does not have.
GEOSPARQL = """
    aggBoundingBox aggBoundingCircle aggCentroid aggConcaveHull aggConvexHull aggUnion
    area asDGGS asGML asGeoJSON asKML asWKT boundary boundingCircle buffer centroid concaveHull
    convexHull coordinateDimension difference dimension distance ehContains ehCoveredBy ehCovers
    ehDisjoint ehEquals ehInside ehMeet ehOverlap envelope geometryN geometryType getSRID
    intersection is3D isEmpty isMeasured isSimple length maxX maxY maxZ metricArea metricBuffer
    metricDistance metricLength metricPerimeter minX minY minZ numGeometries perimeter rcc8dc
    rcc8ec rcc8eq rcc8ntpp rcc8ntppi rcc8po rcc8tpp rcc8tppi relate sfContains sfCrosses
    sfDisjoint sfEquals sfIntersects sfOverlaps sfTouches sfWithin spatialDimension
    symDifference transform union
"""


def described(default_graph: DefaultGraph, generation: Generation = GENERATION) -> list[ox.Triple]:
    return list(ServiceDescription(ENDPOINT, default_graph).triples(generation))


def objects(triples: list[ox.Triple], predicate: str) -> list[str]:
    found = (each.object for each in triples if each.predicate.value == predicate)
    return sorted(getattr(each, "value", str(each)) for each in found)


def has_engine(function: str) -> bool:
    point = '"POINT(1 2)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>'
    text = f"SELECT (<{GEOF}{function}>({point}, {point}) AS ?x) {{}}"
    try:
        list(ox.Store().query(text))  # type: ignore[arg-type] -- rows of a SELECT
    except RuntimeError:
        return False
    return True


def test_the_functions_are_those_that_the_engine_has() -> None:
    assert sorted(GEO_FUNCTIONS) == sorted(filter(has_engine, GEOSPARQL.split()))
    assert len(objects(described("own"), f"{SD}extensionFunction")) == len(GEO_FUNCTIONS)


@pytest.mark.parametrize(
    ("default_graph", "features", "sizes"),
    [("union", [f"{SD}UnionDefaultGraph"], ["3", "4", "6"]), ("own", [], ["2", "3", "4"])],
)
def test_the_default_graph_is_what_queries_get(
    default_graph: DefaultGraph, features: list[str], sizes: list[str]
) -> None:
    triples = described(default_graph)
    assert objects(triples, f"{SD}feature") == features
    assert objects(triples, f"{VOID}triples") == sizes
    assert objects(triples, f"{SD}name") == ["x:a", "x:b"]


def test_a_generation_that_does_not_name_its_graphs_is_described_without_them() -> None:
    triples = described("union", Generation(1, Path(), 9, "digest"))
    assert objects(triples, f"{SD}endpoint") == [ENDPOINT]
    assert not objects(triples, f"{SD}name")
    assert not objects(triples, f"{VOID}triples")


def test_every_format_is_named_by_its_own_iri() -> None:
    iris = {each.iri for each in FORMATS}
    assert len(iris) == len(FORMATS)
    assert all(iri.startswith("http://www.w3.org/ns/formats/") for iri in iris)
    assert objects(described("own"), f"{SD}resultFormat") == sorted(iris)


@pytest.mark.parametrize("each", formats_of("graph"), ids=lambda each: each.name)
def test_it_reads_the_same_in_every_format(each: Format) -> None:
    description = ServiceDescription(ENDPOINT, "union")
    written = description.written(GENERATION, each)
    assert written == description.written(GENERATION, each)
    read = ox.Dataset(ox.parse(written, ox.RdfFormat.from_media_type(each.media_type)))
    expected = ox.Dataset(
        ox.Quad(triple.subject, triple.predicate, triple.object)
        for triple in description.triples(GENERATION)
    )
    for dataset in (read, expected):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert read == expected
