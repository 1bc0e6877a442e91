"""Ask the project a query or an update of a test in this process.

It goes through all that lies between the front and the bytes of its answer, except for the
processes: how it is read, the job that is made of it, and what a reader does with the job. What the
writer does for an update besides carrying out its plan is left out.
"""

# pyright: reportPrivateUsage=false
# These are the two ends of the channel between the front and a reader.

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.errors import RemoteFailed
from graph.federation.asking import Blocks, Calls
from graph.federation.jobs import content_of, keys_job, told_of
from graph.federation.rows import Block
from graph.fetching.allowed import Allowed, AllowList
from graph.fetching.fetchers import Fetched
from graph.formats import format_named
from graph.generations import Generation
from graph.limits import MAX_NESTING
from graph.processes import frames, inside
from graph.query import Engine, Limits, Operation, Query
from graph.readers import child
from graph.readers.failures import raise_failure
from graph.sparql.admission import admit
from graph.sparql.template import TemplateCache
from graph.writing.evaluation import evaluate
from graph.writing.transaction import Transaction
from tests.spec.datasets import Dataset, GraphStore, dataset_of, store_before
from tests.spec.services import services_of

if TYPE_CHECKING:
    from graph.federation.plan import Local
    from graph.writing.plan import Plan
    from tests.spec.manifests import SpecTest

Services = Mapping[str, ox.Store | None]


class InProcess:
    """Asks a store in memory, whose own default graph is that of the test."""

    def answer(self, test: SpecTest, format_name: str) -> bytes:
        """Return the answer to the query of *test*; GraphError when there is none."""
        return _answer(_store(dataset_of(test)), test, format_name, evaluate=True)

    def check(self, test: SpecTest) -> None:
        """Return when the text of *test* is a query; GraphError when it is not answered."""
        _answer(_store(Dataset()), test, "json", evaluate=False)

    def update(self, test: SpecTest) -> GraphStore:
        """Return what the update of *test* makes of its data; GraphError when it is not made."""
        before, store = store_before(test), ox.Store()
        for name in before.named_graphs:
            store.add_graph(ox.NamedNode(name))
        store.extend(before.quads)
        evaluate(_plan(test), Transaction(store))
        return GraphStore(tuple(store), frozenset(name.value for name in store.named_graphs()))

    def check_update(self, test: SpecTest) -> None:
        """Return when the text of *test* is an update; GraphError when it is not taken."""
        _plan(test)


def _answer(store: ox.Store, test: SpecTest, format_name: str, *, evaluate: bool) -> bytes:
    services = services_of(test) if evaluate else {}
    return _asked(store, test.text_iri, test.text, format_name, services, evaluate=evaluate)


def _asked(
    store: ox.Store,
    base: str,
    text: str,
    format_name: str,
    services: Services,
    *,
    evaluate: bool = True,
) -> bytes:
    engine = Engine(Path(), default_graph="own", base_iri=base)
    reading = admit(TemplateCache(base), text)
    job = engine._job(Query(Operation(text), reading), format_named(format_name), evaluate)
    plan = reading.federation
    if plan is None:
        return _done(store, job)

    async def find(local: Local, blocks: Blocks, most: int) -> bytes:
        return _done(store, keys_job(job, local, blocks, most), blocks)

    async def made() -> Blocks:
        allow_list = AllowList(Allowed(url, url) for url in services)
        deadline = asyncio.get_running_loop().time() + 30
        calls = Calls(allow_list, _Remote(services), find, deadline)
        await calls.make(plan)
        return calls.blocks

    blocks = asyncio.run(made()) if evaluate else {call.number: Block() for call in plan.calls}
    return _done(store, {**job, "blocks": told_of(blocks)}, blocks)


class _Remote:
    """Other endpoints: each is asked as the project itself is, and may ask the others."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def select(self, allowed: Allowed, query: str) -> Fetched:
        store = self._services[allowed.url]
        if store is None:
            raise RemoteFailed(f"{allowed.name} is not there", allowed.name)
        asked = partial(_asked, store, allowed.url, query, "tsv", self._services)
        head, *lines = (await asyncio.to_thread(asked)).decode().split("\n")[:-1]
        names = tuple(name[1:] for name in head.split("\t"))
        rows = [" ".join(term or "UNDEF" for term in line.split("\t")) for line in lines]
        content = "".join(f"({row})\n" for row in rows).encode()
        return Fetched(names, content, len(rows), len(content), len(query), 1, 0.0, False, "")


def _plan(test: SpecTest) -> Plan:
    job = {
        "kind": "plan",
        "text": test.text,
        "base_iri": test.text_iri,
        "nesting": MAX_NESTING,
        "using_graphs": (),
        "using_named_graphs": (),
        "media_type": "application/json",
    }
    return json.loads(_done(ox.Store(), job))


def _done(store: ox.Store, job: dict[str, Any], blocks: Blocks | None = None) -> bytes:
    """Return what a reader that has *store* open answers to *job*, with the rows of *blocks*."""
    received = json.loads(json.dumps(job))
    with tempfile.TemporaryFile() as channel:
        sent = [frames.packed(frames.DATA, each) for each in content_of(blocks or {}) or ()]
        start = os.write(channel.fileno(), b"".join([*sent, frames.packed(frames.END, b"")]))
        os.lseek(channel.fileno(), 0 if received.get("blocks") else start, os.SEEK_SET)
        parent = inside.Parent(channel.fileno())
        sink = child._Sink(parent, is_xml=received["media_type"].endswith("+xml"))
        ending = child._answer(child._Opened(store), parent, sink, received)
        parent.send_frames(sink.rest())
        if "failure" in ending:
            raise_failure(ending, Limits(), Generation(0, Path(), 0, ""))
        size = os.lseek(channel.fileno(), 0, os.SEEK_CUR) - start
        os.lseek(channel.fileno(), start, os.SEEK_SET)
        said, answer = bytearray(os.read(channel.fileno(), size)), bytearray()
        while frame := frames.taken_from(said):
            answer += frame[1]
        return bytes(answer)


@cache
def _store(dataset: Dataset) -> ox.Store:
    store = ox.Store()
    store.extend(dataset.quads())
    for file in dataset.named:
        store.add_graph(ox.NamedNode(file.iri))
    return store
