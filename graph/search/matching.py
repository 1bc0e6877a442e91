"""Which names fit what somebody typed, and how well.

exact     the name is what was typed
prefix    the name begins so
words     the name has all the words, in any order; the last ones may be unfinished
near      the name has words that are nearly those; or, if nothing else fits, some of the words
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Literal

from rapidfuzz.distance import OSA

from graph.search.folding import folded, joined, strong, words_of
from graph.search.index import kind_word, pieces
from graph.search.missing import NoIndex
from graph.search.names import Name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from graph.search.current import Current

How = Literal["exact", "prefix", "words", "near"]
LEVELS: tuple[How, ...] = ("exact", "prefix", "words", "near")
"""From the best to the least."""

MOST_NAMES = 500
"""How many names are looked at for one question, the best ones first."""
_FEW = 3
"""With fewer things than that found, names that are nearly right are looked for, too."""
_NEAR_WORDS = 5
_MOST_COMPARED = 80
BUT_FOR_ORDER = 0.95
"""The score of a name with the same words in another order, or with other small ones."""
_LEAST = 0.3
"""What has a lower score is not near enough to be shown."""
_HALF = 0.5
"""How much of what was typed has to fit at least."""
_ERRORS = ((2, 0), (5, 1), (11, 2), (10_000, 3))
"""Up to which length of a word how many errors are made."""
_SCORES: dict[How, float] = {"exact": 1.0, "prefix": 0.9, "words": 0.8, "near": 0.7}
_SAME = """
SELECT subject, thing, text, language, how, plain FROM name
WHERE plain >= ? AND plain < ? ORDER BY plain LIMIT ?
"""
_MATCHING = """
SELECT name.subject, name.thing, name.text, name.language, name.how, name.plain
FROM words JOIN name ON name.id = words.rowid
WHERE words MATCH ? ORDER BY words.rowid LIMIT ?
"""
_NEARLY = """
SELECT word.word FROM piece JOIN word ON word.id = piece.word
WHERE piece.piece IN (SELECT value FROM json_each(?))
    AND length(word.word) BETWEEN ? AND ?
GROUP BY word.id ORDER BY count(*) DESC, word.id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing, by the name of it that fits best."""

    name: Name
    level: How
    score: float
    """From 1 for the very name to 0."""

    @property
    def order(self) -> tuple[float, tuple[int, int, int, str, str]]:
        """What puts the best first."""
        return (-self.score, self.name.order)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found."""

    hits: tuple[Hit, ...]
    """One for each thing, the best first."""
    meant: str = ""
    """What was probably meant, if some words are not there as they were typed."""
    is_all: bool = True
    """There is nothing more that fits."""


def find(names: Current, typed: str, kinds: Sequence[str] = ()) -> Found:
    """Return the things whose *names* fit what was *typed*, only those of *kinds* if any."""
    question = _Question(typed)
    if not question.words:
        return Found(())
    try:
        return _Search(names, question, frozenset(kinds)).found()
    except sqlite3.Error as error:
        raise NoIndex(f"the index of names cannot be read ({error})") from error


def near_words(names: Current, word: str) -> list[str]:
    """Return words of *names* that are nearly *word*, and not it, the nearest first."""
    most = _most_errors(word)
    if not most:
        return []
    lengths = (len(word) - most, len(word) + most)
    rows = names.database.execute(
        _NEARLY, (json.dumps(sorted(pieces(word))), *lengths, _MOST_COMPARED)
    )
    found = [str(row[0]) for row in rows]
    near = ((OSA.distance(word, other, score_cutoff=most), other) for other in found)
    return [other for errors, other in sorted(near) if 0 < errors <= most][:_NEAR_WORDS]


class _Question:
    def __init__(self, typed: str) -> None:
        self.plain = folded(typed)
        self.joined = joined(self.plain)
        self.words = words_of(self.plain)
        self.strong = strong(self.words)

    def level(self, name: Name) -> How:
        """Return how well *name* fits, which has all the words or nearly."""
        if self.plain == name.plain or self.joined == name.joined:
            return "exact"
        if name.plain.startswith(self.plain) or name.joined.startswith(self.joined):
            return "prefix"
        begun = all(any(each.startswith(word) for each in name.words) for word in self.strong)
        return "words" if begun else "near"


