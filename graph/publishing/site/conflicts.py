"""Figures that cannot all be right: of one thing, indicator, unit and time, and yet different.

They are shown side by side. None is chosen, and no mean is taken. A sum and its parts are no
conflict; the rule is that of `ontology/checks/conflicting-figures.rq`.
"""

from __future__ import annotations

from itertools import combinations, groupby
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import MP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graph.publishing.edition import Edition
    from graph.publishing.site.observations import Observation

_SUM_OF = ox.NamedNode(MP + "sumOf")
_MOST_COMPARED = 200
"""How many figures of one thing are compared with each other."""


def conflicts_among(
    edition: Edition, observations: Sequence[Observation]
) -> list[list[Observation]]:
    """Return the groups of *observations* of one indicator that contradict each other.

    They have to come by thing.
    """
    conflicts: list[list[Observation]] = []
    for _, found in groupby(observations, key=lambda each: (each.thing, each.unit)):
        of_thing = list(found)[:_MOST_COMPARED]
        against = [
            pair for pair in combinations(of_thing, 2) if _contradict(edition, pair[0], pair[1])
        ]
        named = {each.figure for pair in against for each in pair}
        if named:
            conflicts.append([each for each in of_thing if each.figure in named])
    return conflicts


def _contradict(edition: Edition, one: Observation, other: Observation) -> bool:
    if not one.value or not other.value or one.value == other.value or not one.overlaps(other):
        return False
    ends = one.figure, other.figure
    below = [_parts(edition, each) for each in ends]
    if ends[1] in below[0] or ends[0] in below[1]:
        return False
    return not (_sums(edition, ends[0]) & _sums(edition, ends[1]))


def _parts(edition: Edition, figure: str) -> set[str]:
    """Return all parts of *figure*, and their parts."""
    found: set[str] = set()
    waiting = [figure]
    while waiting:
        quads = edition.store.quads_for_pattern(
            ox.NamedNode(waiting.pop()), _SUM_OF, None, edition.union
        )
        new = _iris(quad.object for quad in quads) - found
        found |= new
        waiting += new
    return found


def _sums(edition: Edition, figure: str) -> set[str]:
    """Return the figures that *figure* is a part of."""
    quads = edition.store.quads_for_pattern(None, _SUM_OF, ox.NamedNode(figure), edition.union)
    return _iris(quad.subject for quad in quads)


def _iris(terms: Iterable[object]) -> set[str]:
    return {term.value for term in terms if isinstance(term, ox.NamedNode)}
