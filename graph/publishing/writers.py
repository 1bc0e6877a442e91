"""Which function writes which kind of document.

A reader loads a writer when the first document of its kind is asked for, or when there is nothing
else to do. A writer writes to `edition.out`, and raises a GraphError of the kinds that
`graph.readers.failures` knows: UnknownThing, WithdrawnThing, MovedThing, QueryRejected,
UnwritableAnswer.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.publishing.edition import Edition

    Writer = Callable[[Edition], None]

WRITERS: dict[str, str] = {
    "about": "about:write_about",
    "ahead": "ahead.writing:write_ahead",
    "atom": "feeds.atom:write_atom",
    "base-map": "pictures.files:write_base_map",
    "bibtex": "catalogue.citation:write_bibtex",
    "calendar": "tables.ical:write_calendar",
    "canonical-hashes": "dumps.checksums:write_canonical_hashes",
    "catalogue": "catalogue.documents:write_catalogue",
    "catalogue-dataset": "catalogue.documents:write_dataset",
    "catalogue-dataset-page": "catalogue.page:write_dataset_page",
    "catalogue-page": "catalogue.page:write_catalogue_page",
    "changes": "feeds.changes:write_changes",
    "checksums": "dumps.checksums:write_checksums",
    "citation": "catalogue.citation:write_cff",
    "comparison": "site.compare:write_comparison",
    "completion": "site.editor.completion:write_completion",
    "context": "ontology.documents:write_context",
    "csv-metadata": "tables.writer:write_csv_metadata",
    "datapackage": "tables.writer:write_datapackage",
    "check-results": "site.checks:write_check_results",
    "checks": "site.checks:write_checks",
    "diagram": "ontology.documents:write_diagram",
    "difference": "feeds.changes_between:write_between",
    "directory": "site.directory.pages:write_directory",
    "dump": "dumps.writing:write_dump",
    "editor": "site.editor.page:write_editor",
    "features": "features.answers:write_features",
    "figure-chart": "site.indicators:write_figure_chart",
    "graph": "things.graph_values:write_graph_values",
    "graphs": "catalogue.graph_list:write_graphs",
    "help": "site.help:write_help",
    "home": "site.home:write_home",
    "indicator": "site.indicators:write_indicator",
    "indicators": "site.indicators:write_indicators",
    "lacking": "site.quality:write_lacking",
    "ldes": "feeds.ldes:write_stream",
    "ldes-page": "feeds.ldes:write_page",
    "linkset": "things.card:write_linkset",
    "map-page": "pictures.map_page:write_map_page",
    "map-places": "pictures.files:write_map_places",
    "map-picture": "pictures.files:write_map_picture",
    "names": "site.editor.naming:write_names",
    "names-index": "site.search:write_names",
    "network": "tables.graphml:write_network",
    "network-page": "pictures.network_page:write_network_page",
    "network-picture": "pictures.files:write_network_picture",
    "oai": "feeds.oai:write_oai",
    "ontology": "ontology.documents:write_ontology",
    "ontology-header": "ontology.pages:write_ontology_header",
    "ontology-linkset": "ontology.links:write_ontology_linkset",
    "ontology-network": "ontology.pages:write_ontology_network",
    "ontology-page": "ontology.pages:write_ontology_page",
    "ontology-term": "ontology.terms:write_ontology_term",
    "profile": "catalogue.profile:write_profile",
    "quality": "site.quality:write_quality",
    "question": "site.questions:write_question",
    "question-list": "site.questions:write_question_list",
    "questions": "catalogue.questions:write_questions",
    "reconciliation": "reconciliation.answers:write_candidates",
    "reconciliation-extension": "reconciliation.extending:write_extension",
    "reconciliation-preview": "reconciliation.preview:write_preview",
    "reconciliation-proposals": "reconciliation.extending:write_proposals",
    "reconciliation-suggested": "reconciliation.answers:write_suggested",
    "resource": "things.documents:write_resource",
    "resource-card": "things.card:write_resource_card",
    "review": "review.shown:write_review",
    "robots": "catalogue.robots:write_robots",
    "scheme-page": "ontology.schemes:write_scheme_page",
    "search": "site.search:write_search",
    "shapes": "ontology.documents:write_shapes",
    "shapes-page": "ontology.schemes:write_shapes_page",
    "sitemap": "catalogue.sitemap:write_sitemap",
    "sitemap-index": "catalogue.sitemap:write_sitemap_index",
    "sssom": "review.sssom:write_sssom",
    "suggested-matches": "review.suggesting:write_suggested_matches",
    "suggestions": "site.search:write_suggestions",
    "table": "tables.writer:write_table",
    "table-query": "tables.writer:write_table_query",
    "tables": "tables.writer:write_tables",
    "thing-page": "site.things.page:write_thing_page",
    "thing-statements": "site.things.listing:write_listing",
    "version": "feeds.versions:write_version",
    "versions": "feeds.versions:write_versions",
    "void": "catalogue.void:write_void",
}
"""The module, in this package, and the function that writes each kind."""


def writer_of(kind: str) -> Writer:
    """Return what writes documents of *kind*, and load it; KeyError when nothing does."""
    module, _, function = WRITERS[kind].partition(":")
    writer: Writer = getattr(import_module(f"graph.publishing.{module}"), function)
    return writer


def load_all() -> None:
    """Load all writers."""
    for kind in WRITERS:
        writer_of(kind)
