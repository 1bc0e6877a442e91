"""A store on this machine as the target of imports: it is written as a server writes it.

    async with LocalStore(directory) as target:
        prepared = await prepare(target, origin, parts, folder)

Nobody is kept from writing to the store while somebody thinks about what was prepared: its lock is
held while the change is made, and a change that was overtaken is refused.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any, Self

import pyoxigraph as ox

from graph.differences import Difference
from graph.errors import ImportRefused, StoreUnusable, UnknownThing, WithdrawnThing
from graph.gate.judge import judge_states
from graph.gate.profile import profile_from
from graph.gate.stated import Stated
from graph.gate.validator import Validator
from graph.generations import current_generation, writing
from graph.history.entries import quads
from graph.history.pages import history_of
from graph.history.reading import History
from graph.importing.target import Done, Found
from graph.limits import GateLimits, WriteLimits, Writing
from graph.publishing.feeds.changes_between import differences_between
from graph.writing.desk import Desk
from graph.writing.wishes import Author, Conditions, GraphWrite, Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from types import TracebackType

    from graph.gate.judge import Finding
    from graph.generations import Generation

AGENT = "metapole import"
WRITE_LIMITS = WriteLimits(timeout_s=600.0, publish_timeout_s=600.0, memory_mb=3072)
"""A large import may take its time: nobody waits for the writer meanwhile."""


class LocalStore:
    """A store that is there; use it as an async context manager."""

    def __init__(self, store: Path, tell: Callable[[int], None] = lambda _: None) -> None:
        """Look at *store*; *tell* is called with how often shapes were asked, as it goes on."""
        self._store = store
        self._tell = tell
        self._judged: tuple[int, Path | None] | None = None
        """What was found whole: a generation, with that content in the place of the graph."""
        self._validator = Validator(GateLimits(timeout_s=120.0), is_eager=False)

    async def __aenter__(self) -> Self:
        """StoreUnusable without a store."""
        self._generation()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes that were started."""
        await self._validator.close()

    async def found(self, graph: str) -> Found:
        """Return the graph called *graph* as it is."""
        generation = self._generation()
        store, name = _opened(generation), ox.NamedNode(graph)
        if not store.contains_named_graph(name):
            return Found(None)
        triples = frozenset(quad.triple for quad in store.quads_for_pattern(None, None, None, name))
        return Found(triples, str(generation.changed.get(graph, generation.number)))

    async def findings(self, difference: Difference, content: Path | None) -> list[Finding]:
        """Return what *difference* would break, by the shapes that ship."""
        profile = profile_from(await self._validator.profile())
        loop = asyncio.get_running_loop()
        generation = self._generation()
        asked = itertools.count(1)

        def ask(extract: bytes) -> dict[str, Any]:
            loop.call_soon_threadsafe(self._tell, next(asked))
            verdict = asyncio.run_coroutine_threadsafe(self._validator.verdict(extract), loop)
            return verdict.result()

        def judge() -> list[Finding]:
            store, name = _opened(generation), ox.NamedNode(difference.graph)
            added, removed = (
                {ox.Quad(each.subject, each.predicate, each.object, name): None for each in part}
                for part in (difference.added, difference.removed)
            )
            before, after = Stated(store), Stated(store, without=removed, also=added)
            return judge_states(before, after, (*added, *removed), profile, ask).findings

        found = await asyncio.to_thread(judge)
        is_whole = not any(each["severity"] == "error" for each in found)
        self._judged = (generation.number, content) if is_whole else None
        return found

    async def put(self, graph: str, content: Path | None, version: str) -> Done:
        """Have *graph* hold *content*, or be gone, if it still is as in *version*."""
        change = GraphWrite("put" if content else "delete", graph, content)
        conditions = Conditions(versions=(int(version),)) if version else Conditions(exists=False)
        with writing(self._store, AGENT) as lock:
            # With the lock held, what was judged before is what will be: once is enough.
            is_judged = self._judged == (self._generation().number, content)
            limits = Writing(WRITE_LIMITS, "off" if is_judged else "reject", lock.descriptor)
            desk = Desk(self._store, limits, _nobody_reads, self._validator)
            desk.open()
            try:
                written = await desk.write(Wish(change, Author(AGENT), None, conditions))
            finally:
                await desk.close()
        return Done(written.commit, written.generation.number, written.findings)

    async def before(self, graph: str, activity: str) -> Difference:
        """Return what takes back the last import that *activity* tells of.

        ImportRefused where the history does not reach so far.
        """
        generation = self._generation()
        if not generation.history:
            raise ImportRefused("this store has no history, so nothing can be taken back")
        history = History(history_of(generation), generation.entries)
        try:
            start = _generation_of_last(history, activity) - 1
            found = differences_between(history, generation.number, start, generation.number)
        except (UnknownThing, WithdrawnThing) as error:
            raise ImportRefused(f"the import cannot be taken back: {error}") from error
        removed = _triples((line for each in found for line in each.removed), graph)
        added = _triples((line for each in found for line in each.added), graph)
        return Difference(graph, removed, added)

    def _generation(self) -> Generation:
        generation = current_generation(self._store)
        if generation is None:
            raise StoreUnusable(f"{self._store}: there is no store; make one with 'metapole build'")
        return generation


def _nobody_reads(_: Generation) -> None:
    """Do nothing: what is read here is read from the current generation."""


def _generation_of_last(history: History, activity: str) -> int:
    """Return the generation in which *activity* became what it is now, for the first time.

    So who takes back two imports, one after the other, does not come to where they began.
    """
    entries = [each for _, each in history.entries() if each.thing == activity]
    if not entries:
        raise WithdrawnThing("the history does not tell of it any more")
    now = sorted(entries[-1].after)
    return next(each.generation for each in entries if sorted(each.after) == now)


def _triples(lines: Iterable[str], graph: str) -> frozenset[ox.Triple]:
    name = ox.NamedNode(graph)
    return frozenset(quad.triple for quad in quads(lines) if quad.graph_name == name)


def _opened(generation: Generation) -> ox.Store:
    return ox.Store.read_only(str(generation.path))
