"""What the data holds, in the words of VoID: where to begin, how to get it, how much there is.

The triples are not in the store: they would have to be counted anew, and written, with each commit.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from graph.addresses import address_of
from graph.namespaces import DEF, ID, MP, RDFS, XSD, short
from graph.publishing.catalogue.describing import DCT, FOAF, SD, VOID, Said, Texts, write_rdf
from graph.publishing.catalogue.entries import WHOLE, Catalogue, Entry
from graph.publishing.catalogue.formats import IANA
from graph.publishing.catalogue.void_counts import counts_of
from graph.publishing.publisher import publisher_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.catalogue.describing import About
    from graph.publishing.catalogue.entries import Dataset
    from graph.publishing.catalogue.void_counts import Counts
    from graph.publishing.edition import Edition

MOST_GRAPHS = 500
"""How many graphs are told of; the catalogue lists all of them, page by page."""

_ROOT_CLASSES = ("MetaCluster", "ClusterNetwork", "Programme", "Country", "Cluster")
"""Of what classes things are to begin with: those that lead to many others first."""
_ROOTS_OF_A_CLASS = 3
_ROOTS = f"""
    SELECT DISTINCT ?thing ?class WHERE {{ ?thing a ?class FILTER (isIRI(?thing)) }}
    ORDER BY ?thing LIMIT {_ROOTS_OF_A_CLASS}
