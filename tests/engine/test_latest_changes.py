"""Pages about changes show a part at a time of what many commits did, and lose none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from graph.errors import QueryRejected, UnknownThing
from graph.generations import current_generation, publish_generation
from graph.history.pages import PAGE_ENTRIES
from graph.publishing.feeds.changes import MOST_SHOWN, latest_changes, write_changes
from graph.writing.writer import Writer

from .edits import parsed
from .published import Published, of_whole_generation
from .wishes import UnionOnly, carry_out, fast_directory, insert, wish

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMITS = 2 * MOST_SHOWN + 3
"""So that the changes have several parts, after the one that fills a page of the history."""


@pytest.fixture(scope="module")
def changed() -> Iterator[Published]:
    """A store: its first commit has made many things, the last but three two, all others one."""
    with fast_directory() as store:
        publish_generation(store, parsed("<x:g> { <x:first> <x:p> 0 }"))
        writer = Writer(store, carry_out, UnionOnly())
        writer.apply_all([wish(insert(*_made(number))) for number in range(COMMITS)])
        writer.publish()
        generation = current_generation(store)
        assert generation
        yield of_whole_generation(generation)


def _made(number: int) -> list[tuple[str, str, str, str]]:
    things = {0: [f"n{each}" for each in range(PAGE_ENTRIES)], COMMITS - 4: ["a", "b"]}
    return [(f"x:{each}{number}", "x:p", "1", "x:g") for each in things.get(number, ["a"])]


def page(published: Published, **asked: str) -> dict[str, Any]:
    return json.loads(published.written(write_changes, language="en", **asked))


def test_older_changes_are_found_part_by_part_and_none_twice(changed: Published) -> None:
    told: list[int] = []
    said = page(changed)
    while True:
        assert len(said["commits"]) <= MOST_SHOWN
        told += [each["commit"] for each in said["commits"]]
        if not said["older"]:
            break
        said = page(changed, **dict(parse_qsl(said["older"])))
    every = json.loads(changed.written(write_changes))
    assert "older" not in every

    assert told == sorted(told, reverse=True)
    assert set(range(1, COMMITS + 1)) <= set(told)
    assert len(told) <= len(set(told)) + 1  # what fills a page is told on two
    assert [each["commit"] for each in every["commits"]] == told[: len(every["commits"])]


@pytest.mark.parametrize("most", [1, 3, 5, 40])
def test_the_latest_changes_are_the_first_that_the_page_shows(
    changed: Published, most: int
) -> None:
    found = latest_changes(changed.edition(language="en"), most)

    assert found == page(changed)["commits"][:most]
    assert len(found) == most
    assert most < 4 or [each["iri"] for each in found[3]["things"]] == [
        f"x:a{COMMITS - 4}",
        f"x:b{COMMITS - 4}",
    ]


@pytest.mark.parametrize(
    ("part", "complaint"), [("0", "from 1 on"), ("x", "from 1 on"), ("99", "no part 99")]
)
def test_a_part_that_is_not_there_is_told(changed: Published, part: str, complaint: str) -> None:
    with pytest.raises((QueryRejected, UnknownThing), match=complaint):
        page(changed, part=part)
