"""A build renews what shipped where nobody touched it, asks where somebody did, and no more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.content import content_digest, has_digest
from graph.differences import Difference, rdf_patch
from graph.errors import StoreUnusable
from graph.generations import (
    current_generation,
    kept_generations,
    pointer_path,
    verify_generation,
    writing,
)
from graph.upgrade import make_build, plan_build

from .edits import (
    assert_in_step,
    build,
    content,
    log,
    opened,
    parsed,
    release,
    rules_in,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path

    from graph.shipped import Choice

SHIPPED = "http://example.org/shipped"
OTHER = "GRAPH :other { :x :is 1 }"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return rules_in(tmp_path / "rules")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def shipping(value: str | None) -> str:
    """Return what ships: always another graph, and the one in question with *value*, if any."""
    return OTHER if value is None else f'{OTHER} GRAPH :shipped {{ :a :is "{value}" }}'


def value_in(store: Path) -> str | None:
    values = [triple.split('"')[1] for triple in content(store).get(SHIPPED, ())]
    assert len(values) < 2
    return values[0] if values else None


def user_has(store: Path, rules: Path, was: str | None, now: str | None) -> None:
    """Have a user change what the graph in question says."""
    if was == now:
        return
    if now is None:
        write(store, rules, drop=SHIPPED)
        return
    remove = f'GRAPH :shipped {{ :a :is "{was}" }}' if was else ""
    write(store, rules, remove=remove, add=f'GRAPH :shipped {{ :a :is "{now}" }}')


@pytest.mark.parametrize(
    ("shipped", "here", "files", "choice", "is_asked", "result"),
    [
        pytest.param("one", "one", "two", None, False, "two", id="not touched, and new"),
        pytest.param("one", "one", None, None, False, None, id="not touched, ships no more"),
        pytest.param("one", "one", "one", None, False, "one", id="not touched, as before"),
        pytest.param(None, None, "two", None, False, "two", id="ships for the first time"),
        pytest.param("one", "mine", "one", None, False, "mine", id="changed here alone"),
        pytest.param("one", "mine", "one", "replace", False, "one", id="changed here, taken back"),
        pytest.param("one", None, "one", None, False, None, id="dropped here alone"),
        pytest.param("one", "two", "two", None, False, "two", id="changed alike"),
        pytest.param("one", None, None, None, False, None, id="dropped here, ships no more"),
        pytest.param("one", "mine", "two", "keep", True, "mine", id="changed on both sides, kept"),
        pytest.param("one", "mine", "two", "replace", True, "two", id="changed on both sides"),
        pytest.param("one", "mine", None, "keep", True, "mine", id="changed, gone, kept"),
        pytest.param("one", "mine", None, "replace", True, None, id="changed here, ships no more"),
        pytest.param("one", None, "two", "keep", True, None, id="dropped here, new, left out"),
        pytest.param("one", None, "two", "replace", True, "two", id="dropped here, new"),
        pytest.param(None, "mine", "two", "keep", True, "mine", id="name of a user, kept"),
        pytest.param(None, "mine", "two", "replace", True, "two", id="name of a user, replaced"),
    ],
)
def test_what_becomes_of_a_graph(
    store: Path, rules: Path, shipped: str | None, here: str | None, files: str | None,
    choice: Choice | None, is_asked: bool, result: str | None,
) -> None:  # fmt: skip
    build(store, release(shipping(shipped), rules))
    user_has(store, rules, shipped, here)
    new = release(shipping(files), rules)

    asked = [graph.name for graph in plan_build(store, new).upgrade.questions]
    build(store, new, {SHIPPED: choice} if choice else {})

    assert asked == ([SHIPPED] if is_asked else [])
    assert value_in(store) == result
    assert content(store)["http://example.org/other"]
    assert_in_step(store)


def test_what_is_kept_is_asked_about_again_only_when_the_files_change(
    store: Path, rules: Path
) -> None:
    build(store, release(shipping("one"), rules))
    user_has(store, rules, "one", "mine")
    build(store, release(shipping("two"), rules), {SHIPPED: "keep"})

    again = plan_build(store, release(shipping("two"), rules)).upgrade
    changed = plan_build(store, release(shipping("three"), rules)).upgrade

    assert (again.questions, [graph.name for graph in again.touched]) == ((), [SHIPPED])
    assert [graph.name for graph in changed.questions] == [SHIPPED]


def test_a_graph_that_is_kept_though_it_ships_no_more_is_of_a_user(
    store: Path, rules: Path
) -> None:
    build(store, release(shipping("one"), rules))
    user_has(store, rules, "one", "mine")
    build(store, release(shipping(None), rules), {SHIPPED: "keep"})

    upgrade = plan_build(store, release(shipping(None), rules)).upgrade

    assert (upgrade.touched, upgrade.of_users) == ((), (f"<{SHIPPED}>",))


def test_all_that_users_wrote_survives(store: Path, rules: Path) -> None:
    build(store, release(shipping("one"), rules))
    write(
        store,
        rules,
        add=":a :knows :b . GRAPH :mine { :b :knows :c . [] :is [] } GRAPH :e { :x :y :z }",
    )
    write(store, rules, remove="GRAPH :e { :x :y :z }")
    before = content(store)

    generation = build(store, release(shipping("two"), rules))

    after = content(store)
    assert after.pop(SHIPPED) != before.pop(SHIPPED)
    assert after == before
    assert ox.NamedNode("http://example.org/e") in set(opened(store).named_graphs())
    assert generation.graphs is not None
    assert generation.graphs["http://example.org/e"] == 0
    assert_in_step(store)
    verify_generation(generation)


def test_what_users_state_and_files_state_is_derived_from_together(
    store: Path, rules: Path
) -> None:
    build(store, release("GRAPH :shipped { :a :knows :b }", rules))
    write(store, rules, add="GRAPH :mine { :a :knows :b . :b :known-by :a }")

    build(store, release("GRAPH :shipped { :c :knows :d }", rules))

    assert_in_step(store)


def test_other_rules_derive_everything_anew(store: Path, rules: Path, tmp_path: Path) -> None:
    build(store, release("GRAPH :shipped { :a :knows :b }", rules))
    none = tmp_path / "no-rules"
    none.mkdir()

    build(store, release("GRAPH :shipped { :a :knows :b }", none))

    derived = ox.NamedNode("https://w3id.org/metapole/graph/derived")
    assert not list(opened(store).quads_for_pattern(None, None, None, derived))


def test_builds_are_commits_like_others(store: Path, rules: Path) -> None:
    build(store, release(shipping("one"), rules))
    write(store, rules, add="GRAPH :mine { :a :is 1 }")
    generation = build(store, release(shipping("two"), rules))

    assert log(store) == ["metapole build", "a user", "metapole build"]
    assert generation.commit == 3
    said = {
        quad.predicate.value.rpartition("#")[2]: quad.object.value
        for quad in opened(store).quads_for_pattern(
            ox.NamedNode("https://w3id.org/metapole/id/commit/3"), None, None
        )
        if not isinstance(quad.object, ox.Triple)
    }
    assert (said["statementsAdded"], said["statementsRemoved"]) == ("1", "1")
    assert said["changedGraph"] == SHIPPED


def test_only_what_changed_is_said_to_have_changed(store: Path, rules: Path) -> None:
    build(store, release(shipping("one"), rules))
    generation = build(store, release(shipping("two"), rules))

    assert generation.changed[SHIPPED] == 2
    assert generation.changed["http://example.org/other"] == 1


def test_a_build_that_changes_nothing_makes_no_generation(store: Path, rules: Path) -> None:
    first = build(store, release(shipping("one"), rules))
    write(store, rules, add="GRAPH :mine { :a :is 1 }")

    assert build(store, release(shipping("one"), rules)).number == 2
    assert build(store, release(shipping("one"), rules, "other files")).number == 3
    assert first.number == 1


def test_numbers_and_languages_that_a_store_rewrites_are_not_taken_for_changes(
    store: Path, rules: Path
) -> None:
    text = 'GRAPH :shipped { :a :is 0.70 , 01 , "x"@EN , "2018-07-01T00:00:00+00:00"^^:t }'
    build(store, release(text, rules))

    upgrade = plan_build(store, release(text + OTHER, rules)).upgrade

    assert {graph.name.rpartition("/")[2]: graph.state for graph in upgrade.shipped} == {
        "shipped": "same",
        "other": "as shipped",
    }


def test_a_newer_store_is_never_built_over(store: Path, rules: Path) -> None:
    build(store, release(shipping("one"), rules))
    record = json.loads(pointer_path(store).read_text())
    pointer_path(store).write_text(json.dumps(record | {"format": 99}))

    for from_scratch in (False, True):
        with pytest.raises(StoreUnusable, match=r"format 99.*newer metapole"):
            plan_build(store, release(shipping("two"), rules), from_scratch=from_scratch)


def test_a_damaged_generation_is_not_built_on(store: Path, rules: Path) -> None:
    build(store, release(shipping("one"), rules))
    write(store, rules, add="GRAPH :mine { :a :is 1 }")
    write(store, rules, add="GRAPH :mine { :a :is 2 }")
    with (store / "generations" / "000003" / "CURRENT").open("ab") as file:
        file.write(b" ")
    new = release(shipping("two"), rules)

    plan = plan_build(store, new)
    generation = build(store, new)

    assert plan.base is not None
    assert plan.base.number == 2
    assert "Going on from generation 2 (commit 2" in plan.notes[-1]
    assert len(content(store)["http://example.org/mine"]) == 1
    # What was acknowledged as commit 3 is lost, and no other commit takes its number.
    assert (generation.number, generation.commit) == (4, 4)


def test_a_store_without_a_whole_generation_is_filled_only_if_somebody_says_so(
    store: Path, rules: Path
) -> None:
    build(store, release(shipping("one"), rules))
    with (store / "generations" / "000001" / "CURRENT").open("ab") as file:
        file.write(b" ")
    new = release(shipping("two"), rules)

    with pytest.raises(StoreUnusable, match="--from-scratch"):
        plan_build(store, new)
    with writing(store, "a test") as lock:
        plan = plan_build(store, new, from_scratch=True)
        make_build(store, new, plan, {}, lock)
    assert value_in(store) == "two"


class Crash(Exception):  # noqa: N818
    """The process ends here."""


def test_a_crash_at_any_step_leaves_the_store_as_it_was_or_as_it_was_to_be(
    store: Path, rules: Path
) -> None:
    build(store, release(shipping("zero"), rules))
    for survived in range(100):
        was, new = value_in(store), release(shipping(f"v{survived}"), rules)
        steps: list[str] = []

        def step(name: str, steps: list[str] = steps, survived: int = survived) -> None:
            steps.append(name)
            if len(steps) > survived:
                raise Crash(name)

        try:
            with writing(store, "a test") as lock:
                make_build(store, new, plan_build(store, new), {}, lock, step=step)
        except Crash:
            assert value_in(store) in (was, f"v{survived}")
            assert_in_step(store)
            current = current_generation(store)
            assert current is not None
            verify_generation(current)
        else:
            assert value_in(store) == f"v{survived}"
            assert survived == len(steps) > 5
            return
    pytest.fail("it never got through")


def test_at_least_the_last_generations_are_kept_to_go_back_to(store: Path, rules: Path) -> None:
    for value in ("one", "two", "three"):
        build(store, release(shipping(value), rules))

    assert [each.number for each in kept_generations(store)] == [1, 2, 3]


def triples(trig: str) -> frozenset[ox.Triple]:
    return frozenset(quad.triple for quad in parsed(trig))


def test_a_digest_is_of_the_statements_alone() -> None:
    one = content_digest(triples("_:a :knows _:b . _:b :is 1 . :c :says <<( _:a :is 2 )>> ."))

    assert (
        content_digest(triples(":c :says <<( _:y :is 2 )>> . _:x :is 1 . _:y :knows _:x .")) == one
    )
    assert (
        content_digest(triples("_:a :knows _:b . _:a :is 1 . :c :says <<( _:a :is 2 )>> .")) != one
    )


def test_blank_nodes_that_take_for_ever_to_name_do_not_hold_up_a_build() -> None:
    knots = "".join(f"_:a{n} :knows _:a{m} ." for n in range(40) for m in range(40) if n != m)

    assert not has_digest(triples(knots), content_digest(triples(":a :is 1 .")))
    assert not has_digest(triples(knots), content_digest(triples("_:a :is 1 .")))


def test_a_difference_is_read_by_subject() -> None:
    here = triples('person:ada skos:prefLabel "Ada"@en ; :age 36 . :b a :Thing .')
    there = triples(
        'person:ada skos:prefLabel "Ada L."@en ; :age 36 . :c :at "1815"^^:year . '
        "person:bob :says <<( person:ada a mp:Person )>> ."
    )

    lines = Difference.between("x:g", here, there).lines()

    assert lines == [
        "  <http://example.org/b>",
        "    - a <http://example.org/Thing>",
        "  <http://example.org/c>",
        '    + <http://example.org/at> "1815"^^<http://example.org/year>',
        "  person:ada",
        '    - skos:prefLabel "Ada"@en',
        '    + skos:prefLabel "Ada L."@en',
        "  person:bob",
        "    + <http://example.org/says> <<( person:ada a mp:Person )>>",
    ]


def test_a_long_difference_is_cut_and_says_so() -> None:
    there = triples("".join(f":a :is {number} ." for number in range(9)))

    lines = Difference.between("x:g", frozenset(), there).lines(2)

    assert lines[1:] == [
        "    + <http://example.org/is> 0",
        "    + <http://example.org/is> 1",
        "  and 7 statements more",
    ]


def test_a_difference_does_not_steer_the_terminal() -> None:
    difference = Difference.between(
        "x:g", triples('<x:a\\u202e> :is "\\u001B[31m\\u009b\\u202e" .'), frozenset()
    )

    assert all(line.isprintable() for line in difference.lines())


def test_an_rdf_patch_says_the_same_for_programs() -> None:
    difference = Difference.between("x:g", triples(":a :is 1 ."), triples(":a :is 2 ."))
    number = "^^<http://www.w3.org/2001/XMLSchema#integer>"

    assert list(rdf_patch([difference])) == [
        "TX .",
        f'D <http://example.org/a> <http://example.org/is> "1"{number} <x:g> .',
        f'A <http://example.org/a> <http://example.org/is> "2"{number} <x:g> .',
        "TC .",
    ]
