"""Write the JSON-LD context of the ontology: `python -m graph.context` renews the file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import GEO, MP, ORG, OWL, RDF, RDF_TYPE, RDFS, SKOS, XSD, prefixes
from graph.paths import bundled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PREFIXES = {
    "geo": GEO,
    "mp": MP,
    "org": ORG,
    "prov": prefixes()["prov"],
    "skos": SKOS,
    "xsd": XSD,
}
_LINK = "@id"
_BY_LANGUAGE = "@language"
# Terms of other vocabularies that the data uses, each with the kind of its values.
_OUTSIDE = {
    "geo:asWKT": "geo:wktLiteral",
    "org:hasMember": _LINK,
    "org:memberOf": _LINK,
    "prov:endedAtTime": "xsd:dateTime",
    "skos:Concept": None,
    "skos:ConceptScheme": None,
    "skos:altLabel": _BY_LANGUAGE,
    "skos:broader": _LINK,
    "skos:closeMatch": _LINK,
    "skos:definition": _BY_LANGUAGE,
    "skos:exactMatch": _LINK,
    "skos:hasTopConcept": _LINK,
    "skos:inScheme": _LINK,
    "skos:narrower": _LINK,
    "skos:notation": None,
    "skos:note": _BY_LANGUAGE,
    "skos:prefLabel": _BY_LANGUAGE,
    "skos:relatedMatch": _LINK,
    "skos:scopeNote": _BY_LANGUAGE,
    "skos:topConceptOf": _LINK,
}


def json_ld_context(ontology: Path) -> dict[str, object]:
    """Return the context that names every term of *ontology*/terms by its local name."""
    terms = dict(_OUTSIDE) | dict(_own_terms(ontology))
    entries = {term.partition(":")[2]: _entry(term, kind) for term, kind in sorted(terms.items())}
    aliases = {"@version": 1.1, **_PREFIXES, "id": "@id", "type": "@type"}
    return {"@context": aliases | dict(sorted(entries.items()))}


def context_text(ontology: Path) -> str:
    """Return the context of *ontology* as the text of its file."""
    return json.dumps(json_ld_context(ontology), indent=2) + "\n"


def _own_terms(ontology: Path) -> Iterator[tuple[str, str | None]]:
    known = ox.Store()
    for path in sorted((ontology / "terms").glob("*.ttl")):
        known.load(path=str(path))
    for quad in known.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), None):
        term = quad.subject
        if isinstance(term, ox.NamedNode) and term.value.startswith(MP):
            yield "mp:" + term.value.removeprefix(MP), _kind_of_values(known, term)


def _kind_of_values(known: ox.Store, term: ox.NamedNode) -> str | None:
    is_link = ox.Quad(term, ox.NamedNode(RDF_TYPE), ox.NamedNode(OWL + "ObjectProperty"))
    if is_link in known:
        return _LINK
    for quad in known.quads_for_pattern(term, ox.NamedNode(RDFS + "range"), None):
        if quad.object == ox.NamedNode(RDF + "langString"):
            return _BY_LANGUAGE
        if isinstance(quad.object, ox.NamedNode) and quad.object.value != XSD + "string":
            return "xsd:" + quad.object.value.removeprefix(XSD)
    return None


def _entry(term: str, kind: str | None) -> object:
    if kind is None:
        return term
    if kind == _BY_LANGUAGE:
        return {"@id": term, "@container": _BY_LANGUAGE}
    return {"@id": term, "@type": kind}


if __name__ == "__main__":
    folder = bundled("ontology")
    (folder / "context.jsonld").write_text(context_text(folder), encoding="utf-8")
