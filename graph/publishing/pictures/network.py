"""The network as a picture: things, and lines between those that a statement links."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from graph.publishing.ahead.memory import memory_of
from graph.publishing.pictures import svg
from graph.publishing.pictures.boxes import around as around_middle
from graph.publishing.pictures.boxes import outside
from graph.publishing.pictures.layout import positions
from graph.publishing.pictures.networks import (
    Network,
    around,
    everything,
    kind_of_thing,
    kinds_of,
    of_links,
)
from graph.publishing.pictures.text import one_line, shortened, width, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names
    from graph.publishing.pictures.boxes import Rectangle
    from graph.publishing.pictures.layout import Box
    from graph.publishing.pictures.networks import Edge
    from graph.publishing.pictures.projection import Position

Size = Literal["small", "large"]
MOST: dict[str, int] = {"small": 14, "large": 36}
"""How many things a picture of each size shows at most."""
_FONT, _SMALL_FONT = 13.0, 10.5
_WIDEST, _WIDEST_WORD, _MOST_LINES = 132.0, 200.0, 4
_RADIUS, _FOCUS_RADIUS = 7.0, 11.0
_MARGIN = 14.0
_MOST_KEPT = 50
"""Of how many pictures it is kept where everything is."""
_WIDEST_KIND = 105.0
_ALONG = (0.5, 0.38, 0.62, 0.28, 0.72)
"""Where on a line its text may stand: the first place that is free."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A thing with its name in lines, as large as it is drawn."""

    iri: str
    lines: tuple[str, ...]
    radius: float

    @property
    def box(self) -> tuple[float, float]:
        """How wide and how high it is."""
        text = max((width(line, _FONT) for line in self.lines), default=0.0)
        high = 2 * self.radius + 4 + len(self.lines) * _FONT * svg.LINE
        return max(text, 2 * self.radius), high


def network_drawing(
    edition: Edition,
    names: Names,
    focus: str | None = None,
    size: Size = "small",
    labelled_by: str = "network",
) -> str:
    """Return the network around *focus*, or all partnerships and memberships, as SVG.

    It is empty if there is nothing to draw. The page has an element with the id *labelled_by*, such
    as a heading, that says what it shows, and loads `pictures.css`.
    """
    if focus is not None:
        network = around(edition, focus, MOST[size])
    else:
        network = of_links(everything(edition)[0], MOST[size])
    return drawing(edition, names, network, labelled_by)


def drawing(edition: Edition, names: Names, network: Network, labelled_by: str) -> str:
    """Return *network* as SVG; nothing if it has no links."""
    return _Drawing(edition, names, network).written(labelled_by) if network.edges else ""


