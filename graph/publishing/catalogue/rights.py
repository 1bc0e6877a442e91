"""Under which licence a named graph is, as pages show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.namespaces import IMPORT_GRAPHS
from graph.publishing.catalogue.facts import licence
from graph.publishing.publisher import Publisher

if TYPE_CHECKING:
    from graph.publishing.edition import Edition


def rights_values(edition: Edition, graph: str) -> dict[str, Any]:
    """Return the licence that *graph* says of itself, if it does, and whether it is an import.

    What came from elsewhere and says nothing is not under the licence of the rest.
    """
    address = licence(edition, graph)
    name = Publisher().of(address).licence_code or address
    return {
        "licence": {"address": address, "name": name} if address else None,
        "is_import": graph.startswith(IMPORT_GRAPHS),
    }
