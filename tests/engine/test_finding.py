"""What becomes of the IRI of a thing: there, moved, withdrawn, or unknown with near names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.erasure import erase
from graph.errors import MovedThing, UnknownThing, WithdrawnThing
from graph.generations import current_generation, publish_generation
from graph.paths import bundled
from graph.publishing.things import names
from graph.publishing.things.description import UNION
from graph.publishing.things.finding import require_thing

from .published import PUBLIC_URL
from .things import ID, PREFIXES, crowd, of_quads, of_trig

if TYPE_CHECKING:
    from pathlib import Path

TRIG = """
GRAPH graph:a {
    cluster:avia a mp:Cluster .
    cluster:avia skos:prefLabel "Cluster de automoción"@es ; skos:altLabel "AVIA"@es .
    cluster:minalogic a mp:Cluster ; skos:prefLabel "Minalogic"@en .
    cluster:one a mp:Cluster ; skos:altLabel "Twins"@en .
    cluster:two a mp:Cluster ; skos:altLabel "Twins"@en .
    cluster:cara a mp:Cluster ; skos:prefLabel "CARA"@en .
    naming:lutb mp:about cluster:cara ; mp:name "LUTB Transport & Mobility"@en .
    area:avia a mp:Area ; skos:prefLabel "Avia"@en .
    sector:automotive a skos:Concept ; skos:prefLabel "automotive"@en , "automobile"@fr .
    cluster:old dct:isReplacedBy cluster:older .
    cluster:older dct:isReplacedBy cluster:avia .
    cluster:round dct:isReplacedBy cluster:and-round .
    cluster:and-round dct:isReplacedBy cluster:round .
    cluster:split dct:isReplacedBy cluster:one , cluster:two .
    cluster:abroad dct:isReplacedBy <https://elsewhere.example/x> .
    cluster:gone owl:deprecated true ; dct:isReplacedBy cluster:avia .
    cluster:lost a mp:Cluster ; owl:deprecated true .
    cluster:kept a mp:Cluster ; dct:isReplacedBy cluster:avia .
    sector:cars a skos:Concept ; owl:deprecated true ; dct:isReplacedBy sector:automotive .
    cluster:classless skos:prefLabel "Classless"@en .
}
"""
STORE = of_trig(TRIG).store


def find(name: str, store: ox.Store = STORE) -> ox.NamedNode:
    return require_thing(store, f"https://w3id.org/metapole/{name}", PUBLIC_URL)


@pytest.mark.parametrize(
    "name", ["id/cluster/avia", "def/sector/automotive", "id/cluster/kept", "def/sector/cars"]
)
def test_what_is_described_is_there(name: str) -> None:
    assert find(name).value == f"https://w3id.org/metapole/{name}"


@pytest.mark.parametrize(
    ("name", "now"),
    [
        pytest.param("id/cluster/AVIA", "id/cluster/avia", id="wrong case"),
        pytest.param("id/Cluster/Avia", "id/cluster/avia", id="wrong case of both"),
        pytest.param("id/cluster/Minalogic_", "id/cluster/minalogic", id="stray underscore"),
        pytest.param("id/cluster/mínalogic", "id/cluster/minalogic", id="with an accent"),
        pytest.param("def/Sector/AUTOMOTIVE", "def/sector/automotive", id="of a concept"),
        pytest.param("id/cluster/cluster-de-automocion", "id/cluster/avia", id="its label"),
        pytest.param("id/cluster/lutb-transport-mobility", "id/cluster/cara", id="an old name"),
        pytest.param("def/sector/automobile", "def/sector/automotive", id="in another language"),
        pytest.param("id/cluster/old", "id/cluster/avia", id="replaced twice"),
    ],
)
def test_another_name_leads_to_the_one_that_counts(name: str, now: str) -> None:
    with pytest.raises(MovedThing) as caught:
        find(name)
    assert caught.value.address == PUBLIC_URL + now


@pytest.mark.parametrize(
    ("name", "successors"),
    [
        ("gone", [f"{ID}cluster/avia"]),
        ("lost", []),
        ("split", [f"{ID}cluster/one", f"{ID}cluster/two"]),
        ("abroad", ["https://elsewhere.example/x"]),
        ("round", []),
    ],
)
def test_what_was_withdrawn_names_its_successors(name: str, successors: list[str]) -> None:
    with pytest.raises(WithdrawnThing, match=f"cluster:{name} was withdrawn") as caught:
        find(f"id/cluster/{name}")
    assert [each["iri"] for each in caught.value.successors] == successors


@pytest.mark.parametrize(
    ("name", "near"),
    [
        pytest.param("id/cluster/minalogics", "id/cluster/minalogic", id="by slug"),
        pytest.param("id/cluster/cluster-de-la-automocion", "id/cluster/avia", id="by label"),
        pytest.param("id/organisation/minalogic", "id/cluster/minalogic", id="of another type"),
        pytest.param("id/cluster/twins", "id/cluster/one", id="a name of two"),
    ],
)
def test_who_is_near_is_offered_near_names(name: str, near: str) -> None:
    with pytest.raises(UnknownThing) as caught:
        find(name)
    offered = {each["iri"]: each for each in caught.value.suggestions}
    expected = offered[f"https://w3id.org/metapole/{near}"]
    assert expected["address"] == PUBLIC_URL + near
    assert expected["label"] in str(caught.value)


def test_what_is_like_nothing_is_unknown() -> None:
    with pytest.raises(UnknownThing, match="there is nothing called cluster:zzzzzz") as caught:
        find("id/cluster/zzzzzz")
    assert caught.value.suggestions == ()


@pytest.mark.parametrize("text", ["", "avia", "https://w3id.org/metapole/id/x y", "<a>", "\x00"])
def test_what_is_no_iri_is_no_thing(text: str) -> None:
    with pytest.raises(UnknownThing, match="is no IRI; name a thing by its own"):
        require_thing(STORE, text, PUBLIC_URL)


def test_among_more_names_than_are_read_nobody_is_sent_on_by_a_name_but_typing_errors_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = of_quads(crowd(400)).store
    with pytest.raises(MovedThing):
        find("id/organisation/organisation-199", store)
    monkeypatch.setattr(names, "MOST_NAMES", 50)
    with pytest.raises(UnknownThing):
        find("id/organisation/organisation-199", store)
    with pytest.raises(UnknownThing) as caught:
        find("id/organisation/o-19x", store)
    assert f"{ID}organisation/o-19" in {each["iri"] for each in caught.value.suggestions}


def test_a_note_in_the_place_of_a_thing_needs_no_class() -> None:
    check = (bundled("ontology") / "checks" / "thing-without-class.rq").read_text(encoding="utf-8")
    rows = STORE.query(check, default_graph=[UNION])
    assert isinstance(rows, ox.QuerySolutions)
    assert {row["subject"].value for row in rows} == {f"{ID}cluster/classless", f"{ID}naming/lutb"}


def test_of_what_was_erased_nothing_tells(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    publish_generation(folder, ox.parse(PREFIXES + TRIG, ox.RdfFormat.TRIG))
    list(erase([folder], f"{ID}cluster/minalogic", bundled("ontology")))
    generation = current_generation(folder)
    assert generation
    with pytest.raises(UnknownThing) as caught:
        find("id/cluster/minalogic", ox.Store.read_only(str(generation.path)))
    assert "Minalogic" not in str(caught.value)
    assert all("minalogic" not in each["iri"] for each in caught.value.suggestions)
