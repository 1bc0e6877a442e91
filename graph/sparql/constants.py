r"""What the constants of a text stand for, and how they are written for the engine.

A constant is an IRI in `<>`, a string in quotes or a number, as `tokens.pieces` lifted it.
"""

import re

from graph.errors import QueryRejected
from graph.sparql import iris
from graph.sparql.tokens import short

_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_LETTERS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_TO_ESCAPE = re.compile(r'["\\\x00-\x1f\x7f]')
_WRITTEN = {
    "\t": r"\t",
    "\b": r"\b",
    "\n": r"\n",
    "\r": r"\r",
    "\f": r"\f",
    '"': r"\"",
    "\\": r"\\",
}


def iri_value(constant: str, base: str | None) -> str:
    """Return the IRI that `<constant>` names; a relative one is resolved against *base* (4.1.1)."""
    iri = constant[1:-1]
    if "\\" in iri:
        iri = _unescaped(iri)
        if (bad := _NOT_IN_IRI.search(iri)) is not None:
            raise QueryRejected(f"{short(constant)} has the character {bad[0]!r}, which no IRI has")
    if iris.is_absolute(iri):
        return iri
    if base is None:
        raise QueryRejected(
            f"{constant[:60]} is a relative IRI, and there is no BASE; write it with its scheme"
        )
    return iris.resolve(iri, base)


def string_value(constant: str) -> str:
    """Return what stands between the quotes of *constant*, with its escapes read (19.7)."""
    quotes = 3 if constant[:3] in ('"""', "'''") else 1
    inner = constant[quotes:-quotes]
    return _unescaped(inner) if "\\" in inner else inner


def value(constant: str, base: str | None) -> str:
    """Return what *constant* says: an IRI, a string, or a number as it is written."""
    if constant[0] == "<":
        return iri_value(constant, base)
    if constant[0] in "\"'":
        return string_value(constant)
    return constant


def written(constant: str, base: str | None) -> str:
    """Return *constant* as it is written for the engine."""
    first = constant[0]
    if first == "<":
        return f"<{iri_value(constant, base)}>"
    if first == '"' and "\\" not in constant and constant[:3] != '"""':
        return constant
    if first in "\"'":
        return written_string(string_value(constant))
    return constant


def written_string(string: str) -> str:
    """Return *string* in quotes."""
    return f'"{_TO_ESCAPE.sub(_escape, string)}"'


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    if match[3] is not None:
        return _LETTERS.get(match[3], match[3])
    return chr(int(match[1] or match[2], 16))


def _escape(match: re.Match[str]) -> str:
    return _WRITTEN.get(match[0]) or f"\\u{ord(match[0]):04X}"
