"""Judge triples by SHACL shapes: what pySHACL says, in terms of the engine.

Only this module knows rdflib and pySHACL. They see terms that the engine has parsed, never text,
and imports are off: rdflib would fetch what a file tells it to.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox
import rdflib
from pyshacl import ShapesGraph
from pyshacl import Validator as Reporter
from pyshacl.pytypes import SHACLExecutor

from graph.namespaces import RDF_TYPE, SH, XSD

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pyshacl import Shape
    from rdflib.term import Identifier, Node

    from graph.findings import Severity

FocusNode = ox.NamedNode | ox.BlankNode
_Term = ox.NamedNode | ox.BlankNode | ox.Literal
_SHACL = rdflib.Namespace(SH)


@dataclass(frozen=True, slots=True)
class Result:
    """What a SHACL processor says about one node."""

    focus: _Term
    path: str | None
    value: _Term | None
    message: str
    shape: str
    """The shape with targets, which property shapes are part of."""
    component: str
    severity: Severity
    """Whatever is not sh:Violation is a warning."""


@dataclass(frozen=True, slots=True)
class Report:
    """All results of one run, and the same as triples about them."""

    results: tuple[Result, ...]
    about: rdflib.Graph

    def triples(self) -> Iterable[ox.Triple]:
        """Return the results as RDF (SHACL, 3.6), without the report that they are part of."""
        heads = set(self.about.subjects(rdflib.RDF.type, _SHACL.ValidationReport))
        for subject in set(self.about.subjects()) - heads:
            name = cast("FocusNode", _engine_term(subject))
            for predicate, value in self.about.predicate_objects(subject):
                yield ox.Triple(name, ox.NamedNode(str(predicate)), _engine_term(value))

    def names(self) -> Iterable[FocusNode]:
        """Return the names of the results in `triples`."""
        for name in self.about.objects(None, _SHACL.result):
            yield cast("FocusNode", _engine_term(name))


class Processor:
    """Shapes that were read, once, and what they say about data."""

    def __init__(self, shapes: Iterable[ox.Quad]) -> None:
        # rdflib logs a traceback for each ill-typed literal, which is reported anyway.
        logging.getLogger("rdflib.term").setLevel(logging.ERROR)
        graph = _rdflib_graph(shapes)
        self._graph = ShapesGraph(graph)
        known = cast("Collection[Shape]", self._graph.shapes)  # pyright: ignore[reportUnknownMemberType] -- pySHACL is typed in part
        self._shapes = [shape for shape in known if _has_targets(shape)]
        self._owners = {shape: node for node, shape in graph.subject_objects(_SHACL.property)}

    def judge(self, data: Iterable[ox.Quad], focus: Iterable[FocusNode] | None = None) -> Report:
        """Return what the shapes say of *data*; if *focus* is given, of these nodes alone.

        pySHACL has an option `focus_nodes`, which also skips what is not among them when a nested
        shape looks at a value, and takes it for good. So the targets are chosen here.
        """
        graph = _rdflib_graph(data)
        wanted = None if focus is None else {_rdflib_term(node) for node in focus}
        executor = SHACLExecutor()
        results: list[Any] = []
        for shape in self._shapes:
            targets = cast("set[Node]", shape.focus_nodes(graph))  # pyright: ignore[reportUnknownMemberType] -- the same
            chosen = targets if wanted is None else targets & wanted
            if chosen:
                results += shape.validate(executor, graph, focus=list(chosen))[1]  # pyright: ignore[reportArgumentType, reportUnknownMemberType] -- the same
        about, _ = cast(
            "tuple[rdflib.Graph, str]",
            Reporter.create_validation_report(self._graph, not results, results),  # pyright: ignore[reportUnknownMemberType] -- the same
        )
        return Report(tuple(self._result(about, name) for name in _results(about)), about)

    def _result(self, about: rdflib.Graph, name: Node) -> Result:
        said = dict(about.predicate_objects(name))
        path, value = said.get(_SHACL.resultPath), said.get(_SHACL.value)
        shape = said[_SHACL.sourceShape]
        return Result(
            focus=_engine_term(said[_SHACL.focusNode]),
            path=None if path is None else str(path),
            value=None if value is None else _engine_term(value),
            message=str(said.get(_SHACL.resultMessage, "")),
            shape=str(self._owners.get(shape, shape)),
            component=str(said[_SHACL.sourceConstraintComponent]),
            severity="error" if said[_SHACL.resultSeverity] == _SHACL.Violation else "warning",
        )


def report(parts: Iterable[Report]) -> list[ox.Triple]:
    """Return one sh:ValidationReport (SHACL, 3.6) with the results of all *parts*."""
    head = ox.BlankNode()
    triples: dict[ox.Triple, None] = {}
    conforms = True
    for part in parts:
        for name in part.names():
            conforms = False
            triples[ox.Triple(head, ox.NamedNode(SH + "result"), name)] = None
        triples.update(dict.fromkeys(part.triples()))
    verdict = ox.Literal("true" if conforms else "false", datatype=ox.NamedNode(XSD + "boolean"))
    return [
        ox.Triple(head, ox.NamedNode(RDF_TYPE), ox.NamedNode(SH + "ValidationReport")),
        ox.Triple(head, ox.NamedNode(SH + "conforms"), verdict),
        *triples,
    ]


def _has_targets(shape: Shape) -> bool:
    kinds = cast("tuple[Iterable[Node], ...]", shape.target())  # pyright: ignore[reportUnknownMemberType] -- the same
    return any(True for targets in kinds for _ in targets)


def _results(about: rdflib.Graph) -> Iterable[Node]:
    """Return the results themselves; those that explain one (sh:detail) are part of it."""
    return about.objects(None, _SHACL.result)


@lru_cache(maxsize=10_000)
def _name(iri: str) -> rdflib.URIRef:
    return rdflib.URIRef(iri)


def _rdflib_graph(quads: Iterable[ox.Quad]) -> rdflib.Graph:
    """Return the triples of *quads* as an rdflib graph, term by term."""
    graph = rdflib.Graph(bind_namespaces="none")
    for quad in quads:
        if not isinstance(quad.object, ox.Triple) and not isinstance(quad.subject, ox.Triple):
            graph.add(
                (_rdflib_term(quad.subject), _name(quad.predicate.value), _rdflib_term(quad.object))
            )
    return graph


def _rdflib_term(value: _Term) -> Identifier:
    if isinstance(value, ox.NamedNode):
        return _name(value.value)
    if isinstance(value, ox.BlankNode):
        return rdflib.BNode(value.value)
    if value.language is not None:
        return rdflib.Literal(value.value, lang=value.language)
    return rdflib.Literal(value.value, datatype=_name(value.datatype.value), normalize=False)


def _engine_term(value: Node) -> _Term:
    if isinstance(value, rdflib.URIRef):
        return ox.NamedNode(str(value))
    if isinstance(value, rdflib.BNode):
        return ox.BlankNode(str(value))
    assert isinstance(value, rdflib.Literal)  # noqa: S101 -- there is nothing else in a report
    if value.language is not None:
        return ox.Literal(str(value), language=value.language)
    if value.datatype is not None:
        return ox.Literal(str(value), datatype=ox.NamedNode(str(value.datatype)))
    return ox.Literal(str(value))
