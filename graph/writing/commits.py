"""The log of commits: what it says of each, and how an idempotency key finds the one it stands for.

It is a graph of the store, written in the same commit that it tells of, so that it is never behind
and never ahead.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import ID, MP, RDF_TYPE, XSD
from graph.writing.transaction import COMMITS
from graph.writing.wishes import Key

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMIT = ID + "commit/"
_ENDED = ox.NamedNode("http://www.w3.org/ns/prov#endedAtTime")
_TYPE = ox.NamedNode(RDF_TYPE)
_CLASS = ox.NamedNode(MP + "Commit")
_NUMBER = ox.NamedNode(MP + "commitNumber")
_AUTHOR = ox.NamedNode(MP + "agentName")
_ADDED = ox.NamedNode(MP + "statementsAdded")
_REMOVED = ox.NamedNode(MP + "statementsRemoved")
_CHANGED = ox.NamedNode(MP + "changedGraph")
_CREATED = ox.NamedNode(MP + "createdGraph")
_KEY = ox.NamedNode(MP + "idempotencyKey")
_DIGEST = ox.NamedNode(MP + "requestDigest")
_UNDONE = ox.NamedNode(MP + "rolledBack")

_BELIEVED_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Commit:
    """One change that was made."""

    number: int
    time: datetime
    """When, in UTC and whole seconds."""
    author: str
    added: int
    removed: int
    """How many statements came and went, those that the server keeps itself not counted."""
    changed: tuple[str, ...] = ()
    """The named graphs that are other than before, those that the server keeps itself left out."""
    created: str | None = None
    """The graph that a write to a graph has made."""
    key: Key | None = None
    rolled_back: tuple[int, ...] = ()
    """The numbers of the commits that it has undone."""

    def quads(self) -> Iterator[ox.Quad]:
        """Yield what the log says of it."""
        subject = ox.NamedNode(f"{_COMMIT}{self.number}")
        for predicate, value in self._statements():
            yield ox.Quad(subject, predicate, value, COMMITS)

    def _statements(self) -> Iterator[tuple[ox.NamedNode, ox.NamedNode | ox.Literal]]:
        yield _TYPE, _CLASS
        yield _NUMBER, ox.Literal(self.number)
        time = self.time.strftime("%Y-%m-%dT%H:%M:%SZ")
        yield _ENDED, ox.Literal(time, datatype=ox.NamedNode(XSD + "dateTime"))
        yield _AUTHOR, ox.Literal(self.author)
        yield _ADDED, ox.Literal(self.added)
        yield _REMOVED, ox.Literal(self.removed)
        for graph in self.changed:
            yield _CHANGED, ox.NamedNode(graph)
        if self.created is not None:
            yield _CREATED, ox.NamedNode(self.created)
        if self.key is not None:
            yield _KEY, ox.Literal(self.key.value)
            yield _DIGEST, ox.Literal(self.key.digest)
        for number in self.rolled_back:
            yield _UNDONE, ox.NamedNode(f"{_COMMIT}{number}")


def commit_numbered(store: ox.Store, number: int) -> Commit | None:
    """Return what the log in *store* says of the commit *number*; None when it says nothing."""
    subject = ox.NamedNode(f"{_COMMIT}{number}")
    said: dict[ox.NamedNode, list[str]] = defaultdict(list)
    for quad in store.quads_for_pattern(subject, None, None, COMMITS):
        assert isinstance(quad.object, ox.NamedNode | ox.Literal)  # noqa: S101 -- we wrote it
        said[quad.predicate].append(quad.object.value)
    if not said:
        return None
    key, digest, created = said.get(_KEY), said.get(_DIGEST), said.get(_CREATED)
    return Commit(
        number,
        datetime.fromisoformat(said[_ENDED][0]),
        said[_AUTHOR][0],
        int(said[_ADDED][0]),
        int(said[_REMOVED][0]),
        tuple(sorted(said.get(_CHANGED, ()))),
        created[0] if created else None,
        Key(key[0], digest[0]) if key and digest else None,
        tuple(sorted(int(each.removeprefix(_COMMIT)) for each in said.get(_UNDONE, ()))),
    )


def all_commits(store: ox.Store) -> dict[int, Commit]:
    """Return what the log in *store* says, by the numbers of the commits in their order."""
    numbers = sorted(
        int(quad.object.value)
        for quad in store.quads_for_pattern(None, _NUMBER, None, COMMITS)
        if isinstance(quad.object, ox.Literal)
    )
    found = {number: commit_numbered(store, number) for number in numbers}
    return {number: commit for number, commit in found.items() if commit}


def commit_with_key(store: ox.Store, author: str, key: str) -> Commit | None:
    """Return the commit of *author* that had the idempotency key *key*; None if there is none.

    One that was rolled back does not count: its change is not there, and may be made again.
    """
    for quad in store.quads_for_pattern(None, _KEY, ox.Literal(key), COMMITS):
        assert isinstance(quad.subject, ox.NamedNode)  # noqa: S101 -- we wrote it
        commit = commit_numbered(store, int(quad.subject.value.removeprefix(_COMMIT)))
        if commit and commit.author == author and not is_undone(store, commit.number):
            return commit
    return None


def is_undone(store: ox.Store, number: int) -> bool:
    """Tell whether the commit *number* was rolled back, by a commit that was not in its turn."""
    commit = ox.NamedNode(f"{_COMMIT}{number}")
    undoing = (
        int(quad.subject.value.removeprefix(_COMMIT))
        for quad in store.quads_for_pattern(None, _UNDONE, commit, COMMITS)
        if isinstance(quad.subject, ox.NamedNode)
    )
    return any(not is_undone(store, each) for each in undoing if each > number)


def commit_time(now: datetime, last: datetime | None) -> datetime:
    """Return the time of a commit that is made *now*, after the one of *last*.

    A clock that was put back a little does not make the log go backwards. One that is more than a
    day behind the log is believed: then it was the log that had been ahead, and the numbers of the
    commits go on saying in which order they were.
    """
    now = now.replace(microsecond=0)
    if last is not None and timedelta() < last - now < _BELIEVED_AHEAD:
        return last
    return now
