"""What a query is about: which graphs are its default graph, and which it may name.

The engine takes a default graph made of several graphs for a list: a triple that two of them hold
is found twice. The RDF merge is a set (SPARQL 1.1 Query, 13.1), so several graphs are copied
together before they are asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.namespaces import COMMITS_GRAPH, HIDDEN_GRAPHS, UNION_GRAPH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

UNION = ox.NamedNode(UNION_GRAPH)
COMMITS = ox.NamedNode(COMMITS_GRAPH)
GraphName = ox.NamedNode | ox.BlankNode

# As our own printer writes them. What only looks so, in a literal, makes no answer wrong.
_ANY_GRAPH = re.compile(r"\bGRAPH [?$]")
_FILTER = re.compile(rf'"(?:[^"\\]|\\.)*"|(?P<filter>NOT IN \(<{re.escape(HIDDEN_GRAPHS)}>\))')
"""A filter that hides graphs, or a literal, which may hold the same letters."""
_ONE_GRAPH = re.compile(r"\bGRAPH <([^>]*)>")


def dataset(
    store: ox.Store, job: dict[str, Any], every_graph: Sequence[GraphName]
) -> tuple[ox.Store, dict[str, Any]]:
    """Return the store to ask for *job*, and what to tell it of graphs.

    *job* has the graphs that the request or the text names (the request beats the text: SPARQL 1.1
    Protocol, 2.1.4), or none; then it is about the union of all, or the store's own default graph.
    """
    default = [graph_name(iri) for iri in dict.fromkeys(job["default_graphs"])]
    named = [graph_name(iri) for iri in job["named_graphs"]]
    if default or named:
        if len(default) > 1:
            # Named, for else the engine would look for what the text has after FROM.
            whole = {"default_graph": [ox.DefaultGraph()], "named_graphs": named}
            return _merged(store, default, named), whole
        return store, {"default_graph": default, "named_graphs": named}
    named = _named(job, every_graph)
    if job["default_graph"] == "union":
        return store, {"default_graph": [UNION], **named}
    return store, named


def text_for_engine(job: dict[str, Any]) -> str:
    """Return the text of *job* with the names of the graphs that it is to hide by filters."""
    text: str = job["text"]
    if not job.get("filters_graphs") or job["default_graphs"] or job["named_graphs"]:
        return text
    names = ", ".join(map(str, _hidden(text)))
    return _FILTER.sub(lambda found: f"NOT IN ({names})" if found["filter"] else found[0], text)


def _named(job: dict[str, Any], every_graph: Iterable[GraphName]) -> dict[str, Any]:
    """Say which graphs can be named, where filters do not see to it."""
    if job.get("filters_graphs"):
        return {}
    return {"named_graphs": named_in(job["text"], every_graph)}


def _hidden(text: str) -> Sequence[ox.NamedNode]:
    """Return the graphs that a variable graph in *text* cannot be.

    The union is no graph of its own, and the commit log is there for who names it: a pattern such
    as GRAPH ?g is about data.
    """
    return (UNION,) if f"<{COMMITS_GRAPH}>" in text else (UNION, COMMITS)


def named_in(text: str, every_graph: Iterable[GraphName]) -> list[GraphName]:
    """Return which of *every_graph* the patterns of *text*, which the engine gets, may be about.

    What no pattern can ask for is left out, since the engine spends time on each graph at every
    lookup: a third more with 66 of them, twice as much with 600.
    """
    hidden = _hidden(text)
    if not _ANY_GRAPH.search(text):
        asked = set(_ONE_GRAPH.findall(text))
        every_graph = (name for name in every_graph if asked and name.value in asked)
    return [name for name in every_graph if name not in hidden]


def graph_name(iri: str) -> ox.NamedNode:
    """Return the name *iri* of a graph; ValueError when it is not absolute."""
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise ValueError(f"{iri!r} cannot name a graph ({error}); give an absolute IRI") from error


def _merged(store: ox.Store, default: Iterable[GraphName], named: Iterable[GraphName]) -> ox.Store:
    """Return a store in memory with the merge of *default* as its default graph, and *named*."""
    merged = ox.Store()
    for name in default:
        merged.bulk_extend(
            ox.Quad(quad.subject, quad.predicate, quad.object)
            for quad in store.quads_for_pattern(None, None, None, name)
        )
    for name in named:
        merged.bulk_extend(store.quads_for_pattern(None, None, None, name))
        if store.contains_named_graph(name):
            merged.add_graph(name)
    return merged
