"""Numbers and codes that others give to things: how they are written, and how to read them.

The same number is written in many ways: with blanks, with the letters of a country, as an address.
All of them are read as one, and one that its check digits refute is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.namespaces import MP

if TYPE_CHECKING:
    from collections.abc import Callable

_BLANKS = re.compile(r"[\s.\-_/]+")
_LONGEST = 200
_PIC_DIGITS, _SIREN_DIGITS = 9, 9
_ROR_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Base 32 of Crockford, in lower case."""
_NUTS_LONGEST = 5


@dataclass(frozen=True, slots=True)
class Scheme:
    """One kind of identifier."""

    name: str
    label: str
    pattern: re.Pattern[str]
    """What is an identifier of this kind, when blanks are left out and letters are small."""
    holds: Callable[[str], bool]
    """Tells whether the check digits of one are right."""
    addresses: tuple[str, ...] = ()
    """What the IRIs begin with that name things by such identifiers, the usual one first."""
    prefixes: tuple[str, ...] = ()
    """What people write before one, in small letters."""
    property_iri: str = ""
    """The property that states one as a text."""
    is_telling: bool = False
    """A text that is one by its looks is hardly anything else."""
    in_capitals: bool = False

    def read(self, text: str) -> str | None:
        """Return the identifier that *text* is, as it is usually written; None if it is none."""
        plain = text.strip()[:_LONGEST]
        for address in self.addresses:
            bare = address.partition("://")[2]
            for start in (address, f"https://{bare}", f"http://{bare}", bare):
                plain = plain.removeprefix(start)
        plain = _BLANKS.sub("", plain).lower().replace(":", "")
        for prefix in self.prefixes:
            plain = plain.removeprefix(prefix)
        found = self.pattern.fullmatch(plain)
        if found is None or not self.holds(found[0]):
            return None
        return found[0].upper() if self.in_capitals else found[0]

    def iris(self, value: str) -> list[str]:
        """Return the IRIs by which others name what has the identifier *value*."""
        return [address + value for address in self.addresses]


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier of one kind, as it is usually written."""

    scheme: Scheme
    value: str

    def __str__(self) -> str:
        """Return it as people say it."""
        return f"{self.scheme.label} {self.value}"


def luhn_holds(digits: str) -> bool:
    """Tell whether the last digit is what the others make it (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def ror_holds(value: str) -> bool:
    """Tell whether the last two digits of a ROR id are right (ISO/IEC 7064, mod 97-10)."""
    number = 0
    for sign in value[:-2]:
        number = number * 32 + _ROR_ALPHABET.index(sign)
    return 98 - number * 100 % 97 == int(value[-2:])


def vat_holds(value: str) -> bool:
    """Tell whether the key of a French number is right; those of others are not looked at."""
    if not value.startswith("fr"):
        return True
    key, siren = value[2:4], value[4:]
    if not siren.isdecimal() or not luhn_holds(siren):
        return False
    return not key.isdecimal() or int(key) == (12 + 3 * (int(siren) % 97)) % 97


def _always(_: str) -> bool:
    return True


SCHEMES = (
    Scheme(
        "siren", "SIREN", re.compile(r"\d{9}"), luhn_holds,
        prefixes=("siren",), property_iri=f"{MP}siren",
    ),
    Scheme(
        "vat", "VAT number",
        re.compile(r"fr[0-9a-z]{2}\d{9}|(?!fr)[a-z]{2}(?=[0-9a-z+*]*\d{3})[0-9a-z+*]{8,12}"),
        vat_holds, prefixes=("vat", "tva", "ustidnr", "ustid"), property_iri=f"{MP}vatNumber",
        in_capitals=True,
    ),
    Scheme(
        "pic", "PIC", re.compile(r"\d{9}"), _always,
        prefixes=("pic",), property_iri=f"{MP}participantCode",
    ),
    Scheme(
        "ror", "ROR", re.compile(r"0[0-9a-hj-km-np-tv-z]{6}\d{2}"), ror_holds,
        addresses=("https://ror.org/",), prefixes=("ror",), is_telling=True,
    ),
    Scheme(
        "wikidata", "Wikidata", re.compile(r"q[1-9]\d{0,11}"), _always,
        addresses=("http://www.wikidata.org/entity/", "https://www.wikidata.org/wiki/"),
        prefixes=("wikidata", "wd"), is_telling=True, in_capitals=True,
    ),
    Scheme(
        "nuts", "NUTS", re.compile(r"[a-z]{2}[0-9a-z]{0,3}"), _always,
        addresses=("http://data.europa.eu/nuts/code/",), prefixes=("nuts",),
        property_iri=f"{MP}nutsCode", in_capitals=True,
    ),
)  # fmt: skip
"""All kinds that are known."""

_BY_NAME = {each.name: each for each in SCHEMES} | {
    each.property_iri: each for each in SCHEMES if each.property_iri
}


def scheme_named(name: str) -> Scheme | None:
    """Return the kind of that *name*, which may be that of its property; None if there is none."""
    return _BY_NAME.get(name) or _BY_NAME.get(name.lower())


def told_by(text: str) -> list[Identifier]:
    """Return the identifiers that *text* can be by its looks alone.

    A number of nine digits is one only if *text* says of which kind; else it may be anything.
    """
    plain = text.strip()[:_LONGEST].lower()
    found: list[Identifier] = []
    for scheme in SCHEMES:
        is_said = any(re.match(rf"{each}[\s:]", plain) for each in scheme.prefixes)
        is_address = any(each.partition("://")[2] in text for each in scheme.addresses)
        is_french = scheme.name == "vat" and plain.startswith("fr")
        if not (scheme.is_telling or is_said or is_address or is_french):
            continue
        if (value := scheme.read(text)) is not None:
            found.append(Identifier(scheme, value))
    return found
