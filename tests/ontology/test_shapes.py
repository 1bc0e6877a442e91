"""Each shape accepts the smallest valid thing of its class, and each constraint rejects another.

A constraint is tried on a copy of the valid thing, changed so as to break it.
The copies are judged in one run, since starting the processor costs more than any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.namespaces import DEF, ID, MP, RDF_TYPE, SH, SHAPE, XSD
from graph.paths import bundled
from graph.shapes import read_shapes
from graph.sources import SourceFile, Sources, ontology_files
from graph.validation import shape_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.findings import Finding

Term = ox.NamedNode | ox.BlankNode | ox.Literal
Values = dict[str, list[Term]]
SHAPES = bundled("ontology") / "shapes"
EX = "https://example.org/"
NOTHING = ox.NamedNode(EX + "nothing")
ANOTHER_DOCUMENT = ox.NamedNode(ID + "document/valid-part")


@dataclass(frozen=True)
class Constraint:
    """One component of one property shape, such as sh:minCount 1 of mp:unit at shape:KeyFigure."""

    shape: str
    path: str
    component: str
    parameter: Term
    message: str

    def __str__(self) -> str:
        return f"{self.shape.removeprefix(SHAPE)} {self.path.rpartition('#')[2]} {self.component}"


def _objects(quads: Iterable[ox.Quad]) -> dict[Term, Values]:
    nodes: dict[Term, Values] = {}
    for quad in quads:
        assert not isinstance(quad.subject, ox.Triple)
        assert not isinstance(quad.object, ox.Triple)
        values = nodes.setdefault(quad.subject, {})
        values.setdefault(quad.predicate.value, []).append(quad.object)
    return nodes


def _constraints() -> Iterator[Constraint]:
    nodes = _objects(read_shapes(SHAPES).quads)
    for shape, values in nodes.items():
        if isinstance(shape, ox.NamedNode) and shape.value.startswith(SHAPE):
            for property_shape in values.get(SH + "property", []):
                yield from _components(shape.value, nodes[property_shape])


def _components(shape: str, values: Values) -> Iterator[Constraint]:
    path, message = values[SH + "path"][0], values[SH + "message"][0]
    assert isinstance(path, ox.NamedNode)
    assert isinstance(message, ox.Literal)
    for predicate, (parameter, *_) in values.items():
        component = predicate.removeprefix(SH)
        if component not in ("path", "message", "qualifiedValueShape"):
            yield Constraint(shape, path.value, component, parameter, message.value)


def _broken(values: list[Term], component: str) -> list[Term] | None:
    """Return *values* changed so that they break the constraint *component*."""
    first = values[0]
    another: Term = NOTHING
    if isinstance(first, ox.Literal):
        language = first.language
        another = (
            ox.Literal(f"other {first.value}", language=language)
            if language
            else ox.Literal("9" + first.value, datatype=first.datatype)
        )
    instead: dict[str, list[Term]] = {
        "minCount": values[1:],
        "maxCount": [*values, another],
        "uniqueLang": [*values, another],
        "datatype": [ox.Literal("wrong", datatype=ox.NamedNode(XSD + "token"))],
        "qualifiedMinCount": [NOTHING],
        "qualifiedMaxCount": [*values, ANOTHER_DOCUMENT],
        "nodeKind": [ox.Literal("wrong")],
        "pattern": [ox.Literal("?!")],
        "minLength": [ox.Literal("")],
        "minInclusive": [ox.Literal("-1", datatype=ox.NamedNode(XSD + "integer"))],
        "maxInclusive": [ox.Literal("2.0", datatype=ox.NamedNode(XSD + "decimal"))],
    }
    if component in ("class", "in", "hasValue", "or"):
        return [NOTHING]
    return instead.get(component)


VALID = Path(__file__).with_name("valid-things.ttl")
CONSTRAINTS = list(_constraints())


@dataclass(frozen=True)
class Judged:
    """The findings about the valid things and about the broken copies of them."""

    valid: list[Finding]
    broken: list[Finding]
    subjects: dict[Constraint, str]


@pytest.fixture(scope="module")
def judged() -> Judged:
    """Judge all valid things, and a broken copy of one for each constraint."""
    sources = Sources()
    for file in ontology_files(bundled("ontology")):
        sources.read(file)
    ontology = list(sources.quads)
    sources.read(SourceFile(VALID, EX + "valid", is_data=True))
    assert sources.findings == []
    things = _objects(quad for quad in sources.quads if quad not in set(ontology))
    targets = _targets(things, ontology)
    subjects: dict[Constraint, str] = {}
    for number, constraint in enumerate(CONSTRAINTS):
        copies = (
            (thing, _copy(things[thing], constraint))
            for thing in targets.get(constraint.shape, [])
            if constraint.path in things[thing]
        )
        found = next(((thing, copy) for thing, copy in copies if copy), None)
        if found:
            subject = subjects[constraint] = f"{EX}{number}"
            sources.quads += _quads(subject, found[1])
    findings = shape_findings(sources, SHAPES)
    return Judged(
        [finding for finding in findings if "example.org" not in finding.what],
        [finding for finding in findings if "example.org" in finding.what],
        subjects,
    )


def _targets(things: dict[Term, Values], ontology: list[ox.Quad]) -> dict[str, list[Term]]:
    """Return the valid things that each shape looks at, those of the very class first."""
    store = ox.Store()
    store.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in ontology)
    store.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in _all(things))
    store.extend(
        ox.Quad(quad.subject, quad.predicate, quad.object) for quad in read_shapes(SHAPES).quads
    )
    rows = store.query("""
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX sh: <http://www.w3.org/ns/shacl#>
        SELECT DISTINCT ?shape ?thing WHERE {
          { ?shape sh:targetClass ?class . ?thing a/rdfs:subClassOf* ?class }
          UNION { ?shape sh:targetSubjectsOf ?property . ?thing ?property ?value }
        } ORDER BY ?shape ?thing
    """)
    assert isinstance(rows, ox.QuerySolutions)
    targets: dict[str, list[Term]] = {}
    for row in rows:
        shape, thing = row["shape"], row["thing"]
        if isinstance(shape, ox.NamedNode) and isinstance(thing, ox.NamedNode) and thing in things:
            targets.setdefault(shape.value, []).append(thing)
    return targets


def _copy(values: Values, constraint: Constraint) -> Values | None:
    changed = _broken(values[constraint.path], constraint.component)
    if constraint.component == "disjoint":
        assert isinstance(constraint.parameter, ox.NamedNode)
        changed = values[constraint.parameter.value]
    return None if changed is None else {**values, constraint.path: changed}


def _quads(subject: str, values: Values) -> Iterator[ox.Quad]:
    for predicate, terms in values.items():
        for term in terms:
            yield ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), term)


def _all(things: dict[Term, Values]) -> Iterator[ox.Quad]:
    for thing, values in things.items():
        assert isinstance(thing, ox.NamedNode)
        yield from _quads(thing.value, values)


def test_there_is_a_valid_thing_for_every_shape() -> None:
    text = VALID.read_text(encoding="utf-8")
    classes = {shape.shape.removeprefix(SHAPE) for shape in CONSTRAINTS}
    parts = {"Thing", "Actor", "Concept", "Note"} | {
        name for name in classes if "Statement" in name
    }

    assert {name for name in classes - parts if f" a mp:{name} " not in text} == set()


def test_valid_things_are_accepted(judged: Judged) -> None:
    assert [str(finding) for finding in judged.valid] == []


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=str)
def test_a_constraint_rejects_what_breaks_it(constraint: Constraint, judged: Judged) -> None:
    assert constraint in judged.subjects, "no valid thing has this property, or add the component"
    what, _, remedy = constraint.message.partition("; ")

    assert any(
        finding.what.startswith(f"<{judged.subjects[constraint]}>: {what}")
        and finding.remedy == remedy
        and finding.rule == f"shape:{constraint.shape.removeprefix(SHAPE)}"
        for finding in judged.broken
    )


@pytest.mark.parametrize(
    ("text", "rule", "what"),
    [
        pytest.param("a mp:Cluster , mp:Organisation", "Cluster", "not the body", id="cluster"),
        pytest.param(
            "a mp:MetaCluster , mp:ClusterOrganisation", "ClusterOrganisation", "not the cluster",
            id="body of a meta-cluster",
        ),
        pytest.param(
            "a mp:ClusterNetwork , mp:ClusterOrganisation", "ClusterNetwork", "not the body",
            id="network",
        ),
        pytest.param("a mp:Organisation , mp:Area", "Organisation", "no person", id="organisation"),
        pytest.param("a mp:Person , mp:Cluster", "Person", "no organisation", id="person"),
        pytest.param("a mp:Project , mp:Event", "Project", "no programme", id="project"),
        pytest.param("a mp:Programme , mp:Event", "Programme", "no event", id="programme"),
        pytest.param("a mp:Event , mp:Organisation", "Event", "no programme", id="event"),
        pytest.param("a mp:Area , mp:Cluster", "Area", "no organisation", id="area"),
        pytest.param("a mp:SourceDocument", "SourceDocument", "mp:fileName", id="document"),
        pytest.param("a mp:Evidence", "Evidence", "mp:charFrom", id="evidence without a place"),
        pytest.param(
            "a mp:Evidence ; mp:charFrom 1 ; mp:charTo 2", "Evidence", "mp:lineFrom",
            id="evidence without lines",
        ),
        pytest.param("a mp:Mapping", "Mapping", "to something", id="mapping"),
        pytest.param("a mp:KeyFigure", "KeyFigure", "a mp:value, or", id="no value"),
        pytest.param(
            "a mp:KeyFigure ; mp:value 1.0 ; mp:maximum 2.0", "KeyFigure", "a mp:value, or",
            id="value and maximum",
        ),
        pytest.param(
            "a mp:KeyFigure ; mp:minimum 1.0 ; mp:maximum 2.0", "KeyFigure", "a mp:value, or",
            id="range without its qualifier",
        ),
    ],
)  # fmt: skip
def test_a_shape_rejects_a_contradiction(tmp_path: Path, text: str, rule: str, what: str) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(f"@prefix mp: <{MP}> .\n<{EX}a> {text} .", encoding="utf-8")
    sources = Sources()
    sources.read(SourceFile(path, EX + "graph", is_data=True))
    for file in ontology_files(bundled("ontology")):
        if file.path.parent.name == "terms":
            sources.read(file)

    findings = shape_findings(sources, SHAPES)

    assert any(
        finding.rule == f"shape:{rule}" and what in finding.what and finding.line == 2
        for finding in findings
    ), findings


def test_closed_lists_hold_all_concepts_of_their_schemes() -> None:
    sources = Sources()
    for file in ontology_files(bundled("ontology")):
        sources.read(file)
    in_schemes = {
        quad.subject.value
        for quad in sources.quads
        if isinstance(quad.subject, ox.NamedNode) and quad.predicate.value.endswith("#inScheme")
    }
    in_lists = {
        quad.object.value
        for quad in read_shapes(SHAPES).quads
        if quad.predicate.value.endswith("#first")
        and isinstance(quad.object, ox.NamedNode)
        and quad.object.value.startswith(DEF)
    }
    schemes = {iri.rpartition("/")[0] for iri in in_lists}
    # Values are the leaves of the scheme of qualifiers; the two groups above them are none.
    groups = {DEF + "qualifier/precise", DEF + "qualifier/imprecise"}

    assert in_lists == {iri for iri in in_schemes if iri.rpartition("/")[0] in schemes} - groups


def test_messages_say_what_and_what_to_do() -> None:
    quads = read_shapes(SHAPES).quads
    messages = [
        quad.object.value
        for quad in quads
        if quad.predicate.value == SH + "message" and isinstance(quad.object, ox.Literal)
    ]

    assert [message for message in messages if message.count("; ") != 1] == []
    assert len([quad for quad in quads if quad.predicate.value == RDF_TYPE]) > 40
