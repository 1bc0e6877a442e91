"""What a validator has to know to judge some nodes: the triples that shapes look at from there.

It travels as bytes, which nobody on the way has to understand:

    4 bytes      how many follow
    a line       the focus nodes, as a list of their names in JSON
    the rest     N-Triples
"""

from __future__ import annotations

import json
import struct
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.gate.affected import is_target
from graph.gate.profile import SUBCLASS, TYPE, Need, Profile, ShapeProfile
from graph.gate.stated import Node, can_have_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from graph.gate.stated import Stated, Term

NODES_AT_ONCE = 500
"""How many focus nodes are extracted, and judged, together; it bounds the memory that it takes."""

_LENGTH = struct.Struct(">I")


def extracts(stated: Stated, nodes: Iterable[Node], profile: Profile) -> Iterator[bytes]:
    """Yield what is needed to judge *nodes* in the state *stated*, some of them at a time."""
    waiting = iter(nodes)
    while some := list(islice(waiting, NODES_AT_ONCE)):
        if content := extract(stated, some, profile):
            yield content


def extract(stated: Stated, nodes: Iterable[Node], profile: Profile) -> bytes:
    """Return what is needed to judge *nodes*, all at once; nothing if no shape is about them."""
    collected, targets = _Collected(stated), list[Node]()
    for node in nodes:
        if shapes := shapes_of(stated, node, profile):
            collected.add(node, profile.need_of(shapes))
            targets.append(node)
    return packed(targets, collected.triples) if targets else b""


def shapes_of(stated: Stated, node: Node, profile: Profile) -> frozenset[ShapeProfile]:
    """Return the shapes that are about *node*."""
    candidates = {shape for shapes in profile.by_property.values() for shape in shapes}
    for each in stated.classes_of(node):
        if isinstance(each, ox.NamedNode):
            candidates.update(profile.by_class.get(each, ()))
    return frozenset(shape for shape in candidates if is_target(stated, node, shape))


class _Collected:
    """Triples, each once, whichever way leads to them."""

    def __init__(self, stated: Stated) -> None:
        self.triples: dict[ox.Triple, None] = {}
        self._stated = stated
        self._seen: set[tuple[Node, Need]] = set()

    def add(self, node: Node, need: Need) -> None:
        """Add what there is of *need* from *node* on."""
        if (node, need) in self._seen:
            return
        self._seen.add((node, need))
        if need.classes:
            for each in self._values(node, TYPE):
                if can_have_values(each):
                    self._add_superclasses(each)
        for predicate, below in need.values.items():
            for each in self._values(node, predicate):
                if can_have_values(each) and not below.is_empty:
                    self.add(each, below)

    def _add_superclasses(self, a_class: Node) -> None:
        for each in self._stated.superclasses(a_class):
            self._values(each, SUBCLASS)

    def _values(self, node: Node, predicate: ox.NamedNode) -> Sequence[Term]:
        values = [
            # A triple term is beyond the validator, here as in the build.
            each
            for each in self._stated.values(node, predicate)
            if not isinstance(each, ox.Triple)
        ]
        self.triples.update(dict.fromkeys(ox.Triple(node, predicate, each) for each in values))
        return values


def packed(nodes: Iterable[Node], triples: Iterable[ox.Triple]) -> bytes:
    """Return the bytes that carry *nodes* and *triples*."""
    head = json.dumps([name_of(node) for node in nodes]).encode()
    body = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    assert body is not None  # noqa: S101 -- it is, without a file to write to
    return _LENGTH.pack(len(head) + 1 + len(body)) + head + b"\n" + body


def unpacked(buffer: bytearray) -> Iterator[tuple[list[Node], list[ox.Quad]]]:
    """Take what is complete off the front of *buffer*: nodes, and the triples around them."""
    while len(buffer) >= _LENGTH.size:
        end = _LENGTH.size + _LENGTH.unpack_from(buffer)[0]
        if len(buffer) < end:
            return
        head, _, body = bytes(buffer[_LENGTH.size : end]).partition(b"\n")
        del buffer[:end]
        yield (
            [_node(name) for name in json.loads(head)],
            list(ox.parse(body, ox.RdfFormat.N_TRIPLES)),
        )


def name_of(term: Term) -> str:
    """Return a name for *term* that is no other's: an IRI as it is, the rest as in N-Triples."""
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def _node(name: str) -> Node:
    return ox.BlankNode(name[2:]) if name.startswith("_:") else ox.NamedNode(name)
