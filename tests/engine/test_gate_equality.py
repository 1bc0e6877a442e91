"""Whatever is changed, the gate finds what a validation of everything finds anew, and no more."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from graph.build import check
from graph.gate.judge import Judgement, judge
from graph.gate.profile import SUBCLASS, TYPE, Look
from graph.namespaces import RDF, SH, SOURCE_GRAPHS, XSD
from graph.paths import bundled
from graph.shapes import read_shapes
from graph.writing.transaction import DERIVED, UNION, Transaction
from tests.thoroughness import tried

from .shapes_oracle import Key, Shapes, key

if TYPE_CHECKING:
    from collections.abc import Iterable

    Subject = ox.NamedNode | ox.BlankNode
    Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph

EX = "http://example.org/"
NODES: list[Subject] = [
    *(ox.NamedNode(f"{EX}{name}") for name in "abcde"),
    ox.BlankNode("blank"),
]
GRAPHS: list[Graph] = [ox.DefaultGraph(), ox.NamedNode(EX + "one"), ox.NamedNode(EX + "two")]
CLASSES = [ox.NamedNode(f"{EX}Class{number}") for number in range(3)]
LITERALS = [
    ox.Literal("text"),
    ox.Literal("text", language="en"),
    ox.Literal("another", language="en"),
    ox.Literal("12", datatype=ox.NamedNode(XSD + "integer")),
    ox.Literal("12.5", datatype=ox.NamedNode(XSD + "decimal")),
    ox.Literal("2018-07-01", datatype=ox.NamedNode(XSD + "date")),
]


@cache
def shipped() -> Shapes:
    return Shapes(read_shapes(bundled("ontology") / "shapes").quads)


@cache
def named_by_shapes() -> list[ox.NamedNode | ox.Literal]:
    """Return what sh:in and sh:hasValue name."""
    predicates = (ox.NamedNode(RDF + "first"), ox.NamedNode(SH + "hasValue"))
    quads = read_shapes(bundled("ontology") / "shapes").quads
    values = [quad.object for quad in quads if quad.predicate in predicates]
    return [each for each in values if isinstance(each, ox.NamedNode | ox.Literal)]


@st.composite
def statements(draw: st.DrawFn) -> list[ox.Quad]:
    """Draw a focus node with what one shape looks at, or a triple of the class hierarchy."""
    profile = shipped().profile
    graph = draw(st.sampled_from(GRAPHS))
    focus, value = draw(st.sampled_from(NODES)), draw(st.sampled_from(NODES))
    match draw(st.sampled_from(("class", "class", "value", "value", "subclass", "type"))):
        case "class":
            asked = draw(st.sampled_from(sorted(profile.asks_for, key=str)))
            look = draw(st.sampled_from(profile.asks_for[asked]))
            node = value if look.chain else focus
            a_class = draw(st.sampled_from((asked, asked, *CLASSES)))
            return [*_focus(focus, look, value, graph), ox.Quad(node, TYPE, a_class, graph)]
        case "value":
            predicate = draw(st.sampled_from(sorted(profile.looks_at, key=str)))
            look = draw(st.sampled_from(profile.looks_at[predicate]))
            values = (*NODES, *LITERALS, *named_by_shapes())
            quad = ox.Quad(focus, predicate, draw(st.sampled_from(values)), graph)
            return [*_focus(focus, look, value, graph), quad]
        case "subclass":
            above = draw(st.sampled_from((*CLASSES, *sorted(profile.classes, key=str))))
            return [ox.Quad(draw(st.sampled_from(CLASSES)), SUBCLASS, above, graph)]
        case _:
            return [ox.Quad(focus, TYPE, draw(st.sampled_from(CLASSES)), graph)]


def _focus(focus: Subject, look: Look, value: Subject, graph: Graph) -> list[ox.Quad]:
    """Return what makes *focus* a target of the shape, with a way to *value* if there is one."""
    types = [
        ox.Quad(focus, TYPE, each, graph) for each in sorted(look.shape.target_classes, key=str)[:1]
    ]
    return types + [ox.Quad(focus, each, value, graph) for each in look.chain]


# Not shrunk: that takes minutes, and what is drawn is small.
@settings(max_examples=tried(40, 100), deadline=None, phases=[Phase.reuse, Phase.generate])
@given(
    st.lists(statements(), min_size=1, max_size=6),
    st.lists(statements(), max_size=3),
    st.data(),
)
def test_a_change_of_a_small_graph(
    initial: list[list[ox.Quad]], new: list[list[ox.Quad]], data: st.DataObject
) -> None:
    store = _store(quad for each in initial for quad in each)
    gone = data.draw(st.lists(st.sampled_from(sorted(_stated(store), key=str)), max_size=5))
    transaction = Transaction(store)
    before = shipped().judge_all(_stated(store))
    transaction.insert(quad for each in new for quad in each)
    transaction.remove(gone)

    judgement = _judge(transaction)

    assert set(map(key, judgement.findings)) == shipped().judge_all(_stated(store)) - before


@cache
def shipped_quads() -> tuple[ox.Quad, ...]:
    return tuple(quad for quad in check().quads if quad.graph_name != DERIVED)


@pytest.mark.parametrize("seed", range(tried(1, 2)))
def test_a_row_of_changes_of_the_graph_that_ships(seed: int) -> None:
    """Each change adds to what the ones before it broke."""
    chance = Random(seed)  # noqa: S311 -- to try things
    store = _store(shipped_quads())
    before: set[Key] = set()
    for _ in range(2):
        transaction = Transaction(store)
        for _ in range(12):
            _mutate(transaction, chance)
        judgement = _judge(transaction)
        after = shipped().judge_all(_stated(store))
        assert set(map(key, judgement.findings)) == after - before
        assert judgement.standing <= len(before & after)
        before = after
    assert before


def test_a_graph_that_ships_is_dropped() -> None:
    store = _store(shipped_quads())
    transaction = Transaction(store)
    transaction.drop_graph(ox.NamedNode(f"{SOURCE_GRAPHS}ifa-competitive-clusters-2007"))

    judgement = _judge(transaction)

    assert transaction.removed
    assert set(map(key, judgement.findings)) == shipped().judge_all(_stated(store))


def _mutate(transaction: Transaction, chance: Random) -> None:
    """Delete, alter, copy or retype one statement, or move a class in the hierarchy."""
    quad, another = chance.choice(_looked_at()), chance.choice(_looked_at())
    subject, predicate, value, graph = quad
    match chance.choice(("delete", "value", "subject", "type", "untype", "hierarchy")):
        case "delete":
            transaction.remove([quad])
        case "value":
            transaction.remove([quad])
            transaction.insert([ox.Quad(subject, predicate, another.object, graph)])
        case "subject":
            transaction.insert([ox.Quad(another.subject, predicate, value, graph)])
        case "type":
            a_class = chance.choice(sorted(shipped().profile.classes, key=str))
            transaction.insert([ox.Quad(subject, TYPE, a_class, graph)])
        case "untype":
            node = value if isinstance(value, ox.NamedNode) else subject
            transaction.remove(list(transaction.store.quads_for_pattern(node, TYPE, None, None)))
        case _:
            pairs = list(transaction.store.quads_for_pattern(None, SUBCLASS, None, None))
            transaction.remove([chance.choice(pairs)])


@cache
def _looked_at() -> list[ox.Quad]:
    return [quad for quad in shipped_quads() if quad.predicate in shipped().profile.properties]


def _judge(transaction: Transaction) -> Judgement:
    shapes = shipped()
    return judge(
        transaction.store, transaction.added, transaction.removed, shapes.profile, shapes.ask
    )


def _store(quads: Iterable[ox.Quad]) -> ox.Store:
    """Return a store of *quads*, and of a union that no longer is true."""
    store = ox.Store()
    for quad in quads:
        store.add(quad)
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object, UNION))
    return store


def _stated(store: ox.Store) -> list[ox.Quad]:
    return [quad for quad in store if quad.graph_name != UNION]