"""
_TITLE: Texts = {
    "en": "What the data of this server holds",
    "fr": "Ce que contiennent les données de ce serveur",
    "de": "Was die Daten dieses Servers enthalten",
}


class Target(NamedTuple):
    """Data of others that ours leads to."""

    name: str
    homepage: str


TARGETS = {
    "http://www.wikidata.org/entity/": Target("Wikidata", "https://www.wikidata.org/"),
    "http://data.europa.eu/nuts/code/": Target("NUTS", "http://data.europa.eu/nuts"),
    "http://data.europa.eu/ux2/nace2.1/": Target(
        "NACE 2.1", "http://data.europa.eu/ux2/nace2.1/nace2.1"
    ),
    "http://publications.europa.eu/resource/authority/country/": Target(
        "Countries and territories of the Publications Office of the European Union",
        "http://publications.europa.eu/resource/authority/country",
    ),
}
"""By what the names of the things there begin with."""


def write_void(edition: Edition) -> None:
    """Write the description of the data and of its graphs."""
    if not edition.is_wanted:
        return
    said = Said()
    _Words(said, edition).all()
    write_rdf(edition, said)


class _Words:
    def __init__(self, said: Said, edition: Edition) -> None:
        self._said = said
        self._edition = edition
        self._catalogue = Catalogue(edition)
        self._publisher = publisher_of(edition.arguments)
        self._here = f"{edition.public_url}.well-known/void"
        self._whole = Entry("whole", WHOLE).iri(edition.public_url)

    def all(self) -> None:
        """Say everything."""
        whole = self._catalogue.dataset(Entry("whole", WHOLE))
        counts = counts_of(self._edition)
        self._description()
        about = self._dataset(whole)
        self._ways_in(about, counts)
        self._sizes(about, counts)
        self._graphs(about)
        self._partitions(counts)
        for linkset in counts.linksets:
            self._linkset(linkset.link, linkset.space, linkset.triples)

    def _description(self) -> None:
        about = self._said.about(self._here, f"{VOID}DatasetDescription")
        about.text(f"{DCT}title", _TITLE).link(f"{FOAF}primaryTopic", self._whole)
        about.value(f"{DCT}modified", self._edition.generation.built, f"{XSD}dateTime")

    def _dataset(self, dataset: Dataset) -> About:
        about = self._said.about(dataset.iri, f"{VOID}Dataset")
        about.text(f"{DCT}title", dataset.title).text(f"{DCT}description", dataset.description)
        about.link(f"{DCT}license", dataset.licence or self._publisher.licence)
        about.link(f"{FOAF}homepage", dataset.landing_page)
        about.value(f"{DCT}modified", dataset.times.modified, f"{XSD}dateTime")
        if dataset.times.issued:
            about.value(f"{DCT}issued", dataset.times.issued, f"{XSD}dateTime")
        if dataset.triples is not None:
            about.value(f"{VOID}triples", dataset.triples)
        for distribution in dataset.distributions:
            if distribution.file:
                about.link(f"{VOID}dataDump", distribution.address)
                about.link(f"{VOID}feature", IANA + distribution.file.file_type.media_type)
        return about

    def _ways_in(self, about: About, counts: Counts) -> None:
        public_url = self._edition.public_url
        about.value(f"{DCT}publisher", self._publisher.name)
        about.link(f"{VOID}sparqlEndpoint", f"{public_url}sparql")
        about.value(f"{VOID}uriSpace", ID).value(f"{VOID}uriSpace", DEF)
        about.link(f"{VOID}vocabulary", *_vocabularies(counts))
        roots = list(dict.fromkeys(self._roots()))
        about.link(f"{VOID}rootResource", *roots)
        about.link(f"{VOID}exampleResource", *roots[:3])
        for iri in roots:
            # Whoever follows links comes here, wherever the name of the thing itself leads.
            self._said.about(iri).link(f"{RDFS}seeAlso", address_of(iri, public_url))

    def _roots(self) -> Iterator[str]:
        """Yield where to begin: things that lead to many others."""
        for name in _ROOT_CLASSES:
            found = self._edition.store.query(
                _ROOTS,
                default_graph=[self._edition.union],
                substitutions={ox.Variable("class"): ox.NamedNode(MP + name)},
            )
            assert isinstance(found, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT query
            for thing, _ in found:
                if isinstance(thing, ox.NamedNode) and thing.value.startswith(ID):
                    yield thing.value

    def _sizes(self, about: About, counts: Counts) -> None:
        if counts.properties:
            about.value(f"{VOID}classes", counts.number_of_classes)
            about.value(f"{VOID}properties", counts.number_of_properties)
        if counts.subjects is not None and counts.objects is not None:
            about.value(f"{VOID}distinctSubjects", counts.subjects)
            about.value(f"{VOID}distinctObjects", counts.objects)

    def _graphs(self, whole: About) -> None:
        for name in self._catalogue.graphs[:MOST_GRAPHS]:
            dataset = self._catalogue.dataset(Entry("graph", name))
            whole.link(f"{VOID}subset", dataset.iri)
            self._dataset(dataset).link(f"{SD}name", name)

    def _partitions(self, counts: Counts) -> None:
        whole = self._said.about(self._whole)
        for name, triples in counts.properties:
            iri = f"{self._here}#property-{_fragment(name)}"
            whole.link(f"{VOID}propertyPartition", iri)
            self._partition(iri, f"{VOID}property", name).value(f"{VOID}triples", triples)
        for name, entities in counts.classes:
            iri = f"{self._here}#class-{_fragment(name)}"
            whole.link(f"{VOID}classPartition", iri)
            about = self._partition(iri, f"{VOID}class", name).value(f"{VOID}entities", entities)
            for other, triples in counts.properties_of_classes.get(name, ()):
                part = f"{iri}-{_fragment(other)}"
                about.link(f"{VOID}propertyPartition", part)
                self._partition(part, f"{VOID}property", other).value(f"{VOID}triples", triples)

    def _partition(self, iri: str, kind: str, name: str) -> About:
        return self._said.about(iri, f"{VOID}Dataset").link(kind, name)

    def _linkset(self, link: str, space: str, triples: int) -> None:
        target = f"{self._here}#target-{_digest(space)}"
        iri = f"{self._here}#links-{_fragment(link)}-{_digest(space)}"
        self._said.about(self._whole).link(f"{VOID}subset", iri)
        about = self._said.about(iri, f"{VOID}Linkset")
        about.link(f"{VOID}linkPredicate", link).value(f"{VOID}triples", triples)
        about.link(f"{VOID}subjectsTarget", self._whole).link(f"{VOID}objectsTarget", target)
        other = self._said.about(target, f"{VOID}Dataset").value(f"{VOID}uriSpace", space)
        if known := TARGETS.get(space):
            other.value(f"{DCT}title", known.name).link(f"{FOAF}homepage", known.homepage)


def _vocabularies(counts: Counts) -> list[str]:
    """Return the namespaces of what the data uses."""
    used = (name for name, _ in (*counts.classes, *counts.properties))
    return sorted({re.sub(r"[^/#]*$", "", name) for name in used})


def _fragment(iri: str) -> str:
    """Return what stands for *iri* behind a #: its short form, if it has one."""
    name = short(iri)
    return _digest(iri) if name.startswith("<") else name.replace(":", "-")


def _digest(iri: str) -> str:
    return hashlib.sha256(iri.encode()).hexdigest()[:12]
