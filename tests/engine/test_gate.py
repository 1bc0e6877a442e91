"""The gate: whom a change can concern, what the validator has to know of them, what is broken."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from graph.errors import EngineUnavailable, UnreadableSource
from graph.gate.affected import affected_nodes
from graph.gate.extract import NODES_AT_ONCE, extract, name_of, packed, unpacked
from graph.gate.judge import Judgement, judge, not_judged
from graph.gate.profile import Profile, profile_from, read_profile
from graph.gate.stated import Stated
from graph.writing.transaction import COMMITS, DERIVED, UNION, Transaction

from .conftest import parsed
from .places import DATA, EX, PREFIXES, SHAPES
from .shapes_oracle import Shapes

if TYPE_CHECKING:
    from collections.abc import Iterable


@cache
def shapes(text: str = SHAPES) -> Shapes:
    return Shapes(parsed(PREFIXES + text))


def store_of(text: str) -> ox.Store:
    store = ox.Store()
    store.extend(parsed(PREFIXES + text))
    return store


def changed(store: ox.Store, *, insert: str = "", remove: str = "") -> Transaction:
    transaction = Transaction(store)
    transaction.remove(parsed(PREFIXES + remove))
    transaction.insert(parsed(PREFIXES + insert), by_server=True)
    return transaction


def affected(transaction: Transaction, profile: Profile | None = None) -> set[str]:
    added, removed = transaction.added, transaction.removed
    before = Stated(transaction.store, without=added, also=removed)
    after = Stated(transaction.store)
    profile = profile or shapes().profile
    nodes = affected_nodes(before, after, (*added, *removed), profile)
    assert len(nodes) == len(set(nodes))
    return {name_of(node).removeprefix(EX) for node in nodes}


def judged(transaction: Transaction) -> Judgement:
    return judge(
        transaction.store, transaction.added, transaction.removed, shapes().profile, shapes().ask
    )


def said(findings: Iterable[Any]) -> set[tuple[str, str]]:
    return {(each["focus"].removeprefix(EX), each["message"]) for each in findings}


# Whom a change can concern


@pytest.mark.parametrize(
    ("insert", "remove", "expected"),
    [
        pytest.param(':one :name "Uno" .', "", {"one"}, id="a value of its own"),
        pytest.param(':one :note "x" . :nowhere :note "y" .', "", set[str](), id="not looked at"),
        pytest.param(':unlike :name "x" .', "", set[str](), id="no target"),
        pytest.param(":nowhere a :Region .", "", {"nowhere", "three"}, id="a class that is asked"),
        pytest.param(":north a :Landscape .", "", set[str](), id="a class that nobody asks for"),
        pytest.param("", ":east a :Region .", {"two"}, id="it ceases to be of the class"),
        pytest.param(":north a :Region .", "", set[str](), id="of the class by a subclass already"),
        pytest.param("", ":County rdfs:subClassOf :Region .", {"one"}, id="the subclass is none"),
        pytest.param(
            ":Shire rdfs:subClassOf :County . :nowhere a :Shire .", "", {"nowhere", "three"},
            id="a subclass of a subclass",
        ),
        pytest.param("", ":one :in :north .", {"one", "firm"}, id="two steps away"),
        pytest.param(":new :seat :two .", "", {"new"}, id="subjects of a property"),
        pytest.param(":one :name 07 .", "", {"one"}, id="a literal that the store writes anew"),
        pytest.param(":firm :rival :x .", "", {"firm"}, id="the other property of sh:disjoint"),
        pytest.param("_:b a :Place .", "", {"_:b"}, id="a blank node"),
        pytest.param(
            ':x { :one :name "One" } ', "", set[str](), id="a triple that another graph has"
        ),
        pytest.param(
            f":new a :Place . {UNION} {{ :two :name 1 }} {DERIVED} {{ :two a :Region }} "
            f"{COMMITS} {{ :two :in 1 }}", "", {"new"}, id="graphs of the server",
        ),
        pytest.param(
            "", ":one a :Place ; :in :north ; :name 'One' .", {"firm"}, id="no target any more"
        ),
    ],
)  # fmt: skip
def test_a_change_concerns(insert: str, remove: str, expected: set[str]) -> None:
    transaction = changed(store_of(DATA), insert=insert, remove=remove)
    if expected == {"_:b"}:
        (quad,) = transaction.added
        expected = {name_of(quad.subject)}  # pyright: ignore[reportArgumentType] -- no triple term

    assert affected(transaction) == expected


class Watched:
    """A store that counts what is read from it."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self.read = 0

    def quads_for_pattern(self, *pattern: Any) -> Iterable[ox.Quad]:  # noqa: ANN401 -- what the store takes
        for quad in self._store.quads_for_pattern(*pattern):
            self.read += 1
            yield quad


