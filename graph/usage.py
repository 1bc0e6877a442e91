"""How often the classes, properties and concepts of the ontology are used in the data."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import DEF, GEO, ID, MP, ORG, RDF_TYPE, SKOS, short

if TYPE_CHECKING:
    from collections.abc import Iterable

Object = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_Triples = set[tuple[str, str, str]]
_ABOUT, _STATEMENT = MP + "about", MP + "Statement"


@dataclass(slots=True)
class Usage:
    """What is found in the data, derived statements included, each thing counted once.

    *outgoing* and *incoming* give for each class the properties of its instances and those that
    lead to them, with how often each is found.
    """

    instances: Counter[str] = field(default_factory=Counter[str])
    concepts: Counter[str] = field(default_factory=Counter[str])
    statements: set[str] = field(default_factory=set[str])
    outgoing: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter[str]))
    incoming: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter[str]))


def usage_of(quads: Iterable[ox.Quad]) -> Usage:
    """Count what *quads* use, whatever graphs they are in."""
    triples: _Triples = {
        (value_of(quad.subject), quad.predicate.value, value_of(quad.object)) for quad in quads
    }
    types: dict[str, list[str]] = defaultdict(list)
    for subject, predicate, value in triples:
        if predicate == RDF_TYPE and value.startswith(MP):
            types[subject].append(value)
    usage = Usage(concepts=_concepts(triples))
    for subject, kinds in types.items():
        usage.instances.update(kinds)
        if _STATEMENT in kinds and subject.startswith(ID):
            usage.statements.update(kinds)
    _count_properties(usage, triples, types)
    return usage


def value_of(term: Object) -> str:
    """Return the IRI or the text of *term*."""
    return str(term) if isinstance(term, ox.Triple) else term.value


def _concepts(triples: _Triples) -> Counter[str]:
    """Count for each concept the things that have it."""
    users = {
        (subject, value)
        for subject, _, value in triples
        if subject.startswith(ID) and value.startswith(DEF)
    }
    return Counter(value for _, value in users)


def _count_properties(usage: Usage, triples: _Triples, types: dict[str, list[str]]) -> None:
    # mp:about is derived from the more special properties; count it where it says more.
    special = {(s, o) for s, p, o in triples if p.startswith(MP) and p != _ABOUT}
    for subject, predicate, value in triples:
        if not subject.startswith(ID) or not predicate.startswith((MP, SKOS, ORG, GEO)):
            continue
        for kind in types[subject]:
            usage.outgoing[kind][f"`{short(predicate)}`"] += 1
        if not predicate.startswith(MP) or (predicate == _ABOUT and (subject, value) in special):
            continue
        way = _way(usage, types[subject], predicate)
        for kind in types.get(value, ()):
            usage.incoming[kind][way] += 1


def _way(usage: Usage, kinds: list[str], predicate: str) -> str:
    """Say by which property of which class of statements one gets somewhere."""
    statement = [kind for kind in kinds if kind in usage.statements and kind != _STATEMENT]
    by = f"`{short(predicate)}`"
    return f"`{short(min(statement))}` by {by}" if statement else by
