"""The functions that a mapping has beside those of SPARQL.

mpf:slug("Pôle Véhicule")         "pole-vehicule"
mpf:country("FRA")                <https://w3id.org/metapole/id/country/france>
mpf:countryName("Frankreich")     "France"@en
mpf:none()                        no value, on purpose
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox
from babel import Locale
from babel.core import get_global

from graph.namespaces import ID
from graph.sparql.matches import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

COUNTRY = f"{FUNCTIONS}country"
COUNTRY_NAME = f"{FUNCTIONS}countryName"
SLUG = f"{FUNCTIONS}slug"
NONE = f"{FUNCTIONS}none"

_LONGEST_SLUG = 80
_LANGUAGES = ("en", "fr", "de")
_CORDIS = {"uk": "GB", "el": "GR"}
"""What CORDIS, and the EU in general, writes for two countries."""
_NO_COUNTRIES = frozenset(("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"))
_LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}


def slug(text: str) -> str:
    """Return *text* in small ASCII letters, digits and hyphens; a long one ends with a digest."""
    small = "".join(_LETTERS.get(each, each) for each in text.casefold())
    ascii_only = unicodedata.normalize("NFKD", small).encode("ascii", "ignore").decode()
    words = "-".join(re.findall(r"[a-z0-9]+", ascii_only))
    if words and len(words) <= _LONGEST_SLUG:
        return words
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"{words[:_LONGEST_SLUG].strip('-')}-{digest}".strip("-")


def country_named(text: str) -> str | None:
    """Return the English name of the country that *text* is a code or a name of."""
    return _countries().get(_key(text))


@cache
def _countries() -> dict[str, str]:
    english = _names("en")
    codes = [code for code in english if len(code) == 2 and code not in _NO_COUNTRIES]
    found = {_key(code): english[code] for code in codes}
    found |= {key: english[code] for key, code in _CORDIS.items()}
    for alias, meant in cast("dict[str, list[str]]", get_global("territory_aliases")).items():
        if len(alias) == 3 and alias.isalpha() and len(meant) == 1 and meant[0] in codes:
            found.setdefault(_key(alias), english[meant[0]])
    for language in _LANGUAGES:
        for code, name in _names(language).items():
            if code in codes:
                found.setdefault(_key(name), english[code])
    return found


def _names(language: str) -> dict[str, str]:
    """Return the names of territories that are no continents, by their codes of letters."""
    territories = cast("dict[str, str]", Locale(language).territories)
    return {code: name for code, name in territories.items() if code.isalpha()}


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def functions() -> dict[ox.NamedNode, Callable[..., Term | None]]:
    """Return the functions, by their IRIs, and load all that they need."""
    _countries()
    return {
        ox.NamedNode(SLUG): _of_text(lambda text: ox.Literal(slug(text))),
        ox.NamedNode(NONE): lambda *_: None,
        ox.NamedNode(COUNTRY): _of_text(_country),
        ox.NamedNode(COUNTRY_NAME): _of_text(_country_name),
    }


def _of_text(made: Callable[[str], Term | None]) -> Callable[..., Term | None]:
    def function(*arguments: Term) -> Term | None:
        if len(arguments) == 1 and isinstance(arguments[0], ox.Literal):
            return made(arguments[0].value)
        return None

    return function


def _country(text: str) -> ox.NamedNode | None:
    name = country_named(text)
    return None if name is None else ox.NamedNode(f"{ID}country/{slug(name)}")


def _country_name(text: str) -> ox.Literal | None:
    name = country_named(text)
    return None if name is None else ox.Literal(name, language="en")
