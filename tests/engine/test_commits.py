"""The commit log: what is written of a commit is found again, by its number and by its key."""

from datetime import UTC, datetime, timedelta

import pyoxigraph as ox
import pytest

from graph.writing.commits import (
    Commit,
    all_commits,
    commit_numbered,
    commit_time,
    commit_with_key,
    is_undone,
)
from graph.writing.wishes import Key

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
FIRST = Commit(7, NOON, "ada", 3, 2, ("x:a", "x:b"), "x:b", Key("k1", "aa"))
PLAIN = Commit(8, NOON, "ada", 0, 1)

LOGGED = """
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
GRAPH <https://w3id.org/metapole/graph/commits> {
    <https://w3id.org/metapole/id/commit/7>
        a mp:Commit ;
        mp:commitNumber 7 ;
        prov:endedAtTime "2026-11-21T12:00:00Z"^^xsd:dateTime ;
        mp:agentName "ada" ;
        mp:statementsAdded 3 ;
        mp:statementsRemoved 2 ;
        mp:changedGraph <x:a>, <x:b> ;
        mp:createdGraph <x:b> ;
        mp:idempotencyKey "k1" ;
        mp:requestDigest "aa" .
}
"""


def log(*commits: Commit) -> ox.Store:
    store = ox.Store()
    for commit in commits:
        store.extend(commit.quads())
    return store


def test_the_log_says_all_there_is_to_say_of_a_commit() -> None:
    assert set(FIRST.quads()) == set(ox.parse(LOGGED, ox.RdfFormat.TRIG))


@pytest.mark.parametrize("commit", [FIRST, PLAIN], ids=["all", "least"])
def test_a_commit_is_found_by_its_number(commit: Commit) -> None:
    assert commit_numbered(log(FIRST, PLAIN), commit.number) == commit


def test_a_number_that_nobody_has_is_not_found() -> None:
    assert commit_numbered(log(FIRST), 9) is None


def test_a_key_is_one_of_its_author() -> None:
    other = Commit(9, NOON, "ben", 1, 0, key=Key("k1", "bb"))
    store = log(FIRST, PLAIN, other)
    assert commit_with_key(store, "ada", "k1") == FIRST
    assert commit_with_key(store, "ben", "k1") == other
    assert commit_with_key(store, "cleo", "k1") is None
    assert commit_with_key(store, "ada", "k2") is None


def test_a_key_may_hold_whatever_a_literal_can() -> None:
    odd = Commit(1, NOON, 'a "b" \\ \n c', 0, 0, key=Key('"}> \\ \u00e9\u4e2d', "aa"))
    assert commit_with_key(log(odd), odd.author, '"}> \\ \u00e9\u4e2d') == odd


SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("now", "last", "expected"),
    [
        pytest.param(NOON, None, NOON, id="the first"),
        pytest.param(NOON + HOUR, NOON, NOON + HOUR, id="later"),
        pytest.param(NOON + SECOND / 2, NOON, NOON, id="in the same second"),
        pytest.param(NOON - SECOND, NOON, NOON, id="the clock was put back a little"),
        pytest.param(NOON - 23 * HOUR, NOON, NOON, id="by hours"),
        pytest.param(NOON - 48 * HOUR, NOON, NOON - 48 * HOUR, id="the log had been ahead"),
    ],
)
def test_the_log_does_not_go_backwards(
    now: datetime, last: datetime | None, expected: datetime
) -> None:
    assert commit_time(now, last) == expected


def test_all_commits_are_read_in_their_order() -> None:
    undoing = Commit(12, NOON, "metapole rollback", 1, 2, rolled_back=(7, 8))
    assert list(all_commits(log(undoing, PLAIN, FIRST)).values()) == [FIRST, PLAIN, undoing]
    assert all_commits(ox.Store()) == {}


def test_a_key_stands_for_nothing_once_its_commit_was_rolled_back() -> None:
    undoing = Commit(9, NOON, "metapole rollback", 0, 0, rolled_back=(7, 8))
    store = log(FIRST, PLAIN, undoing)
    assert [is_undone(store, number) for number in (7, 8, 9)] == [True, True, False]
    assert commit_with_key(store, "ada", "k1") is None
    again = Commit(10, NOON, "ada", 3, 2, key=Key("k1", "bb"))
    store.extend(again.quads())
    assert commit_with_key(store, "ada", "k1") == again


def test_a_rollback_that_is_rolled_back_itself_undoes_nothing() -> None:
    undoing = Commit(9, NOON, "metapole rollback", 0, 0, rolled_back=(7, 8))
    forward = Commit(10, NOON, "metapole rollback", 0, 0, rolled_back=(9,))
    store = log(FIRST, PLAIN, undoing, forward)
    assert [is_undone(store, number) for number in (7, 8, 9)] == [False, False, True]
    assert commit_with_key(store, "ada", "k1") == FIRST
