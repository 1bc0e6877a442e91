"""Which things may be meant: what the index of names has for a name, and who has an identifier."""

from __future__ import annotations

import math
import sqlite3
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.matching.identifiers import SCHEMES, Identifier
from graph.namespaces import ID, MP, OWL, SKOS, UNION_GRAPH, prefixes
from graph.search.folding import WEAK, folded, initials, joined
from graph.search.matching import find, near_words
from graph.search.missing import NoIndex
from graph.search.names import Name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from graph.matching.likeness import Asked
    from graph.search.current import Current

_UNION = ox.NamedNode(UNION_GRAPH)
_MOST_FOUND = 25
"""How many things that a search finds are looked at closely."""
_MOST_OF_WORD = 40
"""How many more that share a rare word are."""
_MOST_COMMON = 200
"""What more names have is no rare word."""
_RARE_WORDS, _NEAR_WORDS = 4, 3
_MOST_NAMES = 60
"""How many names of one thing are compared."""
_SAME = tuple(
    ox.NamedNode(iri)
    for iri in (
        f"{OWL}sameAs",
        f"{SKOS}exactMatch",
        "http://schema.org/sameAs",
        "https://schema.org/sameAs",
    )
)
_CLOSE = (ox.NamedNode(f"{SKOS}closeMatch"),)
_OF_ANY_KIND = tuple(
    ox.NamedNode(iri)
    for iri in (
        f"{SKOS}notation",
        f"{prefixes()['dct']}identifier",
        "http://schema.org/identifier",
    )
)
_PLACES = ("area", "country")
_OF_PLACES = 0.35
"""How much the name of a place says in that of something else."""
_MOST_PLACES = 20_000
_ABOUT = ox.NamedNode(f"{MP}about")

_WITH_WORD = """
SELECT name.subject, name.thing, name.text, name.language, name.how, name.plain
FROM words JOIN name ON name.id = words.rowid
WHERE words MATCH ? ORDER BY words.rowid LIMIT ?
"""
_OF_THING = """
SELECT subject, thing, text, language, how, plain FROM name WHERE thing = ? ORDER BY id LIMIT ?
"""

_BEGINNING = """
SELECT plain FROM name WHERE thing > ? AND thing < ? AND how != 'code' LIMIT ?
"""


def identifiers_in(store: ox.Store, thing: str) -> Iterator[Identifier]:
    """Yield what is known in *store* to identify *thing*, its own IRI included."""
    node = ox.NamedNode(thing)
    links = [
        quad.object.value
        for predicate in _SAME
        for quad in store.quads_for_pattern(node, predicate, None, _UNION)
        if isinstance(quad.object, ox.NamedNode)
    ]
    for scheme in SCHEMES:
        texts = [each for each in (thing, *links) if each.startswith(scheme.addresses or ("\0",))]
        if scheme.property_iri:
            stated = store.quads_for_pattern(node, ox.NamedNode(scheme.property_iri), None, _UNION)
            texts += [each.object.value for each in stated if isinstance(each.object, ox.Literal)]
        values = {value for text in texts if (value := scheme.read(text))}
        yield from (Identifier(scheme, value) for value in sorted(values))


