"""Names are found in spite of small errors, and always those of the generation that is asked."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.erasure import erase
from graph.errors import QueryRejected
from graph.formats import format_named
from graph.generations import current_generation, publish_generation, writing
from graph.generations.publishing import no_step
from graph.limits import DumpLimits, Limits
from graph.namespaces import SKOS, UNION_GRAPH
from graph.publishing.document import Document
from graph.publishing.edition import Facts, facts_of
from graph.query import Engine, Operation
from graph.search.current import current_names
from graph.search.files import State, Unfinished, index_folder, serving_file, state_of
from graph.search.folding import folded, strong, words_of
from graph.search.index import written_index
from graph.search.kinds import KINDS, kind_of
from graph.search.making import make_index
from graph.search.matching import Found, find
from graph.search.missing import NoIndex
from graph.sparql.matches import MATCHES
from graph.writing.plan import plan_of
from graph.writing.writer import Writer
from tests.engine.edits import rules_in
from tests.engine.wishes import UnionOnly, carry_out, fast_directory, update, wish
from tests.thoroughness import tried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from graph.generations import Generation
    from graph.generations.publishing import Step
    from tests.engine.published import Published

ID = "https://w3id.org/metapole/id/"
SECTOR = "https://w3id.org/metapole/def/sector/"
MP = "https://w3id.org/metapole/def#"
GRAPH = "https://w3id.org/metapole/graph/source/x"
JSON = format_named("plain-json")


def cluster(slug: str) -> str:
    return f"{ID}cluster/{slug}"


@pytest.fixture(scope="module")
def search(shipped: Published, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Found]:
    """Search the names of the graph that ships."""
    store = tmp_path_factory.mktemp("search")
    facts = replace(shipped.facts, store=str(store))
    unfinished = Unfinished(store, State(facts.store_id, facts.number, "", 0))
    unfinished.write(written_index(shipped.store))
    unfinished.finish()
    unfinished.close()

    def searched(typed: str, *kinds: str) -> Found:
        return find(current_names(shipped.store, facts), typed, kinds)

    return searched


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Mov’éo", "moveo"),
        ("System@tic Paris-Region", "systematic paris region"),
        ("l’Île-de-France", "ile de france"),
        ("Straße & Łódź, e.V.", "strasse lodz ev"),
        ("  <b>\u202eABC\u0000</b> ", "b abc b"),
        ("汽车 Кластер", "汽车 кластер"),
        ("'\"*()", ""),
    ],
)
def test_accents_case_and_signs_do_not_matter(text: str, plain: str) -> None:
    assert folded(text) == plain


def test_weak_words_have_to_fit_only_where_there_are_no_others() -> None:
    assert strong(words_of(folded("Pôle Véhicule du Futur"))) == ["vehicule", "futur"]
    assert strong(words_of(folded("le pôle"))) == ["le", "pole"]


@pytest.mark.parametrize(
    ("typed", "first", "level"),
    [
        ("Minalogic", "minalogic", "exact"),
        ("minalogik", "minalogic", "near"),
        ("mnialogic", "minalogic", "near"),
        ("Pole Vehicule du Futur", "vehicule-du-futur", "words"),
        ("futur vehicule", "vehicule-du-futur", "words"),
        ("vehicule du futr", "vehicule-du-futur", "near"),
        ("Movéo", "moveo", "exact"),
        ("mov eo", "moveo", "exact"),
        ("capdigital", "cap-digital", "prefix"),
        ("Aerospace Val", "aerospace-valley", "prefix"),
        ("valley aerospace", "aerospace-valley", "words"),
        ("aerospase vally", "aerospace-valley", "near"),
        ("lyon truck bus", "lyon-urban-truck-and-bus", "words"),
        ("qualimediterranée", "qualimediterranee", "near"),
        ("ACOD", "acod", "exact"),
    ],
)
def test_a_cluster_is_found_by_what_people_type(
    search: Callable[..., Found], typed: str, first: str, level: str
) -> None:
    found = search(typed)

    assert (found.hits[0].name.thing, found.hits[0].level) == (cluster(first), level)


@pytest.mark.parametrize(
    ("typed", "thing", "how"),
    [
        ("FRK", f"{ID}area/auvergne-rhone-alpes", "code"),
        ("NRW", f"{ID}area/north-rhine-westphalia", "other"),
        ("paris area", f"{ID}area/ile-de-france", "other"),
        ("Kennzahlwert", f"{MP}KeyFigure", "name"),
        ("key figure", f"{MP}KeyFigure", "name"),
        ("Automobil", f"{SECTOR}automotive", "name"),
        ("automobile", f"{SECTOR}automotive", "name"),
    ],
)
def test_codes_other_names_and_all_languages_are_found_too(
    search: Callable[..., Found], typed: str, thing: str, how: str
) -> None:
    found = {hit.name.thing: hit for hit in search(typed).hits}

    assert (found[thing].level, found[thing].name.how) == ("exact", how)


def test_what_was_meant_is_offered(search: Callable[..., Found]) -> None:
    assert search("minalogik").meant == "minalogic"
    assert search("Minalogic").meant == ""
    assert search("aerospase vally").meant == "aerospace valley"


def test_only_things_of_some_kinds_are_found_if_these_are_wanted(
    search: Callable[..., Found],
) -> None:
    kinds = {hit.name.kind for hit in search("france").hits}
    assert {"country", "organisation"} <= kinds
    assert {hit.name.kind for hit in search("france", "country").hits} == {"country"}
    assert search("france", "person").hits == ()


def test_the_best_come_first(search: Callable[..., Found]) -> None:
    for typed in ("automotive", "france", "a", "cluster", "health"):
        scores = [hit.score for hit in search(typed).hits]
        assert scores == sorted(scores, reverse=True)
        assert len({hit.name.thing for hit in search(typed).hits}) == len(scores)


@settings(deadline=None, max_examples=tried(20, 60))
@given(st.text(max_size=60))
def test_anything_may_be_typed(search: Callable[..., Found], typed: str) -> None:
    for hit in search(typed).hits:
        assert 0 < hit.score <= 1


@settings(deadline=None, max_examples=tried(20, 60))
@given(data=st.data())
def test_a_name_is_found_in_spite_of_an_error(
    shipped: Published, search: Callable[..., Found], data: st.DataObject
) -> None:
    labels = sorted(
        (quad.subject.value, quad.object.value)
        for quad in shipped.store.quads_for_pattern(
            None, ox.NamedNode(SKOS + "prefLabel"), None, ox.NamedNode(UNION_GRAPH)
        )
        if isinstance(quad.subject, ox.NamedNode)
        and isinstance(quad.object, ox.Literal)
        and quad.subject.value.startswith(f"{ID}cluster/")
    )
    thing, label = data.draw(st.sampled_from(labels))
    words = words_of(folded(label))
    long = [number for number, word in enumerate(words) if len(word) >= 6]
    if not long:
        return
    number = data.draw(st.sampled_from(long))
    words[number] = _with_error(words[number], data)
    typed = " ".join(data.draw(st.permutations(words)))
    if data.draw(st.booleans()):
        typed = typed.upper()

    assert thing in [hit.name.thing for hit in search(typed).hits[:5]], typed


def _with_error(word: str, data: st.DataObject) -> str:
    place = data.draw(st.integers(1, len(word) - 2))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    return data.draw(
        st.sampled_from(
            [
                word[:place] + word[place + 1 :],
                word[:place] + letter + word[place:],
                word[:place] + letter + word[place + 1 :],
                word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            ]
        )
    )


def test_every_kind_is_told_apart() -> None:
    assert kind_of(f"{ID}cluster/a") == "cluster"
    assert kind_of("https://w3id.org/metapole/def/sector/a") == "sector"
    assert kind_of("https://w3id.org/metapole/def/role/a") == "concept"
    assert kind_of("https://w3id.org/metapole/def/role") == "term"
    assert kind_of(f"{MP}Cluster") == "term"
    assert kind_of(f"{ID}figure/a") == kind_of("http://other.example/a") == "other"
    assert {kind_of(f"{ID}{kind}/a") for kind in KINDS} <= set(KINDS)


# The names of a generation


@pytest.fixture
def store() -> Iterator[Path]:
    with fast_directory() as directory:
        made = directory / "store"
        publish_generation(
            made,
            [
                _label("one", "Alphabetum"),
                _label("two", "Betatronic"),
                *_naming("two-old", "two", "Formerlyso"),
            ],
        )
        yield made


def current(store: Path) -> Generation:
    generation = current_generation(store)
    assert generation
    return generation


def found_in(generation: Generation, typed: str) -> list[str]:
    names = current_names(ox.Store.read_only(str(generation.path)), Facts(**facts_of(generation)))
    hits = find(names, typed).hits
    return [hit.name.thing.rpartition("/")[2] for hit in hits if hit.level != "near"]


def change(
    store: Path, added: list[ox.Quad], removed: list[ox.Quad] | None = None, step: Step = no_step
) -> Generation:
    """Make a commit in which these came and went; Crash if *step* raises it."""
    operations = [("insert", _statements(added)), ("delete", _statements(removed or []))]
    with writing(store, "test"):
        writer = Writer(store, carry_out, UnionOnly(), step=step)
        outcome = writer.apply(wish(update(*operations)))
        assert outcome["commit"], outcome
        assert writer.publish()
    return current(store)


def _statements(quads: list[ox.Quad]) -> list[tuple[str, str, str, str]]:
    return [
        (
            getattr(each.subject, "value", ""),
            each.predicate.value,
            getattr(each.object, "value", ""),
            GRAPH,
        )
        for each in quads
    ]


def _label(slug: str, name: str) -> ox.Quad:
    predicate = ox.NamedNode(SKOS + "prefLabel")
    return ox.Quad(ox.NamedNode(cluster(slug)), predicate, ox.Literal(name), ox.NamedNode(GRAPH))


def _naming(slug: str, about: str, name: str) -> list[ox.Quad]:
    node, graph = ox.NamedNode(f"{ID}naming/{slug}"), ox.NamedNode(GRAPH)
    return [
        ox.Quad(node, ox.NamedNode(MP + "about"), ox.NamedNode(cluster(about)), graph),
        ox.Quad(node, ox.NamedNode(MP + "name"), ox.Literal(name), graph),
    ]


class Crash(BaseException):
    """The process is gone."""


def test_a_commit_is_seen_by_the_next_search_and_writes_no_index(store: Path) -> None:
    file = make_index(current(store))
    assert found_in(current(store), "alphabetum") == ["one"]

    later = change(store, [_label("three", "Gammadata")], [_label("one", "Alphabetum")])

    assert [each.name for each in index_folder(store).iterdir()] == [file.path.name]
    assert found_in(later, "gammadata") == ["three"]
    assert found_in(later, "alphabetum") == []
    assert found_in(later, "betatronic") == ["two"]


def test_what_a_statement_calls_a_thing_comes_and_goes_with_the_statement(store: Path) -> None:
    make_index(current(store))
    assert found_in(current(store), "formerlyso") == ["two"]

    later = change(
        store, _naming("one-new", "one", "Deltaform"), _naming("two-old", "two", "Formerlyso")
    )

    assert found_in(later, "deltaform") == ["one"]
    assert found_in(later, "formerlyso") == []


def test_nearly_right_names_are_found_among_the_newest_too(store: Path) -> None:
    make_index(current(store))
    later = change(store, [_label("three", "Gammadata")])

    names = current_names(ox.Store.read_only(str(later.path)), Facts(**facts_of(later)))
    assert [hit.name.thing for hit in find(names, "gamadata").hits] == [cluster("three")]


def test_many_commits_are_told_as_a_new_index_would(store: Path) -> None:
    make_index(current(store))
    there = {"one": "Alphabetum", "two": "Betatronic"}
    chance = random.Random(7)  # noqa: S311 -- no secret
    for number in range(10):
        slug = chance.choice(["one", "two", "three", "four"])
        old = [_label(slug, there[slug])] if slug in there else []
        there[slug] = f"Name{number}x"
        change(store, [_label(slug, there[slug])], old)
        for each, name in there.items():
            assert found_in(current(store), name) == [each]
    for file in index_folder(store).iterdir():
        file.unlink()
    make_index(current(store))
    for each, name in there.items():
        assert found_in(current(store), name) == [each]


@pytest.mark.parametrize("at", ["back up", "history", "point", "switch"])
def test_a_crash_leaves_the_names_of_the_commit_before_or_after(store: Path, at: str) -> None:
    make_index(current(store))

    def crash(step: str) -> None:
        if step == at:
            raise Crash

    with pytest.raises(Crash):
        change(store, [_label("three", "Neverwas")], step=crash)
    assert found_in(current(store), "neverwas") == []

    later = change(store, [_label("four", "Afterwards")])

    assert found_in(later, "neverwas") == []
    assert found_in(later, "afterwards") == ["four"]


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00", b"\xff" * 5000])
def test_a_file_that_cannot_be_read_is_told_of_and_not_believed(
    store: Path, content: bytes
) -> None:
    make_index(current(store)).path.write_bytes(content)

    with pytest.raises(NoIndex):
        found_in(current(store), "alphabetum")


@pytest.mark.parametrize("store_id", ["", "abc123", "with-hyphens", "../other"])
@pytest.mark.parametrize("history", ["", "3f9a02c1"])
def test_a_file_is_found_by_its_name_whatever_the_store_is_called(
    tmp_path: Path, store_id: str, history: str
) -> None:
    state = State(store_id, 12, history, 7)
    unfinished = Unfinished(tmp_path, state)
    unfinished.write(b"content")
    file = unfinished.finish()
    unfinished.close()

    assert serving_file(tmp_path, state) == file
    assert file.path.parent == index_folder(tmp_path)
    assert serving_file(tmp_path, State("another", 12, history, 7)) is None


def test_a_history_that_began_anew_needs_a_new_index(store: Path) -> None:
    file = make_index(current(store))
    shutil.rmtree(store / "history")
    later = change(store, [_label("three", "Gammadata")])

    assert not file.serves(state_of(later))
    with pytest.raises(NoIndex):
        found_in(later, "gammadata")
    make_index(later)
    assert found_in(later, "gammadata") == ["three"]


def test_what_is_erased_is_in_no_index(store: Path) -> None:
    """The bytes of the files are looked at, not what SQLite says of them."""
    make_index(current(store))
    change(store, [_label("three", "Zq7xSecret")])
    later = change(store, [_label("four", "Gammadata")])
    for file in index_folder(store).iterdir():
        file.unlink()
    make_index(later)
    assert _holding(store, b"zq7xsecret")
    ontology = store.parent / "ontology"
    (ontology / "terms").mkdir(parents=True)
    (ontology / "terms" / "a.ttl").write_text("", encoding="utf-8")
    rules_in(ontology / "rules")

    assert list(erase([store], cluster("three"), ontology))

    assert not _holding(store, b"zq7xsecret")
    assert not _holding(store, b"Zq7xSecret")
    make_index(current(store))
    assert found_in(current(store), "zq7xsecret") == []
    assert found_in(current(store), "gammadata") == ["four"]


def _holding(folder: Path, word: bytes) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if word in path.read_bytes()]


# The engine sees to the index


def engine(store: Path) -> Engine:
    return Engine(store, Limits(readers=1, spares=0, timeout_s=20), dumps=DumpLimits())


async def suggested(asked: Engine, typed: str) -> list[str]:
    document = Document("suggestions", (JSON,), (("q", typed),), searches=True)
    answer = await asked.answer(document, JSON)
    content = b"".join([piece async for piece in answer])
    return [each["label"] for each in json.loads(content)]


async def selected(asked: Engine, text: str, **options: Any) -> list[str]:  # noqa: ANN401 -- those of an operation
    prologue = "PREFIX mpf: <https://w3id.org/metapole/function#> "
    answer = await asked.answer(Operation(prologue + text, **options), format_named("csv"))
    content = b"".join([piece async for piece in answer])
    return content.decode().split("\r\n")[1:-1]


def test_an_old_store_gets_its_index_when_somebody_searches(store: Path) -> None:
    async def search_twice() -> None:
        async with engine(store) as asked:
            assert not index_folder(store).exists()
            assert await suggested(asked, "alphabet") == ["Alphabetum"]
            assert serving_file(store, state_of(current(store)))
            later = change(store, [_label("three", "Gammadata")])
            while asked.generation.number < later.number:  # another process made it
                await asyncio.sleep(0.05)
            assert await suggested(asked, "gamma") == ["Gammadata"]
            assert len(list(index_folder(store).iterdir())) == 1

    asyncio.run(search_twice())


def test_a_damaged_index_is_made_anew(store: Path) -> None:
    make_index(current(store)).path.write_bytes(b"damaged")

    async def search_once() -> None:
        async with engine(store) as asked:
            assert await suggested(asked, "alphabet") == ["Alphabetum"]

    asyncio.run(search_once())


def test_sparql_finds_what_a_search_finds(store: Path) -> None:
    async def ask() -> None:
        async with engine(store) as asked:
            found = await selected(
                asked,
                """SELECT ?thing ?score ?name ?label {
                    ?thing mpf:matches ("betatronik" ?score ?name) .
                    ?thing <http://www.w3.org/2004/02/skos/core#prefLabel> ?label }""",
            )
            assert len(found) == 1
            thing, score, name, label = found[0].split(",")
            assert (thing, name, label) == (cluster("two"), "Betatronic", "Betatronic")
            assert 0 < float(score) < 0.8
            text = (
                'SELECT ?thing { ?thing <https://w3id.org/metapole/function#matches> "formerlyso" }'
            )
            assert await selected(asked, text) == [cluster("two")]
            text = 'SELECT * { ?thing mpf:matches "nothing is called so" }'
            assert await selected(asked, text) == []
            text = """SELECT ?a ?b { ?a mpf:matches "alphabetum" .
                OPTIONAL { ?b mpf:matches "betatronic" } }"""
            assert await selected(asked, text) == [f"{cluster('one')},{cluster('two')}"]

    asyncio.run(ask())


