"""An import is one graph that says where it is from, and can be repeated and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.errors import ImportRefused, PreconditionFailed, ShapesViolated
from graph.generations import current_generation
from graph.history.pages import history_of
from graph.history.reading import History
from graph.importing.skolem import without_blank_nodes

from .conftest import LICENCE, Importer, triples

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

GRAPH = "https://w3id.org/metapole/graph/import/test"
UNION = "https://w3id.org/metapole/graph/union"
ACTIVITY = "https://w3id.org/metapole/id/import/test"
ONE = 'cluster:a a mp:Cluster ; skos:prefLabel "A"@en .'
TWO = 'cluster:a a mp:Cluster ; skos:prefLabel "A"@en ; skos:altLabel "Aa"@en .'


def said(store: Path, subject: str, predicate: str) -> list[str]:
    return sorted(
        each.object.value
        for each in triples(store, GRAPH)
        if each.subject == ox.NamedNode(subject)
        and each.predicate.value.endswith(predicate)
        and isinstance(each.object, ox.NamedNode | ox.Literal)
    )


def number(store: Path) -> int:
    generation = current_generation(store)
    assert generation
    return generation.number


def test_an_import_says_where_it_is_from(importer: Importer) -> None:
    importer.rdf(ONE)
    (document,) = said(importer.store, ACTIVITY, "#used")
    assert said(importer.store, document, "fileName") == ["test.ttl"]
    assert len(said(importer.store, document, "sha256")[0]) == 64
    assert said(importer.store, document, "/format") == ["text/turtle"]
    assert said(importer.store, document, "/license") == [LICENCE]
    assert said(importer.store, GRAPH, "/license") == [LICENCE]
    assert said(importer.store, GRAPH, "wasGeneratedBy") == [ACTIVITY]
    assert said(importer.store, ACTIVITY, "endedAtTime") == ["2026-11-27T10:00:00Z"]


def test_an_import_is_a_commit_like_any_other(importer: Importer) -> None:
    importer.rdf(ONE)
    generation = current_generation(importer.store)
    assert generation
    assert triples(importer.store, GRAPH) <= triples(importer.store, UNION)
    actor = ox.NamedNode("https://w3id.org/metapole/def#Actor")
    cluster = ox.NamedNode("https://w3id.org/metapole/id/cluster/a")
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    assert ox.Triple(cluster, kind, actor) in triples(importer.store, UNION), "it is derived"
    history = History(history_of(generation), generation.entries)
    assert cluster.value in {entry.thing for _, entry in history.entries()}


def test_the_same_again_changes_nothing(importer: Importer) -> None:
    importer.rdf(ONE)
    before = number(importer.store)
    again = importer.rdf(ONE, retrieved="2026-11-28T10:00:00Z")
    assert again.is_unchanged
    assert number(importer.store) == before
    assert said(importer.store, ACTIVITY, "endedAtTime") == ["2026-11-27T10:00:00Z"]


def test_another_file_replaces_what_the_import_held(importer: Importer) -> None:
    importer.rdf(ONE + 'cluster:b a mp:Cluster ; skos:prefLabel "B"@en .')
    prepared = importer.rdf(TWO, retrieved="2026-11-28T10:00:00Z")
    gone = {each.subject for each in prepared.difference.removed}
    assert ox.NamedNode("https://w3id.org/metapole/id/cluster/b") in gone
    assert not said(importer.store, "https://w3id.org/metapole/id/cluster/b", "prefLabel")
    assert said(importer.store, ACTIVITY, "endedAtTime") == ["2026-11-28T10:00:00Z"]


def test_what_is_prepared_changes_nothing(importer: Importer) -> None:
    before = number(importer.store)
    prepared = importer.rdf(ONE, do=False)
    assert prepared.is_new
    assert len(prepared.difference.added) > 2
    assert number(importer.store) == before


def test_imports_are_taken_back_one_after_the_other(importer: Importer) -> None:
    states = [triples(importer.store, GRAPH)]
    for text in (ONE, TWO):
        importer.rdf(text, retrieved=f"2026-11-2{len(states)}T10:00:00Z")
        states.append(triples(importer.store, GRAPH))
    assert not states[0]
    for state in states[1::-1]:
        importer.undo()
        assert triples(importer.store, GRAPH) == state
    with pytest.raises(ImportRefused, match="there is no import 'test'"):
        importer.undo()


def test_what_breaks_a_shape_is_found_before_and_refused(importer: Importer) -> None:
    before = number(importer.store)
    prepared = importer.rdf("cluster:a a mp:Cluster .", do=False)
    (finding,) = prepared.errors
    assert finding["focus"].endswith("cluster/a")
    assert "skos:prefLabel" in finding["message"]
    with pytest.raises(ShapesViolated):
        importer.rdf("cluster:a a mp:Cluster .")
    assert number(importer.store) == before


def test_what_others_need_is_not_taken_away(importer: Importer) -> None:
    member = "https://w3id.org/metapole/id/membership/m"
    importer.rdf(ONE + 'cluster:b a mp:Cluster ; skos:prefLabel "B"@en .')
    importer.rdf(
        f"<{member}> a mp:Membership ; mp:member cluster:b ; mp:group cluster:a ; "
        "mp:role <https://w3id.org/metapole/def/role/member> .",
        name="other",
    )
    prepared = importer.rdf(ONE, retrieved="2026-11-28T10:00:00Z", do=False)
    assert {each["focus"] for each in prepared.errors} == {member}


def test_who_was_overtaken_changes_nothing(importer: Importer) -> None:
    importer.rdf(ONE)
    slow = importer.rdf(TWO, do=False)
    importer.rdf(ONE + 'cluster:b a mp:Cluster ; skos:prefLabel "B"@en .')
    state = triples(importer.store, GRAPH)

    with pytest.raises(PreconditionFailed):
        importer.commit(slow)
    assert triples(importer.store, GRAPH) == state


def test_what_was_whole_is_judged_again_when_others_have_changed(importer: Importer) -> None:
    importer.rdf(ONE, name="other")
    slow = importer.rdf(
        "<https://w3id.org/metapole/id/membership/m> a mp:Membership ; mp:member cluster:a ; "
        "mp:group cluster:a ; mp:role <https://w3id.org/metapole/def/role/member> .",
        do=False,
    )
    assert slow.findings == ()
    importer.undo("other")
    with pytest.raises(ShapesViolated, match="the change breaks shapes at 2 places"):
        importer.commit(slow)
    assert not triples(importer.store, GRAPH)


@pytest.mark.parametrize(
    ("turtle", "complaint"),
    [
        pytest.param("cluster:a a", "line 5", id="cut short"),
        pytest.param("<a b> a mp:Cluster .", "IRI", id="IRI with a blank"),
        pytest.param('cluster:a skos:note "\\u0007"@en .', "control character", id="bell"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    importer: Importer, turtle: str, complaint: str
) -> None:
    before = number(importer.store)
    with pytest.raises(ImportRefused, match=f"(?s)test.ttl: .*{complaint}"):
        importer.rdf(turtle)
    assert number(importer.store) == before


@pytest.mark.parametrize("name", ["", "A", "a b", "a/b", "../x", "-a", "a--b", "a" * 61])
def test_a_name_that_is_no_part_of_an_address_is_refused(importer: Importer, name: str) -> None:
    with pytest.raises(ImportRefused, match="the name of an import"):
        importer.rdf(ONE, name=name)


def parsed(turtle: str) -> Iterable[ox.Triple]:
    text = f"PREFIX : <x:> {turtle}"
    return [q.triple for q in ox.parse(text, ox.RdfFormat.TURTLE, rename_blank_nodes=True)]


@pytest.mark.parametrize(
    "turtle",
    [
        pytest.param(":a :p [ :q [ :r 1 ] ], [ :q [ :r 2 ] ] .", id="nested"),
        pytest.param(":a :p [ :q 1 ], [ :q 1 ] .", id="two alike"),
        pytest.param("_:a :p _:b . _:b :p _:a .", id="a ring"),
        pytest.param(":a :p (1 2 3 4 5 6 7 8 9 10) .", id="a list"),
    ],
)
def test_blank_nodes_get_the_same_iris_each_time_and_stay_apart(turtle: str) -> None:
    first, second = (without_blank_nodes(parsed(turtle), "x:genid-") for _ in range(2))
    assert first == second
    assert not [each for each in first if "_:" in str(each)]
    blank = ox.Dataset(ox.Quad(*each) for each in parsed(turtle))
    assert len(set(first)) == len(blank), "no two have become one"


def test_what_is_said_of_other_things_changes_no_iri_of_a_blank_node() -> None:
    short = set(without_blank_nodes(parsed(":a :p [ :q 1 ] ."), "x:genid-"))
    longer = set(without_blank_nodes(parsed(":a :p [ :q 1 ] . :b :p [ :q 2 ] ."), "x:genid-"))
    assert short < longer
