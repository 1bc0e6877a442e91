"""The names of things, as slugs: to find what somebody means who has not got it quite right.

What it costs is bounded: no more than so many names are read, whatever the store holds.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from itertools import chain, islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import DEF, ID, MP, SKOS
from graph.publishing.things.description import UNION

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_NAMES = 4_000
"""How many names of things are read."""
_MOST_COMPARED = 1_000
"""How many of them are compared, which takes longer."""
_LONGEST_VARIED = 40
"""How long a slug may be for all that is one letter off to be tried."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"
_NEAR = 0.6
"""How alike two slugs have to be, from 0 to 1 (`difflib`)."""

_NAMES = f"""
SELECT ?thing ?name {{
  {{ ?thing <{SKOS}prefLabel> ?name }}
  UNION {{ ?thing <{SKOS}altLabel> ?name }}
  UNION {{ ?naming <{MP}name> ?name ; <{MP}about> ?thing }}
}}
LIMIT {MOST_NAMES + 1}
"""


def slug_of(name: str) -> str:
    """Return *name* as an IRI would have it: in ASCII and lower case, with hyphens."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", bare.lower()).strip("-")


def split(iri: str) -> tuple[str, str]:
    """Return the namespace of *iri*, its type or scheme included, and its slug."""
    head, slash, slug = iri.rpartition("/")
    return head + slash, slug


def is_named(store: ox.Store, iri: str) -> bool:
    """Tell whether *store* says anything of *iri*."""
    about = store.quads_for_pattern(ox.NamedNode(iri), None, None, UNION)
    return next(about, None) is not None


class Names:
    """The names that *store* has for things of ours."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._things: dict[str, set[str]] = defaultdict(set)
        """Things by their names, as slugs."""
        rows = store.query(_NAMES, default_graph=[UNION])
        assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT query
        read = 0
        for row in rows:
            read += 1
            thing = row["thing"].value
            if thing.startswith((ID, DEF)):
                self._things[slug_of(row["name"].value)].add(thing)
                self._things[split(thing)[1]].add(thing)
        self._are_all = read <= MOST_NAMES

    def only_one(self, iri: str) -> str | None:
        """Return the only thing of the kind of *iri* that is called as it is, if there is one.

        Nobody is called anything as long as there are names that were not read.
        """
        namespace, slug = split(iri)
        same = [each for each in self._things.get(slug_of(slug), ()) if split(each)[0] == namespace]
        return same[0] if self._are_all and len(same) == 1 else None

    def near(self, iri: str, most: int) -> list[str]:
        """Return up to *most* things whose names are like that of *iri*, the nearest first."""
        namespace, slug = split(iri)
        slug = slug_of(slug)
        same_name = sorted(self._things.get(slug, ()))
        found = chain(same_name, self._alike(namespace, slug), self._one_letter_off(iri))
        return list(islice(dict.fromkeys(found), most))

    def _alike(self, namespace: str, slug: str) -> Iterator[str]:
        of_its_kind = (
            name
            for name, things in self._things.items()
            if any(split(thing)[0] == namespace for thing in things)
        )
        compared = list(islice(of_its_kind, _MOST_COMPARED))
        for name in difflib.get_close_matches(slug, compared, n=5, cutoff=_NEAR):
            yield from sorted(each for each in self._things[name] if split(each)[0] == namespace)

    def _one_letter_off(self, iri: str) -> Iterator[str]:
        namespace, slug = split(iri)
        if self._are_all or len(slug) > _LONGEST_VARIED:
            return
        for variant in _variants(slug_of(slug)):
            if variant and is_named(self._store, namespace + variant):
                yield namespace + variant


def _variants(slug: str) -> Iterator[str]:
    """Yield what differs from *slug* by one letter that is missing, added, changed or swapped."""
    for place in range(len(slug) + 1):
        head, tail = slug[:place], slug[place:]
        yield head + tail[1:]
        yield head + tail[1:2] + tail[:1] + tail[2:]
        for letter in _LETTERS:
            yield head + letter + tail
            yield head + letter + tail[1:]
