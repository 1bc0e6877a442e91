"""The difference between two generations, thing by thing: to be read, and as RDF Patch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.addresses import page_of
from graph.differences import quad_patch
from graph.errors import QueryRejected, UnknownThing, WithdrawnThing
from graph.history.difference import differences
from graph.history.entries import NO_THING, quads
from graph.namespaces import RDF_TYPE, short
from graph.publishing.feeds.news import KINDS, history_in
from graph.publishing.labels import name_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.history.difference import ThingDifference
    from graph.history.reading import History
    from graph.publishing.edition import Edition

THINGS_ON_PAGE = 50
"""How many things one page of a difference tells of."""
_SHOWN = 200
"""How many statements of one thing it shows; an RDF Patch has them all."""


def write_between(edition: Edition) -> None:
    """Write what is different, between the arguments `from` and `to`."""
    history = history_in(edition)
    start, end = int(edition.arguments["from"]), int(edition.arguments["to"])
    found = differences_between(history, start, end, edition.generation.number)
    if edition.media_type == "application/rdf-patch":
        _write_patch(edition, found, start, end)
    else:
        told = _told(edition, found, start, end, int(edition.arguments.get("page", "1")))
        edition.out.write(json.dumps(told, ensure_ascii=False).encode())


def differences_between(
    history: History, start: int, end: int, current: int
) -> list[ThingDifference]:
    """Return what is different in generation *end*, compared to *start*; the later may come first.

    UnknownThing when one of them never was, WithdrawnThing when the history does not reach so far.
    """
    earlier, later = sorted((start, end))
    if later > current:
        raise UnknownThing(f"there is no generation {later}; {current} is the current one")
    begun = history.first_generation
    if earlier < begun and not earlier == begun - 1 == 0:
        raise WithdrawnThing(
            f"what changed in generation {earlier + 1} is not known any more; the history begins "
            f"with generation {begun}"
        )
    if earlier < history.folded.generation:
        raise WithdrawnThing(
            f"every change is known since generation {history.folded.generation}; of those before, "
            "only the last of each thing"
        )
    first, beyond = history.first_after(earlier), history.first_after(later)
    found = differences(entry for _, entry in history.entries(first, beyond))
    return found if start <= end else [each.reversed() for each in found]


def _write_patch(edition: Edition, found: list[ThingDifference], start: int, end: int) -> None:
    address = f"{edition.public_url}changes/{start}..{end}"
    removed = (line for each in found for line in each.removed)
    added = (line for each in found for line in each.added)
    for line in quad_patch(address, removed, added):
        edition.out.write(f"{line}\n".encode())


def _told(
    edition: Edition, found: list[ThingDifference], start: int, end: int, page: int
) -> dict[str, Any]:
    pages = max(1, -(-len(found) // THINGS_ON_PAGE))
    if not 1 <= page <= pages:
        raise QueryRejected(f"there is no page {page} of this difference; there are {pages}")
    first = (page - 1) * THINGS_ON_PAGE
    return {
        "from": start,
        "to": end,
        "things": len(found),
        "statements_added": sum(len(each.added) for each in found),
        "statements_removed": sum(len(each.removed) for each in found),
        "kinds": {kind: sum(each.kind == kind for each in found) for kind in KINDS},
        "page": page,
        "pages": pages,
        "differences": [_thing(edition, each) for each in found[first : first + THINGS_ON_PAGE]],
    }


def _thing(edition: Edition, difference: ThingDifference) -> dict[str, Any]:
    """Return what is different of one thing; where one value took the place of one, as a change."""
    removed, added = list(quads(difference.removed)), list(quads(difference.added))
    changed = list(_replaced(removed, added))
    replaced = {quad for pair in changed for quad in pair}
    gone = [quad for quad in removed if quad not in replaced]
    new = [quad for quad in added if quad not in replaced]
    return {
        **_named(edition, difference),
        "kind": difference.kind,
        "changed": [
            {**_statement(old), "value": _value(new), "before": _value(old)}
            for old, new in sorted(changed, key=str)[:_SHOWN]
        ],
        "added": [_statement(quad) for quad in sorted(new, key=str)[:_SHOWN]],
        "removed": [_statement(quad) for quad in sorted(gone, key=str)[:_SHOWN]],
        "not_shown": sum(max(0, len(each) - _SHOWN) for each in (changed, new, gone)),
    }


def _named(edition: Edition, difference: ThingDifference) -> dict[str, Any]:
    thing = difference.thing
    if thing == NO_THING:
        return {"iri": "", "name": "", "language": "", "address": ""}
    name, language = name_once(edition, thing, quads(difference.before))
    address = page_of(thing, edition.public_url)
    return {"iri": thing, "name": name, "language": language or "", "address": address}


def _replaced(
    removed: Iterable[ox.Quad], added: Iterable[ox.Quad]
) -> Iterator[tuple[ox.Quad, ox.Quad]]:
    """Yield what went and what has taken its place, where that is one for one."""
    places: dict[tuple[object, ...], tuple[list[ox.Quad], list[ox.Quad]]] = {}
    for quad in removed:
        places.setdefault(_place(quad), ([], []))[0].append(quad)
    for quad in added:
        places.setdefault(_place(quad), ([], []))[1].append(quad)
    for went, came in places.values():
        if len(went) == len(came) == 1:
            yield went[0], came[0]


def _place(quad: ox.Quad) -> tuple[object, ...]:
    language = quad.object.language if isinstance(quad.object, ox.Literal) else None
    return quad.subject, quad.predicate, quad.graph_name, language


def _statement(quad: ox.Quad) -> dict[str, Any]:
    graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
    predicate = quad.predicate.value
    return {
        "property": predicate,
        "property_name": "a" if predicate == RDF_TYPE else short(predicate),
        "value": _value(quad),
        "graph": graph,
    }


def _value(quad: ox.Quad) -> dict[str, str]:
    value = quad.object
    if isinstance(value, ox.NamedNode):
        return {"text": short(value.value), "iri": value.value}
    if isinstance(value, ox.Literal):
        said = {"text": value.value, "datatype": value.datatype.value}
        return {**said, "language": value.language} if value.language else said
    return {"text": str(value)}
