"""What is erased is gone: from every generation and backup, and from the bytes of their files."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.belongings import about_properties, belongings
from graph.erasure import erase, is_unfinished
from graph.errors import StoreUnusable
from graph.generations import (
    current_generation,
    kept_generations,
    publish_generation,
    serving,
    verify_generation,
    writing,
)
from graph.generations.fallback import put_aside, set_aside
from graph.mentions import mentions, names_in
from graph.paths import bundled
from graph.survey import survey
from graph.writing.transaction import COMMITS
from tests.thoroughness import one_in

from .edits import assert_in_step, build, content, log, opened, parsed, release, rules_in, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JANE = "https://w3id.org/metapole/id/person/jane-doe-zq7x"
# Words that stand nowhere else, and that compression leaves as they are.
SECRETS = (b"jane-doe-zq7x", b"Vw9Kj3", b"Rm5Tn8")
KEPT = b"Hy4Pb6"
SHIPPED = """
GRAPH :people {
    person:jane-doe-zq7x a mp:Person ; skos:prefLabel "Vw9Kj3"@en .
    id:membership-1 a mp:Membership ; mp:member person:jane-doe-zq7x ; mp:group :club ;
        mp:evidence id:evidence-1 .
    id:evidence-1 a mp:Evidence ; mp:printedAs "Rm5Tn8" .
    :club :knows person:jane-doe-zq7x ; skos:prefLabel "Hy4Pb6"@en .
    :club :knows :others .
}
"""


@pytest.fixture
def ontology(tmp_path: Path) -> Path:
    """An ontology of two terms and one rule."""
    folder = tmp_path / "ontology"
    (folder / "terms").mkdir(parents=True)
    (folder / "terms" / "a.ttl").write_text(
        "@prefix mp: <https://w3id.org/metapole/def#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "mp:member rdfs:subPropertyOf mp:about . mp:group rdfs:subPropertyOf mp:about .\n",
        encoding="utf-8",
    )
    rules_in(folder / "rules")
    return folder


@pytest.fixture
def store(tmp_path: Path, ontology: Path) -> Path:
    """A store of three generations, all with the thing."""
    store = tmp_path / "store"
    rules = ontology / "rules"
    build(store, release(SHIPPED, rules))
    write(store, rules, add=f"<{JANE}> :knows :b . GRAPH :mine {{ :x :knows <{JANE}> ; :is 1 }}")
    write(store, rules, add="GRAPH :mine { :x :is 2 }")
    return store


def holding(folder: Path, words: tuple[bytes, ...]) -> list[str]:
    """Return the files in *folder* that have one of *words*."""
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(word in path.read_bytes() for word in words)
    ]


def names_jane(store: Path) -> list[int]:
    return [
        each.number
        for each in kept_generations(store)
        if any(JANE in str(quad) for quad in opened(store, each))
    ]


def assert_erased(store: Path) -> None:
    """Check that no byte is left, that all generations are whole, and the rest is there."""
    assert holding(store, SECRETS) == []
    assert names_jane(store) == []
    assert not list(store.rglob("*.tmp"))
    assert not (store / "scratch").exists()
    assert not is_unfinished(store)
    for each in kept_generations(store):
        verify_generation(each)
        assert_in_step(store, each)
        assert content(store, each)["http://example.org/people"] == {
            '<http://example.org/club> <http://www.w3.org/2004/02/skos/core#prefLabel> "Hy4Pb6"@en',
            "<http://example.org/club> <http://example.org/knows> <http://example.org/others>",
        }


def test_nothing_of_it_is_left_in_any_file(store: Path, ontology: Path) -> None:
    for word in (*SECRETS, KEPT):
        assert holding(store / "generations", (word,)), "otherwise this test shows nothing"

    erased = list(erase([store], JANE, ontology))

    assert_erased(store)
    assert holding(store, (KEPT,))
    # Six quads are of it and its statement, two of the evidence, one names it; users wrote two.
    assert [(each.generation, each.quads, each.how) for each in erased] == [
        (4, 11, "current"), (3, 11, "made anew"), (2, 11, "made anew"),
    ]  # fmt: skip


def test_the_generations_stay_what_they_were_but_for_it(store: Path, ontology: Path) -> None:
    second = content(store, kept_generations(store)[1])

    list(erase([store], JANE, ontology))

    after = {each.number: content(store, each) for each in kept_generations(store)}
    assert list(after) == [2, 3, 4]
    assert after[2]["http://example.org/mine"] == {
        triple for triple in second["http://example.org/mine"] if JANE not in triple
    }
    assert len(after[3]["http://example.org/mine"]) == 2
    assert after[3] == after[4]


def test_the_log_says_that_something_was_erased_and_not_what(store: Path, ontology: Path) -> None:
    list(erase([store], JANE, ontology))

    assert log(store) == ["metapole build", "a user", "a user", "metapole erase"]
    current = current_generation(store)
    assert current is not None
    assert current.commit == 4
    last = ox.NamedNode("https://w3id.org/metapole/id/commit/4")
    said = {
        (quad.predicate.value.rpartition("#")[2], quad.object.value)
        for quad in opened(store).quads_for_pattern(last, None, None, COMMITS)
        if not isinstance(quad.object, ox.Triple)
    }
    assert said >= {
        ("statementsAdded", "0"),
        ("statementsRemoved", "11"),
        ("changedGraph", "http://example.org/people"),
        ("changedGraph", "http://example.org/mine"),
    }


def test_the_record_tells_which_graphs_changed(store: Path, ontology: Path) -> None:
    list(erase([store], JANE, ontology))

    current = current_generation(store)
    assert current is not None
    assert current.changed["http://example.org/people"] == 4
    assert current.changed[""] == 4
    assert current.graphs is not None
    assert current.graphs["http://example.org/people"] == 2
    assert current.quads == sum(
        quad.graph_name.value != "https://w3id.org/metapole/graph/union"
        for quad in opened(store)
        if isinstance(quad.graph_name, ox.NamedNode)
    )


def test_a_build_with_the_same_files_does_not_bring_it_back(store: Path, ontology: Path) -> None:
    list(erase([store], JANE, ontology))

    build(store, release(SHIPPED, ontology / "rules"))

    assert names_jane(store) == []


def test_what_users_deleted_before_is_in_the_files_until_it_is_erased(
    store: Path, ontology: Path
) -> None:
    rules = ontology / "rules"
    write(
        store, rules, remove=SHIPPED + f"<{JANE}> :knows :b . GRAPH :mine {{ :x :knows <{JANE}> }}"
    )
    for number in range(4):
        write(store, rules, add=f"GRAPH :mine {{ :y :is {number} }}")
        for old in kept_generations(store)[:-3]:
            shutil.rmtree(old.path)
            (store / "generations" / f"{old.number:06d}.json").unlink()
    assert names_jane(store) == []
    assert holding(store, SECRETS), "otherwise this test shows nothing"

    list(erase([store], JANE, ontology))

    assert holding(store, SECRETS) == []


def test_a_graph_that_it_names_goes_with_all_in_it(store: Path, ontology: Path) -> None:
    write(store, ontology / "rules", add=f"GRAPH <{JANE}> {{ :y :is 1 }}")
    write(store, ontology / "rules", add="GRAPH :empty { :y :is 1 }")
    write(store, ontology / "rules", remove="GRAPH :empty { :y :is 1 }")

    list(erase([store], JANE, ontology))

    assert holding(store, SECRETS) == []
    names = set(opened(store).named_graphs())
    assert ox.NamedNode(JANE) not in names
    assert ox.NamedNode("http://example.org/empty") in names


def test_backups_are_erased_along(store: Path, ontology: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(store, backup)

    erased = list(erase([store, backup, store / ".." / "store"], JANE, ontology))

    assert_erased(store)
    assert_erased(backup)
    assert [each.store for each in erased] == [store] * 3 + [backup] * 3


def test_uploads_that_wait_are_cleared(store: Path, ontology: Path) -> None:
    (store / "spool").mkdir()
    (store / "spool" / "upload").write_bytes(SECRETS[0])

    list(erase([store], JANE, ontology))

    assert holding(store, SECRETS) == []


def test_a_generation_that_is_damaged_is_removed_as_nobody_knows_what_it_holds(
    store: Path, ontology: Path
) -> None:
    with (store / "generations" / "000002" / "CURRENT").open("ab") as file:
        file.write(b" ")

    erased = list(erase([store], JANE, ontology))

    assert (2, "removed") in [(each.generation, each.how) for each in erased]
    assert [each.number for each in kept_generations(store)] == [3, 4]
    assert_erased(store)


def test_a_damaged_generation_that_was_set_aside_is_removed(store: Path, ontology: Path) -> None:
    put_aside(store, 2)

    erased = list(erase([store], JANE, ontology))

    assert (2, "removed") in [(each.generation, each.how) for each in erased]
    assert set_aside(store) == []
    assert_erased(store)


@pytest.mark.parametrize("lock", [writing, serving])
def test_nothing_is_erased_while_somebody_uses_one_of_the_stores(
    store: Path, ontology: Path, tmp_path: Path, lock: type
) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(store, backup)

    with lock(backup, "metapole serve"), pytest.raises(StoreUnusable, match="metapole serve"):
        list(erase([store, backup], JANE, ontology))

    assert names_jane(store) == [1, 2, 3]


def test_a_directory_without_a_store_is_said(store: Path, ontology: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="there is no store"):
        list(erase([store, tmp_path / "nothing"], JANE, ontology))

    assert names_jane(store) == [1, 2, 3]


class Crash(Exception):  # noqa: N818
    """The process ends here."""


def test_a_crash_at_any_step_leaves_a_whole_store_and_an_erasure_to_finish(
    ontology: Path, tmp_path: Path
) -> None:
    original, rules = tmp_path / "original", ontology / "rules"
    build(original, release(SHIPPED, rules))
    write(original, rules, add=f"GRAPH :mine {{ :x :knows <{JANE}> }}")
    steps: list[str] = []
    list(erase([shutil.copytree(original, tmp_path / "whole")], JANE, ontology, step=steps.append))
    assert len(steps) > 15

    for survived in one_in(4, range(len(steps))):
        store = shutil.copytree(original, tmp_path / str(survived))
        left = iter(steps[:survived])

        def step(name: str, left: Iterator[str] = left) -> None:
            if next(left, None) != name:
                raise Crash(name)

        with pytest.raises(Crash, match=steps[survived]):
            list(erase([store], JANE, ontology, step=step))
        current = current_generation(store)
        assert current is not None
        assert current in kept_generations(store)
        for each in kept_generations(store):
            verify_generation(each)
        assert is_unfinished(store)
        list(erase([store], JANE, ontology))
        assert_erased(store)


KILLED = """
import os, signal, sys
from pathlib import Path
from graph.erasure import erase

