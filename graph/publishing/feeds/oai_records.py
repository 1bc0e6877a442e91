"""What OAI-PMH has records of: the datasets of the catalogue, and the clusters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import DERIVED_GRAPH, MP, RDF_TYPE
from graph.publishing.catalogue.entries import UNLISTED, Catalogue, Entry
from graph.publishing.feeds.news import history_in
from graph.publishing.feeds.oai_clusters import CLUSTER, clusters_told
from graph.publishing.feeds.oai_request import OaiError, utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.publishing.edition import Edition
    from graph.publishing.feeds.oai_request import Selection

DATASETS, CLUSTERS = "datasets", "clusters"
SETS = {DATASETS: "Datasets of the catalogue", CLUSTERS: "Clusters, one record each"}
OAI_DC, DCAT_AP = "oai_dc", "dcat_ap"
PREFIXES: dict[str, tuple[str, ...]] = {DATASETS: (OAI_DC, DCAT_AP), CLUSTERS: (OAI_DC,)}
"""The metadata formats that the records of each set come in."""

_TYPE = ox.NamedNode(RDF_TYPE)
_CLUSTER = ox.NamedNode(f"{MP}Cluster")


@dataclass(frozen=True, slots=True, order=True)
class Header:
    """What is said of a record before the record itself; in the order of lists."""

    datestamp: str
    identifier: str
    group: str
    """The set that it is in."""
    is_deleted: bool = False


class Repository:
    """All records of *edition*."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self.catalogue = Catalogue(edition)

    @cached_property
    def headers(self) -> dict[str, Header]:
        """All records, by their identifiers."""
        found = (*self._datasets(), *self._clusters())
        return {header.identifier: header for header in sorted(found)}

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """The datasets that there are, by their identifiers."""
        public = self._edition.public_url
        return {entry.iri(public): entry for entry in self.catalogue.entries}

    @property
    def earliest(self) -> str:
        """The earliest datestamp that a record has or can have had."""
        stamps = [header.datestamp for header in self.headers.values()]
        begun = self.catalogue.changes.of_all.issued
        return min([*stamps, utc(begun or self._edition.generation.built)])

    def header(self, identifier: str) -> Header:
        """Return the header of a record; OaiError when there is none."""
        if found := self.headers.get(identifier):
            return found
        raise OaiError("idDoesNotExist", f"there is no record {identifier[:200]!a}")

    def selected(self, selection: Selection, most: int) -> tuple[list[Header], int]:
        """Return the next *most* records of *selection*, and how many it has in all.

        OaiError when there are none.
        """
        if selection.prefix not in {each for offered in PREFIXES.values() for each in offered}:
            raise OaiError(
                "cannotDisseminateFormat",
                f"there is no metadataPrefix {selection.prefix[:40]!a}; there are {OAI_DC} and "
                f"{DCAT_AP}",
            )
        fitting = sorted(
            header
            for header in self.headers.values()
            if selection.covers(header.datestamp, (header.group,))
            and selection.prefix in PREFIXES[header.group]
        )
        left = [each for each in fitting if (each.datestamp, each.identifier) > selection.after]
        if not left:
            raise OaiError("noRecordsMatch", "no record is of that time, set and format")
        return left[:most], selection.sent + len(left)

    def _datasets(self) -> Iterator[Header]:
        """Yield what the catalogue has, and what it had: a graph that is gone is in the log."""
        changes, public = self.catalogue.changes, self._edition.public_url
        for identifier, entry in self.entries.items():
            times = changes.of(entry.name) if entry.kind == "graph" else changes.of_all
            yield Header(utc(times.modified), identifier, DATASETS)
        for graph in _gone(changes.graphs, self._edition):
            identifier = Entry("graph", graph).iri(public)
            yield Header(utc(changes.of(graph).modified), identifier, DATASETS, is_deleted=True)

    def _clusters(self) -> Iterator[Header]:
        if self._edition.generation.history:
            for iri, told in clusters_told(history_in(self._edition)).items():
                yield Header(told.time, iri, CLUSTERS, told.is_gone)
            return
        built = utc(self._edition.generation.built)
        for quad in self._edition.store.quads_for_pattern(
            None, _TYPE, _CLUSTER, self._edition.union
        ):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(CLUSTER):
                yield Header(built, quad.subject.value, CLUSTERS)


def _gone(graphs: Iterable[str], edition: Edition) -> list[str]:
    """Return those of *graphs* that are not there any more."""
    kept = {*edition.generation.graphs, *UNLISTED, DERIVED_GRAPH}
    return sorted(set(graphs) - kept)
