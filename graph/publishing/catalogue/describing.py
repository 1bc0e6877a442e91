"""Say things about things, and write what was said as RDF: for descriptions made from nothing.

What is written has no blank nodes, and comes in the order in which it was said, so the same
generation gives the same bytes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.namespaces import OWL, RDF, RDF_TYPE, RDFS, SH, SKOS, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graph.publishing.edition import Edition

DCAT = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"
FOAF = "http://xmlns.com/foaf/0.1/"
VCARD = "http://www.w3.org/2006/vcard/ns#"
VOID = "http://rdfs.org/ns/void#"
HYDRA = "http://www.w3.org/ns/hydra/core#"
SPDX = "http://spdx.org/rdf/terms#"
ADMS = "http://www.w3.org/ns/adms#"
DCATAP = "http://data.europa.eu/r5r/"
PROF = "http://www.w3.org/ns/dx/prof/"
ROLE = "http://www.w3.org/ns/dx/prof/role/"
SCHEMA = "https://schema.org/"
PROV = "http://www.w3.org/ns/prov#"
SD = "http://www.w3.org/ns/sparql-service-description#"

PREFIXES = {
    "adms": ADMS,
    "dcat": DCAT,
    "dcatap": DCATAP,
    "dct": DCT,
    "foaf": FOAF,
    "hydra": HYDRA,
    "owl": OWL,
    "prof": PROF,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "role": ROLE,
    "schema": SCHEMA,
    "sd": SD,
    "sh": SH,
    "skos": SKOS,
    "spdx": SPDX,
    "vcard": VCARD,
    "void": VOID,
    "xsd": XSD,
}

Texts = dict[str, str]
"""One text in several languages, by their tags."""

_JSON_LD = "application/ld+json"


class Said:
    """What was said, once each."""

    def __init__(self) -> None:
        self._by_subject: dict[object, dict[ox.Triple, None]] = {}

    @property
    def triples(self) -> list[ox.Triple]:
        """All of it, what is of one thing in one place, in the order in which it was said."""
        return [triple for said in self._by_subject.values() for triple in said]

    def about(self, iri: str, *types: str) -> About:
        """Return where to say things about *iri*, which is of *types*."""
        about = About(self, ox.NamedNode(iri))
        for each in types:
            about.link(RDF_TYPE, each)
        return about

    def add(self, triple: ox.Triple) -> None:
        """Say *triple*."""
        self._by_subject.setdefault(triple.subject, {})[triple] = None


class About:
    """Says things about one thing; each method returns it again."""

    def __init__(self, said: Said, subject: ox.NamedNode) -> None:
        self._said = said
        self._subject = subject

    def link(self, predicate: str, *iris: str) -> About:
        """Say that it is related to things."""
        return self._say(predicate, (ox.NamedNode(iri) for iri in iris))

    def text(self, predicate: str, texts: Texts) -> About:
        """Say a text in each of its languages."""
        return self._say(predicate, (ox.Literal(text, language=tag) for tag, text in texts.items()))

    def value(self, predicate: str, value: str | int, datatype: str | None = None) -> About:
        """Say a value; a text that has no language, or one of another type."""
        if datatype is None:
            return self._say(predicate, [ox.Literal(value)])
        return self._say(predicate, [ox.Literal(str(value), datatype=ox.NamedNode(datatype))])

    def _say(self, predicate: str, values: Iterable[ox.NamedNode | ox.Literal]) -> About:
        for value in values:
            self._said.add(ox.Triple(self._subject, ox.NamedNode(predicate), value))
        return self


def write_rdf(edition: Edition, said: Said, prefixes: Mapping[str, str] = PREFIXES) -> None:
    """Write what was *said* in the format that was asked for."""
    if not edition.is_wanted:
        return
    used = _used(said, prefixes)
    if edition.media_type == _JSON_LD:
        edition.out.write(json.dumps(json_ld(said, used), ensure_ascii=False, indent=1).encode())
        return
    rdf_format = ox.RdfFormat.from_media_type(edition.media_type)
    ox.serialize(said.triples, edition.out, rdf_format, prefixes=used)  # pyright: ignore[reportArgumentType, reportCallIssue] -- it needs write and flush only


def json_ld(said: Said, prefixes: Mapping[str, str]) -> dict[str, Any]:
    """Return what was *said* as JSON-LD that needs nothing from elsewhere: its context is in it."""
    nodes: dict[str, dict[str, Any]] = {}
    for triple in said.triples:
        assert isinstance(triple.subject, ox.NamedNode)  # noqa: S101 -- `About` says nothing else
        node = nodes.setdefault(triple.subject.value, {"@id": triple.subject.value})
        if triple.predicate.value == RDF_TYPE and isinstance(triple.object, ox.NamedNode):
            node.setdefault("@type", []).append(_short(triple.object.value, prefixes))
        else:
            values = node.setdefault(_short(triple.predicate.value, prefixes), [])
            values.append(_json_value(triple.object, prefixes))
    return {"@context": dict(prefixes), "@graph": list(nodes.values())}


def _json_value(term: object, prefixes: Mapping[str, str]) -> dict[str, str] | str:
    if isinstance(term, ox.NamedNode):
        return {"@id": term.value}
    assert isinstance(term, ox.Literal)  # noqa: S101 -- the same
    if term.language:
        return {"@value": term.value, "@language": term.language}
    if term.datatype.value == XSD + "string":
        return term.value
    return {"@value": term.value, "@type": _short(term.datatype.value, prefixes)}


def _short(iri: str, prefixes: Mapping[str, str]) -> str:
    for prefix, namespace in prefixes.items():
        name = iri.removeprefix(namespace)
        if name != iri and name and "/" not in name and "#" not in name:
            return f"{prefix}:{name}"
    return iri


def _used(said: Said, prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return those of *prefixes* that make something shorter."""
    shortened = {
        iri
        for triple in said.triples
        for term in (triple.predicate, triple.object)
        for iri in _iris_of(term)
    }
    return {
        prefix: namespace
        for prefix, namespace in prefixes.items()
        if any(iri.startswith(namespace) for iri in shortened)
    }


def _iris_of(term: object) -> tuple[str, ...]:
    if isinstance(term, ox.NamedNode):
        return (term.value,)
    return (term.datatype.value,) if isinstance(term, ox.Literal) else ()