class _Search:
    def __init__(self, names: Current, question: _Question, kinds: frozenset[str]) -> None:
        self._names = names
        self._question = question
        self._kinds = kinds
        self._is_all = True

    def found(self) -> Found:
        question = self._question
        found = self._things(chain(self._same(), self._all_words(), self._added()))
        meant = ""
        if len(found) < _FEW:
            instead = {word: self._near(word) for word in question.strong}
            near = self._things(self._with(instead)) or self._things(self._some(instead))
            found = {**near, **found}
            meant = self._meant(instead, near) if near else ""
        hits = tuple(sorted(found.values(), key=lambda hit: hit.order))
        return Found(hits, meant, self._is_all)

    def _things(self, names: Iterable[Name]) -> dict[str, Hit]:
        """Return the best hit of each thing."""
        found: dict[str, Hit] = {}
        for name in names:
            if self._kinds and name.kind not in self._kinds:
                continue
            hit = self._hit(name)
            if hit.score < _LEAST:
                continue
            if name.thing not in found or hit.order < found[name.thing].order:
                found[name.thing] = hit
        return found

    def _hit(self, name: Name) -> Hit:
        level = self._question.level(name)
        score = _SCORES[level]
        if level == "words" and sorted(self._question.strong) == sorted(strong(name.words)):
            score = BUT_FOR_ORDER
        if level == "near":
            whole = _alike(self._question.joined, name.joined)
            score *= max(_likeness(self._question.strong, name.words), whole)
        return Hit(name, level, round(score, 3))

    def _same(self) -> Iterator[Name]:
        """Yield the names that are, or begin with, what was typed."""
        plain = self._question.plain
        return self._rows(_SAME, plain, plain + "\U0010ffff")

    def _all_words(self) -> Iterator[Name]:
        question = self._question
        together = " AND ".join(f"plain : {_begun(word)}" for word in question.strong)
        wanted = f"(({together}) OR joined : {_begun(question.joined)})"
        return self._matching(wanted)

    def _with(self, instead: dict[str, list[str]]) -> Iterator[Name]:
        """Yield the names that have each word, or one *instead* of it."""
        each = (
            "(" + " OR ".join([_begun(word), *map(_quoted, others)]) + ")"
            for word, others in instead.items()
        )
        together = " AND ".join(f"plain : {one}" for one in each)
        near = " OR ".join(map(_quoted, self._near(self._question.joined)))
        whole = f" OR (joined : ({near})) OR (plain : ({near}))" if near else ""
        return chain(self._matching(f"(({together}){whole})"), self._added(instead))

    def _some(self, instead: dict[str, list[str]]) -> Iterator[Name]:
        """Yield the names that have at least half of the words."""
        any_of = [_begun(word) for word in instead]
        any_of += [_quoted(other) for others in instead.values() for other in others]
        for name in self._matching(f"plain : ({' OR '.join(any_of)})"):
            if _likeness(self._question.strong, name.words) >= _HALF:
                yield name

    def _matching(self, wanted: str) -> Iterator[Name]:
        if self._kinds:
            kinds = " OR ".join(_quoted(kind_word(kind)) for kind in sorted(self._kinds))
            wanted = f"kind : ({kinds}) AND {wanted}"
        return self._rows(_MATCHING, wanted)

    def _rows(self, text: str, *values: str) -> Iterator[Name]:
        count = 0
        for row in self._names.database.execute(text, (*values, MOST_NAMES)):
            count += 1
            if row[0] not in self._names.changed:
                yield Name(*row)
        self._is_all = self._is_all and count < MOST_NAMES

    def _added(self, instead: dict[str, list[str]] | None = None) -> Iterator[Name]:
        """Yield what fits of the names that are newer than the file."""
        least = 1.0 if instead is None else _HALF
        for name in chain.from_iterable(self._names.added.values()):
            fits = self._question.level(name) != "near"
            if fits or least < _likeness(self._question.strong, name.words):
                yield name

    def _near(self, word: str) -> list[str]:
        """Return words that are nearly *word*, the nearest first; none if it is one itself."""
        return [] if self._is_word(word) else near_words(self._names, word)

    def _is_word(self, word: str) -> bool:
        text = "SELECT 1 FROM word WHERE word = ?"
        return self._names.database.execute(text, (word,)).fetchone() is not None

    def _meant(self, instead: dict[str, list[str]], near: dict[str, Hit]) -> str:
        """Return what was typed with the words of the best hit in place of those not there."""
        best = min(near.values(), key=lambda hit: hit.order).name
        words = [
            next((other for other in instead.get(word, ()) if other in best.words), word)
            for word in self._question.words
        ]
        return " ".join(words) if words != self._question.words else ""


def _quoted(word: str) -> str:
    return f'"{word}"'


def _begun(word: str) -> str:
    """Return what FTS5 finds words by that begin with *word*; a single letter stands alone."""
    return f'"{word}"*' if len(word) > 1 else f'"{word}"'


def _most_errors(word: str) -> int:
    """Return how many letters may be wrong, missing, too many or swapped."""
    return next(errors for longest, errors in _ERRORS if len(word) <= longest)


def _likeness(words: Sequence[str], others: Sequence[str]) -> float:
    """Return how much of *words* is found in *others*, from 0 to 1; a near word counts in part."""
    return sum(max((_alike(word, each) for each in others), default=0) for word in words) / len(
        words
    )


def _alike(word: str, other: str) -> float:
    if other.startswith(word):
        return 1.0
    most = _most_errors(word)
    errors = OSA.distance(word, other, score_cutoff=most)
    return 1 - errors / len(word) if errors <= most else 0.0
