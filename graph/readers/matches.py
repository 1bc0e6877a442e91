"""Fill the blocks of values of a query's text that stand for what a search finds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyoxigraph as ox

from graph.search.current import current_names
from graph.search.matching import find
from graph.sparql.matches import PLACEHOLDER

if TYPE_CHECKING:
    from graph.publishing.edition import Facts
    from graph.search.matching import Hit

# As our own printer writes it; or a literal, which may hold the same letters.
_BLOCK = re.compile(
    rf'"(?:[^"\\]|\\.)*"|VALUES \((?P<variables>[^)]*)\) \{{ '
    rf"\(<{re.escape(PLACEHOLDER)}(?P<words>[^>]*)>(?: UNDEF)*\) \}}"
)


def with_matches(text: str, store: ox.Store, facts: Facts) -> str:
    """Return *text* with what is found in the generation that is open as *store*."""

    def filled(found: re.Match[str]) -> str:
        if found["variables"] is None:
            return found[0]
        columns = found["variables"].count("?") + found["variables"].count("$")
        names = current_names(store, facts)
        hits = find(names, unquote(found["words"])).hits
        rows = " ".join(f"({_row(hit, columns)})" for hit in hits)
        return f"VALUES ({found['variables']}) {{ {rows} }}"

    return _BLOCK.sub(filled, text)


def _row(hit: Hit, columns: int) -> str:
    name = hit.name
    terms = (
        ox.NamedNode(name.thing),
        ox.Literal(str(hit.score), datatype=_DECIMAL),
        ox.Literal(name.text, language=name.language) if name.language else ox.Literal(name.text),
    )
    return " ".join(map(str, terms[:columns]))


_DECIMAL = ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")
