"""Suggestions as statements, and decisions as updates; all values go in as terms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.namespaces import XSD
from graph.review.terms import (
    ACCEPTED_GRAPH,
    CONFIDENCE,
    DATE,
    JUSTIFICATION,
    LICENCE,
    MAPPING,
    OBJECT,
    OBJECT_LABEL,
    PREDICATE,
    PROLOGUE,
    REASONS,
    REVIEW_GRAPH,
    SSSOM,
    SUBJECT,
    SUBJECT_LABEL,
    TOOL,
    TYPE,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from graph.review.terms import Act

_LONGEST_LABEL, _LONGEST_REASON = 400, 2_000
_SET = ox.NamedNode(REVIEW_GRAPH)
_PLACES = re.compile(r"\b(REVIEW|ACCEPTED|MATCHES|STATE|WHEN|WHO)\b")
_DROP = """
DELETE { GRAPH REVIEW { ?match ?property ?value } }
WHERE {
  VALUES ?match { MATCHES }
  VALUES ?property { mp:decision sssom:reviewer_label dct:modified }
  GRAPH REVIEW { ?match a sssom:Mapping ; ?property ?value }
} ;
DELETE { GRAPH ACCEPTED { ?subject ?predicate ?object } }
WHERE {
  VALUES ?match { MATCHES }
  GRAPH REVIEW {
    ?match a sssom:Mapping ; owl:annotatedSource ?subject ;
      owl:annotatedProperty ?predicate ; owl:annotatedTarget ?object
  }
} ;
DELETE { GRAPH ACCEPTED { ?match ?property ?value } }
WHERE { VALUES ?match { MATCHES } GRAPH ACCEPTED { ?match ?property ?value } }
"""
_DECIDE = """
INSERT { GRAPH REVIEW { ?match mp:decision STATE ; sssom:reviewer_label WHO ; dct:modified WHEN } }
WHERE { VALUES ?match { MATCHES } GRAPH REVIEW { ?match a sssom:Mapping } }
"""
_LINK = """
INSERT { GRAPH ACCEPTED {
  ?subject ?predicate ?object .
  ?match a mp:Mapping ; mp:subject ?subject ; mp:object ?object ; mp:mappingPredicate ?predicate ;
    mp:confidenceScore ?confidence ; mp:justification ?reasons ;
    sssom:reviewer_label WHO ; dct:modified WHEN
} }
WHERE {
  VALUES ?match { MATCHES }
  GRAPH REVIEW {
    ?match a sssom:Mapping ; owl:annotatedSource ?subject ; owl:annotatedProperty ?predicate ;
      owl:annotatedTarget ?object ; sssom:confidence ?confidence ; rdfs:comment ?reasons
  }
}
"""


def statements(suggestions: Iterable[Mapping[str, Any]], day: str, tool: str) -> bytes:
    """Return *suggestions* as N-Triples, made on *day* by *tool*."""
    triples = _statements(suggestions, day, tool)
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


def decision_update(act: Act, matches: Sequence[str], who: str, when: str) -> str:
    """Return the update by which *who* decides about *matches*; what was decided before is gone."""
    steps = [PROLOGUE + _DROP]
    if act != "undo":
        steps.append(_DECIDE)
    if act == "accept":
        steps.append(_LINK)
    values = {
        "REVIEW": str(_SET),
        "ACCEPTED": str(ox.NamedNode(ACCEPTED_GRAPH)),
        "MATCHES": " ".join(str(ox.NamedNode(each)) for each in matches),
        "STATE": str(ox.Literal("accepted" if act == "accept" else "rejected")),
        "WHEN": str(ox.Literal(when, datatype=ox.NamedNode(f"{XSD}dateTime"))),
        "WHO": str(ox.Literal(who)),
    }
    # In one go, so that what is put in is not looked at again.
    return _PLACES.sub(lambda found: values[found[0]], " ;\n".join(steps))


def _statements(
    suggestions: Iterable[Mapping[str, Any]], day: str, tool: str
) -> Iterator[ox.Triple]:
    a_day = ox.Literal(day, datatype=ox.NamedNode(f"{XSD}date"))
    yield ox.Triple(_SET, TYPE, ox.NamedNode(f"{SSSOM}MappingSet"))
    yield ox.Triple(_SET, ox.NamedNode("http://purl.org/dc/terms/license"), ox.NamedNode(LICENCE))
    for each in suggestions:
        node = ox.NamedNode(each["iri"])
        yield ox.Triple(_SET, ox.NamedNode(f"{SSSOM}mappings"), node)
        values: dict[ox.NamedNode, ox.NamedNode | ox.Literal] = {
            TYPE: MAPPING,
            SUBJECT: ox.NamedNode(each["subject"]),
            PREDICATE: ox.NamedNode(each["predicate"]),
            OBJECT: ox.NamedNode(each["object"]),
            SUBJECT_LABEL: ox.Literal(each["subject_label"][:_LONGEST_LABEL]),
            OBJECT_LABEL: ox.Literal(each["object_label"][:_LONGEST_LABEL]),
            CONFIDENCE: ox.Literal(
                f"{each['score'] / 100:.3f}", datatype=ox.NamedNode(f"{XSD}decimal")
            ),
            JUSTIFICATION: ox.NamedNode(each["justification"]),
            REASONS: ox.Literal("; ".join(each["reasons"])[:_LONGEST_REASON], language="en"),
            DATE: a_day,
            TOOL: ox.Literal(tool),
        }
        for predicate, value in values.items():
            yield ox.Triple(node, predicate, value)
