"""The classes as a diagram: which is below which, and which properties lead from one to another.

As text for Mermaid, and laid out in columns for a drawing that needs no scripts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graph.namespaces import MP
from graph.publishing.ontology.shapes import constraints_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from graph.publishing.ontology.reading import Term
    from graph.publishing.ontology.shapes import Shape

_ROUNDS = 12
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Relation:
    """A property that leads from things of one class to things of another."""

    domain: str
    property: str
    range: str
    how_many: str
    """How many values the shapes allow; nothing if they do not say."""


@dataclass(frozen=True, slots=True)
class Box:
    """A class in its place: the column, and the row at which it begins; rows are equally high."""

    iri: str
    column: int
    row: float
    lines: tuple[str, ...] = ()
    """What stands below its name, each a row."""


@dataclass(frozen=True, slots=True)
class Link:
    """A line from a box, or from one of the lines in it, to another box."""

    start: Box
    end: Box
    row: float
    """At which row it begins."""


@dataclass(slots=True)
class Layout:
    """Boxes in their places, and the links between them."""

    boxes: list[Box] = field(default_factory=list[Box])
    links: list[Link] = field(default_factory=list[Link])


def relations_of(
    classes: Iterable[Term], properties: Iterable[Term], shapes: Sequence[Shape]
) -> list[Relation]:
    """Return what leads from class to class, by the shapes and by the properties themselves."""
    found: dict[tuple[str, str, str], str] = {}
    for term in classes:
        for constraint in constraints_of(shapes, term.iri):
            for kind in constraint.kinds:
                found[term.iri, constraint.path, kind] = constraint.how_many
    for prop in properties:
        for domain in prop.domains:
            for reached in prop.ranges:
                found.setdefault((domain, prop.iri, reached), "")
    return [
        Relation(*ends, how_many)
        for ends, how_many in sorted(found.items())
        if all(end.startswith(MP) for end in ends)
    ]


def class_diagram(classes: Iterable[Term], relations: Iterable[Relation] = ()) -> str:
    """Return the text of a class diagram for Mermaid."""
    terms = list(classes)
    known = {term.iri for term in terms}
    lines = [
        f"    {_local(parent)} <|-- {term.name}"
        for term in terms
        for parent in term.own_parents
        if parent in known and _is_name(parent) and _is_name(term.iri)
    ]
    lines += [
        f"    {_local(each.domain)} --> {_local(each.range)} : "
        f"{_local(each.property)} {each.how_many}".rstrip()
        for each in relations
        if all(map(_is_name, (each.domain, each.property, each.range)))
    ]
    return "\n".join(["classDiagram", "    direction LR", *lines]) + "\n"


def hierarchy(classes: Sequence[Term]) -> Layout:
    """Lay out *classes* from left to right: each to the right of the first class above it."""
    known = {term.iri for term in classes}
    parents = {
        term.iri: [each for each in term.own_parents if each in known and each != term.iri]
        for term in classes
    }
    boxes = {box.iri: box for box in _placed(parents)}
    links = [
        Link(boxes[parent], boxes[iri], boxes[parent].row)
        for iri, above in parents.items()
        for parent in above
    ]
    return Layout(list(boxes.values()), links)


def network(relations: Sequence[Relation]) -> Layout:
    """Lay out what *relations* lead from on the left, and what they lead to on the right."""
    layout, row = Layout(), 0.0
    starts: list[tuple[Box, float, str]] = []
    for leading in _untangled(relations):
        words = tuple(dict.fromkeys(map(_words, leading)))
        box = Box(leading[0].domain, 0, row, words)
        layout.boxes.append(box)
        starts += ((box, row + 1 + words.index(_words(each)), each.range) for each in leading)
        row += len(words) + 1.5
    ends = _opposite(starts, row)
    layout.boxes += ends.values()
    layout.links = [Link(box, ends[reached], at) for box, at, reached in starts]
    return layout


def _untangled(relations: Sequence[Relation]) -> list[list[Relation]]:
    """Return *relations* by domain, in an order in which few lines cross.

    Each side in turn is ordered by where on the other its lines end (Sugiyama's barycentres).
    """
    by_domain: dict[str, list[Relation]] = defaultdict(list)
    for relation in relations:
        by_domain[relation.domain].append(relation)
    order = sorted(by_domain)
    for _ in range(_ROUNDS):
        places: dict[str, list[int]] = defaultdict(list)
        for at, domain in enumerate(order):
            for relation in by_domain[domain]:
                places[relation.range].append(at)
        right = {iri: sum(found) / len(found) for iri, found in places.items()}
        order.sort(
            key=lambda domain: (
                sum(right[each.range] for each in by_domain[domain]) / len(by_domain[domain]),
                domain,
            )
        )
    return [by_domain[domain] for domain in order]


def _placed(parents: Mapping[str, Sequence[str]]) -> Iterator[Box]:
    """Place each class beside the first of those below it; trees with branches come first."""
    below: dict[str, list[str]] = defaultdict(list)
    for iri, above in parents.items():
        below[above[0] if above else ""].append(iri)
    seen: set[str] = set()
    row = 0.0
    for root in (*sorted(below[""], key=lambda iri: (iri not in below, iri)), *parents):
        waiting = [(root, 0)]
        while waiting:
            iri, column = waiting.pop()
            if iri in seen:  # it is in a circle, or comes again because it might have been
                continue
            seen.add(iri)
            yield Box(iri, column, row)
            children = [each for each in below.get(iri, ()) if each not in seen]
            waiting += ((each, column + 1) for each in reversed(children))
            row += 0 if children else 1


def _opposite(starts: Sequence[tuple[Box, float, str]], rows: float) -> dict[str, Box]:
    """Place what is reached, spread over *rows*, in the order of whence it is reached."""
    reached: dict[str, list[float]] = defaultdict(list)
    for _, row, iri in starts:
        reached[iri].append(row)
    order = sorted(reached, key=lambda iri: (sum(reached[iri]) / len(reached[iri]), iri))
    step = rows / max(len(order), 1)
    return {iri: Box(iri, 1, round((at + 0.5) * step - 0.5, 2)) for at, iri in enumerate(order)}


def _words(relation: Relation) -> str:
    return f"{_local(relation.property)} {relation.how_many}".rstrip()


def _local(iri: str) -> str:
    return iri.removeprefix(MP)


def _is_name(iri: str) -> bool:
    return _NAME.fullmatch(_local(iri)) is not None
