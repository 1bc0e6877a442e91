"""An update changes the store as SPARQL says, and the transaction knows what it changed."""

from __future__ import annotations

import json
import operator

import pyoxigraph as ox
import pytest
from hypothesis import given, reject, settings

from graph.errors import ReservedGraph, UnsupportedFeature, WriteRejected
from graph.sparql.template import TemplateCache
from graph.writing.evaluation import Evaluated, evaluate
from graph.writing.plan import plan_of
from graph.writing.transaction import Transaction
from tests.thoroughness import tried

from .update_texts import data, updates

BASE = "http://example.org/base/update"
PREFIX = "PREFIX : <http://example.org/>\n"
RESERVED = "https://w3id.org/metapole/graph"


def store_of(trig: str) -> ox.Store:
    """Return a store of *trig*, which needs no dot at its end."""
    has_end = not trig or (trig.rstrip().endswith("}") and not trig.endswith("|}"))
    store = ox.Store()
    store.load(f"{PREFIX}{trig}{'' if has_end else '.'}", ox.RdfFormat.TRIG)
    return store


def update(store: ox.Store, text: str, *using: tuple[str, ...]) -> tuple[Transaction, Evaluated]:
    transaction = Transaction(store)
    plan = json.loads(json.dumps(plan_of(f"{PREFIX}{text}", BASE, *using)))
    return transaction, evaluate(plan, transaction)


def dataset(store: ox.Store) -> ox.Dataset:
    found = ox.Dataset(store)
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return found


def names(store: ox.Store) -> set[str]:
    return {name.value.removeprefix("http://example.org/") for name in store.named_graphs()}


