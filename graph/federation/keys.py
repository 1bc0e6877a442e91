"""The values that another endpoint is asked about: found by our engine, sent in a block of values.

A solution that binds a variable to a blank node fits nothing that another endpoint has, so it is
left out. Where a value may be written in more than one way, and the engine knows only one, the
other endpoint might not find it; and what is unbound fits everything. Then the variable is no key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_XSD = "http://www.w3.org/2001/XMLSchema#"
_SENT = re.compile(
    r"<[^>]*>"
    r"|-?[0-9]+|true|false"
    r'|"(?:[^"\\]|\\.)*"'
    r"(?:@[a-z]+|\^\^<(?!http://www\.w3\.org/(?:2001/XMLSchema|1999/02/22-rdf-syntax-ns)#)[^>]*>)?"
    rf'|"[0-9]{{4}}(?:-[0-9]{{2}}-[0-9]{{2}})?"\^\^<{re.escape(_XSD)}(?:date|gYear)>',
    re.DOTALL,
)
"""Terms that are written in one way only, as the engine writes them in TSV."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Rows of terms, all different, for some variables."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, names: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Self:
        """Return what of *rows*, which have a term or nothing for each of *names*, can be sent."""
        sent = [
            number
            for number in range(len(names))
            if all(row[number].startswith("_:") or _SENT.fullmatch(row[number]) for row in rows)
        ]
        kept = dict.fromkeys(tuple(row[number] for number in sent) for row in rows)
        named = tuple(row for row in kept if not any(term.startswith("_:") for term in row))
        return cls(tuple(names[number] for number in sent), named)

    def batches(self, size: int) -> Iterator[Keys]:
        """Yield the rows, up to *size* at a time."""
        for start in range(0, len(self.rows), size):
            yield Keys(self.names, self.rows[start : start + size])

    @property
    def block(self) -> str:
        """The rows as SPARQL."""
        if len(self.names) == 1:
            return f"VALUES ?{self.names[0]} {{ {' '.join(term for (term,) in self.rows)} }}"
        names = " ".join(f"?{name}" for name in self.names)
        rows = " ".join(f"({' '.join(row)})" for row in self.rows)
        return f"VALUES ({names}) {{ {rows} }}"


def rows_of(table: bytes) -> list[tuple[str, ...]]:
    """Return the rows of *table*, which the engine wrote as TSV; nothing is an empty text."""
    lines = table.decode().split("\n")
    return [tuple(line.split("\t")) for line in lines[1:-1]]
