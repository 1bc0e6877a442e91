"""Networks: which things are in a picture, and by what they are linked."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.namespaces import ID, MP
from graph.publishing.pictures.relations import RELATIONS, Links

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names
    from graph.publishing.pictures.relations import Link

_KINDS_BY = {
    "partnership": "partnershipKind",
    "membership": "role",
    "participation": "role",
    "funding": "channel",
}
"""The property that says of what kind a statement is, or as what somebody is in it."""
_CLASSES = {
    "partnership": "Partnership",
    "membership": "Membership",
    "participation": "Participation",
    "funding": "Funding",
    "part": "AreaPart",
}
SHOWN = ("partnership", "membership")
"""What the whole network is made of, unless somebody chooses."""
_MOST_CANDIDATES = 2_000
"""Of a thing that has more links than that, only so many are looked at."""

Named = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edge:
    """Two things that are linked, by one statement or more of one kind."""

    one: str
    other: str
    relation: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """What a picture shows."""

    things: tuple[str, ...]
    edges: tuple[Edge, ...]
    focus: str | None = None
    left_out: int = 0
    """How many more things there are."""


def around(edition: Edition, focus: str, most: int) -> Network:
    """Return *focus*, what it is linked with, and the links of these among each other.

    Of more than *most* things, those with the most links to it stay.
    """
    links = Links(edition)
    own = links.around(focus, _MOST_CANDIDATES)
    counted = Counter(link.other for link in own)
    near = sorted(counted, key=lambda thing: (-counted[thing], thing))
    kept = {focus, *near[: most - 1]}
    among = {
        link if link.one < link.other else link.reversed
        for thing in sorted(kept)
        for link in (own if thing == focus else links.around(thing, _MOST_CANDIDATES))
        if link.other in kept
    }
    return Network(tuple(sorted(kept)), edges_of(among), focus, max(0, len(near) - most + 1))


def of_links(links: Iterable[Link], most: int) -> Network:
    """Return the network of *links*; of more than *most* things those with the most links.

    The others of a thing come after it, so that what is shown hangs together.
    """
    known = list(links)
    neighbours: dict[str, set[str]] = defaultdict(set)
    for link in known:
        neighbours[link.one].add(link.other)
        neighbours[link.other].add(link.one)
    order = sorted(neighbours, key=lambda thing: (-len(neighbours[thing]), thing))
    kept: dict[str, None] = {}
    for thing in order:
        if len(kept) < most:
            kept |= dict.fromkeys((thing, *sorted(neighbours[thing])))
    chosen = set(list(kept)[:most])
    among = [link for link in known if link.one in chosen and link.other in chosen]
    return Network(tuple(sorted(chosen)), edges_of(among), None, len(order) - len(chosen))


def edges_of(links: Iterable[Link]) -> tuple[Edge, ...]:
    """Return an edge for all links of the same two things by the same kind of statement."""
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for link in links:
        one, other = sorted((link.one, link.other))
        found[one, other, link.relation].add(link.statement)
    return tuple(
        Edge(*ends, tuple(sorted(statements))) for ends, statements in sorted(found.items())
    )


def kind_of_thing(iri: str) -> str:
    """Return what sort of thing *iri* is, by its name: `cluster`; `other` if it is none of ours."""
    kind, slash, _ = iri.removeprefix(ID).partition("/")
    return kind if slash and iri.startswith(ID) else "other"


def kinds_of(edition: Edition, names: Names, edge: Edge) -> list[Named]:
    """Return what the statements of *edge* are called: by their kinds, or by their class."""
    found = sorted(
        {
            kind
            for statement in edge.statements
            for kind in _kinds(edition, statement, edge.relation)
        }
    )
    return [names.named(iri) for iri in found or [MP + _CLASSES[edge.relation]]]


def kinds_of_statement(
    edition: Edition, names: Names, statement: str, relation: str
) -> list[Named]:
    """Return what one statement is called."""
    return kinds_of(edition, names, Edge("", "", relation, (statement,)))


def of_concept(edition: Edition, subject: str, name: str, space: str = MP) -> list[str]:
    """Return the IRIs that a property of *subject* has, such as its kinds."""
    found = edition.store.quads_for_pattern(
        ox.NamedNode(subject), ox.NamedNode(space + name), None, edition.union
    )
    return sorted(quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode))


def _kinds(edition: Edition, statement: str, relation: str) -> list[str]:
    name = _KINDS_BY.get(relation)
    return of_concept(edition, statement, name) if name else []


def network_data(edition: Edition, names: Names, network: Network) -> dict[str, Any]:
    """Return *network* as scripts take it."""
    return {
        "nodes": [
            {
                "id": iri,
                "label": names.named(iri)["label"][:200],
                "kind": kind_of_thing(iri),
                "address": names.named(iri)["address"],
            }
            for iri in network.things
        ],
        "edges": [
            {
                "source": edge.one,
                "target": edge.other,
                "relation": edge.relation,
                "label": ", ".join(kind["label"] for kind in kinds_of(edition, names, edge))[:200],
                "address": names.named(edge.statements[0])["address"],
            }
            for edge in network.edges
        ],
    }


def everything(
    edition: Edition, relations: Sequence[str] = SHOWN, day: date | None = None
) -> tuple[list[Link], bool]:
    """Return the links of all *relations*, and whether these are all that there are."""
    links = Links(edition, day)
    found: list[Link] = []
    are_all = True
    for relation in RELATIONS:
        if relation.name in relations:
            some, is_complete = links.all(relation)
            found += some
            are_all = are_all and is_complete
    return found, are_all
