"""Whom a change can concern: the nodes of which a shape may say something else than before.

They are found from the change backwards, along the properties that shapes follow; the rest of the
store is never looked at. That 10,000 things point to a node costs nothing unless the node becomes
or ceases to be of a class that one of them is asked to point to.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.gate.profile import SUBCLASS, TYPE, Look, Profile, ShapeProfile
from graph.writing.transaction import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.gate.stated import Node, Stated, Term

Triple = tuple["Node", ox.NamedNode, "Term"]


def affected_nodes(
    before: Stated, after: Stated, changed: Iterable[ox.Quad], profile: Profile
) -> list[Node]:
    """Return the focus nodes of which the shapes may say *after* what they did not say *before*.

    *changed* are the quads that one of the two states has and the other has not. What is a focus
    node no more is not among them.
    """
    triples = list(_changed_triples(before, after, changed, profile))
    found: dict[Node, None] = {}
    for subject, look in chain(
        _looked_at(triples, profile), _asked_for(before, after, triples, profile)
    ):
        for focus in _backwards(after, subject, look):
            if focus not in found and is_target(after, focus, look.shape):
                found[focus] = None
    return list(found)


def is_target(stated: Stated, node: Node, shape: ShapeProfile) -> bool:
    """Tell whether *shape* is about *node*."""
    return not shape.target_classes.isdisjoint(stated.classes_of(node)) or any(
        any(True for _ in stated.values(node, each)) for each in shape.target_subjects_of
    )


def _changed_triples(
    before: Stated, after: Stated, quads: Iterable[ox.Quad], profile: Profile
) -> Iterator[Triple]:
    """Yield the triples that shapes can see come or go; one that stays in another graph does not.

    A class that gets a superclass, or loses one, concerns its instances, not itself.
    """
    seen: set[ox.Triple] = set()
    for quad in quads:
        subject, predicate = quad.subject, quad.predicate
        if predicate not in profile.properties or quad.graph_name in RESERVED:
            continue
        if isinstance(subject, ox.Triple) or quad.triple in seen:
            continue
        seen.add(quad.triple)
        triple = (subject, predicate, quad.object)
        if before.holds(*triple) != after.holds(*triple):
            yield triple


def _looked_at(triples: Iterable[Triple], profile: Profile) -> Iterator[tuple[Node, Look]]:
    """Yield where shapes look at the values that changed."""
    for subject, predicate in dict.fromkeys(triple[:2] for triple in triples):
        for look in profile.looks_at.get(predicate, ()):
            yield subject, look


def _asked_for(
    before: Stated, after: Stated, triples: Iterable[Triple], profile: Profile
) -> Iterator[tuple[Node, Look]]:
    """Yield where shapes ask for a class that a node has come into or left.

    The instances and subclasses after the change are enough: what was one only before has changed.
    """
    nodes = dict.fromkeys(subject for subject, predicate, _ in triples if predicate == TYPE)
    for each in _moved_classes(before, after, triples, profile):
        nodes.update(dict.fromkeys(after.subjects(TYPE, each)))
    for node in nodes:
        for each in (before.classes_of(node) ^ after.classes_of(node)) & profile.classes:
            assert isinstance(each, ox.NamedNode)  # noqa: S101 -- those of a profile are
            for look in profile.asks_for[each]:
                yield node, look


def _moved_classes(
    before: Stated, after: Stated, triples: Iterable[Triple], profile: Profile
) -> Iterator[Node]:
    """Yield the classes that came under a class that shapes ask for, or are no longer under it."""
    waiting = [subject for subject, predicate, _ in triples if predicate == SUBCLASS]
    found = set(waiting)
    while waiting:
        each = waiting.pop()
        moved = before.superclasses(each) ^ after.superclasses(each)
        if moved.isdisjoint(profile.classes):
            continue
        yield each
        for below in after.subjects(SUBCLASS, each):
            if below not in found:
                found.add(below)
                waiting.append(below)


def _backwards(stated: Stated, node: Node, look: Look) -> Iterable[Node]:
    """Return the nodes from which *look* leads to *node*.

    A way that only led there before begins with a node that has changed itself.
    """
    nodes: Iterable[Node] = (node,)
    for predicate in reversed(look.chain):
        nodes = dict.fromkeys(
            subject for each in nodes for subject in stated.subjects(predicate, each)
        )
    return nodes
