"""The graphs and properties that matches are kept with.

A match is a `sssom:Mapping` in the review graph. One that was accepted is a `mp:Mapping` of the
same name in the graph of accepted links as well, beside the link itself. So what holds, who said
so, and why it was suggested have one name.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal

import pyoxigraph as ox

from graph.namespaces import GRAPH, ID, MP, OWL, RDF_TYPE, RDFS, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable

REVIEW_GRAPH = f"{GRAPH}review/matches"
"""Where all suggestions are, with what was decided about each."""
ACCEPTED_GRAPH = f"{GRAPH}links/accepted"
"""Where the links are that were accepted."""
MATCHES = f"{ID}match/"
SSSOM, SEMAPV = "https://w3id.org/sssom/", "https://w3id.org/semapv/vocab/"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"

Decision = Literal["accepted", "rejected"]
State = Literal["open", "accepted", "rejected"]
STATES: tuple[State, ...] = ("open", "accepted", "rejected")
Act = Literal["accept", "reject", "undo"]
ACTS: tuple[Act, ...] = ("accept", "reject", "undo")

SAME, EXACT = ox.NamedNode(f"{OWL}sameAs"), ox.NamedNode(f"{SKOS}exactMatch")
"""What links two things, and what links two concepts."""

TYPE = ox.NamedNode(RDF_TYPE)
MAPPING, OUR_MAPPING = ox.NamedNode(f"{SSSOM}Mapping"), ox.NamedNode(f"{MP}Mapping")
SUBJECT = ox.NamedNode(f"{OWL}annotatedSource")
PREDICATE = ox.NamedNode(f"{OWL}annotatedProperty")
OBJECT = ox.NamedNode(f"{OWL}annotatedTarget")
CONFIDENCE = ox.NamedNode(f"{SSSOM}confidence")
JUSTIFICATION = ox.NamedNode(f"{SSSOM}mapping_justification")
SUBJECT_LABEL = ox.NamedNode(f"{SSSOM}subject_label")
OBJECT_LABEL = ox.NamedNode(f"{SSSOM}object_label")
TOOL = ox.NamedNode(f"{SSSOM}mapping_tool")
REVIEWER = ox.NamedNode(f"{SSSOM}reviewer_label")
DATE = ox.NamedNode("http://purl.org/pav/authoredOn")
REASONS = ox.NamedNode(f"{RDFS}comment")
DECISION = ox.NamedNode(f"{MP}decision")
DECIDED = ox.NamedNode("http://purl.org/dc/terms/modified")
"""All as SSSOM writes mappings in RDF, but for the last two."""
PROLOGUE = """PREFIX dct: <http://purl.org/dc/terms/>
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sssom: <https://w3id.org/sssom/>
"""


def match_iri(subject: str, predicate: str, other: str) -> str:
    """Return what the match of *subject* with *other* is called: always the same."""
    said = f"{subject}\n{predicate}\n{other}"
    return MATCHES + hashlib.sha256(said.encode()).hexdigest()[:24]


def is_match_iri(text: str) -> bool:
    """Tell whether *text* can be the IRI of a match."""
    name = text.removeprefix(MATCHES)
    return text != name and len(name) == 24 and not set(name) - set("0123456789abcdef")


def without_copies(texts: Iterable[str]) -> list[str]:
    """Return each of *texts* once."""
    return list(dict.fromkeys(texts))