# What an update makes of a store


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        pytest.param("", "INSERT DATA { :a :b 1 . GRAPH :g { :a :b 2 } }",
                     ":a :b 1 . :g { :a :b 2 }", id="INSERT DATA"),
        pytest.param(":a :b 1 . :g { :a :b 1, 2 }",
                     "DELETE DATA { :a :b 1, 2 . GRAPH :g { :a :b 1 } GRAPH :h { :a :b 1 } }",
                     ":g { :a :b 2 }", id="DELETE DATA"),
        pytest.param(":a :b 1", "DELETE DATA { :a :b 01 }", "", id="one value, written otherwise"),
        pytest.param("", "INSERT DATA { _:x :p _:y . GRAPH :g { _:y :p _:x, [] } }",
                     "_:x :p _:y . :g { _:y :p _:x, [] }", id="blank nodes shared by a block"),
        pytest.param("", "INSERT DATA { :s :p :o ~ :r {| :q 1 |} }",
                     ":s :p :o ~ :r {| :q 1 |}", id="an annotation"),
        pytest.param(":a :b 1 . :b :b 2 . :c :c 1",
                     "DELETE { ?s :b ?o } INSERT { ?s :was ?o ; :b ?n } "
                     "WHERE { ?s :b ?o BIND(?o + 1 AS ?n) }",
                     ":a :b 2 ; :was 1 . :b :b 3 ; :was 2 . :c :c 1", id="DELETE and INSERT"),
        pytest.param(":a :b 1, 2", "DELETE { ?s :b ?o } INSERT { ?s :b 1 } WHERE { ?s :b ?o }",
                     ":a :b 1", id="what is deleted and inserted is there"),
        pytest.param(":a :b :c . :c :b :a", "INSERT { ?o :d ?s } WHERE { ?s :b ?o } ; "
                     "DELETE { ?s :b ?o } WHERE { ?s :d ?o }",
                     ":a :d :c . :c :d :a", id="an operation sees what those before it did"),
        pytest.param(":a :b 1, 2, :c", "INSERT { ?o :of ?s ; ?o :x } WHERE { ?s :b ?o }",
                     ":a :b 1, 2, :c . :c :of :a ; :c :x", id="what would be no triple"),
        pytest.param(":a :b 1", "DELETE { ?s :b 1 ; :c ?x } INSERT { ?x :b 2 . ?s :b 3 } "
                     "WHERE { ?s :b 1 OPTIONAL { ?s :c ?x } }",
                     ":a :b 3", id="an unbound variable"),
        pytest.param(":a :b :g, 1, _:x", "INSERT { GRAPH ?g { ?s :in ?g } } WHERE { ?s :b ?g }",
                     ":a :b :g, 1, _:x . :g { :a :in :g }", id="only IRIs name graphs"),
        pytest.param(":a :b 1, 2", "INSERT { _:new :of ?o ; :is _:new . [] :of ?o } "
                     "WHERE { ?s :b ?o }",
                     ":a :b 1, 2 . _:x :of 1 ; :is _:x . _:y :of 2 ; :is _:y . [] :of 1 . [] :of 2",
                     id="new blank nodes for each solution"),
        pytest.param(":a :b _:x . _:x :c 1, 2", "DELETE { ?x :c 1 } WHERE { :a :b ?x }",
                     ":a :b _:x . _:x :c 2", id="a blank node that was found"),
        pytest.param(":a :b :c", "INSERT { ?s :says <<( ?s ?p ?o )>> ; :no <<( ?o ?x 1 )>> . "
                     "?s ?p ?o {| :since 1 |} } WHERE { ?s ?p ?o }",
                     ":a :says <<( :a :b :c )>> ; :b :c {| :since 1 |}", id="triple terms"),
        pytest.param(":a :says <<( :a :b :c )>> , <<( :a :b 1 )>>",
                     "DELETE { ?s ?p <<( ?x :b ?y )>> } WHERE { ?s ?p <<( ?x :b ?y )>> "
                     "FILTER(isIRI(?y)) }",
                     ":a :says <<( :a :b 1 )>>", id="triple terms that go"),
        pytest.param(":a :b 1 . :g { :a :b 2 . :c :b 3 }",
                     "WITH :g DELETE { ?s :b ?o } INSERT { ?s :b 4 . GRAPH :h { ?s :b ?o } } "
                     "WHERE { ?s :b ?o FILTER(?o < 3) }",
                     ":a :b 1 . :g { :a :b 4 . :c :b 3 } :h { :a :b 2 }", id="WITH"),
        pytest.param(":a :b 1 . :g { :a :b 2 } :h { :a :b 3 }",
                     "WITH :g INSERT { ?s :was ?o } USING :h WHERE { ?s :b ?o }",
                     ":a :b 1 . :g { :a :b 2 ; :was 3 } :h { :a :b 3 }", id="USING beats WITH"),
        pytest.param(":a :b 1 . :g { :a :b 2 } :h { :a :b 3 }",
                     "WITH :g INSERT { ?s :sees ?o ; :named ?n } "
                     "WHERE { ?s :b ?o GRAPH ?x { ?s :b ?n } }",
                     ":a :b 1 . :g { :a :b 2 ; :sees 2 ; :named 2, 3 } :h { :a :b 3 }",
                     id="WITH hides no named graph"),
        pytest.param(":a :b 1 . :g { :a :b 2 }", "INSERT { ?s :sees ?o } USING :g WHERE "
                     "{ { ?s :b ?o } UNION { GRAPH ?g { ?s :b ?o } } }",
                     ":a :b 1 ; :sees 2 . :g { :a :b 2 }", id="USING alone names no graph"),
        pytest.param(":a :b 1 . :g { :a :b 2 } :h { :a :b 3 }",
                     "INSERT { ?s :sees ?o } USING NAMED :g WHERE "
                     "{ { ?s :b ?o } UNION { GRAPH ?g { ?s :b ?o } } }",
                     ":a :b 1 ; :sees 2 . :g { :a :b 2 } :h { :a :b 3 }",
                     id="USING NAMED alone has an empty default graph"),
        pytest.param(":g { :a :b 1 . :a :c 1 } :h { :a :b 1 . :a :c 2 }",
                     "INSERT { [] :is ?o } USING :g USING :h USING :g WHERE { ?s ?p ?o }",
                     ":g { :a :b 1 . :a :c 1 } :h { :a :b 1 . :a :c 2 } [] :is 1 . [] :is 1 . "
                     "[] :is 2", id="several USING are merged"),
        pytest.param(":a :b 1 ; :c 2 . :b :b 1 . :g { :a :b 1 }",
                     "DELETE WHERE { ?s :b ?o ; :c ?x . GRAPH ?g { ?s :b ?o } }",
                     ":b :b 1", id="DELETE WHERE"),
        pytest.param(":a :b 1", "INSERT { :no :one 1 } WHERE { ?s :c ?o } ; INSERT {} WHERE {} ; "
                     "DELETE { ?s ?p ?o } INSERT { ?s ?p ?o } WHERE { ?s ?p ?o }",
                     ":a :b 1", id="nothing changes"),
        pytest.param(":a :b 1, 2, 3", "INSERT { :a :sum ?n } WHERE "
                     "{ SELECT (SUM(?o) AS ?n) { ?s :b ?o } }",
                     ":a :b 1, 2, 3 ; :sum 6", id="an aggregate"),
        pytest.param(":a :b 1", "ADD DEFAULT TO :g ; ADD :g TO :h ; INSERT DATA { :c :d 2 } ; "
                     "ADD DEFAULT TO :h", ":a :b 1 . :c :d 2 . :g { :a :b 1 } "
                     ":h { :a :b 1 . :c :d 2 }", id="ADD"),
        pytest.param(":g { :a :b 1, _:x . _:x :b 2 } :h { :a :b 1 . :c :d 2 }", "COPY :g TO :h",
                     ":g { :a :b 1, _:x . _:x :b 2 } :h { :a :b 1, _:x . _:x :b 2 }", id="COPY"),
        pytest.param(":a :b 1 . :g { :c :d 2 }", "MOVE :g TO DEFAULT", ":c :d 2", id="MOVE"),
        pytest.param(":g { :a :b 1 }", "COPY :g TO :g ; MOVE :g TO :g ; ADD :g TO :g",
                     ":g { :a :b 1 }", id="from a graph to itself"),
    ],
)  # fmt: skip
def test_what_an_update_makes_of_a_store(before: str, text: str, after: str) -> None:
    store = store_of(before)
    update(store, text)
    assert dataset(store) == dataset(store_of(after))


