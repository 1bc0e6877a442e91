"""Two stores in memory that play other endpoints, and a third that asks them: ours, or the engine.

The engine has a SERVICE of its own, which asks for whole patterns. It is asked in a process of its
own, over HTTP, and with the text that our repairs make, so that nothing but SERVICE differs.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.federation.asking import Blocks, Calls
from graph.federation.jobs import content_of, keys_job, told_of
from graph.federation.plan import Plan
from graph.fetching.allowed import Allowed, AllowList
from graph.fetching.fetchers import Fetched
from graph.limits import FetchLimits
from graph.readers.asking import results_of
from graph.sparql.admission import admit
from graph.sparql.template import TemplateCache

if TYPE_CHECKING:
    from graph.errors import RemoteFailed
    from graph.federation.outcome import Asked
    from graph.federation.plan import Local

_Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Rows = Counter[tuple[str | None, ...]]


@dataclass(slots=True)
class Endpoints:
    """Stores by the address of the endpoint that each plays; counts what they are asked."""

    stores: dict[str, ox.Store]
    limits: FetchLimits = field(default_factory=FetchLimits)
    failing: dict[str, RemoteFailed] = field(default_factory=dict[str, "RemoteFailed"])
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def allow_list(self) -> AllowList:
        urls = [*self.stores, *self.failing]
        return AllowList(
            Allowed(url.split("/")[2], url, self.limits, is_private=True) for url in urls
        )

    async def select(self, allowed: Allowed, query: str) -> Fetched:
        self.asked.append((allowed.url, query))
        if allowed.url in self.failing:
            raise self.failing[allowed.url]
        found = self.stores[allowed.url].query(query)
        assert isinstance(found, ox.QuerySolutions)
        lines = [f"({' '.join(map(_written, row))})\n" for row in found]
        rows = "".join(lines).encode()
        names = tuple(each.value for each in found.variables)
        return Fetched(names, rows, len(lines), len(rows), len(query), 1, 0.0, False, "")


@dataclass(frozen=True, slots=True)
class Found:
    """What our side found."""

    names: tuple[str, ...]
    rows: Rows
    asked: list[Asked]


def found_by_us(
    local: ox.Store, text: str, endpoints: Endpoints, *, asks_for_all: bool = False
) -> Found:
    """Return what *text* finds in *local* and in *endpoints*, by our own SERVICE.

    When it *asks_for_all* it finds no keys first, but fetches what the endpoints have.
    """
    reading = admit(TemplateCache("http://here.example/sparql"), text)
    plan = reading.federation
    assert plan
    if asks_for_all:
        plan = Plan(tuple(replace(call, keys=(), local=None) for call in plan.calls))
    job: dict[str, Any] = {
        "default_graphs": reading.default_graphs,
        "named_graphs": reading.named_graphs,
        "default_graph": "own",
        "base_iri": "http://here.example/sparql",
    }
    named = list(local.named_graphs())

    def ask(asked: dict[str, Any], blocks: Blocks) -> _Results:
        return results_of(local, asked, named, None, b"".join(content_of(blocks) or ()))

    async def find(asked: Local, blocks: Blocks, most: int) -> bytes:
        found = ask(keys_job(job, asked, blocks, most), blocks)
        assert isinstance(found, ox.QuerySolutions)
        return found.serialize(format=ox.QueryResultsFormat.TSV) or b""

    async def made() -> Calls:
        deadline = asyncio.get_running_loop().time() + 60
        calls = Calls(endpoints.allow_list, endpoints, find, deadline)
        await calls.make(plan)
        return calls

    calls = asyncio.run(made())
    engine_job = {
        **job,
        "text": reading.engine_text,
        "filters_graphs": reading.filters_graphs,
        "blocks": told_of(calls.blocks),
    }
    return Found(*_table(ask(engine_job, calls.blocks)), calls.asked)


class Native:
    """The engine with a SERVICE of its own, in a process of its own."""

    def __init__(self, local: ox.Store) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _ASKED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._send(local.dump(format=ox.RdfFormat.N_QUADS).decode())  # type: ignore[union-attr]

    def found(self, text: str) -> tuple[tuple[str, ...], Rows]:
        """Return what *text* finds."""
        reading = TemplateCache("http://here.example/sparql").read(text)
        self._send(reading.engine_text)
        assert self._process.stdout
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return tuple(answer["names"]), Counter(tuple(row) for row in answer["rows"])

    def close(self) -> None:
        self._process.kill()
        self._process.__exit__(None, None, None)

    def _send(self, content: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(content) + "\n")
        self._process.stdin.flush()


_ASKED = """
import json, sys
import pyoxigraph as ox
store = ox.Store()
store.load(json.loads(sys.stdin.readline()), format=ox.RdfFormat.N_QUADS)
for line in sys.stdin:
    try:
        found = store.query(json.loads(line))
        if isinstance(found, ox.QueryBoolean):
            answer = {"names": [], "rows": [[str(bool(found))]]}
        else:
            names = [each.value for each in found.variables]
            rows = [[None if t is None else str(t) for t in row] for row in found]
            rows = [["_:" if t and t[0] == "_" else t for t in row] for row in rows]
            answer = {"names": names, "rows": rows}
    except Exception as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
"""


def _table(found: _Results) -> tuple[tuple[str, ...], Rows]:
    if isinstance(found, ox.QueryBoolean):
        return (), Counter([(str(bool(found)),)])
    assert isinstance(found, ox.QuerySolutions)
    names = tuple(each.value for each in found.variables)
    return names, Counter(tuple(map(_shown, row)) for row in found)


def _shown(term: _Term | None) -> str | None:
    """Return *term* as text; the labels of blank nodes say nothing."""
    if isinstance(term, ox.BlankNode):
        return "_:"
    return None if term is None else str(term)


def _written(term: _Term | None) -> str:
    if isinstance(term, ox.BlankNode):
        return f"<urn:blank:{term.value}>"
    return "UNDEF" if term is None else str(term)
