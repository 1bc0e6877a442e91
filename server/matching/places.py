"""Where matches are: a store on this machine, or a server that is asked over HTTP."""

from __future__ import annotations

import getpass
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from graph.errors import EngineUnavailable, WriteRejected
from graph.formats import format_named
from graph.generations import current_generation, writing
from graph.limits import Limits, WriteLimits, Writing
from graph.publishing.review.states import query_text
from graph.query import Engine, Operation
from graph.review.desk import Review
from graph.review.terms import without_copies
from graph.search.making import make_index
from graph.writing.wishes import Author
from server.client import connected

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

    import httpx2

    from graph.review.terms import Act, State

COMMAND = "metapole match"
_LIMITS = Limits(readers=1, spares=0, timeout_s=120.0)
_WRITE_LIMITS = WriteLimits(timeout_s=600.0, publish_timeout_s=600.0)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a wish."""

    count: int
    """How many matches are new, or were decided about."""
    commit: int | None
    looked_at: int = 0
    is_all: bool = True


class Place(Protocol):
    """Where matches are suggested, listed and decided about."""

    async def suggest(self, graph: str) -> Done:
        """Look for matches of the things of *graph*."""
        ...

    async def listed(self, state: State) -> str:
        """Return the matches in *state* as CSV."""
        ...

    async def decide(self, act: Act, matches: Sequence[str]) -> Done:
        """Accept or reject *matches*, or undo what was decided."""
        ...


class LocalPlace:
    """A store on this machine; decisions are those of *who*."""

    def __init__(self, store: Path, who: str, tool: str) -> None:
        self._store = store
        self._author = Author(who or getpass.getuser())
        self._tool = tool

    async def suggest(self, graph: str) -> Done:
        """Look for matches of the things of *graph*."""
        if generation := current_generation(self._store):
            make_index(generation)
        async with self._writing() as engine:
            found = await Review(engine, self._tool).suggest(graph, self._author)
        commit = found.written.commit if found.written else None
        return Done(found.new, commit, found.looked_at, found.is_all)

    async def listed(self, state: State) -> str:
        """Return the matches in *state* as CSV."""
        async with Engine(self._store, _LIMITS) as engine:
            answer = await engine.answer(Operation(query_text(state)), format_named("csv"))
            return b"".join([piece async for piece in answer]).decode()

    async def decide(self, act: Act, matches: Sequence[str]) -> Done:
        """Accept or reject *matches*, or undo what was decided."""
        chosen = without_copies(matches)
        async with self._writing() as engine:
            written = await Review(engine, self._tool).decide(act, chosen, self._author)
        return Done(len(chosen), written.commit)

    @asynccontextmanager
    async def _writing(self) -> AsyncGenerator[Engine]:
        with writing(self._store, COMMAND) as lock:
            limits = Writing(_WRITE_LIMITS, lock=lock.descriptor)
            async with Engine(self._store, _LIMITS, writing=limits) as engine:
                yield engine


class RemotePlace:
    """A server at *url*, to which the token in *token_file* is shown."""

    def __init__(self, url: str, token_file: Path | None) -> None:
        self._url = url
        self._token_file = token_file

    async def suggest(self, graph: str) -> Done:
        """Look for matches of the things of *graph*."""
        said = (await self._send("/review/suggestions", {"graph": graph})).json()
        return Done(said["new"], said.get("commit"), said["looked_at"], said["complete"])

    async def listed(self, state: State) -> str:
        """Return the matches in *state* as CSV."""
        async with connected(self._url, self._token_file) as client:
            answer = await client.get(
                "/review.csv", params={"state": state}, headers={"Accept": "text/csv"}
            )
        return _checked(answer).text

    async def decide(self, act: Act, matches: Sequence[str]) -> Done:
        """Accept or reject *matches*, or undo what was decided."""
        answer = await self._send("/review", {"decision": act, "matches": list(matches)})
        said = answer.json()
        return Done(said["decided"], said["commit"])

    async def _send(self, path: str, said: dict[str, Any]) -> httpx2.Response:
        async with connected(self._url, self._token_file) as client:
            return _checked(await client.post(path, json=said))


def _checked(answer: httpx2.Response) -> httpx2.Response:
    """Return *answer* if it is one; else raise what the server says is wrong."""
    if answer.is_success:
        return answer
    try:
        detail = str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"the server answers {answer.status_code}, and not as Metapole does"
    busy = answer.status_code in (429, 503)
    raise (EngineUnavailable if busy else WriteRejected)(detail)