@pytest.mark.parametrize(
    ("text", "default", "named"),
    [
        pytest.param("CLEAR DEFAULT", 0, {"g": 1, "h": 2}, id="CLEAR DEFAULT"),
        pytest.param("DROP DEFAULT", 0, {"g": 1, "h": 2}, id="DROP DEFAULT"),
        pytest.param("CLEAR GRAPH :h", 1, {"g": 1, "h": 0}, id="CLEAR GRAPH"),
        pytest.param("DROP GRAPH :h", 1, {"g": 1}, id="DROP GRAPH"),
        pytest.param("CLEAR NAMED", 1, {"g": 0, "h": 0}, id="CLEAR NAMED"),
        pytest.param("DROP NAMED", 1, {}, id="DROP NAMED"),
        pytest.param("CLEAR ALL", 0, {"g": 0, "h": 0}, id="CLEAR ALL"),
        pytest.param("DROP ALL", 0, {}, id="DROP ALL"),
        pytest.param("CREATE GRAPH :n", 1, {"g": 1, "h": 2, "n": 0}, id="CREATE"),
        pytest.param("CREATE SILENT GRAPH :g", 1, {"g": 1, "h": 2}, id="CREATE SILENT"),
        pytest.param("CLEAR SILENT GRAPH :n", 1, {"g": 1, "h": 2}, id="CLEAR SILENT"),
        pytest.param("DROP SILENT GRAPH :n", 1, {"g": 1, "h": 2}, id="DROP SILENT"),
        pytest.param("COPY SILENT :n TO :g", 1, {"g": 1, "h": 2}, id="COPY SILENT"),
        pytest.param("MOVE SILENT :n TO DEFAULT", 1, {"g": 1, "h": 2}, id="MOVE SILENT"),
        pytest.param("ADD SILENT :n TO :m", 1, {"g": 1, "h": 2}, id="ADD SILENT"),
        pytest.param("MOVE :h TO :n", 1, {"g": 1, "n": 2}, id="MOVE"),
        pytest.param("MOVE DEFAULT TO :g", 0, {"g": 1, "h": 2}, id="MOVE DEFAULT"),
        pytest.param("CLEAR DEFAULT ; COPY DEFAULT TO :n", 0, {"g": 1, "h": 2, "n": 0},
                     id="a copy of nothing"),
        pytest.param("DELETE WHERE { GRAPH :h { ?s ?p ?o } }", 1, {"g": 1, "h": 0},
                     id="a graph whose last triple goes"),
        pytest.param("INSERT DATA { GRAPH :n {} }", 1, {"g": 1, "h": 2}, id="no data"),
    ],
)  # fmt: skip
def test_which_graphs_there_are_after_an_update(
    text: str, default: int, named: dict[str, int]
) -> None:
    store = store_of(":a :b 0 . :g { :a :b 1 } :h { :a :b 1, 2 }")
    update(store, text)
    counts = {
        name.value.removeprefix("http://example.org/"): len(
            list(store.quads_for_pattern(None, None, None, name))
        )
        for name in store.named_graphs()
    }
    own = list(store.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    assert (len(own), counts) == (default, named)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("CLEAR GRAPH :n", "there is no graph <http://example.org/n> to clear; .* CLEAR SILENT"),
        ("DROP GRAPH :n", "there is no graph .* to drop; .* DROP SILENT"),
        ("COPY :n TO :g", "there is no graph .* to copy; .* COPY SILENT"),
        ("MOVE :n TO :g", "there is no graph .* to move; .* MOVE SILENT"),
        ("ADD :n TO :g", "there is no graph .* to add; .* ADD SILENT"),
        ("COPY :n TO :n", "there is no graph .* to copy"),
        ("CREATE GRAPH :g", "the graph <http://example.org/g> is there already; .* CREATE SILENT"),
        ("DROP GRAPH :g ;\n DROP GRAPH :g", "line 3, column 2: there is no graph"),
    ],
)  # fmt: skip
def test_a_graph_that_has_to_be_there_or_must_not(text: str, complaint: str) -> None:
    store = store_of(":g { :a :b 1 }")
    with pytest.raises(WriteRejected, match=complaint):
        update(store, text)


