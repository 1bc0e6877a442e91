"""What somebody asks of the network: all of it, what is around a thing, or ways between two."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from graph.errors import QueryRejected
from graph.publishing.pictures.meaning import meant_by
from graph.publishing.pictures.network import MOST
from graph.publishing.pictures.network_choice import Chooser, network_choice
from graph.publishing.pictures.network_queries import focus_query, network_query, path_query
from graph.publishing.pictures.networks import (
    Network,
    around,
    edges_of,
    everything,
    of_links,
)
from graph.publishing.pictures.paths import Found, paths_between
from graph.publishing.pictures.relations import Link, Links

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graph.publishing.edition import Edition
    from graph.publishing.pictures.meaning import Meant
    from graph.publishing.pictures.network_choice import NetworkChoice

_MOST_STATEMENTS = 5
"""How many statements are told of one step of a way."""
_AROUND = 500
"""How many links of one thing a way may choose among."""

Step = tuple[Link, ...]
"""The links from one thing to the next."""


@dataclass(frozen=True, slots=True)
class Ways:
    """What was asked of the ways between two things, and what was found."""

    names: tuple[str, str]
    ends: tuple[Meant, Meant]
    found: Found | None = None
    """Nothing, if it is not clear what the ends are."""
    paths: tuple[tuple[Step, ...], ...] = ()

    @property
    def hops(self) -> list[Link]:
        """All links of all ways, each once."""
        return list(dict.fromkeys(hop for path in self.paths for step in path for hop in step))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, and the network that answers it."""

    choice: NetworkChoice
    chooser: Chooser
    known: Sequence[Link]
    """All links of the kinds that were chosen."""
    links: Sequence[Link]
    """Those of them that are chosen by all else."""
    are_all: bool
    focus: Meant | None
    ways: Ways | None
    network: Network
    query: str

    @property
    def is_answered(self) -> bool:
        """Tell whether the network is what was asked for, and not all there is in place of it."""
        is_clear = not self.focus or bool(self.focus.only)
        has_way = not self.ways or bool(self.ways.hops)
        return is_clear and has_way and bool(self.network.edges)


def asked_of(edition: Edition) -> Asked:
    """Read what is asked; QueryRejected where that is nonsense."""
    choice = network_choice(edition.arguments)
    text = {name: edition.arguments.get(name, "").strip() for name in ("from", "to", "focus")}
    if bool(text["from"]) != bool(text["to"]):
        missing = "to" if text["from"] else "from"
        raise QueryRejected(f"a way has two ends; '{missing}' is not there, say where it is to end")
    chooser = Chooser(edition, choice)
    known, are_all = everything(edition, choice.relations, choice.day)
    chooser.areas.learn(end for link in known for end in (link.one, link.other))
    links = [link for link in known if chooser.is_chosen(link)]
    focus = meant_by(edition, text["focus"]) if text["focus"] else None
    ways = _ways(edition, (text["from"], text["to"]), choice) if text["to"] else None
    query = network_query(choice.relations, choice.patterns, choice.day)
    if ways and ways.hops:
        network, query = _network_of(ways), path_query(ways.hops)
    elif focus and focus.only:
        network, query = around(edition, focus.only, MOST["large"]), focus_query(focus.only)
    else:
        network = of_links(links, MOST["large"])
    return Asked(choice, chooser, known, links, are_all, focus, ways, network, query)


def _ways(edition: Edition, names: tuple[str, str], choice: NetworkChoice) -> Ways:
    ends = meant_by(edition, names[0]), meant_by(edition, names[1])
    first, last = ends[0].only, ends[1].only
    if not (first and last):
        return Ways(names, ends)
    around_each = _remembered(Links(edition, choice.day))
    found = paths_between(first, last, around_each)
    paths = tuple(
        tuple(_step(around_each, one, other) for one, other in pairwise(path))
        for path in found.paths
    )
    return Ways(names, ends, found, paths)


def _remembered(links: Links) -> Callable[[str], Sequence[Link]]:
    """Return what finds the links around a thing, and looks for them once."""
    remembered: dict[str, Sequence[Link]] = {}

    def around_thing(thing: str) -> Sequence[Link]:
        if thing not in remembered:
            remembered[thing] = links.around(thing, _AROUND)
        return remembered[thing]

    return around_thing


def _step(around_each: Callable[[str], Sequence[Link]], one: str, other: str) -> Step:
    """Return the links between two things, one of each statement."""
    there = [link for link in around_each(one) if link.other == other]
    # One end may have too many links for the other to be among those that were looked at.
    back = [link.reversed for link in around_each(other) if link.other == one]
    found = {link.statement: link for link in there or back}
    return tuple(sorted(found.values())[:_MOST_STATEMENTS])


def _network_of(ways: Ways) -> Network:
    things = {end for hop in ways.hops for end in (hop.one, hop.other)}
    return Network(tuple(sorted(things)), edges_of(ways.hops), ways.ends[0].only)
