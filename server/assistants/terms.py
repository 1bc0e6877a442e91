"""The tool that tells what the graph is written with, so that queries can be."""

from typing import Annotated

from pydantic import Field

from graph.errors import QueryTimedOut
from graph.namespaces import BASE, prefixes, short
from graph.query_texts import text_of
from server.assistants.answers import Schema, Term, cut
from server.assistants.plain import in_plain_words
from server.assistants.reading import Graph, Row

_CLASS = "http://www.w3.org/2002/07/owl#Class"
_LONGEST_DEFINITION = 300
_NOT_COUNTED = "How often each is used is not told: to count that took too long."
_HINTS: str = """\
Every statement is a node; it has mp:from, mp:to and mp:evidence, and mp:about or a property of \
its class for whom it is about.
Evidence has mp:document, mp:lineFrom, mp:lineTo and mp:printedAs.
Short forms such as mp:locatedIn, mp:sector and mp:partner are derived from statements.
A figure has mp:indicator, mp:value or mp:minimum and mp:maximum, mp:unit and mp:qualifier.
Labels are skos:prefLabel; many a thing has one in one language alone, so ask for LANG(?label) \
only inside of OPTIONAL.
mpf:matches finds by name: ?thing mpf:matches ("vehicule futur" ?score ?name), with \
PREFIX mpf: <https://w3id.org/metapole/function#>.
A query without FROM asks all graphs as one.
"""


class TermTools:
    """The tool on *graph*."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    @in_plain_words
    async def schema(
        self,
        text: Annotated[
            str, Field(max_length=200, description="Only classes and properties with these words.")
        ] = "",
    ) -> Schema:
        """Tell the classes and properties, with how often each is used."""
        rows, generation = await self._graph.rows(text_of("schema-of-the-graph"))
        uses = await self._uses()
        words = text.casefold().split()
        found = [
            (row["kind"] == _CLASS, term) for row in rows if _has(term := _term(row, uses), words)
        ]
        return Schema(
            prefixes=dict(prefixes()),
            classes=[term for is_class, term in found if is_class],
            properties=[term for is_class, term in found if not is_class],
            hints=[*_HINTS.splitlines(), *([] if uses else [_NOT_COUNTED])],
            **self._graph.origin(generation, f"{BASE}def"),
        )

    async def _uses(self) -> dict[str, int]:
        """Return how often each term is used; nothing where counting takes too long."""
        try:
            counted, _ = await self._graph.rows(text_of("uses-of-terms"))
        except QueryTimedOut:
            return {}
        return {row["term"]: int(row["count"]) for row in counted}


def _term(row: Row, uses: dict[str, int]) -> Term:
    return Term(
        iri=row["term"],
        name=short(row["term"]),
        label=row["name"],
        definition=cut(row["definition"], _LONGEST_DEFINITION),
        uses=uses.get(row["term"], 0) if uses else None,
        parents=_shortened(row.get("parents", "")),
        domains=_shortened(row.get("domains", "")),
        ranges=_shortened(row.get("ranges", "")),
    )


def _shortened(iris: str) -> list[str]:
    return sorted(map(short, iris.split()))


def _has(term: Term, words: list[str]) -> bool:
    told = f"{term.name} {term.label} {term.definition}".casefold()
    return all(each in told for each in words)
