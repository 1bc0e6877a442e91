"""Queries of the library in the language of a page: with names in it, and the same answer."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.publishing.ahead.rows import kept_rows, read_rows

if TYPE_CHECKING:
    from graph.publishing.edition import Edition

_IN_ENGLISH = re.compile(r'(\bLANG\(\?\w+\) = )"en"')
_MOST_COMPARED = 20_000
"""How many rows are compared; what finds more is left in English."""


def in_language_of_page(edition: Edition, query: str, *, is_fixed: bool = False) -> str:
    """Return the SELECT *query* with names in the language of the page, where all have one.

    A name that is missing in that language would take its row along, or what is counted: a query
    that does not find the same things, numbers and days as the one in English stays as it is.
    If it *is_fixed*, nothing in it is of the request, and what it finds is kept.
    """
    language = edition.arguments.get("language", "en")
    spoken = _IN_ENGLISH.sub(rf'\1"{language}"', query)
    if spoken == query:
        return query
    found = _found(edition, spoken, is_fixed=is_fixed)
    is_the_same = found is not None and found == _found(edition, query, is_fixed=is_fixed)
    return spoken if is_the_same else query


def _found(edition: Edition, query: str, *, is_fixed: bool) -> Counter[tuple[str, ...]] | None:
    """Return what is in the rows beside texts; None when there are very many."""
    read = kept_rows if is_fixed else read_rows
    _, rows, further = read(edition, query, _MOST_COMPARED, 1)
    if further:
        return None
    return Counter(tuple("" if _is_text(term) else str(term) for term in row) for row in rows)


def _is_text(term: object) -> bool:
    if not isinstance(term, ox.Literal):
        return False
    return term.language is not None or term.datatype.value.endswith("#string")
