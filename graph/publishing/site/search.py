"""What a search finds, as plain values: for a page, and for who is still typing."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pyoxigraph as ox

from graph.errors import QueryRejected
from graph.namespaces import MP, short
from graph.publishing.labels import Names
from graph.publishing.site.tools import tools
from graph.search.current import current_names
from graph.search.index import written_index
from graph.search.kinds import KINDS
from graph.search.matching import Found, find

if TYPE_CHECKING:
    from graph.publishing.edition import Edition
    from graph.search.matching import Hit

PAGE_THINGS = 20
"""How many things a page of results shows."""
SUGGESTIONS = 8
"""How many things are suggested to who is typing."""
_MOST_LETTERS = 200
_MOST_PLACES = 2
_PAGE = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_LOCATED = ox.NamedNode(MP + "locatedIn")

Values = dict[str, Any]


def write_names(edition: Edition) -> None:
    """Write the file that names are searched in (`graph.search.index`)."""
    if edition.is_wanted:
        edition.out.write(written_index(edition.store))


def write_search(edition: Edition) -> None:
    """Write a page of what was found for the argument `q`."""
    values = _Search(edition).values()
    if edition.is_wanted:
        edition.out.write(_encoded(values))


def write_suggestions(edition: Edition) -> None:
    """Write the first things that are found for the argument `q`, as a list."""
    names, found = Names(edition), _found(edition)
    suggested = [
        {key: value for key, value in _shown(names, hit).items() if key != "iri"}
        for hit in found.hits[:SUGGESTIONS]
    ]
    if edition.is_wanted:
        edition.out.write(_encoded(suggested))


class _Search:
    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._asked = edition.arguments.get("q", "").strip()
        self._kinds = _kinds(edition)
        self._names = Names(edition)

    def values(self) -> Values:
        everything = _found(self._edition)
        hits = [hit for hit in everything.hits if self._is_of_kind(hit)]
        count = max(1, -(-len(hits) // PAGE_THINGS))
        number = min(_page(self._edition), count)
        first = (number - 1) * PAGE_THINGS
        return {
            "asked": self._asked,
            "found": len(hits),
            "first": first + 1,
            "is_all": everything.is_all,
            "is_near": bool(hits) and all(hit.level == "near" for hit in hits),
            "meant": self._meant(everything),
            "kinds": self._counted(everything),
            "hits": [self._hit(hit) for hit in hits[first : first + PAGE_THINGS]],
            "paging": self._paging(number, count),
            **self._tools(),
        }

    def _is_of_kind(self, hit: Hit) -> bool:
        return not self._kinds or hit.name.kind in self._kinds

    def _meant(self, found: Found) -> Values | None:
        if not found.meant:
            return None
        return {"text": found.meant, "query": urlencode({"q": found.meant})}

    def _counted(self, found: Found) -> list[Values]:
        """Return how many things of each kind were found, and how to see these or all again."""
        counts = Counter(hit.name.kind for hit in found.hits)
        return [
            {
                "kind": kind,
                "count": counts[kind],
                "is_chosen": kind in self._kinds,
                "query": self._query(1, [kind]),
            }
            for kind in KINDS
            if kind in counts or kind in self._kinds
        ]

    def _hit(self, hit: Hit) -> Values:
        shown = _shown(self._names, hit)
        name = hit.name
        label = shown["label"]
        matched = {
            "label": _cut(name.text),
            "language": name.language or None,
            "how": name.how,
            "is_label": _cut(name.text) == label,
        }
        return {
            "thing": {**shown, "label": _cut(label)},
            "kind": name.kind,
            "level": hit.level,
            "matched": matched,
            "places": [self._names.named(iri) for iri in self._places(name.thing)],
        }

    def _places(self, iri: str) -> list[str]:
        found = self._edition.store.quads_for_pattern(
            ox.NamedNode(iri), _LOCATED, None, self._edition.union
        )
        places = sorted(
            each.object.value for each in found if isinstance(each.object, ox.NamedNode)
        )
        return places[:_MOST_PLACES]

    def _paging(self, number: int, count: int) -> Values:
        pages = {"first": 1, "previous": number - 1, "next": number + 1, "last": count}
        left_out = ("first", "previous") if number == 1 else ()
        left_out += ("next", "last") if number == count else ()
        addresses = {
            name: f"{self._edition.public_url}search?{self._query(page, self._kinds)}"
            for name, page in pages.items()
            if name not in left_out
        }
        return {"number": number, "count": count, "addresses": addresses}

    def _query(self, page: int, kinds: list[str]) -> str:
        pairs = [("q", self._asked), *(("kind", kind) for kind in kinds)]
        return urlencode([*pairs, ("page", str(page))] if page > 1 else pairs)

    def _tools(self) -> Values:
        if not self._asked:
            return {}
        return {"tools": tools(self._edition.public_url, query_text(self._asked))}


def query_text(asked: str) -> str:
    """Return the query that finds the same things by SPARQL."""
    return f"""PREFIX mpf: <https://w3id.org/metapole/function#>

SELECT ?thing ?score ?name
WHERE {{
  ?thing mpf:matches ({ox.Literal(asked)} ?score ?name) .
}}
ORDER BY DESC(?score) ?name
"""


def _found(edition: Edition) -> Found:
    asked = edition.arguments.get("q", "").strip()
    return find(current_names(edition.store, edition.generation), asked)


def _kinds(edition: Edition) -> list[str]:
    kinds = [each for each in edition.arguments.get("kind", "").split("\n") if each]
    for kind in kinds:
        if kind not in KINDS:
            raise QueryRejected(f"'kind' is {kind[:40]!r}; it may be {', '.join(KINDS)}")
    return kinds


def _page(edition: Edition) -> int:
    text = edition.arguments.get("page", "")
    if text and not _PAGE.fullmatch(text):
        raise QueryRejected(f"'page' is {text[:40]!r}; it is a number from 1 on")
    return int(text or 1)


def _shown(names: Names, hit: Hit) -> Values:
    """Return the thing as it is called, or by the name that fits if it is called nothing."""
    thing = hit.name.thing
    named: Values = names.named(thing)
    if named["language"] is None and named["label"] == short(thing).strip("<>"):
        named = named | {"label": hit.name.text, "language": hit.name.language or None}
    return {**named, "label": _cut(named["label"]), "kind": hit.name.kind}


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else text[:_MOST_LETTERS] + "…"


def _encoded(values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()
