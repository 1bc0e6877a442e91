"""The JSON-LD context is up to date, and documents written with it mean what they should."""

from __future__ import annotations

import json

import pyoxigraph as ox
import pytest
import rdflib

from graph.context import context_text, json_ld_context
from graph.paths import bundled

ONTOLOGY = bundled("ontology")
DOCUMENT: dict[str, object] = {
    "id": "https://w3id.org/metapole/id/figure/avia-turnover",
    "type": "KeyFigure",
    "about": {
        "id": "https://w3id.org/metapole/id/cluster/avia",
        "type": "Cluster",
        "prefLabel": {"en": "AVIA"},
        "unnamed": False,
    },
    "value": "11200000000.0",
    "from": "2014-01-01",
    "unit": "https://w3id.org/metapole/def/unit/eur",
}
MEANING = """
    @prefix mp: <https://w3id.org/metapole/def#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    <https://w3id.org/metapole/id/figure/avia-turnover> a mp:KeyFigure ;
        mp:about <https://w3id.org/metapole/id/cluster/avia> ;
        mp:value 11200000000.0 ;
        mp:from "2014-01-01"^^xsd:date ;
        mp:unit <https://w3id.org/metapole/def/unit/eur> .
    <https://w3id.org/metapole/id/cluster/avia> a mp:Cluster ;
        <http://www.w3.org/2004/02/skos/core#prefLabel> "AVIA"@en ;
        mp:unnamed false .
"""


def document() -> str:
    return json.dumps(json_ld_context(ONTOLOGY) | DOCUMENT)


def test_the_committed_context_is_the_one_the_terms_make() -> None:
    committed = (ONTOLOGY / "context.jsonld").read_text(encoding="utf-8")
    assert committed == context_text(ONTOLOGY), "run `python -m graph.context` and commit the file"


def test_the_store_reads_a_document_as_meant() -> None:
    read = {str(quad.triple) for quad in ox.parse(document(), ox.RdfFormat.JSON_LD)}
    assert read == {str(quad.triple) for quad in ox.parse(MEANING, ox.RdfFormat.TURTLE)}


# rdflib's own parser uses the class it deprecates.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_another_reader_reads_a_document_as_meant() -> None:
    read = rdflib.Graph().parse(data=document(), format="json-ld")
    meant = rdflib.Graph().parse(data=MEANING, format="turtle")
    assert set(read) == set(meant)
