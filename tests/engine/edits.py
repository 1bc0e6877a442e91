"""Stores that builds and users have written to, and what is in them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.generations import current_generation, writing
from graph.generations.publishing import no_step, prepare, publish
from graph.generations.sweeping import new_scratch, next_number, sweep_leftovers
from graph.namespaces import DERIVED_GRAPH
from graph.upgrade import Release, make_build, plan_build
from graph.writing.commits import Commit
from graph.writing.tally import Tally
from graph.writing.transaction import COMMITS, DERIVED, RESERVED, UNION, Transaction
from graph.writing.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from graph.generations import Generation
    from graph.shipped import Choice

PREFIXES = """
PREFIX : <http://example.org/>
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX id: <https://w3id.org/metapole/id/>
PREFIX person: <https://w3id.org/metapole/id/person/>
"""
KNOWS = "CONSTRUCT { ?b <http://example.org/known-by> ?a } { ?a <http://example.org/knows> ?b }"


def parsed(trig: str) -> list[ox.Quad]:
    return list(ox.parse(PREFIXES + trig, ox.RdfFormat.TRIG))


def rules_in(folder: Path) -> Path:
    """Write one rule: who is known is known by who knows."""
    folder.mkdir(exist_ok=True)
    (folder / "known-by.rq").write_text(KNOWS, encoding="utf-8")
    return folder


def release(trig: str, rules: Path, built_from: str = "") -> Release:
    quads = parsed(trig)
    knows = ox.NamedNode("http://example.org/knows")
    known_by = ox.NamedNode("http://example.org/known-by")
    derived = {
        ox.Quad(quad.object, known_by, quad.subject, ox.NamedNode(DERIVED_GRAPH))
        for quad in quads
        if quad.predicate == knows and not isinstance(quad.object, ox.Literal | ox.Triple)
    }
    return Release((*quads, *derived), built_from or sha256(trig.encode()).hexdigest(), rules)


def build(store: Path, new: Release, choices: Mapping[str, Choice] | None = None) -> Generation:
    with writing(store, "a test") as lock:
        return make_build(store, new, plan_build(store, new), choices or {}, lock)


def write(store: Path, rules: Path, *, add: str = "", remove: str = "", drop: str = "") -> None:
    """Change *store* as a user does: a commit, with union and derived graph in step."""
    base = current_generation(store)
    assert base is not None
    with writing(store, "a test"):
        prepare(store)
        directory = str(new_scratch(store))
        ox.Store.read_only(str(base.path)).backup(directory)
        transaction = Transaction(ox.Store(directory))
        tally = Tally(replace(base, number=next_number(store) - 1))
        transaction.remove(parsed(remove))
        transaction.insert(parsed(add))
        if drop:
            transaction.drop_graph(ox.NamedNode(drop))
        changed = {quad.graph_name for quad in (*transaction.added, *transaction.removed)}
        Upkeep(rules).bring_in_step(transaction)
        commit = Commit(
            base.commit + 1, datetime.now(UTC), "a user", 1, 1,
            tuple(sorted(name.value for name in changed if isinstance(name, ox.NamedNode))),
        )  # fmt: skip
        transaction.insert(commit.quads(), by_server=True)
        tally.take(transaction)
        tally.commit = commit.number
        publish(store, transaction.store, tally.draft(store), base, no_step)
        sweep_leftovers(store)


def content(store: Path, generation: Generation | None = None) -> dict[str, set[str]]:
    """Return the triples that are stated, by graph; "" is the default graph."""
    found: dict[str, set[str]] = defaultdict(set)
    for quad in opened(store, generation):
        if quad.graph_name not in RESERVED:
            name = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
            found[name].add(str(quad.triple))
    return dict(found)


def opened(store: Path, generation: Generation | None = None) -> ox.Store:
    generation = generation or current_generation(store)
    assert generation is not None
    return ox.Store.read_only(str(generation.path))


def assert_in_step(store: Path, generation: Generation | None = None) -> None:
    """Check the union and what is derived against what is stated, by the one rule there is."""
    quads = list(opened(store, generation))
    stated = {quad.triple for quad in quads if quad.graph_name not in RESERVED}
    known_by = ox.NamedNode("http://example.org/known-by")
    derived = {
        ox.Triple(each.object, known_by, each.subject)
        for each in stated
        if each.predicate.value == "http://example.org/knows"
        and not isinstance(each.object, ox.Literal | ox.Triple)
    } - stated
    assert {quad.triple for quad in quads if quad.graph_name == DERIVED} == derived
    assert {quad.triple for quad in quads if quad.graph_name == UNION} == stated | derived


def log(store: Path) -> list[str]:
    """Return who made the commits, in their order."""
    author = ox.NamedNode("https://w3id.org/metapole/def#agentName")
    found = {
        int(quad.subject.value.rpartition("/")[2]): quad.object.value
        for quad in opened(store).quads_for_pattern(None, author, None, COMMITS)
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal)
    }
    return [found[number] for number in sorted(found)]
