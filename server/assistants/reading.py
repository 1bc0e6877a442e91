"""The graph as tools read it: documents as values, within the limits of the server."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from graph.addresses import iri_at
from graph.errors import MovedThing, QueryRejected
from graph.formats import format_named
from graph.iris import fault_of
from graph.namespaces import BASE, UNION_GRAPH
from graph.publishing.document import Document
from graph.query import Operation
from server.assistants.answers import LONGEST_TEXT, Answer, Named, Text, cut
from server.cache import Stored
from server.pages import JSON

if TYPE_CHECKING:
    from graph.generations import Generation
    from graph.query import Engine
    from graph.source_texts import SourceTexts
    from server.reads import Reads

Values = dict[str, Any]
Row = dict[str, str]

_LONGEST_IRI = 2_000
_LONGEST_LABEL = 200


class Graph:
    """What tools read from; *public_url* is where the site is, if there is one."""

    def __init__(
        self,
        engine: Engine,
        reads: Reads,
        sources: SourceTexts,
        licence: str,
        base: str,
        public_url: str | None,
    ) -> None:
        self.engine = engine
        self.sources = sources
        self._reads = reads
        self._licence = licence
        self._base = f"{base.rstrip('/')}/"
        self._has_site = public_url is not None

    async def values(self, writer: str, **arguments: str) -> tuple[Values, Generation]:
        """Return what *writer* writes as JSON, and the generation that it was read from."""
        document = Document(writer, (JSON,), tuple(arguments.items()), searches=writer == "search")
        content, generation = await self._reads.values(document)
        return json.loads(content), generation

    async def values_about(
        self, writer: str, thing: str, **arguments: str
    ) -> tuple[Values, Generation]:
        """Return what *writer* says of *thing*, also where that has another name now."""
        iri = self.iri_of(thing)
        try:
            return await self.values(writer, iri=iri, **arguments)
        except MovedThing as error:
            moved = iri_at(error.address, self._base)
            return await self.values(writer, iri=moved, **arguments)

    async def rows(self, text: str) -> tuple[list[Row], Generation]:
        """Return what a SELECT query of our own finds in all graphs, whose rows are few."""
        query = await self.engine.read(Operation(text, default_graphs=(UNION_GRAPH,)))
        outcome = await self._reads.outcome(query, format_named("json"))
        if isinstance(outcome, Stored):
            content = outcome.body
        else:
            with contextlib.closing(outcome):
                content = b"".join([piece async for piece in outcome])
        found = json.loads(content)["results"]["bindings"]
        rows = [{name: term["value"] for name, term in row.items()} for row in found]
        return rows, outcome.generation

    def iri_of(self, thing: str) -> str:
        """Return the IRI that *thing* is, or stands for: an address, or TYPE/NAME."""
        told = thing.strip()
        if len(told) > _LONGEST_IRI:
            raise QueryRejected(f"an IRI has at most {_LONGEST_IRI} characters here")
        iri = iri_at(told, self._base)
        if iri != told and not iri.startswith((f"{BASE}id/", f"{BASE}def")):
            iri = f"{BASE}id/{iri.removeprefix(BASE)}"
        if "://" not in iri and (kind := iri.replace(":", "/", 1)).count("/") == 1:
            iri = f"{BASE}id/{kind}"
        if fault := fault_of(iri):
            raise QueryRejected(
                f"{cut(told, 100)!r} is no IRI ({fault}); the tool search finds IRIs by names"
            )
        return iri

    def page(self, address: str | None) -> str | None:
        """Return the *address* of a page, if people can go there."""
        return (address or None) if self._has_site else None

    def named(self, values: Values) -> Named:
        """Return what documents call something as we call it."""
        return Named(
            iri=values["iri"],
            label=cut(values["label"], _LONGEST_LABEL),
            language=values.get("language"),
            page=self.page(values.get("address")),
        )

    def names(self, values: list[Values]) -> list[Named]:
        """Return all *values* as we call them."""
        return [self.named(each) for each in values]

    def value(self, values: Values) -> Named | Text:
        """Return a thing or a text."""
        if "iri" in values:
            return self.named(values)
        return Text(
            text=cut(values["text"], LONGEST_TEXT),
            language=values.get("language"),
            datatype=values.get("datatype"),
        )

    def origin(self, generation: Generation, what: str) -> Values:
        """Return what every answer has about where it is from; *what* is what it is about."""
        told = Answer(
            generation=generation.number,
            published=generation.built,
            licence=self._licence,
            citation=f"Metapole, generation {generation.number} ({generation.built[:10]}): {what}",
        )
        return told.model_dump()