def test_the_union_stays_hidden_from_who_searches(store: Path) -> None:
    async def ask() -> None:
        async with engine(store) as asked:
            text = (
                'SELECT DISTINCT ?g { ?thing mpf:matches "alphabetum" . GRAPH ?g { ?thing ?p ?o } }'
            )
            assert await selected(asked, text) == [GRAPH]

    asyncio.run(ask())


def test_a_text_that_looks_like_a_place_for_results_is_left_alone(store: Path) -> None:
    async def ask() -> None:
        async with engine(store) as asked:
            text = """SELECT ?text { ?thing mpf:matches "alphabetum"
                BIND ("VALUES (?x) { (<about:matches?a>) }" AS ?text) }"""
            assert await selected(asked, text) == ["VALUES (?x) { (<about:matches?a>) }"]

    asyncio.run(ask())


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("?thing mpf:matches ?words", "words that the query itself has"),
        ("<x:a> mpf:matches 'a'", "goes into a variable"),
        ("?thing mpf:matches ('a' ?score ?name ?more)", "up to two variables"),
        ("?thing mpf:matches ('a' ?thing)", "its own variable"),
        ("?thing mpf:matches/<x:b> 'a'", "part of a path"),
        ("?thing ^mpf:matches 'a'", "part of a path"),
    ],
)
def test_the_function_says_how_it_is_used(store: Path, text: str, complaint: str) -> None:
    async def ask() -> None:
        async with engine(store) as asked:
            with pytest.raises(QueryRejected, match=complaint):
                await selected(asked, f"SELECT * {{ {text} }}")

    asyncio.run(ask())


def test_an_update_does_not_search() -> None:
    where = f'?thing <{MATCHES}> "a"'
    with pytest.raises(QueryRejected, match="searches names for queries"):
        plan_of(f"INSERT {{ ?thing a <x:Y> }} WHERE {{ {where} }}", "http://example.org/")
    assert plan_of(f'INSERT DATA {{ <x:a> <{MATCHES}> "a" }}', "http://example.org/")


def test_older_generations_are_not_searched(store: Path) -> None:
    first = current(store).number
    change(store, [_label("three", "Gammadata")])

    async def ask() -> None:
        async with engine(store) as asked:
            with pytest.raises(QueryRejected, match="current generation"):
                await selected(asked, 'SELECT * { ?thing mpf:matches "a" }', generation=first)

    asyncio.run(ask())