@pytest.mark.parametrize(
    ("insert", "remove", "count"),
    [
        pytest.param(':north :name "North" .', "", 0, id="a name"),
        pytest.param(":north a :Landscape .", "", 0, id="another class"),
        pytest.param("", ":north a :County .", 1001, id="the class that all ask for"),
    ],
)
def test_a_node_that_many_point_to_costs_nothing_until_its_class_matters(
    insert: str, remove: str, count: int
) -> None:
    many = "".join(f":place{number} a :Place ; :in :north .\n" for number in range(1000))
    transaction = changed(store_of(DATA + many), insert=insert, remove=remove)
    watched = Watched(transaction.store)
    after = Stated(watched)  # pyright: ignore[reportArgumentType] -- all that it needs of a store
    before = Stated(transaction.store, without=transaction.added, also=transaction.removed)
    quads = (*transaction.added, *transaction.removed)

    assert len(affected_nodes(before, after, quads, shapes().profile)) == count
    assert (watched.read < 20) == (count == 0)


@pytest.mark.parametrize(
    ("shape", "complaint"),
    [
        ("sh:closed true", "uses sh:closed"),
        ("sh:sparql [ sh:select '' ]", "uses sh:sparql"),
        ("sh:targetNode :a", "uses sh:targetNode"),
        ("sh:targetObjectsOf :a", "uses sh:targetObjectsOf"),
        ("sh:property [ sh:path [ sh:inversePath :in ] ]", "path is more than a property"),
        ("sh:node :S", "refers to itself"),
        ("a rdfs:Class", "is a class and a shape"),
    ],
)
def test_shapes_that_cannot_be_followed_are_refused(shape: str, complaint: str) -> None:
    quads = parsed(f"{PREFIXES} :S sh:targetClass :C ; {shape} .")

    with pytest.raises(UnreadableSource, match=complaint):
        read_profile(quads)


def test_what_shapes_look_at_can_be_handed_on_as_json() -> None:
    plain = json.loads(json.dumps(shapes().profile.as_plain()))
    transaction = changed(store_of(DATA), remove=":one :in :north . :east a :Region .")

    assert affected(transaction, profile_from(plain)) == {"one", "two", "firm"}


# What the validator has to know


def test_an_extract_holds_what_shapes_look_at_and_no_more() -> None:
    store = store_of(DATA + ':one :note "no shape looks here" . :north :name "North" .')
    buffer = bytearray(extract(Stated(store), [ox.NamedNode(EX + "firm")], shapes().profile))

    ((nodes, quads),) = unpacked(buffer)

    assert nodes == [ox.NamedNode(EX + "firm")]
    assert set(quads) == set(parsed(PREFIXES + ":firm :seat :one ; :staff 12 . :one :in :north ."))
    assert not buffer


def test_extracts_can_be_cut_anywhere() -> None:
    nodes = [ox.NamedNode(EX + "a"), ox.BlankNode("b")]
    triple = ox.Triple(nodes[0], ox.NamedNode(EX + "a"), ox.Literal("line\nline"))
    content = packed(nodes, [triple]) + packed([], [])
    buffer, found = bytearray(), list[Any]()
    for start, end in pairwise(range(0, len(content) + 7, 7)):
        buffer += content[start:end]
        found += unpacked(buffer)

    assert found == [(nodes, [ox.Quad(*triple)]), ([], [])]


# What a change breaks


