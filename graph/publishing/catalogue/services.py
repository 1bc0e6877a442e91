"""The services of a server that give access to its data, as a catalogue lists them."""

from __future__ import annotations

from typing import NamedTuple

from graph.publishing.catalogue.texts import SERVICE_DESCRIPTIONS, SERVICE_TITLES

# IRIs of their own: a portal that meets one of them as the dcat:accessService of a distribution
# does not take it for a service of the catalogue.


class Service(NamedTuple):
    """A service."""

    name: str
    endpoint: str
    """Its address below the public URL."""
    description: str
    """Where it describes itself, below the public URL."""
    standards: tuple[str, ...]
    file_types: tuple[str, ...]
    """In which formats it answers, by their names in the EU's table."""

    @property
    def title(self) -> dict[str, str]:
        """What it is called."""
        return SERVICE_TITLES[self.name]

    @property
    def text(self) -> dict[str, str]:
        """What it does."""
        return SERVICE_DESCRIPTIONS[self.name]


SERVICES = (
    Service(
        "sparql",
        "sparql",
        "sparql",
        (
            "http://www.w3.org/TR/sparql11-protocol/",
            "http://www.w3.org/TR/sparql11-query/",
            "http://www.w3.org/TR/sparql11-service-description/",
        ),
        ("SPARQLQRES", "JSON", "CSV", "TSV", "RDF_TURTLE", "RDF_XML", "JSON_LD"),
    ),
    Service(
        "features",
        "ogc",
        "ogc/api",
        (
            "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
            "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
        ),
        ("GEOJSON", "JSON"),
    ),
    Service(
        "harvesting",
        "oai",
        "oai?verb=Identify",
        ("http://www.openarchives.org/OAI/2.0/",),
        ("XML",),
    ),
    Service(
        "changes",
        "ldes",
        "ldes",
        ("https://w3id.org/ldes/specification",),
        ("RDF_TRIG", "JSON_LD"),
    ),
)