class Candidates:
    """Finds candidates among the *names* of the generation that is open as *store*."""

    def __init__(self, store: ox.Store, names: Current) -> None:
        self._store = store
        self._names = names
        self._weights: dict[str, float] = {}
        self._places: frozenset[str] | None = None
        (self._count,) = self._first("SELECT count(*) FROM name") or (0,)

    def weigher(self, kind: str) -> Callable[[str], float]:
        """Return what weighs the words of things of that *kind*.

        Where a thing is says less about it than what else it is called, unless it is a place.
        """
        return self.weight if kind in _PLACES else self._weight_beside_places

    def _weight_beside_places(self, word: str) -> float:
        if self._places is None:
            starts = [f"{ID}{kind}/" for kind in _PLACES]
            rows = [
                row
                for start in starts
                for row in self._run(_BEGINNING, start, start + "~", _MOST_PLACES)
            ]
            self._places = frozenset(word for row in rows for word in str(row[0]).split())
        return self.weight(word) * (_OF_PLACES if word in self._places else 1.0)

    def weight(self, word: str) -> float:
        """Return how much it says that two names share *word*: from 0 to 1 for a rare one."""
        if word not in self._weights:
            row = self._first("SELECT names FROM word WHERE word = ?", word)
            rarity = math.log1p(self._count / (1 + (row[0] if row else 0)))
            self._weights[word] = max(rarity / math.log1p(max(self._count, 1)), 0.05)
        return self._weights[word]

    def found(self, typed: str) -> list[str]:
        """Return what a search for what was *typed* finds, the best first."""
        return [hit.name.thing for hit in find(self._names, typed).hits]

    def named_like(self, asked: Asked) -> set[str]:
        """Return the things that may be called so."""
        return set[str]().union(
            *(self.found(each.text)[:_MOST_FOUND] for each in (asked, *asked.others)),
            (name.thing for name in self._sharing_rare_words(asked)),
            (name.thing for name in self._by_initials(asked)),
        )

    def names_of(self, thing: str) -> list[Name]:
        """Return what *thing* is called."""
        rows = self._rows(_OF_THING, thing, _MOST_NAMES)
        return [*rows, *(each for each in self._added() if each.thing == thing)]

    def with_identifier(self, identifier: Identifier) -> dict[str, str]:
        """Return the things that have it, and for each how: `same`, `close` or `number`."""
        found: dict[str, str] = {}
        for thing in self._of_unknown_kind(identifier):
            found[thing] = "number"
        for predicates, how in ((_CLOSE, "close"), (_SAME, "same")):
            for predicate in predicates:
                for iri in identifier.scheme.iris(identifier.value):
                    found.update(dict.fromkeys(self._subjects(predicate, ox.NamedNode(iri)), how))
        found.update(dict.fromkeys(self._stating(identifier), "same"))
        return found

    def identifiers_of(self, thing: str, scheme_of: Identifier) -> set[str]:
        """Return the identifiers of *thing* that are of the same kind as *scheme_of*."""
        known = identifiers_in(self._store, thing)
        return {each.value for each in known if each.scheme == scheme_of.scheme}

    def _stating(self, identifier: Identifier) -> Iterator[str]:
        """Yield the things of which it is stated as a text by the property of its kind."""
        if not identifier.scheme.property_iri:
            return
        predicate = ox.NamedNode(identifier.scheme.property_iri)
        literal = ox.Literal(identifier.value)
        for subject in self._subjects(predicate, literal):
            about = list(self._objects(ox.NamedNode(subject), _ABOUT))
            yield from about or [subject]
        for thing in self._with_code(identifier.value):
            if identifier.value in self.identifiers_of(thing, identifier):
                yield thing

    def _of_unknown_kind(self, identifier: Identifier) -> Iterator[str]:
        """Yield the things that have the same text as an identifier, nobody says of which kind."""
        for thing in self._with_code(identifier.value):
            for predicate in _OF_ANY_KIND:
                texts = self._objects(ox.NamedNode(thing), predicate)
                if any(identifier.scheme.read(text) == identifier.value for text in texts):
                    yield thing

    def _with_code(self, value: str) -> set[str]:
        """Return the things that have a code which is *value* but for blanks and signs."""
        word = joined(folded(value))
        rows = self._matching(f'joined : "{word}"', _MOST_OF_WORD)
        added = (each for each in self._added() if each.joined == word)
        return {each.thing for each in (*rows, *added) if each.how == "code"}

    def _sharing_rare_words(self, asked: Asked) -> Iterator[Name]:
        words = sorted(
            (word for word in asked.words if word not in WEAK), key=self.weight, reverse=True
        )
        for word in words[:_RARE_WORDS]:
            row = self._first("SELECT names FROM word WHERE word = ?", word)
            if row and row[0] <= _MOST_COMMON:
                yield from self._matching(f'plain : "{word}"', _MOST_OF_WORD)
            for near in self._near(word):
                yield from self._matching(f'plain : "{near}"', _MOST_OF_WORD)
        yield from (each for each in self._added() if set(words) & set(each.words))

    def _near(self, word: str) -> list[str]:
        """Return words that are nearly *word*, though it may be one itself: of an import, say."""
        try:
            return near_words(self._names, word)[:_NEAR_WORDS]
        except sqlite3.Error as error:
            raise NoIndex(f"the index of names cannot be read ({error})") from error

    def _by_initials(self, asked: Asked) -> Iterator[Name]:
        short = asked.joined
        if short.isalnum() and len(asked.words) <= 1:
            yield from self._matching(f'initials : "{short}"', _MOST_OF_WORD)
            yield from (each for each in self._added() if short in initials(each.plain))
        for each in asked.initials:
            yield from self._matching(f'joined : "{each}"', _MOST_OF_WORD)
            yield from (name for name in self._added() if name.joined == each)

    def _matching(self, wanted: str, most: int) -> Iterator[Name]:
        return self._rows(_WITH_WORD, wanted, most)

    def _rows(self, text: str, *values: object) -> Iterator[Name]:
        for row in self._run(text, *values):
            if row[0] not in self._names.changed:
                yield Name(*row)

    def _added(self) -> Iterator[Name]:
        """Yield the names that are newer than the index."""
        for names in self._names.added.values():
            yield from names

    def _first(self, text: str, *values: object) -> tuple[Any, ...] | None:
        return next(iter(self._run(text, *values)), None)

    def _run(self, text: str, *values: object) -> Iterable[tuple[Any, ...]]:
        try:
            return self._names.database.execute(text, values).fetchall()
        except sqlite3.Error as error:
            raise NoIndex(f"the index of names cannot be read ({error})") from error

    def _subjects(self, predicate: ox.NamedNode, value: ox.NamedNode | ox.Literal) -> list[str]:
        found = self._store.quads_for_pattern(None, predicate, value, _UNION)
        return [each.subject.value for each in found if isinstance(each.subject, ox.NamedNode)]

    def _objects(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> list[str]:
        found = self._store.quads_for_pattern(subject, predicate, None, _UNION)
        return [
            each.object.value
            for each in found
            if isinstance(each.object, ox.NamedNode | ox.Literal)
        ]
