"""How much two names are alike, from 0 to 100, and why.

Words that hold others together and kinds of bodies weigh little, rare words much: to share
"automotive cluster" says nothing where half of all names have it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from graph.search.folding import SMALL, WEAK, folded, initials, joined, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Weigh = Callable[[str], float]

EXACT, SAME_WORDS, CONTRACTED, ACRONYM = 100.0, 97.0, 92.0, 84.0
_WEAK_WEIGHT = 0.1
_NEAR = 0.72
"""How much alike two words have to be to count at all."""
_LONG_ENOUGH = 4
"""Shorter words are either the same or not."""
_FEW_LETTERS = 3
_ACRONYM_LETTERS = range(3, 7)
_BEGINS = 0.06
"""What it adds that one name begins with the other: the rest is often a place or a motto."""
_PARENTHESIS = re.compile(r"\(([^()]*)\)")
_PARTS = re.compile(r"\s+[-–—|/]\s+|\s*[;]\s*")
_SHORTENED = {
    "assoc": "association", "autom": "automotive", "cie": "compagnie", "clust": "cluster",
    "comp": "company", "corp": "corporation", "dept": "department", "dev": "development",
    "dpt": "departement", "ecol": "ecole", "eur": "european", "fac": "faculty", "fed": "federation",
    "ind": "industries", "ing": "ingenierie", "inst": "institute", "int": "international",
    "intl": "international", "lab": "laboratory", "min": "ministry", "nat": "national",
    "natl": "national", "reg": "region", "ste": "societe", "st": "saint", "tech": "technology",
    "techno": "technology", "uni": "university", "univ": "university",
}  # fmt: skip
"""What people write short; what a word begins with is seen as short for it, too."""
_LEAST_SHORTENED = 3


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much two names are alike."""

    score: float
    reason: str


class Asked:
    """A name that something is looked for by, in the ways in which it may be meant."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = folded(text)
        self.joined = joined(self.plain)
        self.words = words_of(self.plain)

    @cached_property
    def initials(self) -> list[str]:
        """The short names that its first letters make."""
        return initials(self.plain)

    @cached_property
    def others(self) -> list[Asked]:
        """The names that are in it: what stands in parentheses, and what is left without them."""
        inside = _PARENTHESIS.findall(self.text)
        left = _PARENTHESIS.sub(" ", self.text) if inside else ""
        parts = _PARTS.split(self.text)
        found = [left, *inside, *(parts if len(parts) > 1 else [])]
        others = (Asked(each) for each in found if each.strip())
        return [each for each in others if each.plain and each.plain != self.plain]


def likeness(asked: Asked, plain: str, weigh: Weigh) -> Likeness:
    """Return how much *asked* and the name that is *plain* are alike; *weigh* tells of words."""
    if asked.plain == plain or asked.joined == joined(plain):
        return Likeness(EXACT, "has this name")
    words = words_of(plain)
    if _strong(asked.words) == _strong(words) != frozenset():
        return Likeness(SAME_WORDS, "has a name of the same words")
    if short := _acronym(asked, plain):
        return Likeness(ACRONYM, f"'{short}' is made of the first letters")
    contracted = _contracted(asked, plain)
    if contracted and _strong(asked.words) == _strong(contracted):
        return Likeness(CONTRACTED, "has a name of the same words, some by their first letters")
    return _in_part(asked, plain, words, weigh)


def _in_part(asked: Asked, plain: str, words: Sequence[str], weigh: Weigh) -> Likeness:
    by_word = _shared(asked.words, words, weigh)
    whole = fuzz.ratio(asked.joined, joined(plain)) / 100
    if len(asked.joined) <= _FEW_LETTERS:
        whole = 0.0
    score = max(by_word, whole * 0.97, by_word * 0.6 + whole * 0.4)
    if _begins(asked.words, words) or _begins(words, asked.words):
        score += _BEGINS
    reason = "has a nearly equal name" if score > 0.9 else "has a name that is alike in part"
    return Likeness(round(min(score, 0.96) * 100, 1), reason)


def _shared(words: Sequence[str], others: Sequence[str], weigh: Weigh) -> float:
    """Return which part of the weight of both names is in words that they share."""
    if not words or not others:
        return 0.0
    there = _found(words, others, weigh)
    back = _found(others, words, weigh)
    return 2 * there * back / (there + back) if there and back else 0.0


def _found(words: Sequence[str], others: Sequence[str], weigh: Weigh) -> float:
    """Return which part of the weight of *words* is found in *others*."""
    total = found = 0.0
    for word in words:
        weight = _WEAK_WEIGHT if word in WEAK else weigh(word)
        total += weight
        found += weight * max(_alike(word, other) for other in others)
    return found / total if total else 0.0


def _alike(word: str, other: str) -> float:
    """Return how much two words are alike, from 0 to 1."""
    if word == other:
        return 1.0
    if _is_short_for(word, other) or _is_short_for(other, word):
        return 0.95
    if min(len(word), len(other)) < _LONG_ENOUGH:
        return 0.0
    alike = OSA.normalized_similarity(word, other, score_cutoff=_NEAR)
    return max(alike, JaroWinkler.similarity(word, other, score_cutoff=0.92) * 0.95)


def _is_short_for(word: str, other: str) -> bool:
    """Tell whether *word* is a usual short form of *other*, in any of our languages."""
    full = _SHORTENED.get(word)
    return full is not None and other.startswith(full[:_LEAST_SHORTENED])


def _begins(words: Sequence[str], others: Sequence[str]) -> bool:
    """Tell whether the words that count of *others* begin with those of *words*."""
    first, second = ([each for each in of if each not in WEAK] for of in (words, others))
    return bool(first) and first == second[: len(first)]


def _contracted(asked: Asked, plain: str) -> list[str]:
    """Return the words of a name with those together that *asked* has by their first letters."""
    words = [word for word in plain.split() if word not in SMALL]
    for short in asked.words:
        if len(short) not in _ACRONYM_LETTERS:
            continue
        for start in range(len(words) - len(short) + 1):
            run = words[start : start + len(short)]
            if "".join(word[0] for word in run) == short:
                return [*words[:start], short, *words[start + len(short) :]]
    return []


def _strong(words: Sequence[str]) -> frozenset[str]:
    return frozenset(word for word in words if word not in WEAK)


def _acronym(asked: Asked, plain: str) -> str:
    """Return the short form, if one name is made of the first letters of the other."""
    if asked.joined in initials(plain):
        return asked.text.strip()
    return plain.upper() if joined(plain) in asked.initials else ""
