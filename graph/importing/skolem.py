"""Give blank nodes IRIs that stay the same when the same data come again (RDF 1.1 Concepts, 3.5).

A blank node is known by what is said of it, and by what it is said of, some steps far. Two of which
the same is said are told apart by the order in which they come, so the same file always gets the
same IRIs. It takes time in proportion to the triples, however they were made up.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_STEPS = 6
"""How far it is looked around a blank node; lists and nested addresses are seldom deeper."""


def without_blank_nodes(triples: Iterable[ox.Triple], namespace: str) -> list[ox.Triple]:
    """Return *triples* with IRIs that begin with *namespace* in place of blank nodes."""
    read = list(triples)
    nodes = dict.fromkeys(node for triple in read for node in _blank_nodes(triple))
    if not nodes:
        return read
    names = _names(list(nodes), _signatures(list(nodes), read), namespace)
    return [_renamed(triple, names) for triple in read]


def _blank_nodes(term: Term) -> Iterable[ox.BlankNode]:
    if isinstance(term, ox.BlankNode):
        yield term
    elif isinstance(term, ox.Triple):
        for part in (term.subject, term.object):
            yield from _blank_nodes(part)


def _signatures(nodes: list[ox.BlankNode], triples: list[ox.Triple]) -> dict[ox.BlankNode, str]:
    """Return what each of *nodes* is known by: refined step by step from what is around it."""
    around = [(triple, set(_blank_nodes(triple))) for triple in triples]
    around = [(triple, inside) for triple, inside in around if inside]
    known = dict.fromkeys(nodes, "")
    for _ in range(_STEPS):
        seen: defaultdict[ox.BlankNode, list[str]] = defaultdict(list)
        for triple, inside in around:
            for node in inside:
                seen[node].append(_text(triple, node, known))
        known = {node: _digest("\n".join(sorted(seen[node]))) for node in nodes}
    return known


def _text(term: Term, node: ox.BlankNode, known: dict[ox.BlankNode, str]) -> str:
    """Return *term* as it looks from *node*, with the others as they are *known*."""
    if isinstance(term, ox.BlankNode):
        return "_:here" if term == node else f"_:{known[term]}"
    if isinstance(term, ox.Triple):
        parts = (term.subject, term.predicate, term.object)
        return f"({' '.join(_text(part, node, known) for part in parts)})"
    return str(term)


def _names(
    nodes: list[ox.BlankNode], known: dict[ox.BlankNode, str], namespace: str
) -> dict[ox.BlankNode, ox.NamedNode]:
    count = Counter[str]()
    names: dict[ox.BlankNode, ox.NamedNode] = {}
    for node in nodes:
        count[known[node]] += 1
        number = f"-{count[known[node]]}" if count[known[node]] > 1 else ""
        names[node] = ox.NamedNode(f"{namespace}{known[node]}{number}")
    return names


def _renamed(triple: ox.Triple, names: dict[ox.BlankNode, ox.NamedNode]) -> ox.Triple:
    rename: Callable[[Term], Term] = lambda term: (  # noqa: E731 -- it needs *names*, and a type
        names[term]
        if isinstance(term, ox.BlankNode)
        else _renamed(term, names)
        if isinstance(term, ox.Triple)
        else term
    )
    subject = rename(triple.subject)
    assert isinstance(subject, ox.NamedNode)  # noqa: S101 -- a triple term is no subject
    return ox.Triple(subject, triple.predicate, rename(triple.object))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]
