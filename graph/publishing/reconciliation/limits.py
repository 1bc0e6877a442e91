"""What a batch may have, and which types are proposed first: known to who reads no graph, too."""

from __future__ import annotations

MOST_QUERIES = 100
"""How many queries one batch may have."""
MOST_IDS, MOST_PROPERTIES, MOST_VALUES = 500, 50, 100
"""Of how many things how many properties are told at once, and how many values of each."""
DEFAULT_TYPES = (
    ("Cluster", "cluster"),
    ("Organisation", "organisation"),
    ("ClusterOrganisation", "cluster organisation"),
    ("ClusterNetwork", "network of clusters"),
    ("Area", "area"),
    ("Country", "country"),
    ("Project", "project"),
    ("Programme", "programme"),
    ("Event", "event"),
)
"""The classes that clients propose first, and what they are called."""
