"""The catalogue in RDF: DCAT-AP 3.0.1, so that portals of the European Union can harvest it.

Every node has an IRI, and every page says all that a reader of this page alone needs to know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.namespaces import XSD
from graph.publishing.catalogue.describing import DCAT, DCATAP, DCT, FOAF, PROV, VCARD, VOID
from graph.publishing.catalogue.entries import WHOLE, Entry
from graph.publishing.catalogue.formats import EU, IANA
from graph.publishing.catalogue.texts import (
    CATALOGUE_DESCRIPTION,
    CATALOGUE_TITLE,
    KEYWORDS,
    LANGUAGES,
)

if TYPE_CHECKING:
    from graph.publishing.catalogue.describing import About, Said
    from graph.publishing.catalogue.entries import Catalogue, Dataset, Distribution
    from graph.publishing.catalogue.facts import Times
    from graph.publishing.catalogue.services import Service
    from graph.publishing.publisher import Publisher

THEMES = (f"{EU}data-theme/ECON", f"{EU}data-theme/REGI")
"""Economy and finance; regions and cities."""


class CatalogueWords:
    """Says in DCAT what a catalogue lists, for a server at *public_url* and its *publisher*."""

    def __init__(self, said: Said, public_url: str, publisher: Publisher) -> None:
        self._said = said
        self._public_url = public_url
        self._publisher = publisher
        self.iri = f"{public_url}data/catalogue"
        """The name of the catalogue."""

    def catalogue(self, catalogue: Catalogue) -> About:
        """Say what the catalogue is; not what it lists."""
        about = self._said.about(self.iri, f"{DCAT}Catalog")
        about.value(f"{DCT}identifier", self.iri)
        about.text(f"{DCT}title", CATALOGUE_TITLE).text(f"{DCT}description", CATALOGUE_DESCRIPTION)
        about.link(f"{DCT}publisher", self._publisher_iri).link(
            f"{DCT}creator", self._publisher_iri
        )
        about.link(f"{FOAF}homepage", f"{self._public_url}data")
        about.link(f"{DCT}license", self._publisher.licence_iri)
        about.link(f"{DCAT}themeTaxonomy", f"{EU}data-theme")
        about.link(f"{DCT}spatial", *catalogue.coverage.countries)
        _languages(about)
        _times(about, catalogue.changes.of_all)
        self._said.about(f"{self._public_url}data", f"{FOAF}Document")
        self._agents()
        return about

    def service(self, service: Service) -> None:
        """Say that the catalogue has *service*."""
        iri = f"{self.iri}#{service.name}"
        self._said.about(self.iri).link(f"{DCAT}service", iri)
        about = self._said.about(iri, f"{DCAT}DataService")
        about.value(f"{DCT}identifier", iri)
        about.text(f"{DCT}title", service.title).text(f"{DCT}description", service.text)
        about.link(f"{DCAT}endpointURL", self._public_url + service.endpoint)
        about.link(f"{DCAT}endpointDescription", self._public_url + service.description)
        about.link(f"{DCAT}servesDataset", Entry("whole", WHOLE).iri(self._public_url))
        about.link(f"{DCT}conformsTo", *service.standards)
        about.link(f"{DCT}format", *(f"{EU}file-type/{name}" for name in service.file_types))
        self._common(about)
        for standard in service.standards:
            self._said.about(standard, f"{DCT}Standard")

    def dataset(self, dataset: Dataset) -> None:
        """Say all of *dataset*, and that the catalogue has it."""
        self._said.about(self.iri).link(f"{DCAT}dataset", dataset.iri)
        about = self._said.about(dataset.iri, f"{DCAT}Dataset")
        about.value(f"{DCT}identifier", dataset.iri)
        about.text(f"{DCT}title", dataset.title).text(f"{DCT}description", dataset.description)
        about.value(f"{DCAT}version", dataset.version)
        about.link(f"{DCAT}hasVersion", *dataset.versions)
        about.link(f"{DCAT}landingPage", dataset.landing_page)
        about.link(f"{DCT}accrualPeriodicity", f"{EU}frequency/IRREG")
        about.link(f"{DCT}conformsTo", f"{self._public_url}data/profile")
        about.link(f"{DCT}spatial", *dataset.coverage.countries)
        self._common(about, dataset.licence)
        _languages(about)
        _times(about, dataset.times)
        if dataset.triples is not None:
            about.value(f"{VOID}triples", dataset.triples)
        if dataset.part_of:
            about.link(f"{DCT}isPartOf", dataset.part_of)
        if dataset.derived_from:
            about.link(f"{PROV}wasDerivedFrom", dataset.derived_from)
        for address in dataset.documentation:
            about.link(f"{FOAF}page", address)
            self._said.about(address, f"{FOAF}Document")
        self._period(about, dataset)
        self._said.about(f"{self._public_url}data/profile", f"{DCT}Standard")
        self._said.about(dataset.landing_page, f"{FOAF}Document")
        for distribution in dataset.distributions:
            self._distribution(about, dataset, distribution)
        self._agents()

    def _distribution(self, of: About, dataset: Dataset, distribution: Distribution) -> None:
        iri = f"{dataset.iri}#{distribution.name}"
        of.link(f"{DCAT}distribution", iri)
        about = self._said.about(iri, f"{DCAT}Distribution")
        about.text(f"{DCT}title", distribution.title)
        about.text(f"{DCT}description", distribution.description)
        about.link(f"{DCAT}accessURL", distribution.address)
        about.link(f"{DCT}license", self._publisher.of(dataset.licence).licence_iri)
        about.link(f"{DCATAP}availability", f"{EU}planned-availability/STABLE")
        _languages(about)
        _times(about, dataset.times)
        if file := distribution.file:
            about.link(f"{DCAT}downloadURL", distribution.address)
            about.link(f"{DCT}format", f"{EU}file-type/{file.file_type.eu_name}")
            about.link(f"{DCAT}mediaType", IANA + file.file_type.media_type)
            if file.compression:
                about.link(f"{DCAT}compressFormat", IANA + file.compression)
        else:
            about.link(f"{DCT}format", f"{EU}file-type/{distribution.eu_format}")

    def _common(self, about: About, licence: str | None = None) -> None:
        """Say what is the same of all datasets and services."""
        about.link(f"{DCT}publisher", self._publisher_iri)
        about.link(f"{DCAT}contactPoint", self._contact_iri)
        about.link(f"{DCT}license", self._publisher.of(licence).licence_iri)
        about.link(f"{DCT}accessRights", f"{EU}access-right/PUBLIC")
        about.link(f"{DCAT}theme", *THEMES)
        for tag, keywords in KEYWORDS.items():
            for keyword in keywords:
                about.text(f"{DCAT}keyword", {tag: keyword})

    def _period(self, about: About, dataset: Dataset) -> None:
        first, last = dataset.coverage.first, dataset.coverage.last
        if not first and not last:
            return
        iri = f"{dataset.iri}#period"
        about.link(f"{DCT}temporal", iri)
        period = self._said.about(iri, f"{DCT}PeriodOfTime")
        if first:
            period.value(f"{DCAT}startDate", first, f"{XSD}date")
        if last:
            period.value(f"{DCAT}endDate", last, f"{XSD}date")

    def _agents(self) -> None:
        """Say who publishes, and where to ask: on each page again, for each is read alone."""
        publisher = self._said.about(self._publisher_iri, f"{FOAF}Agent")
        publisher.value(f"{FOAF}name", self._publisher.name)
        publisher.link(f"{DCT}type", self._publisher.kind_iri)
        publisher.link(f"{FOAF}homepage", self._public_url)
        contact = self._said.about(self._contact_iri, f"{VCARD}Kind")
        contact.value(f"{VCARD}fn", self._publisher.name)
        address = self._publisher.contact_at(self._public_url)
        is_mail = address.startswith("mailto:")
        contact.link(f"{VCARD}hasEmail" if is_mail else f"{VCARD}hasURL", address)

    @property
    def _publisher_iri(self) -> str:
        return f"{self.iri}#publisher"

    @property
    def _contact_iri(self) -> str:
        return f"{self.iri}#contact"


def _languages(about: About) -> None:
    about.link(f"{DCT}language", *(f"{EU}language/{name}" for name in LANGUAGES.values()))


def _times(about: About, times: Times) -> None:
    if times.issued:
        about.value(f"{DCT}issued", times.issued, f"{XSD}dateTime")
    about.value(f"{DCT}modified", times.modified, f"{XSD}dateTime")
