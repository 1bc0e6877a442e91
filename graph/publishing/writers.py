"""Which function writes which kind of document.

A reader loads this module, and all that it needs, when the first document is asked for, or when
there is nothing else to do. A writer writes to `edition.out`, and raises a GraphError of the kinds
that `graph.readers.failures` knows: UnknownThing, WithdrawnThing, MovedThing, QueryRejected,
UnwritableAnswer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.publishing.about import write_about
from graph.publishing.catalogue.citation import write_bibtex, write_cff
from graph.publishing.catalogue.documents import write_catalogue, write_dataset
from graph.publishing.catalogue.page import write_catalogue_page, write_dataset_page
from graph.publishing.catalogue.profile import write_profile
from graph.publishing.catalogue.questions import write_questions
from graph.publishing.catalogue.robots import write_robots
from graph.publishing.catalogue.sitemap import write_sitemap, write_sitemap_index
from graph.publishing.catalogue.void import write_void
from graph.publishing.dumps.checksums import write_canonical_hashes, write_checksums
from graph.publishing.dumps.writing import write_dump
from graph.publishing.features.answers import write_features
from graph.publishing.feeds.atom import write_atom
from graph.publishing.feeds.changes import write_changes
from graph.publishing.feeds.changes_between import write_between
from graph.publishing.feeds.ldes import write_page, write_stream
from graph.publishing.feeds.oai import write_oai
from graph.publishing.feeds.versions import write_version, write_versions
from graph.publishing.ontology.documents import (
    write_context,
    write_diagram,
    write_ontology,
    write_shapes,
)
from graph.publishing.ontology.links import write_ontology_linkset
from graph.publishing.ontology.pages import write_ontology_header, write_ontology_page
from graph.publishing.ontology.schemes import write_scheme_page, write_shapes_page
from graph.publishing.tables.graphml import write_network
from graph.publishing.tables.ical import write_calendar
from graph.publishing.tables.writer import (
    write_csv_metadata,
    write_datapackage,
    write_table,
    write_table_query,
    write_tables,
)
from graph.publishing.things.card import write_linkset, write_resource_card
from graph.publishing.things.documents import write_resource
from graph.publishing.things.graph_values import write_graph_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.publishing.edition import Edition

WRITERS: dict[str, Callable[[Edition], None]] = {
    "about": write_about,
    "atom": write_atom,
    "bibtex": write_bibtex,
    "calendar": write_calendar,
    "canonical-hashes": write_canonical_hashes,
    "catalogue": write_catalogue,
    "catalogue-dataset": write_dataset,
    "catalogue-dataset-page": write_dataset_page,
    "catalogue-page": write_catalogue_page,
    "changes": write_changes,
    "checksums": write_checksums,
    "citation": write_cff,
    "context": write_context,
    "csv-metadata": write_csv_metadata,
    "datapackage": write_datapackage,
    "diagram": write_diagram,
    "difference": write_between,
    "dump": write_dump,
    "features": write_features,
    "graph": write_graph_values,
    "ldes": write_stream,
    "ldes-page": write_page,
    "linkset": write_linkset,
    "network": write_network,
    "ontology": write_ontology,
    "ontology-header": write_ontology_header,
    "ontology-linkset": write_ontology_linkset,
    "ontology-page": write_ontology_page,
    "profile": write_profile,
    "questions": write_questions,
    "resource": write_resource,
    "resource-card": write_resource_card,
    "robots": write_robots,
    "scheme-page": write_scheme_page,
    "shapes": write_shapes,
    "shapes-page": write_shapes_page,
    "sitemap": write_sitemap,
    "sitemap-index": write_sitemap_index,
    "table": write_table,
    "table-query": write_table_query,
    "tables": write_tables,
    "version": write_version,
    "versions": write_versions,
    "oai": write_oai,
    "void": write_void,
}
