"""Write dumps in RDF 1.2 in which each shortcut tells which statements it is from.

    cluster:avia mp:locatedIn country:spain ~ location:avia-country .

The statement node is the reifier: it says who says so, where, and for which time.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.held import held
from graph.namespaces import DERIVED_GRAPH, RDF, UNION_GRAPH, prefixes
from graph.paths import bundled
from graph.publishing.dumps.content import graphs_in, quads_of
from graph.publishing.dumps.shortcuts import Shortcut, shortcuts
from graph.rules import Rules, read_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.edition import Out

_UNION = ox.NamedNode(UNION_GRAPH)
_DERIVED = ox.NamedNode(DERIVED_GRAPH)
_REIFIES = ox.NamedNode(RDF + "reifies")
_PLAIN_LOCAL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def write_annotated(store: ox.Store, extension: str, out: Out) -> None:
    """Write what the dump without annotations says, and behind it the annotations."""
    if extension == "nq":
        quads = chain(quads_of(store, graphs_in(store)), _reifications(store))
        ox.serialize(quads, out, ox.RdfFormat.N_QUADS)  # pyright: ignore[reportArgumentType, reportCallIssue] -- write and flush are all it needs
        return
    out.write(b'VERSION "1.2"\n')
    if extension == "trig":
        quads = quads_of(store, graphs_in(store))
        ox.serialize(quads, out, ox.RdfFormat.TRIG, prefixes=prefixes())  # pyright: ignore[reportArgumentType, reportCallIssue] -- the same
        out.write(f"\n{_DERIVED} {{\n".encode())
    else:
        store.dump(out, ox.RdfFormat.TURTLE, from_graph=_UNION, prefixes=prefixes())  # pyright: ignore[reportArgumentType, reportCallIssue] -- the same
        out.write(b"\n")
    for shortcut in _derived(store):
        out.write(_annotated(shortcut).encode())
    if extension == "trig":
        out.write(b"}\n")


def _derived(store: ox.Store) -> Iterator[Shortcut]:
    """Yield the shortcuts that are derived: who states one himself needs no statement behind it."""
    for each in shortcuts(store, _UNION, _rules()):
        if ox.Quad(each.subject, each.predicate, each.object, _DERIVED) in store:
            yield each


def _reifications(store: ox.Store) -> Iterator[ox.Quad]:
    for each in _derived(store):
        triple = ox.Triple(each.subject, each.predicate, each.object)
        yield ox.Quad(each.statement, _REIFIES, triple, _DERIVED)


def _annotated(shortcut: Shortcut) -> str:
    said = f"{shortcut.subject} {_short(shortcut.predicate)} {shortcut.object}"
    return f"{said} ~ {shortcut.statement} .\n"


@cache
def _short(predicate: ox.NamedNode) -> str:
    for prefix, namespace in prefixes().items():
        name = predicate.value.removeprefix(namespace)
        if name != predicate.value and _PLAIN_LOCAL_NAME.fullmatch(name):
            return f"{prefix}:{name}"
    return str(predicate)


@held
def _rules() -> Rules:
    return read_rules(bundled("ontology") / "rules")