@pytest.mark.parametrize(
    ("insert", "remove", "expected"),
    [
        pytest.param(':one :name "Uno" .', "", {("one", "a place has one name")}, id="broken"),
        pytest.param(":one :name 07 .", "", {("one", "a place has one name")}, id="written anew"),
        pytest.param(':three :name "Tres" .', "", {("three", "a place has one name")}, id="more"),
        pytest.param(':three :name "Tres" .', ':three :name "Three" .', set[Any](), id="as broken"),
        pytest.param(":three :in :void .", ":three :in :nowhere .",
            {("three", "a place is in a region")}, id="broken in another way"),
        pytest.param(":nowhere a :Region .", "", set[Any](), id="mended"),
        pytest.param("", ":east a :Region .", {("two", "a place is in a region")}, id="from afar"),
        pytest.param("", ":one :in :north .",
            {("firm", "a seat lies in something")}, id="two steps away"),
    ],
)  # fmt: skip
def test_a_change_is_charged_with_what_it_breaks(
    insert: str, remove: str, expected: set[tuple[str, str]]
) -> None:
    judgement = judged(changed(store_of(DATA), insert=insert, remove=remove))

    assert said(judgement.findings) == expected
    assert (judgement.refusal() is None) == (not expected)


def test_what_was_broken_before_is_counted_apart() -> None:
    judgement = judged(changed(store_of(DATA), insert=':three :name "Tres" .'))

    assert (judgement.nodes, len(judgement.findings), judgement.standing) == (1, 1, 1)


def test_a_warning_does_not_refuse() -> None:
    judgement = judged(changed(store_of(DATA), insert=':firm :staff "many" .'))

    assert [each["severity"] for each in judgement.findings] == ["warning"]
    assert judgement.refusal() is None


def test_a_refusal_says_how_many_and_the_first() -> None:
    refusal = judged(changed(store_of(DATA), insert=':one :name "Uno" .')).refusal()

    assert refusal is not None
    assert str(refusal) == (
        "the change breaks shapes at 1 place, first <http://example.org/PlaceShape> at "
        "<http://example.org/one>: a place has one name; choose"
    )
    assert said(refusal.findings) == {("one", "a place has one name")}


def test_a_change_that_no_shape_looks_at_asks_nobody() -> None:
    transaction = changed(store_of(DATA), insert=':one :note "x" .')

    def ask(extract: bytes) -> dict[str, Any]:
        raise AssertionError(extract)

    added, removed = transaction.added, transaction.removed
    assert judge(transaction.store, added, removed, shapes().profile, ask).nodes == 0


def test_many_nodes_are_judged_some_at_a_time() -> None:
    count = NODES_AT_ONCE + 1
    many = "".join(f":place{number} a :Place ; :in :east .\n" for number in range(count))
    transaction = changed(store_of(DATA), insert=many)
    sizes = list[int]()

    def ask(extract: bytes) -> dict[str, Any]:
        sizes.extend(len(nodes) for nodes, _ in unpacked(bytearray(extract)))
        return shapes().ask(extract)

    judgement = judge(
        transaction.store, transaction.added, transaction.removed, shapes().profile, ask
    )

    assert (judgement.nodes, judgement.findings) == (count, [])
    assert sizes == [NODES_AT_ONCE, 1]


def test_a_change_that_breaks_too_much_is_not_looked_at_to_its_end() -> None:
    many = "".join(f":place{number} a :Place ; :in :void .\n" for number in range(1501))

    judgement = judged(changed(store_of(DATA), insert=many))

    assert not judgement.is_complete
    assert 1000 <= len(judgement.findings) < 1501
    assert "at least 1,000 places" in str(judgement.refusal())


def test_without_a_verdict_there_is_no_judgement() -> None:
    transaction = changed(store_of(DATA), insert=':one :name "Uno" .')

    def ask(_: bytes) -> dict[str, Any]:
        return {"failure": "EngineUnavailable", "message": "the validator was lost"}

    with pytest.raises(EngineUnavailable, match="validator was lost") as caught:
        judge(transaction.store, transaction.added, transaction.removed, shapes().profile, ask)
    assert "the validator was lost" in not_judged(caught.value)["message"]
