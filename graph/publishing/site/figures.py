"""Key figures as pages show them: with unit, precision, time and evidence."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.addresses import page_of
from graph.namespaces import DEF, MP, SKOS
from graph.publishing.asof import holds_on

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names

Figure = dict[str, Any]
"""What `figure_values` returns."""

INDICATOR = f"{DEF}indicator/"
"""How the IRIs of indicators begin."""

_EXACT = frozenset({"exact", "counted"})
_UNCERTAIN_TIME = f"{DEF}time-basis/document-date"
_RATIO = f"{DEF}unit/ratio"
_MOST_EVIDENCE = 20
"""How many places of evidence, and how many notes, are told of one figure."""
_MOST_DIGITS = 28
"""How many digits a number may have that is written without an exponent."""
_LONGEST_NAME = 120
_LONGEST = 300
"""How much is told of a text, in characters; the page about the figure has all of it."""


def figure_values(edition: Edition, names: Names, node: str) -> Figure:
    """Return the key figure *node* as plain values; what is not known of it is None or empty.

    `value` (or `minimum` and `maximum`) is a number to compare with, and `number` (`numbers`) the
    same without any loss. `precision`, `unit_kind` and `unit_name` are the last words of the IRIs.
    """
    said = _Said(edition, names, node)
    low, high = said.number("minimum"), said.number("maximum")
    value = said.number("value")
    unit, qualifier = said.iri("unit"), said.iri("qualifier")
    basis = said.iri("timeBasis")
    precision = last_word(qualifier)
    return {
        "iri": node,
        "address": page_of(node, edition.public_url),
        "about": said.named("about"),
        "indicator": _indicator(edition, names, said.iri("indicator")),
        "value": _float(value),
        "minimum": _float(low),
        "maximum": _float(high),
        "numbers": [_written(each) for each in (value, low, high) if each is not None],
        **_unit_values(edition, names, unit),
        "per": _short(said.named("per")),
        "qualifier": said.named("qualifier"),
        "precision": precision,
        "is_exact": precision in _EXACT,
        "from": said.text("from"),
        "to": said.text("to"),
        "printed_time": said.text("timeAsPrinted"),
        "basis": said.named("timeBasis"),
        "is_of_document": basis == _UNCERTAIN_TIME,
        "status": said.named("status"),
        "confidence": said.named("confidence"),
        "notes": said.notes(),
        "evidence": [evidence_values(edition, names, each) for each in said.iris("evidence")],
        "documents": [names.named(each) for each in said.iris("statedIn")],
    }


def figures_about(
    edition: Edition, names: Names, thing: str, day: date | None = None, most: int = 500
) -> list[Figure]:
    """Return the key figures about *thing*, on *day* if one is given; *most* of them at most.

    They come by indicator, then by time.
    """
    found = _statements_with(edition, "about", thing, most)
    values = (figure_values(edition, names, node) for node in found)
    return in_order(each for each in values if day is None or holds(each, day))


def in_order(figures: Iterable[Figure]) -> list[Figure]:
    """Return *figures* by indicator, by what they are about, by time."""
    return sorted(figures, key=_order)


def holds(figure: Figure, day: date) -> bool:
    """Tell whether *figure* may hold on *day*."""
    return holds_on(day, figure["from"] or "", figure["to"] or "")


def evidence_values(edition: Edition, names: Names, node: str) -> dict[str, Any]:
    """Return a place in a source document as plain values."""
    said = _Said(edition, names, node)
    printed = said.literal("printedAs")
    return {
        "iri": node,
        "address": page_of(node, edition.public_url),
        "document": _short(said.named("document")),
        "printed": cut(printed.value) if printed else "",
        "language": printed.language if printed else None,
        "line_from": said.text("lineFrom"),
        "line_to": said.text("lineTo"),
    }


def last_word(iri: str) -> str:
    """Return the last word of the *iri* of a concept: `more-than`."""
    return iri.rpartition("/")[2]


def cut(text: str, longest: int = _LONGEST) -> str:
    """Return *text*, or as much of it as a page can bear."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def indicator_page(iri: str, public_url: str) -> str:
    """Return the address of the page with the figures of the indicator *iri*."""
    if iri.startswith(INDICATOR):
        return f"{public_url}figures/{iri.removeprefix(INDICATOR)}"
    return page_of(iri, public_url)