def test_what_failed_can_be_undone() -> None:
    store = store_of(":a :b 1 . :g { :a :b 1 }")
    before, transaction = dataset(store), Transaction(store)
    text = f"{PREFIX} INSERT DATA {{ :c :d 2 }} ; MOVE DEFAULT TO :h ; CLEAR ALL ; DROP GRAPH :n"
    with pytest.raises(WriteRejected, match="no graph"):
        evaluate(plan_of(text, BASE), transaction)
    transaction.undo()
    assert (dataset(store), names(store)) == (before, {"g"})


def test_what_is_told_of_an_update() -> None:
    store = store_of(":a :b 1, 2")
    text = "INSERT DATA { :c :d 1 } ; DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }"
    transaction, told = update(store, text)
    assert told == Evaluated(operations=2, solutions=3)
    (added,), (removed,) = transaction.added, transaction.removed
    assert [added] == list(store_of(":c :d 1"))
    assert [removed] == list(store_of(":a :b 2"))


def test_blank_nodes_of_data_are_new_each_time_a_plan_is_carried_out() -> None:
    store, plan = store_of(""), plan_of(f"{PREFIX} INSERT DATA {{ _:x :p _:x }}", BASE)
    for _ in range(2):
        evaluate(plan, Transaction(store))
    assert dataset(store) == dataset(store_of("_:x :p _:x . _:y :p _:y"))


def test_data_that_are_more_than_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.writing.evaluation._AT_ONCE", 2)
    objects = ", ".join(f":o{number}" for number in range(5))
    store = store_of("")
    transaction, _ = update(store, f"INSERT DATA {{ _:x :p {objects} }}")
    assert dataset(store) == dataset(store_of(f"_:x :p {objects}"))
    assert len(transaction.added) == 5
    store = store_of(f":x :p {objects}")
    update(store, f"DELETE DATA {{ :x :p {objects} }}")
    assert len(store) == 0


def test_the_graphs_of_the_request_are_asked() -> None:
    store = store_of(":a :b 1 . :g { :a :b 2 } :h { :a :b 3 } :k { :a :b 4 }")
    text = """
        INSERT { ?s :own ?o } WHERE { ?s :b ?o } ;
        INSERT { ?s :named ?o } WHERE { GRAPH ?x { ?s :b ?o } } ;
        DELETE WHERE { ?s :b ?o }
    """
    graphs = ("http://example.org/g",), ("http://example.org/h",)
    update(store, text, *graphs)
    after = ":a :b 1 ; :own 2 ; :named 3 . :g { :a :b 2 } :h { :a :b 3 } :k { :a :b 4 }"
    assert dataset(store) == dataset(store_of(after))


# Reserved graphs

