"""What somebody chose in a directory, read from the parameters of an address."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from graph.errors import QueryRejected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.publishing.site.directory.census import Census
    from graph.publishing.site.directory.definitions import Directory, Facet

VIEWS = ("table", "cards")
View = Literal["table", "cards"]
_PAGE = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Selection:
    """The values that were chosen of each facet, and how to show what they leave."""

    chosen: Mapping[str, tuple[str, ...]]
    """By the names of facets; each has at least one value: an IRI, a band or a number."""
    order: str = "name"
    page: int = 1
    view: str = "table"
    ignored: tuple[tuple[str, str], ...] = ()
    """Values that nothing in the directory has: their facets, and as they were sent."""

    def without(self, facet: str, value: str) -> Selection:
        """Return the same without that *value* of *facet*, from the first page on."""
        left = tuple(each for each in self.chosen.get(facet, ()) if each != value)
        others = {name: values for name, values in self.chosen.items() if name != facet}
        return replace(self, chosen={**others, **({facet: left} if left else {})}, page=1)


def selection_of(directory: Directory, census: Census, arguments: Mapping[str, str]) -> Selection:
    """Read what was chosen; QueryRejected for an order, a view or a page that cannot be."""
    chosen: dict[str, tuple[str, ...]] = {}
    ignored: list[tuple[str, str]] = []
    for facet in directory.facets:
        sent = dict.fromkeys(filter(None, arguments.get(facet.name, "").split("\n")))
        there = census.values[facet.name]
        values = tuple(value for each in sent if (value := _value(facet, each)) in there)
        ignored += [(facet.name, each) for each in sent if _value(facet, each) not in there]
        if values:
            chosen[facet.name] = tuple(dict.fromkeys(values))
    return Selection(
        chosen,
        _one_of("sort", arguments.get("sort", ""), directory.orders),
        _page(arguments.get("page", "")),
        _one_of("view", arguments.get("view", ""), VIEWS),
        tuple(ignored),
    )


def address_query(directory: Directory, selection: Selection) -> str:
    """Return what stands behind the question mark of the address of *selection*."""
    pairs = [
        (facet.name, written(facet, value))
        for facet in directory.facets
        for value in selection.chosen.get(facet.name, ())
    ]
    if selection.order != directory.orders[0]:
        pairs.append(("sort", selection.order))
    if selection.view != VIEWS[0]:
        pairs.append(("view", selection.view))
    if selection.page != 1:
        pairs.append(("page", str(selection.page)))
    return urlencode(pairs)


def written(facet: Facet, value: str) -> str:
    """Return *value* as addresses have it: an IRI of ours by its last part."""
    local = value.removeprefix(facet.namespace)
    return local if facet.namespace and local and ":" not in local else value


def _value(facet: Facet, text: str) -> str:
    return text if not facet.namespace or ":" in text else facet.namespace + text


def _one_of(name: str, text: str, known: tuple[str, ...]) -> str:
    if not text:
        return known[0]
    if text not in known:
        raise QueryRejected(f"'{name}' is {text[:40]!r}; it may be {' or '.join(known)}")
    return text


def _page(text: str) -> int:
    if text and not _PAGE.fullmatch(text):
        raise QueryRejected(f"'page' is {text[:40]!r}; it is a number from 1 on")
    return int(text or 1)
