"""Whatever is changed, derived and union become what a full rebuild makes of the stated graphs."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.derivation import closure
from graph.generations import current_generation
from graph.paths import bundled
from graph.rules import Rules, Term, read_rules
from graph.writing.transaction import COMMITS, DERIVED, RESERVED, UNION, GraphName, Transaction
from graph.writing.upkeep import Upkeep
from tests.thoroughness import tried

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SHIPPED_RULES = bundled("ontology") / "rules"
PREFIXES = """
    PREFIX : <ex:>
    PREFIX mp: <https://w3id.org/metapole/def#>
    PREFIX org: <http://www.w3.org/ns/org#>
    PREFIX owl: <http://www.w3.org/2002/07/owl#>
    PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    PREFIX role: <https://w3id.org/metapole/def/role/>
"""


def parsed(trig: str) -> list[ox.Quad]:
    return list(ox.parse(PREFIXES + trig, ox.RdfFormat.TRIG))


def triples_in(store: ox.Store, graph: ox.NamedNode) -> set[ox.Triple]:
    return {quad.triple for quad in store.quads_for_pattern(None, None, None, graph)}


def in_graph(graph: ox.NamedNode, trig: str) -> list[ox.Quad]:
    return [ox.Quad(q.subject, q.predicate, q.object, graph) for q in parsed(trig)]


def stated_in(store: ox.Store) -> list[ox.Quad]:
    return [quad for quad in store if quad.graph_name not in RESERVED]


def state(store: ox.Store) -> tuple[frozenset[ox.Quad], frozenset[GraphName]]:
    return frozenset(store), frozenset(store.named_graphs())


def assert_in_step(store: ox.Store, rules: Rules) -> None:
    """Compare with what the engine derives from all that is stated."""
    stated = stated_in(store)
    derived = {quad.triple for quad in closure(stated, rules).derived}
    assert triples_in(store, DERIVED) == derived
    assert triples_in(store, UNION) == derived | {quad.triple for quad in stated}


@pytest.fixture(scope="session")
def shipped() -> Upkeep:
    """Return what keeps a store in step with the rules that ship."""
    return Upkeep(SHIPPED_RULES)


@pytest.fixture(scope="session")
def shipped_rules() -> Rules:
    return read_rules(SHIPPED_RULES)


# Cases with a name


@pytest.mark.parametrize(
    ("before", "gone", "new", "derived"),
    [
        pytest.param(
            ":C rdfs:subClassOf :D .", "", ":a a :C .", ":a a :D .",
            id="what is new has consequences",
        ),
        pytest.param(
            ":C rdfs:subClassOf :D . :a a :C .", ":a a :C .", "", "",
            id="they go when it goes",
        ),
        pytest.param(
            ":C rdfs:subClassOf :E . :D rdfs:subClassOf :E . :a a :C , :D .",
            ":a a :C .", "", ":a a :E .",
            id="they stay when they follow from something else",
        ),
        pytest.param(
            ":C rdfs:subClassOf :D . :a a :C , :D .", ":a a :D .", "", ":a a :D .",
            id="what was stated is derived when it follows all the same",
        ),
        pytest.param(
            ":C rdfs:subClassOf :D . :a a :C .", "", ":a a :D .", "",
            id="what was derived is derived no more when it is stated",
        ),
        pytest.param(
            ":C rdfs:subClassOf :D . GRAPH :g { :a a :C . } :a a :C .",
            ":a a :C .", "", ":a a :D .",
            id="what two graphs state is there while one does",
        ),
        pytest.param(
            ":C rdfs:subClassOf :D . :D rdfs:subClassOf :C . :a a :C . :b a :D .",
            ":a a :C .", "", ":b a :C .",
            id="nothing holds itself up in a cycle",
        ),
        pytest.param(
            ":p owl:inverseOf :q . :p a owl:SymmetricProperty . :a :p :b .",
            ":a :p :b .", ":b :q :a .", ":a :p :b . :b :p :a . :a :q :b .",
            id="the other way round",
        ),
        pytest.param(
            ":a a :C . :b a :C .", "", ":C rdfs:subClassOf :D .", ":a a :D . :b a :D .",
            id="a new class above reaches all instances",
        ),
        pytest.param(
            ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r . :a :p 1 , 'x'@en .",
            ":q rdfs:subPropertyOf :r .", "", ":a :q 1 , 'x'@en .",
            id="a property above that goes takes its triples along",
        ),
        pytest.param(
            ":p owl:inverseOf :q .", "", ":a :p 'text' , :b , [] .", ":b :q :a .",
            id="only what has a name is turned round",
        ),
        pytest.param(
            ":m mp:member :a ; mp:group :g ; mp:role role:manager .", "",
            ":m a mp:Membership .", ":g mp:managedBy :a .",
            id="a rule with many conditions",
        ),
    ],
)  # fmt: skip
def test_derived_follows_what_is_stated(
    shipped: Upkeep, before: str, gone: str, new: str, derived: str
) -> None:
    store = ox.Store()
    for removed, added in (("", before), (gone, new)):
        transaction = Transaction(store)
        transaction.remove(parsed(removed))
        transaction.insert(parsed(added))
        shipped.bring_in_step(transaction)

    assert triples_in(store, DERIVED) == {quad.triple for quad in parsed(derived)}
    stated = {quad.triple for quad in stated_in(store)}
    assert triples_in(store, UNION) == stated | triples_in(store, DERIVED)


def test_the_log_of_commits_is_no_input(shipped: Upkeep) -> None:
    store = ox.Store()
    transaction = Transaction(store)
    transaction.insert(parsed(":C rdfs:subClassOf :D ."))
    transaction.insert(in_graph(COMMITS, ":a a :C ."), by_server=True)
    shipped.bring_in_step(transaction)

    assert triples_in(store, UNION) == {parsed(":C rdfs:subClassOf :D .")[0].triple}


def test_a_rebuild_puts_right_whatever_is_there(shipped: Upkeep) -> None:
    store = ox.Store()
    store.extend(parsed(":C rdfs:subClassOf :D . :a a :C . :b a :D ."))
    store.extend(in_graph(DERIVED, ":b a :C , :D ."))
    store.extend(in_graph(UNION, ":b a :C , :D ."))
    before = state(store)

    transaction = Transaction(store)
    shipped.rebuild(transaction)

    assert triples_in(store, DERIVED) == {parsed(":a a :D .")[0].triple}
    assert triples_in(store, UNION) == {
        quad.triple for quad in parsed(":C rdfs:subClassOf :D . :a a :C , :D . :b a :D .")
    }
    assert transaction.added.keys().isdisjoint(in_graph(UNION, ":b a :D ."))
    transaction.undo()
    assert state(store) == before


# Any rules, any changes


@dataclass(frozen=True)
class Insert:
    quads: list[ox.Quad]

    def make(self, transaction: Transaction) -> None:
        transaction.insert(self.quads)


@dataclass(frozen=True)
class Remove:
    quads: list[ox.Quad]

    def make(self, transaction: Transaction) -> None:
        transaction.remove(self.quads)


@dataclass(frozen=True)
class RemoveSomeOfWhatIsThere:
    places: list[int]

    def make(self, transaction: Transaction) -> None:
        stated = sorted(stated_in(transaction.store), key=str)
        transaction.remove(stated[place % len(stated)] for place in self.places if stated)


@dataclass(frozen=True)
class Drop:
    graph: GraphName

    def make(self, transaction: Transaction) -> None:
        transaction.drop_graph(self.graph)


@dataclass(frozen=True)
class Log:
    triple: ox.Triple

    def make(self, transaction: Transaction) -> None:
        subject, predicate, value = self.triple
        transaction.insert([ox.Quad(subject, predicate, value, COMMITS)], by_server=True)


Change: TypeAlias = Insert | Remove | RemoveSomeOfWhatIsThere | Drop | Log


def iris(names: str) -> list[ox.NamedNode]:
    found = [quad.object for quad in parsed(f":all :are {' , '.join(names.split())} .")]
    return [each for each in found if isinstance(each, ox.NamedNode)]


GRAPHS: list[GraphName] = [ox.DefaultGraph(), *iris(":g :h")]
LITERALS = [quad.object for quad in parsed(":all :are 1 , 01 , 1.0 , '1' , <<( :a :p 01 )>> .")]


@st.composite
def histories(draw: st.DrawFn, quad: st.SearchStrategy[ox.Quad], start: int) -> list[list[Change]]:
    """Make transactions up; the first begins with up to *start* quads."""
    change: st.SearchStrategy[Change] = st.one_of(
        st.builds(Insert, st.lists(quad, min_size=1, max_size=6)),
        st.builds(RemoveSomeOfWhatIsThere, st.lists(st.integers(0, 1000), min_size=1, max_size=4)),
        st.builds(Remove, st.lists(quad, min_size=1, max_size=4)),
        st.builds(Drop, st.sampled_from(GRAPHS)),
        st.builds(Log, quad.map(lambda quad: quad.triple)),
    )
    first = Insert(draw(st.lists(quad, max_size=start)))
    return [[first], *draw(st.lists(st.lists(change, max_size=3), min_size=1, max_size=4))]


def follow(upkeep: Upkeep, rules: Rules, history: list[list[Change]]) -> None:
    """Make the transactions of *history*, look at the store after each, and undo every other."""
    store = ox.Store()
    for number, changes in enumerate(history):
        before = state(store)
        transaction = Transaction(store)
        for change in changes:
            change.make(transaction)
        upkeep.bring_in_step(transaction)
        assert_in_step(store, rules)
        if number % 2:
            transaction.undo()
            assert state(store) == before


def quads_of(
    subjects: Sequence[ox.NamedNode | ox.BlankNode],
    predicates: Sequence[ox.NamedNode],
    objects: Sequence[Term],
) -> st.SearchStrategy[ox.Quad]:
    return st.builds(
        ox.Quad,
        st.sampled_from(subjects),
        st.sampled_from(predicates),
        st.sampled_from(objects),
        st.sampled_from(GRAPHS),
    )


# Some nodes are predicates as well, so that rules about predicates find something.
NODES = [*iris(":a :b :p :q"), ox.BlankNode("n")]
ANY_QUAD = quads_of(NODES, iris(":p :q :r"), [*NODES, *LITERALS])


@st.composite
def rule_texts(draw: st.DrawFn) -> str:
    """Make a rule up."""

    def pattern(predicates: Sequence[str], objects: Sequence[str]) -> str:
        subject = draw(st.sampled_from(["?x", "?y", "?z", ":a"]))
        return f"{subject} {draw(st.sampled_from(predicates))} {draw(st.sampled_from(objects))} ."

    def patterns(most: int) -> str:
        return " ".join(
            pattern([":p", ":q", ":r", ":p/:q", "?y", "?w"], ["?x", "?y", "?z", ":b", "1", "[]"])
            for _ in range(draw(st.integers(1, most)))
        )

    where = patterns(2)
    bound = [name for name in ("?w", "?x", "?y", "?z") if name in where]
    extra = draw(st.sampled_from(["", "", "union", "values", "is iri", "differ"]))
    if extra == "union":
        where += f" {{ {patterns(1)} }} UNION {{ {patterns(1)} }}"
    elif extra == "values":
        where += " VALUES (?x ?y) { (:a UNDEF) (:b :a) (UNDEF 01) }"
    elif extra == "is iri" and bound:
        where += f" FILTER isIRI({draw(st.sampled_from(bound))})"
    elif extra == "differ" and bound:
        left, right = draw(st.sampled_from(bound)), draw(st.sampled_from([*bound, "1", ":a"]))
        where += f" FILTER ({left} != {right})"
    head = " ".join(
        pattern([":p", ":q", ":r", "?y", "?w"], ["?x", "?y", "?z", ":b"])
        for _ in range(draw(st.integers(1, 2)))
    )
    return f"PREFIX : <ex:> CONSTRUCT {{ {head} }} WHERE {{ {where} }}"


@settings(max_examples=tried(200, 700), deadline=None)
@given(
    st.lists(rule_texts(), min_size=1, max_size=4),
    histories(ANY_QUAD, start=12),
    st.sampled_from([0, 5_000]),
)
def test_any_rules_are_kept_in_step_with_any_changes(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    history: list[list[Change]],
    always_followed: int,
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    for number, text in enumerate(texts):
        (folder / f"{number}.rq").write_text(text, encoding="utf-8")

    with pytest.MonkeyPatch.context() as patch:
        # With 0, a change that reaches far has everything derived again.
        patch.setattr("graph.writing.upkeep._ALWAYS_FOLLOWED", always_followed)
        follow(Upkeep(folder), read_rules(folder), history)


THINGS = iris(":a :b :c")
CLASSES = iris(":A :B mp:Cluster mp:Membership mp:Actor mp:ClusterNetwork owl:SymmetricProperty")
PROPERTIES = iris(":p mp:member mp:group mp:partner org:memberOf mp:partnerOf rdfs:subClassOf")
TYPE, ROLE = iris("rdf:type mp:role")
OUR_QUAD = st.one_of(
    quads_of([*THINGS, *PROPERTIES], [TYPE], CLASSES),
    quads_of(THINGS, [TYPE], CLASSES[:4]),
    quads_of(THINGS, PROPERTIES[:-1], [*THINGS, ox.BlankNode("n"), *LITERALS]),
    quads_of(THINGS, [ROLE], iris("role:member role:manager")),
    quads_of(CLASSES, iris("rdfs:subClassOf owl:equivalentClass"), [*CLASSES, *NODES]),
    quads_of(
        PROPERTIES,
        iris("rdfs:subPropertyOf owl:equivalentProperty owl:inverseOf"),
        [*PROPERTIES, TYPE],
    ),
)


@settings(max_examples=tried(100, 250), deadline=None)
@given(histories(OUR_QUAD, start=25))
def test_the_rules_that_ship_are_kept_in_step_with_any_changes(
    shipped: Upkeep, shipped_rules: Rules, history: list[list[Change]]
) -> None:
    follow(shipped, shipped_rules, history)


# The graph that ships


def test_facts_of_the_graph_that_ships_come_and_go(
    shipped: Upkeep, shipped_rules: Rules, shipped_store: Path, tmp_path: Path
) -> None:
    generation = current_generation(shipped_store)
    assert generation
    ox.Store.read_only(str(generation.path)).backup(str(tmp_path / "store"))
    store = ox.Store(tmp_path / "store")
    before = state(store)
    facts = Random(4).sample(sorted(stated_in(store), key=str), 200)  # noqa: S311 -- no secret

    for fact in facts:
        transaction = Transaction(store)
        transaction.remove([fact])
        shipped.bring_in_step(transaction)
    assert_in_step(store, shipped_rules)

    for fact in reversed(facts):
        transaction = Transaction(store)
        transaction.insert([fact])
        shipped.bring_in_step(transaction)
    assert state(store) == before