def step(name):
    if name == sys.argv[4]:
        os.kill(os.getpid(), signal.SIGKILL)

list(erase([Path(sys.argv[1])], sys.argv[2], Path(sys.argv[3]), step=step))
"""


@pytest.mark.parametrize(
    "name", one_in(2, ["switch", "take out", "put in", "remember", "unmark"], 1)
)
def test_an_erasure_that_is_killed_is_finished_by_the_next(
    store: Path, ontology: Path, project: Path, name: str
) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(store), JANE, str(ontology), name],
        cwd=project, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    assert is_unfinished(store)
    for each in kept_generations(store):
        verify_generation(each)

    list(erase([store], JANE, ontology))

    assert_erased(store)


def found_in(trig: str, thing: str = "x:thing") -> tuple[set[str], set[str]]:
    """Return what goes, and what stays, of triples in one graph, without the thing itself."""
    store = ox.Store()
    store.extend(parsed(trig))
    node = ox.NamedNode(thing)
    erased = belongings(store, node, about_properties(store, bundled("ontology")))
    subjects = {str(quad.subject) for quad in store}
    gone = {str(each) for each in erased.nodes}
    return gone - {str(node)}, subjects - gone


@pytest.mark.parametrize(
    ("trig", "gone", "stays"),
    [
        pytest.param("<x:a> :knows <x:thing> .", [], ["<x:a>"], id="what names it stays"),
        pytest.param("<x:a> mp:about <x:thing> .", ["<x:a>"], [], id="about"),
        pytest.param(
            "<x:a> mp:member <x:thing> . <x:b> mp:participant <x:thing> . <x:c> mp:via <x:thing> .",
            ["<x:a>", "<x:b>", "<x:c>"], [], id="below about, by the ontology that ships",
        ),
        pytest.param(
            "<x:a> :of <x:thing> . :of rdfs:subPropertyOf mp:about .",
            ["<x:a>"], ["<http://example.org/of>"], id="below about, by the store",
        ),
        pytest.param(
            "<x:a> mp:about <x:thing> . <x:b> mp:about <x:a> . <x:c> mp:about <x:b> .",
            ["<x:a>", "<x:b>", "<x:c>"], [], id="about what is about it",
        ),
        pytest.param(
            "<x:a> mp:about <x:thing> , <x:b> . <x:b> mp:about <x:a> .",
            ["<x:a>", "<x:b>"], [], id="in a circle",
        ),
        pytest.param(
            "<x:a> mp:about <x:thing> , <x:other> . <x:other> :is 1 .",
            ["<x:a>"], ["<x:other>"], id="other things stay",
        ),
        pytest.param(
            "<x:a> mp:about <x:thing> ; mp:evidence <x:e> . <x:e> mp:printedAs 'x' .",
            ["<x:a>", "<x:e>"], [], id="evidence of it alone",
        ),
        pytest.param(
            "<x:a> mp:about <x:thing> ; mp:evidence <x:e> . <x:b> mp:evidence <x:e> . "
            "<x:e> :is 1 .",
            ["<x:a>"], ["<x:b>", "<x:e>"], id="evidence of others, too",
        ),
        pytest.param(
            "<x:a> mp:about <x:thing> ; mp:evidence <x:e> . <x:e> mp:document <x:d> . "
            "<x:d> :is 1 .",
            ["<x:a>", "<x:e>"], ["<x:d>"], id="the document stays",
        ),
        pytest.param(
            "<x:thing> :at _:a . _:a :street _:b . _:b :is 'x' .",
            ["_:a", "_:b"], [], id="blank nodes of it alone",
        ),
        pytest.param(
            "<x:thing> :at _:a . _:a :next _:b . _:b :next _:a .",
            ["_:a", "_:b"], [], id="blank nodes in a circle",
        ),
        pytest.param(
            "<x:thing> :at _:a . _:a :next _:b . <x:c> :at _:b . _:b :is 'x' .",
            ["_:a"], ["<x:c>", "_:b"], id="a blank node of others, too",
        ),
        pytest.param(
            "<x:r> rdf:reifies <<( <x:thing> :p <x:o> )>> ; :since 2020 .",
            ["<x:r>"], [], id="reifies a triple with it",
        ),
        pytest.param(
            "<x:r> rdf:reifies <<( <x:s> :p <<( <x:s> <x:thing> 1 )>> )>> .",
            ["<x:r>"], [], id="reifies a triple in which a triple has it",
        ),
        pytest.param(
            "<x:thing> :at _:b . <x:r> rdf:reifies <<( _:b :p 1 )>> ; mp:evidence <x:e> . "
            "<x:e> :is 1 .",
            ["_:b", "<x:r>", "<x:e>"], [], id="one after the other",
        ),
        pytest.param(
            "<x:a> mp:about <x:thing> ; mp:evidence <x:e> . <x:b> mp:about <x:e> .",
            ["<x:a>"], ["<x:b>"], id="evidence that something else is about",
        ),
    ],
)  # fmt: skip
def test_what_belongs_to_a_thing(trig: str, gone: list[str], stays: list[str]) -> None:
    found_gone, found_stays = found_in(trig)

    blank = {each for each in found_gone if each.startswith("_:")}
    assert len(blank) == sum(each.startswith("_:") for each in gone)
    assert found_gone - blank == {each for each in gone if not each.startswith("_:")}
    assert {each for each in found_stays if not each.startswith("_:")} == {
        each for each in stays if not each.startswith("_:")
    }


def test_all_quads_that_name_it_go_wherever_it_stands(ontology: Path, tmp_path: Path) -> None:
    trig = (
        "<x:thing> :p 1 . :a <x:thing> 1 . :a :p <x:thing> . GRAPH <x:thing> { :a :p 1 } "
        ":a :says <<( :a :p <<( :b <x:thing> 1 )>> )>> . :a :p 2 . GRAPH :g { :a :p 2 }"
    )
    publish_generation(tmp_path / "s", parsed(trig))

    list(erase([tmp_path / "s"], "x:thing", ontology))

    triple = '<http://example.org/a> <http://example.org/p> "2"'
    integer = "^^<http://www.w3.org/2001/XMLSchema#integer>"
    assert content(tmp_path / "s") == {
        "": {triple + integer}, "http://example.org/g": {triple + integer},
    }  # fmt: skip


def test_mentions_are_names_as_whole_words_and_of_persons_each_word() -> None:
    store = ox.Store()
    store.extend(
        parsed(
            'person:jane-doe a mp:Person ; skos:prefLabel "Jane Doe"@en . '
            'id:n1 mp:about person:jane-doe ; mp:name "J. Doe-Smith"@en . '
            ':a :note "said by JANE   doe, in May" . :b :note "Mr Doe" . '
            ':c :note "doer Janet" . id:jane-doe-in-x :is 1 . id:jane-doeling :is 1 . '
            ':d :page "http://e/jane-doe" . :e :says <<( :f :note "Jane!" )>> .'
        )
    )
    node = ox.NamedNode("https://w3id.org/metapole/id/person/jane-doe")
    erased = belongings(store, node, about_properties(store, bundled("ontology")))

    found = list(mentions(store, names_in(store, erased), erased))

    texts = {each if isinstance(each, str) else str(each.object) for each in found}
    assert texts == {
        '"said by JANE   doe, in May"', '"Mr Doe"', '"http://e/jane-doe"',
        '<http://example.org/f> <http://example.org/note> "Jane!"',
        "https://w3id.org/metapole/id/jane-doe-in-x",
    }  # fmt: skip


def test_what_has_no_name_and_a_short_iri_is_mentioned_nowhere() -> None:
    store = ox.Store()
    store.extend(parsed('<x:ab> :is 1 . <x:ab-c> :note "ab" .'))
    erased = belongings(store, ox.NamedNode("x:ab"), frozenset())

    assert list(mentions(store, names_in(store, erased), erased)) == []


def test_names_of_what_is_no_person_are_looked_for_as_a_whole() -> None:
    store = ox.Store()
    store.extend(
        parsed('<x:thing> skos:prefLabel "Big Club" . :a :note "a big club" . :b :note "a club" .')
    )
    erased = belongings(store, ox.NamedNode("x:thing"), frozenset())

    found = list(mentions(store, names_in(store, erased), erased))

    assert [str(each.object) for each in found if not isinstance(each, str)] == ['"a big club"']


def test_a_survey_tells_what_there_is_and_writes_nothing(store: Path, ontology: Path) -> None:
    def files() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in store.rglob("*")}

    before = files()
    found = survey([store], "person:jane-doe-zq7x", ontology, bundled("data"))

    assert files() == before
    assert found.thing == JANE
    assert [(each.generation, each.is_current, each.total) for each in found.generations] == [
        (1, False, 9), (2, False, 11), (3, True, 11),
    ]  # fmt: skip
    assert found.generations[-1].statements == ("<https://w3id.org/metapole/id/membership-1>",)
    assert found.generations[-1].evidence == ("<https://w3id.org/metapole/id/evidence-1>",)
    assert found.generations[-1].gaps == (
        "<http://example.org/club> <http://example.org/knows>",
        "<http://example.org/x> <http://example.org/knows>",
    )
    assert list(found.shipped_in) == ["http://example.org/people"]
    assert not found.is_term
    assert not found.has_other_rules
    assert survey([store], JANE, bundled("ontology"), bundled("data")).has_other_rules
