"""Which function writes which kind of document.

A reader loads this module, and all that it needs, when the first document is asked for, or when
there is nothing else to do. A writer writes to `edition.out`, and raises a GraphError of the kinds
that `graph.readers.failures` knows: UnknownThing, WithdrawnThing, MovedThing, QueryRejected,
UnwritableAnswer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.publishing.about import write_about
from graph.publishing.graph_values import write_graph_values
from graph.publishing.resource import write_resource
from graph.publishing.resource_card import write_linkset, write_resource_card

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.publishing.edition import Edition

WRITERS: dict[str, Callable[[Edition], None]] = {
    "about": write_about,
    "graph": write_graph_values,
    "linkset": write_linkset,
    "resource": write_resource,
    "resource-card": write_resource_card,
}