def _indicator(edition: Edition, names: Names, iri: str) -> dict[str, Any] | None:
    if not iri:
        return None
    return {**names.named(iri), "address": indicator_page(iri, edition.public_url)}


def _short(named: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return what is *named* with no more of its name than may stand many times on a page."""
    return {**named, "label": cut(named["label"], _LONGEST_NAME)} if named else None


def _unit_values(edition: Edition, names: Names, unit: str) -> dict[str, Any]:
    """Return what there is to say about a unit: `EUR` is a symbol, `companies` is none."""
    said = _Said(edition, names, unit) if unit else None
    notation = said.literal("notation", SKOS) if said else None
    return {
        "unit": _short(names.named(unit)) if unit else None,
        "unit_name": last_word(unit),
        "unit_kind": last_word(said.iri("unitKind")) if said else "",
        "unit_symbol": "%" if unit == _RATIO else notation.value[:20] if notation else "",
    }


class _Said:
    """What is said of one *node*."""

    def __init__(self, edition: Edition, names: Names, node: str) -> None:
        self._edition = edition
        self._names = names
        self._node = ox.NamedNode(node)

    def iris(self, name: str) -> list[str]:
        found = {each.value for each in self._terms(MP + name) if isinstance(each, ox.NamedNode)}
        return sorted(found)[:_MOST_EVIDENCE]

    def iri(self, name: str) -> str:
        return next(iter(self.iris(name)), "")

    def named(self, name: str) -> dict[str, Any] | None:
        iri = self.iri(name)
        return self._names.named(iri) if iri else None

    def literal(self, name: str, space: str = MP) -> ox.Literal | None:
        found = [each for each in self._terms(space + name) if isinstance(each, ox.Literal)]
        return min(found, key=str, default=None)

    def text(self, name: str) -> str | None:
        found = self.literal(name)
        return cut(found.value) if found else None

    def number(self, name: str) -> Decimal | None:
        found = self.literal(name)
        try:
            number = Decimal(found.value) if found else None
        except InvalidOperation:
            return None
        return number if number is not None and number.is_finite() else None

    def notes(self) -> list[dict[str, Any]]:
        found = [each for each in self._terms(SKOS + "note") if isinstance(each, ox.Literal)]
        return [
            {"text": cut(each.value), "language": each.language}
            for each in sorted(found, key=str)[:_MOST_EVIDENCE]
        ]

    def _terms(self, predicate: str) -> Iterable[object]:
        for quad in self._edition.store.quads_for_pattern(
            self._node, ox.NamedNode(predicate), None, self._edition.union
        ):
            yield quad.object


def _statements_with(edition: Edition, name: str, thing: str, most: int) -> list[str]:
    """Return *most* key figures of which *thing* is said."""
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    figure = ox.NamedNode(MP + "KeyFigure")
    found: list[str] = []
    for quad in edition.store.quads_for_pattern(
        None, ox.NamedNode(MP + name), ox.NamedNode(thing), edition.union
    ):
        if len(found) == most:
            break
        if isinstance(quad.subject, ox.NamedNode) and (
            ox.Quad(quad.subject, kind, figure, edition.union) in edition.store
        ):
            found.append(quad.subject.value)
    return found


def _float(number: Decimal | None) -> float | None:
    """Return *number* if JSON can say it."""
    return float(number) if number is not None and math.isfinite(float(number)) else None


def _written(number: Decimal) -> str:
    """Return *number* with all its digits; one that would be endless, with an exponent."""
    is_long = abs(number.adjusted()) > _MOST_DIGITS or len(number.as_tuple().digits) > _MOST_DIGITS
    return f"{number:.12E}" if is_long else f"{number.normalize():f}"


def _order(figure: Figure) -> tuple[str, ...]:
    labels = [figure[key]["label"] if figure[key] else "" for key in ("indicator", "about")]
    return (
        *(label.casefold() for label in labels),
        figure["from"] or "",
        figure["to"] or "",
        figure["iri"],
    )