KEPT = f"""
    :a :b 1 . :g {{ :a :b 2 }}
    <{RESERVED}/union> {{ :a :b 1, 2 . :d :b 5 }}
    <{RESERVED}/derived> {{ :d :b 5 }}
    <{RESERVED}/commits> {{ :commit :number 1 }}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("INSERT { GRAPH :g { ?g :has ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }",
                     f":g {{ :g :has 2 . <{RESERVED}/derived> :has 5 }}",
                     id="GRAPH ?g sees neither the union nor the log"),
        pytest.param(f"INSERT {{ GRAPH :g {{ :g :has ?o }} }} "
                     f"WHERE {{ GRAPH <{RESERVED}/union> {{ ?s ?p ?o }} }}",
                     "", id="GRAPH with the name of the union does not either"),
        pytest.param("INSERT { GRAPH :g { ?s :sees ?o } } WHERE { ?s :b ?o }",
                     ":g { :a :sees 1 }", id="the default graph is the store's own"),
        pytest.param(f"WITH :g INSERT {{ ?g :has ?o }} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} "
                     f"FILTER(?g != <{RESERVED}/commits>) }}",
                     f":g {{ :g :has 2 . <{RESERVED}/derived> :has 5 }}", id="WITH"),
        pytest.param(f"ADD <{RESERVED}/derived> TO :g", ":g { :d :b 5 }", id="ADD from derived"),
    ],
)  # fmt: skip
def test_what_an_update_sees_of_the_graphs_that_the_server_keeps(text: str, expected: str) -> None:
    store = store_of(KEPT)
    transaction, _ = update(store, text)
    assert set(transaction.added) == set(store_of(expected))
    assert not transaction.removed


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }",
                     id="DELETE"),
        pytest.param("DELETE WHERE { GRAPH ?g { ?s ?p ?o } }", id="DELETE WHERE"),
        pytest.param("CLEAR NAMED", id="CLEAR NAMED"),
        pytest.param("DROP NAMED", id="DROP NAMED"),
    ],
)  # fmt: skip
def test_what_reaches_reserved_graphs_by_no_name_leaves_them_alone(text: str) -> None:
    store = store_of(KEPT)
    update(store, text)
    kept = {
        quad for quad in store_of(KEPT) if quad.graph_name != ox.NamedNode("http://example.org/g")
    }
    assert set(store) == kept
    assert {f"{RESERVED}/{name}" for name in ("union", "derived", "commits")} <= names(store)


def test_an_insertion_that_reaches_a_reserved_graph_by_a_variable_is_refused() -> None:
    store = store_of(KEPT)
    with pytest.raises(ReservedGraph, match=r"graph/(derived|commits)> is kept by the server"):
        update(store, "INSERT { GRAPH ?g { :x :y 1 } } WHERE { GRAPH ?g { ?s ?p ?o } }")


def test_what_is_there_already_may_be_inserted_in_a_reserved_graph() -> None:
    store = store_of(KEPT)
    transaction, _ = update(
        store, "INSERT { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }"
    )
    assert transaction.is_empty


# Random updates


@settings(max_examples=tried(80, 150), deadline=None)
@given(data, updates)
def test_an_update_does_what_the_engine_does_and_can_be_undone(trig: str, text: str) -> None:
    """The engine gets its text repaired, and no `update_texts` that it gets wrong even so."""
    try:
        repaired = TemplateCache(BASE).read(text, "update").engine_text
    except UnsupportedFeature:
        reject()
    quads = list(ox.parse(trig, ox.RdfFormat.TRIG))
    ours, theirs = ox.Store(), ox.Store()
    ours.extend(quads)
    theirs.extend(quads)
    before = set(ours), set(ours.named_graphs())
    transaction = Transaction(ours)

    try:
        theirs.update(repaired)
    except RuntimeError:
        with pytest.raises(WriteRejected):
            evaluate(plan_of(text, BASE), transaction)
    else:
        evaluate(plan_of(text, BASE), transaction)
        assert dataset(ours) == dataset(theirs)
        assert set(ours.named_graphs()) == set(theirs.named_graphs())

    after = set(ours), set(ours.named_graphs())
    gone, come = map(operator.sub, before, after), map(operator.sub, after, before)
    assert [set(transaction.removed), set(transaction.dropped)] == list(gone)
    assert [set(transaction.added), set(transaction.created)] == list(come)
    transaction.undo()
    assert (set(ours), set(ours.named_graphs())) == before
