"""The IRIs that code has to know: namespaces, names of graphs, and short forms for messages."""

from __future__ import annotations

import re

BASE = "https://w3id.org/metapole/"
MP = BASE + "def#"
DEF = BASE + "def/"
ID = BASE + "id/"
GRAPH = BASE + "graph/"

ONTOLOGY_GRAPH = GRAPH + "ontology"
ENRICHMENT_GRAPH = GRAPH + "enrichment"
LINKS_GRAPH = GRAPH + "links"
DERIVED_GRAPH = GRAPH + "derived"
SOURCE_GRAPHS = GRAPH + "source/"
IMPORT_GRAPHS = GRAPH + "import/"
"""What the names of all graphs begin with that an import has made."""
UNION_GRAPH = GRAPH + "union"
"""Every triple of the store once, in whatever graphs it is: the default graph of queries."""
COMMITS_GRAPH = GRAPH + "commits"
"""The log of what was written when; no part of the union."""

HIDDEN_GRAPHS = "about:hidden-graphs"
"""In the text of a query for the engine: the graphs that no `GRAPH ?g` of it can be."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
GEO = "http://www.opengis.net/ont/geosparql#"
SHAPE = BASE + "shape#"
SH = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
OWL = "http://www.w3.org/2002/07/owl#"
ORG = "http://www.w3.org/ns/org#"

RDF_TYPE = RDF + "type"

_SHORT_THING = re.compile(r"([a-z]+(?:-[a-z]+)*):([a-z0-9]+(?:-[a-z0-9]+)*)")
_PREFIXES = {
    MP: "mp:",
    RDF: "rdf:",
    RDFS: "rdfs:",
    XSD: "xsd:",
    GEO: "geo:",
    SHAPE: "shape:",
    SKOS: "skos:",
    OWL: "owl:",
    ORG: "org:",
    "http://www.w3.org/ns/prov#": "prov:",
    "http://purl.org/dc/terms/": "dct:",
}


def prefixes() -> dict[str, str]:
    """Return the namespaces that people write short, by their prefixes."""
    return {prefix.removesuffix(":"): namespace for namespace, prefix in _PREFIXES.items()}


def short(iri: str) -> str:
    """Return *iri* as a person would write it in our Turtle: `figure:avia-turnover-1`.

    Things and concepts are written with the prefix named after their type or scheme;
    an IRI of a namespace nobody has named here comes back in angle brackets.
    """
    for namespace, prefix in _PREFIXES.items():
        if iri.startswith(namespace):
            return prefix + iri.removeprefix(namespace)
    for namespace in (ID, DEF):
        kind, slash, slug = iri.removeprefix(namespace).partition("/")
        if iri.startswith(namespace) and slash and "/" not in slug:
            return f"{kind}:{slug}"
    return f"<{iri}>"


def expanded(text: str) -> str | None:
    """Return the IRI of the thing that *text* is short for (`figure:avia-turnover-1`), if any."""
    match = _SHORT_THING.fullmatch(text)
    return f"{ID}{match[1]}/{match[2]}" if match else None
