"""Shapes as the gate has them, and as pySHACL has them when it is asked about everything."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox
import pyshacl
import rdflib
from rdflib.namespace import SH

from graph.gate.child import finding_of
from graph.gate.extract import unpacked
from graph.gate.profile import read_profile
from graph.shacl import Processor
from graph.writing.transaction import RESERVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rdflib.term import Node

Key = tuple[str | None, ...]
_validate = cast("Callable[..., tuple[bool, rdflib.Graph, str]]", pyshacl.validate)  # pyright: ignore[reportUnknownMemberType] -- typed in part


class Shapes:
    """The same shapes, for both."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        quads = list(quads)
        self.profile = read_profile(quads)
        self._processor = Processor(quads)
        self._graph = _rdflib(quads)
        self._owners = {each: node for node, each in self._graph.subject_objects(SH.property)}

    def ask(self, extract: bytes) -> dict[str, Any]:
        """Say what the validator says, in this process."""
        results = [
            result
            for nodes, data in unpacked(bytearray(extract))
            for result in self._processor.judge(data, nodes).results
        ]
        return {"findings": [finding_of(each) for each in results]}

    def judge_all(self, quads: Iterable[ox.Quad]) -> set[Key]:
        """Return what pySHACL finds, asked as its manual says, in all that *quads* state."""
        logging.getLogger("rdflib.term").setLevel(logging.ERROR)
        stated = _rdflib(quad for quad in quads if quad.graph_name not in RESERVED)
        _, report, _ = _validate(stated, shacl_graph=self._graph, inference="none", inplace=True)
        return {self._key(report, each) for each in report.objects(None, SH.result)}

    def _key(self, report: rdflib.Graph, result: Node) -> Key:
        said = dict(report.predicate_objects(result))
        path, value, shape = said.get(SH.resultPath), said.get(SH.value), said[SH.sourceShape]
        return (
            _name(said[SH.focusNode]),
            None if path is None else str(path),
            None if value is None else _name(value),
            str(said[SH.resultMessage]),
            str(self._owners.get(shape, shape)),
            str(said[SH.sourceConstraintComponent]),
            str(said[SH.resultSeverity]),
        )


def key(finding: Mapping[str, Any]) -> Key:
    """Return *finding* as `Shapes.judge_all` has it."""
    return (
        finding["focus"],
        finding["path"],
        finding["value"],
        f"{finding['message']}; {finding['remedy']}",
        finding["shape"],
        finding["component"],
        str(SH.Violation if finding["severity"] == "error" else SH.Warning),
    )


def _rdflib(quads: Iterable[ox.Quad]) -> rdflib.Graph:
    graph = rdflib.Graph(bind_namespaces="none")
    for quad in quads:
        graph.add(cast("Any", tuple(_term(each) for each in quad.triple)))
    return graph


def _term(term: object) -> Node:
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, ox.Literal)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)


def _name(term: Node) -> str:
    if isinstance(term, rdflib.URIRef):
        return str(term)
    if isinstance(term, rdflib.BNode):
        return f"_:{term}"
    assert isinstance(term, rdflib.Literal)
    if term.language:
        return str(ox.Literal(str(term), language=term.language))
    return str(ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype))))
