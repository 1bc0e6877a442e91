"""What is left of a name when accents, case, signs and legal forms do not matter."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 400
"""How much of a name is looked at, in characters."""
MOST_WORDS = 16
"""How many words of a question are looked at."""
_SHORTEST_INITIALS = 3
"""Two letters stand for too many things."""

_ALIKE = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "@": "a"}
)
"""Letters that no decomposition makes plain; and a sign that names use for a letter."""
_APOSTROPHES = "'’‘ʼ`´"
_ELISION = re.compile(rf"\b(?:[cdjlmnst]|qu)[{_APOSTROPHES}]")
"""A French article or the like, which is a word of its own: l'Europe is Europe."""
_SIGNS = re.compile(rf"[{_APOSTROPHES}.]")
"""What stands within words and is left out: Mov'eo, e.V."""

_FORMS = (
    "ag asbl association asso ev eingetragener eurl gie gip gmbh ggmbh inc kg llc ltd mbh plc sa "
    "sarl sas se spa srl verein verband "
    "cluster clusters pole poles competitivite competitiveness network netzwerk reseau"
)
"""What kind of body something is, in law or in name."""
_SMALL = (
    "a an and as at au aux by d dans das de dem den der des di die du e ein eine el en et fur for "
    "from il im in l la las le les los of on or ou par pour the to und von y zu zum zur"
)
"""What holds words together."""
SMALL = frozenset(_SMALL.split())
"""Words that people leave out when they make a short name of the first letters."""
WEAK = frozenset(f"{_FORMS} {_SMALL}".split())
"""Words that need not fit, as long as a question has others."""


def folded(text: str) -> str:
    """Return the words of *text*, plain and in lower case, with one blank between them."""
    lower = text[:LONGEST].casefold().translate(_ALIKE)
    without = _SIGNS.sub("", _ELISION.sub(" ", lower))
    apart = unicodedata.normalize("NFKD", without)
    plain = (each if each.isalnum() else " " for each in apart if not unicodedata.combining(each))
    return " ".join("".join(plain).translate(_ALIKE).split())


def joined(plain: str) -> str:
    """Return what was *folded* as one word: some write CapDigital, and some Cap Digital."""
    return plain.replace(" ", "")


def words_of(plain: str) -> list[str]:
    """Return the words of what was *folded*, each once."""
    return list(dict.fromkeys(plain.split()))[:MOST_WORDS]


def initials(plain: str) -> list[str]:
    """Return the short names that the first letters make of what was *folded*, if it is long."""
    words = plain.split()[:MOST_WORDS]
    large = [word for word in words if word not in SMALL]
    made = ("".join(word[0] for word in each) for each in (large, words))
    return list(dict.fromkeys(each for each in made if len(each) >= _SHORTEST_INITIALS))


def strong(words: list[str]) -> list[str]:
    """Return those of *words* that have to fit: all but the weak ones, if there are others."""
    return [word for word in words if word not in WEAK] or words
