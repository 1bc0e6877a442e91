"""What a graph holds, whatever the order: a digest to know it again, and its triples to compare."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_PLAIN = "sha-256:"
_WITH_BLANK_NODES = "rdfc-1.0:"


def content_digest(triples: Iterable[ox.Triple]) -> str:
    """Return what changes whenever a statement comes or goes, and at no other time.

    SHA-256 over the sorted lines of canonical N-Triples; blank nodes are named by RDFC-1.0 first.
    """
    named = canonical(triples)
    blank_nodes = len(_blank_nodes(named))
    scheme = f"{_WITH_BLANK_NODES}{blank_nodes}:" if blank_nodes else _PLAIN
    digest = hashlib.sha256()
    for line in sorted(str(triple) for triple in named):
        digest.update(f"{line} .\n".encode())
    return scheme + digest.hexdigest()


def has_digest(triples: Collection[ox.Triple], digest: str) -> bool:
    """Tell whether `content_digest` of *triples* is *digest*.

    Blank nodes can be so entangled that naming them takes for ever. So they are counted first:
    whoever writes such a graph in the place of another one holds nothing up.
    """
    blank_nodes = len(_blank_nodes(triples))
    scheme = f"{_WITH_BLANK_NODES}{blank_nodes}:" if blank_nodes else _PLAIN
    return digest.startswith(scheme) and content_digest(triples) == digest


def canonical(triples: Iterable[ox.Triple]) -> frozenset[ox.Triple]:
    """Return *triples* with their blank nodes named by RDFC-1.0, so that equal graphs are equal."""
    found = frozenset(triples)
    if not _blank_nodes(found):
        return found
    dataset = ox.Dataset(ox.Quad(each.subject, each.predicate, each.object) for each in found)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(quad.triple for quad in dataset)


def terms(triple: ox.Triple) -> set[ox.NamedNode | ox.BlankNode | ox.Literal]:
    """Return all terms of *triple*, those of a triple term in it, too."""
    found: set[ox.NamedNode | ox.BlankNode | ox.Literal] = {triple.predicate}
    for term in (triple.subject, triple.object):
        if isinstance(term, ox.Triple):
            found |= terms(term)
        else:
            found.add(term)
    return found


def _blank_nodes(triples: Iterable[ox.Triple]) -> set[ox.BlankNode]:
    return {
        term
        for triple in triples
        if isinstance(triple.subject, ox.BlankNode)
        or isinstance(triple.object, ox.BlankNode | ox.Triple)
        for term in terms(triple)
        if isinstance(term, ox.BlankNode)
    }
