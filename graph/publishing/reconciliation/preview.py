"""A small page about a thing, and where its page is (Reconciliation API, section 5)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.addresses import page_of
from graph.errors import UnknownThing
from graph.matching.countries import Countries
from graph.namespaces import BASE, RDF_TYPE, SKOS, expanded
from graph.publishing.labels import Names
from graph.publishing.reconciliation.offered import Offers
from graph.publishing.site.things.identity import narrowest
from graph.search.kinds import kind_of

if TYPE_CHECKING:
    from graph.publishing.edition import Edition

_MOST_NAMES, _MOST_TEXTS = 8, 2
_LONGEST = 300
_TYPE = ox.NamedNode(RDF_TYPE)


def write_preview(edition: Edition) -> None:
    """Write what a small page says about the thing `id`."""
    asked = edition.arguments.get("id", "")
    thing = asked if asked.startswith(BASE) else (expanded(asked) or "")
    if not _is_described(edition, thing):
        raise UnknownThing(
            f"there is nothing here with the id {asked[:200]!r}; an id is an IRI that a "
            "reconciliation has answered",
            [],
        )
    names = Names(edition)
    edition.out.write(json.dumps(_values(edition, names, thing), ensure_ascii=False).encode())


def _values(edition: Edition, names: Names, thing: str) -> dict[str, Any]:
    named = names.named(thing)
    countries = Countries(edition.store, edition.union)
    classes = [each.value for each in _objects(edition, thing, RDF_TYPE)]
    offers = Offers(edition)
    ours = [each for each in classes if each.startswith(BASE)]
    return {
        "thing": named,
        "page": page_of(thing, edition.public_url),
        "kind": kind_of(thing),
        "types": [offers.name_of(each) for each in narrowest(edition, sorted(ours))],
        "countries": [names.named(each) for each in sorted(countries.of(thing) - {thing})],
        "other_names": _texts(edition, thing, f"{SKOS}altLabel", _MOST_NAMES),
        "notes": _texts(edition, thing, f"{SKOS}definition", _MOST_TEXTS)
        or _texts(edition, thing, f"{SKOS}note", _MOST_TEXTS),
    }


def _is_described(edition: Edition, thing: str) -> bool:
    try:
        node = ox.NamedNode(thing)
    except ValueError:
        return False
    found = edition.store.quads_for_pattern(node, _TYPE, None, edition.union)
    return next(found, None) is not None


def _texts(edition: Edition, thing: str, predicate: str, most: int) -> list[dict[str, Any]]:
    found = _objects(edition, thing, predicate)
    texts = [each for each in found if isinstance(each, ox.Literal)]
    return [
        {"text": each.value[:_LONGEST], "language": each.language}
        for each in sorted(texts, key=str)[:most]
    ]


def _objects(edition: Edition, thing: str, predicate: str) -> list[ox.NamedNode | ox.Literal]:
    found = edition.store.quads_for_pattern(
        ox.NamedNode(thing), ox.NamedNode(predicate), None, edition.union
    )
    return [each.object for each in found if isinstance(each.object, ox.NamedNode | ox.Literal)]
