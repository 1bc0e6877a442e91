"""Suggest matches and decide about them, through the engine: each is one change, all or nothing.

review = Review(engine, "metapole 1.0")
await review.suggest("https://w3id.org/metapole/graph/import/members", author)
await review.decide("accept", [match], author)
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.errors import QueryRejected, UnknownThing
from graph.formats import format_named
from graph.publishing.document import Document
from graph.query import Operation
from graph.review.terms import ACCEPTED_GRAPH, ACTS, REVIEW_GRAPH, is_match_iri, without_copies
from graph.review.writing import decision_update, statements
from graph.writing.wishes import GraphWrite, Update, Wish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.formats import Format
    from graph.query import Engine
    from graph.review.terms import Act
    from graph.writing.wishes import Author, Written

WRITTEN = (REVIEW_GRAPH, ACCEPTED_GRAPH)
"""The graphs that are written to."""
MOST_MATCHES = 200
"""About how many matches is decided at once."""
MOST_SUGGESTIONS = 20_000
"""After so many suggestions the rest is left for the next time."""
_JSON, _RESULTS = format_named("plain-json"), format_named("json")
_KNOWN = """
SELECT ?match WHERE {
  VALUES ?match { MATCHES }
  GRAPH <https://w3id.org/metapole/graph/review/matches> {
    ?match a <https://w3id.org/sssom/Mapping>
  }
}
"""


@dataclass(frozen=True, slots=True)
class Suggested:
    """What came of looking for matches."""

    new: int
    """How many matches nobody had suggested before."""
    looked_at: int
    """How many things of the graph were looked at."""
    is_all: bool
    written: Written | None
    """None if nothing was to be written."""


class Review:
    """Suggests and decides; *tool* is who suggests."""

    def __init__(self, engine: Engine, tool: str) -> None:
        self._engine = engine
        self._tool = tool

    async def suggest(self, graph: str, author: Author) -> Suggested:
        """Look for matches of the things of *graph*, and put those that are new up for review."""
        found: list[dict[str, Any]] = []
        after, looked_at, is_all = "", 0, True
        while True:
            document = Document(
                "suggested-matches",
                (_JSON,),
                (("after", after), ("graph", graph)),
                searches=True,
            )
            said = json.loads(await self._read(document, _JSON))
            found += said["suggestions"]
            looked_at += said["looked_at"]
            after = said["next"]
            if not after:
                break
            if len(found) >= MOST_SUGGESTIONS:
                is_all = False
                break
        written = await self._add(found, author) if found else None
        return Suggested(len(found), looked_at, is_all, written)

    async def decide(self, act: Act, matches: Sequence[str], author: Author) -> Written:
        """Accept or reject *matches*, or undo what was decided about them."""
        if act not in ACTS:
            raise QueryRejected(
                f"the decision is {str(act)[:40]!a}; it is one of {', '.join(ACTS)}"
            )
        chosen = without_copies(matches)
        if not 1 <= len(chosen) <= MOST_MATCHES:
            raise QueryRejected(f"there are {len(chosen)} matches; choose 1 to {MOST_MATCHES}")
        await self._require(chosen)
        when = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        update = Update(decision_update(act, chosen, author.name, when))
        return await self._engine.write(Wish(update, author))

    async def _add(self, found: list[dict[str, Any]], author: Author) -> Written:
        day = datetime.now(UTC).date().isoformat()
        self._engine.spool.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=self._engine.spool, prefix="matches-", suffix=".nt", delete=False
        ) as file:
            file.write(statements(found, day, self._tool))
        content = Path(file.name)
        try:
            return await self._engine.write(Wish(GraphWrite("post", REVIEW_GRAPH, content), author))
        finally:
            content.unlink(missing_ok=True)

    async def _require(self, matches: Sequence[str]) -> None:
        """Refuse *matches* of which one is none."""
        wrong = [each for each in matches if not is_match_iri(each)]
        if not wrong:
            named = " ".join(f"<{each}>" for each in matches)
            operation = Operation(_KNOWN.replace("MATCHES", named))
            said = json.loads(await self._read(operation, _RESULTS))
            known = {row["match"]["value"] for row in said["results"]["bindings"]}
            wrong = [each for each in matches if each not in known]
        if wrong:
            raise UnknownThing(
                f"there is no match {wrong[0][:200]}; 'metapole match list' and /review have all",
                [],
            )

    async def _read(self, wish: Operation | Document, answer_format: Format) -> bytes:
        answer = await self._engine.answer(wish, answer_format)
        return b"".join([piece async for piece in answer])