class _Drawing:
    """A network, laid out."""

    def __init__(self, edition: Edition, names: Names, network: Network) -> None:
        self._edition = edition
        self._names = names
        self._network = network
        self._nodes = [self._node(iri) for iri in network.things]
        self._places = self._placed()
        self._upside_down = self._with_links_below()

    def written(self, labelled_by: str) -> str:
        right = max(self._rectangle(place).right for place in range(len(self._nodes))) + _MARGIN
        below = max(self._rectangle(place).bottom for place in range(len(self._nodes))) + _MARGIN
        more = self._network.left_out
        size = round(right), round(below + (_FONT * 2 if more else 0))
        root = svg.picture(*size, labelled_by, "network")
        self._draw_edges(root, size)
        for place in range(len(self._nodes)):
            self._draw_node(root, place)
        if more:
            at = (_MARGIN, size[1] - _MARGIN)
            svg.text(root, [f"+ {more}"], at, _FONT, kind="more", anchor="start")
        return svg.written(root)

    def _node(self, iri: str) -> _Node:
        is_focus = iri == self._network.focus
        label = one_line(self._names.named(iri)["label"])
        word = max((width(each, _FONT) for each in label.split()), default=0)
        most = min(max(_WIDEST, word), _WIDEST_WORD)
        lines = wrapped(label, _FONT, most, _MOST_LINES)
        return _Node(iri, tuple(lines), _FOCUS_RADIUS if is_focus else _RADIUS)

    def _placed(self) -> list[Position]:
        numbers = {node.iri: number for number, node in enumerate(self._nodes)}
        ends = [(numbers[edge.one], numbers[edge.other]) for edge in self._network.edges]
        found = self._positions([node.box for node in self._nodes], sorted(set(ends)))
        return [(x + _MARGIN, y + _MARGIN) for x, y in found]

    def _positions(self, boxes: list[Box], links: list[tuple[int, int]]) -> list[Position]:
        """Return where the boxes are; of a network that is not about one thing, keep that."""
        if self._network.focus:
            return positions(boxes, links)
        memory = memory_of(self._edition, "positions")
        key = json.dumps([boxes, links])
        if key not in memory and len(memory) < _MOST_KEPT:
            memory[key] = positions(boxes, links)
        return memory[key] if key in memory else positions(boxes, links)

    def _with_links_below(self) -> set[int]:
        """Return the places where lines come from below, so that names are better above."""
        numbers = {node.iri: number for number, node in enumerate(self._nodes)}
        below: dict[int, list[float]] = {}
        for edge in self._network.edges:
            one, other = numbers[edge.one], numbers[edge.other]
            down = self._places[other][1] - self._places[one][1]
            below.setdefault(one, []).append(down)
            below.setdefault(other, []).append(-down)
        return {place for place, downs in below.items() if min(downs) > -_FONT and max(downs) > 0}

    def _rectangle(self, place: int) -> Rectangle:
        (x, y), (wide, high) = self._places[place], self._nodes[place].box
        return around_middle(x, y, wide, high)

    def _circle(self, place: int) -> Position:
        """Return the middle of the circle, which is above its name, or below it."""
        x, y = self._places[place]
        node = self._nodes[place]
        away = node.box[1] / 2 - node.radius
        return x, y + away if place in self._upside_down else y - away

    def _draw_edges(self, root: svg.Element, size: tuple[int, int]) -> None:
        numbers = {node.iri: number for number, node in enumerate(self._nodes)}
        taken = [*outside(*size), *map(self._rectangle, range(len(self._nodes)))]
        lines = svg.group(root, "lines")
        texts = svg.group(root, "kinds")
        ends: dict[tuple[str, str], list[Edge]] = {}
        for edge in self._network.edges:
            ends.setdefault((edge.one, edge.other), []).append(edge)
        for (one, other), edges in ends.items():
            start, end = self._circle(numbers[one]), self._circle(numbers[other])
            for place, edge in enumerate(edges):
                self._draw_edge(lines, texts, edge, _bent(start, end, place), taken)

    def _draw_edge(
        self,
        lines: svg.Element,
        texts: svg.Element,
        edge: Edge,
        line: Sequence[Position],
        taken: list[Rectangle],
    ) -> None:
        kind = one_line(", ".join(each["label"] for each in self._kinds(edge)))
        title = f"{self._label(edge.one)} – {self._label(edge.other)}: {kind}"
        address = self._names.named(edge.statements[0])["address"]
        parent = svg.link(lines, address, title, f"line {edge.relation}")
        (x, y), (u, v), (p, q) = line
        path = "M{} {}Q{} {} {} {}".format(*map(svg.number, (x, y, u, v, p, q)))
        svg.shape(parent, "path", "", d=path, fill="none")
        text = wrapped(kind, _SMALL_FONT, _WIDEST_KIND, 2)
        if free := _free_place(text, line, taken):
            at, rectangle = free
            taken.append(rectangle)
            svg.text(texts, text, at, _SMALL_FONT)

    def _draw_node(self, root: svg.Element, place: int) -> None:
        node = self._nodes[place]
        named = self._names.named(node.iri)
        kind = f"thing {kind_of_thing(node.iri)}"
        kind += " focus" if node.iri == self._network.focus else ""
        parent = svg.link(root, named["address"], named["label"], kind)
        x, y = self._circle(place)
        svg.shape(parent, "circle", "", cx=x, cy=y, r=node.radius)
        is_above = place in self._upside_down
        top = self._places[place][1] - node.box[1] / 2 + (0 if is_above else 2 * node.radius + 4)
        at = x, top + _FONT * 0.95
        svg.text(parent, node.lines, at, _FONT, language=named["language"])

    def _kinds(self, edge: Edge) -> list[dict[str, str]]:
        return kinds_of(self._edition, self._names, edge)

    def _label(self, iri: str) -> str:
        return shortened(one_line(self._names.named(iri)["label"]), _FONT, 4 * _WIDEST)


def _bent(start: Position, end: Position, place: int) -> list[Position]:
    """Return a line from *start* to *end*, and the point that it bends to: the second one bends."""
    middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    away = 0.18 * place
    across = (start[1] - end[1]) * away, (end[0] - start[0]) * away
    return [start, (middle[0] + across[0], middle[1] + across[1]), end]


def _free_place(
    text: Sequence[str], line: Sequence[Position], taken: Sequence[Rectangle]
) -> tuple[Position, Rectangle] | None:
    """Return where *text* can stand at a line without covering what is *taken* already."""
    wide = max(width(each, _SMALL_FONT) for each in text)
    high = _SMALL_FONT * svg.LINE * len(text)
    for share in _ALONG:
        x, y = _on(line, share)
        rectangle = around_middle(x, y, wide, high)
        if not any(map(rectangle.meets, taken)):
            return (x, rectangle.top + _SMALL_FONT * 0.95), rectangle
    return None


def _on(line: Sequence[Position], share: float) -> Position:
    """Return a point of a curve (a quadratic Bézier one)."""
    rest = 1 - share
    weights = rest * rest, 2 * rest * share, share * share
    return (
        sum(w * point[0] for w, point in zip(weights, line, strict=True)),
        sum(w * point[1] for w, point in zip(weights, line, strict=True)),
    )
