"""Write the catalogue, page by page, and what it says of one dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.errors import QueryRejected, UnknownThing
from graph.publishing.catalogue.describing import HYDRA, Said, write_rdf
from graph.publishing.catalogue.entries import Catalogue
from graph.publishing.catalogue.services import SERVICES
from graph.publishing.catalogue.triples import CatalogueWords
from graph.publishing.publisher import publisher_of

if TYPE_CHECKING:
    from graph.publishing.catalogue.entries import Dataset
    from graph.publishing.edition import Edition

PER_PAGE = 50
"""How many datasets one page of the catalogue lists."""


@dataclass(frozen=True, slots=True)
class Paging:
    """One page of a list, and where the others are."""

    address: str
    """Of the first page."""
    number: int
    """Counted from 1."""
    items: int
    per_page: int

    @property
    def pages(self) -> int:
        """How many there are; an empty list has one, too."""
        return max(1, -(-self.items // self.per_page))

    @property
    def here(self) -> slice:
        """Which items are on this page."""
        return slice((self.number - 1) * self.per_page, self.number * self.per_page)

    def at(self, number: int) -> str:
        """Return the address of a page."""
        return self.address if number == 1 else f"{self.address}?page={number}"


def write_catalogue(edition: Edition) -> None:
    """Write one page of the catalogue."""
    catalogue = Catalogue(edition)
    paging = page_asked_for(edition, catalogue)
    said = Said()
    words = CatalogueWords(said, edition.public_url, publisher_of(edition.arguments))
    words.catalogue(catalogue)
    _say_paging(said, words.iri, paging)
    if paging.number == 1:
        for service in SERVICES:
            words.service(service)
    for entry in catalogue.entries[paging.here]:
        words.dataset(catalogue.dataset(entry))
    write_rdf(edition, said)


def write_dataset(edition: Edition) -> None:
    """Write what the catalogue says of one dataset."""
    catalogue = Catalogue(edition)
    dataset = dataset_asked_for(edition, catalogue)
    said = Said()
    words = CatalogueWords(said, edition.public_url, publisher_of(edition.arguments))
    words.catalogue(catalogue)
    words.dataset(dataset)
    write_rdf(edition, said)


def dataset_asked_for(edition: Edition, catalogue: Catalogue) -> Dataset:
    """Return the dataset that the argument `dataset` names, by the end of its address."""
    slug = edition.arguments["dataset"]
    if dataset := catalogue.dataset_at(slug):
        return dataset
    raise UnknownThing(
        f"the catalogue has no dataset {slug!r}; "
        f"{edition.public_url}data/catalogue lists what there is"
    )


def page_asked_for(edition: Edition, catalogue: Catalogue, per_page: int | None = None) -> Paging:
    """Return the page of *catalogue* that the argument `page` names; for files, all on one."""
    address = edition.public_url + edition.arguments.get("path", "data/catalogue")
    items = len(catalogue.entries)
    if "whole" in edition.arguments:
        return Paging(address, 1, items, items)
    text = edition.arguments.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise QueryRejected(f"page is {text[:80]!r}; send a number from 1 on")
    paging = Paging(address, int(text), items, per_page or PER_PAGE)
    if paging.number > paging.pages:
        raise UnknownThing(
            f"the catalogue has no page {paging.number}; the last is {paging.at(paging.pages)}"
        )
    return paging


def _say_paging(said: Said, catalogue: str, paging: Paging) -> None:
    """Say where the other pages are, in the words of both versions of Hydra that clients know."""
    here = paging.at(paging.number)
    if here != catalogue:
        said.about(catalogue).link(f"{HYDRA}view", here)
    page = said.about(here, f"{HYDRA}PagedCollection", f"{HYDRA}PartialCollectionView")
    page.value(f"{HYDRA}totalItems", paging.items).value(f"{HYDRA}itemsPerPage", paging.per_page)
    ways = {"first": 1, "last": paging.pages}
    if paging.number > 1:
        ways["previous"] = paging.number - 1
    if paging.number < paging.pages:  # who finds a next page on the last one never ends
        ways["next"] = paging.number + 1
    for name, number in ways.items():
        page.link(f"{HYDRA}{name}", paging.at(number))
        page.link(f"{HYDRA}{name}Page", paging.at(number))
