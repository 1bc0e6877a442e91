"""Ask the project a query or an update of a test in this process.

It goes through all that lies between the front and the bytes of its answer, except for the
processes: how it is read, the job that is made of it, and what a reader does with the job. What the
writer does for an update besides carrying out its plan is left out.
"""

# pyright: reportPrivateUsage=false
# These are the two ends of the channel between the front and a reader.

from __future__ import annotations

import json
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

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

if TYPE_CHECKING:
    from graph.writing.plan import Plan
    from tests.spec.manifests import SpecTest


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
    engine = Engine(Path(), default_graph="own", base_iri=test.text_iri)
    reading = admit(TemplateCache(test.text_iri), test.text)
    job = engine._job(Query(Operation(test.text), reading), format_named(format_name), evaluate)
    return _done(store, job)


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


def _done(store: ox.Store, job: dict[str, Any]) -> bytes:
    """Return what a reader that has *store* open answers to *job*."""
    received = json.loads(json.dumps(job))
    with tempfile.TemporaryFile() as channel:
        parent = inside.Parent(channel.fileno())
        sink = child._Sink(parent, is_xml=received["media_type"].endswith("+xml"))
        ending = child._answer(child._Opened(store), parent, sink, received)
        parent.send_frames(sink.rest())
        if "failure" in ending:
            raise_failure(ending, Limits(), Generation(0, Path(), 0, ""))
        size = os.lseek(channel.fileno(), 0, os.SEEK_CUR)
        os.lseek(channel.fileno(), 0, os.SEEK_SET)
        sent, answer = bytearray(os.read(channel.fileno(), size)), bytearray()
        while frame := frames.taken_from(sent):
            answer += frame[1]
        return bytes(answer)


@cache
def _store(dataset: Dataset) -> ox.Store:
    store = ox.Store()
    store.extend(dataset.quads())
    for file in dataset.named:
        store.add_graph(ox.NamedNode(file.iri))
    return store
