"""What kind of thing an IRI names, as the site tells them apart."""

from __future__ import annotations

from graph.namespaces import DEF, GRAPH, ID, MP

KINDS = (
    "cluster",
    "network",
    "organisation",
    "country",
    "area",
    "sector",
    "specialty",
    "project",
    "programme",
    "event",
    "person",
    "document",
    "indicator",
    "concept",
    "term",
    "graph",
    "other",
)
"""All kinds; of two things that fit equally well, that of the earlier kind comes first."""

_TYPES = frozenset(KINDS) - {
    "sector",
    "specialty",
    "indicator",
    "concept",
    "term",
    "graph",
    "other",
}
_SCHEMES = frozenset(("sector", "specialty", "indicator"))


def kind_of(iri: str) -> str:
    """Return the kind of the thing *iri*."""
    if iri.startswith(ID):
        name = iri.removeprefix(ID).partition("/")[0]
        return name if name in _TYPES else "other"
    if iri.startswith(MP):
        return "term"
    if iri.startswith(DEF):
        scheme, _, concept = iri.removeprefix(DEF).partition("/")
        return (scheme if scheme in _SCHEMES else "concept") if concept else "term"
    return "graph" if iri.startswith(GRAPH) else "other"
