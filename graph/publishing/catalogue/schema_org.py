"""The catalogue in the words of schema.org, in which search engines for data read pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.publishing.catalogue.texts import CATALOGUE_DESCRIPTION, CATALOGUE_TITLE, KEYWORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.publishing.catalogue.entries import Dataset, Distribution
    from graph.publishing.publisher import Publisher

_LONGEST = 5_000
"""How many characters a description may have for search engines to take it; and it needs 50."""

Json = dict[str, Any]


class SchemaOrg:
    """Says in schema.org what a catalogue lists, in one language."""

    def __init__(self, public_url: str, publisher: Publisher, language: str) -> None:
        self._public_url = public_url
        self._publisher = publisher
        self._language = language

    def catalogue(self, datasets: Iterable[Dataset]) -> Json:
        """Return the catalogue with *datasets*, as JSON-LD."""
        return {
            "@context": "https://schema.org/",
            "@type": "DataCatalog",
            **self._named(f"{self._public_url}data/catalogue", CATALOGUE_TITLE),
            "description": CATALOGUE_DESCRIPTION[self._language],
            "url": f"{self._public_url}data",
            "license": self._publisher.licence,
            "publisher": self._organisation(),
            "inLanguage": self._language,
            "dataset": [self._mentioned(each) for each in datasets],
        }

    def dataset(self, dataset: Dataset) -> Json:
        """Return *dataset*, as JSON-LD."""
        return {"@context": "https://schema.org/", **self._dataset(dataset)}

    def _mentioned(self, dataset: Dataset) -> Json:
        """Return what search engines want at least; the page of the dataset says all."""
        return {
            "@type": "Dataset",
            **self._named(dataset.iri, dataset.title),
            "description": dataset.description[self._language][:_LONGEST],
            "url": dataset.iri,
            "license": dataset.licence or self._publisher.licence,
        }

    def _dataset(self, dataset: Dataset) -> Json:
        coverage, times = dataset.coverage, dataset.times
        found: Json = {
            "@type": "Dataset",
            **self._named(dataset.iri, dataset.title),
            "description": dataset.description[self._language][:_LONGEST],
            "url": dataset.iri,
            "identifier": dataset.iri,
            "version": dataset.version,
            "license": dataset.licence or self._publisher.licence,
            "isAccessibleForFree": True,
            "creator": self._organisation(),
            "publisher": self._organisation(),
            "keywords": list(KEYWORDS[self._language]),
            "inLanguage": ["en", "fr", "de"],
            "dateModified": times.modified,
            "includedInDataCatalog": {
                "@type": "DataCatalog",
                **self._named(f"{self._public_url}data/catalogue", CATALOGUE_TITLE),
            },
            "distribution": [self._download(dataset, each) for each in dataset.distributions],
        }
        if times.issued:
            found["datePublished"] = times.issued
        if coverage.first or coverage.last:
            found["temporalCoverage"] = f"{coverage.first or '..'}/{coverage.last or '..'}"
        if coverage.countries:
            found["spatialCoverage"] = [
                {"@type": "Country", "@id": iri, "name": iri.rpartition("/")[2]}
                for iri in coverage.countries
            ]
        if dataset.part_of:
            found["isPartOf"] = {"@id": dataset.part_of}
        return found

    def _download(self, dataset: Dataset, distribution: Distribution) -> Json:
        found: Json = {
            "@type": "DataDownload",
            **self._named(f"{dataset.iri}#{distribution.name}", distribution.title),
            "contentUrl": distribution.address,
            "license": dataset.licence or self._publisher.licence,
        }
        if distribution.file:
            file = distribution.file
            found["encodingFormat"] = file.compression or file.file_type.media_type
        return found

    def _named(self, iri: str, title: dict[str, str]) -> Json:
        return {"@id": iri, "name": title[self._language]}

    def _organisation(self) -> Json:
        contact = self._publisher.contact_at(self._public_url)
        key = "email" if contact.startswith("mailto:") else "url"
        return {
            "@type": "Organization",
            "name": self._publisher.name,
            "url": self._public_url,
            "contactPoint": {
                "@type": "ContactPoint",
                key: contact.removeprefix("mailto:"),
                "contactType": "data",
            },
        }
