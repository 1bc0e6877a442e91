"""How the pages of the ontology name what they link to, and where the links lead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from graph.addresses import page_of
from graph.description import short_name
from graph.formats import format_named
from graph.namespaces import BASE, ID, MP, SHAPE
from graph.publishing.ontology.offers import FILE_FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable

_COMMITS = f"{ID}commit/"
"""Commits are told of on the page of changes, and have none of their own."""
Reference = dict[str, str]
"""What a page needs to name something: iri, text, href; href is empty where no link may lead."""

PREFIXES = {
    "cpsv": "http://purl.org/vocab/cpsv#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "eurio": "http://data.europa.eu/s66#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "frapo": "http://purl.org/cerif/frapo/",
    "legal": "http://www.w3.org/ns/legal#",
    "m8g": "http://data.europa.eu/m8g/",
    "nace": "http://data.europa.eu/ux2/nace2.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "qb": "http://purl.org/linked-data/cube#",
    "rov": "http://www.w3.org/ns/regorg#",
    "schema": "http://schema.org/",
    "sdmx-attribute": "http://purl.org/linked-data/sdmx/2009/attribute#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skosxl": "http://www.w3.org/2008/05/skos-xl#",
    "sssom": "https://w3id.org/sssom/",
}
"""The vocabularies of others that ours is aligned with, beside those that are short everywhere."""

_LOCAL_NAME = re.compile(r"[\w.-]*\w")


_TITLES = {
    "turtle": "Turtle",
    "rdfxml": "RDF/XML",
    "jsonld": "JSON-LD",
    "ntriples": "N-Triples",
}


def files(address: str, formats: Iterable[str] = FILE_FORMATS) -> list[dict[str, str]]:
    """Return the files that are found at *address* with the extension of each format."""
    return [
        {
            "name": _TITLES[each],
            "media_type": format_named(each).media_type,
            "address": f"{address}.{format_named(each).extension}",
        }
        for each in formats
    ]


@dataclass(frozen=True, slots=True)
class Names:
    """Names for the pages of a server that is found at *public_url*."""

    public_url: str
    terms: Literal["elsewhere", "parts", "pages"] = "elsewhere"
    """Where terms are: on another page, as parts of this one, or on a page each."""

    def reference(self, iri: str) -> Reference:
        """Return how to name *iri*."""
        return {"iri": iri, "text": _text(iri), "href": self._href(iri)}

    def references(self, iris: Iterable[str]) -> list[Reference]:
        """Return how to name each of *iris*."""
        return [self.reference(iri) for iri in iris]

    def _href(self, iri: str) -> str:
        if iri.startswith(MP) and self.terms == "parts":
            return "#" + iri.removeprefix(MP)
        if iri.startswith(MP) and self.terms == "pages":
            return f"{self.public_url}ontology/term/{quote(iri.removeprefix(MP), safe='')}"
        if iri.startswith(SHAPE):
            anchor = "#" + iri.removeprefix(SHAPE)
            return f"{self.public_url}ontology/shapes{anchor}"
        if iri.startswith(_COMMITS):
            return ""
        if iri.startswith(BASE):
            return page_of(iri, self.public_url)
        return iri if iri.startswith(("http://", "https://")) else ""


def _text(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        name = iri.removeprefix(namespace)
        if iri.startswith(namespace) and _LOCAL_NAME.fullmatch(name):
            return f"{prefix}:{name}"
    name = short_name(iri)
    return iri if name.startswith("<") else name
