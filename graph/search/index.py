"""All names of a generation in one file of SQLite, which nobody changes.

name     every name, the best of those that fit equally well first
words    full-text index (FTS5) of the words of names, of names as one word, and of their initials
word     every word, and in how many names it is
piece    the pieces of two letters of each word, to find words that are nearly the same
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

from graph.search.folding import initials
from graph.search.names import all_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyoxigraph as ox

    from graph.search.names import Name

_MOST_JOINED = 4
"""How many words people write as one."""
_TABLES = """
CREATE TABLE name (
    id INTEGER PRIMARY KEY, subject TEXT, thing TEXT, text TEXT, language TEXT, how TEXT,
    plain TEXT
);
CREATE VIRTUAL TABLE words USING fts5 (
    plain, joined, kind, initials, content='', detail=column, prefix='2 3 4',
    tokenize='unicode61 remove_diacritics 2'
);
CREATE TABLE word (id INTEGER PRIMARY KEY, word TEXT, names INTEGER);
CREATE TABLE piece (piece TEXT, word INTEGER, PRIMARY KEY (piece, word)) WITHOUT ROWID;
"""
_INDEXES = """
CREATE INDEX name_plain ON name (plain);
CREATE INDEX name_thing ON name (thing);
CREATE INDEX word_word ON word (word);
INSERT INTO words (words) VALUES ('optimize');
"""


def written_index(store: ox.Store) -> bytes:
    """Return the file with all names of *store*."""
    names = sorted((each for each in all_names(store) if each.plain), key=lambda each: each.order)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA temp_store = MEMORY")
        database.executescript(_TABLES)
        database.execute("BEGIN")
        database.executemany("INSERT INTO name VALUES (?, ?, ?, ?, ?, ?, ?)", _names(names))
        database.executemany(
            "INSERT INTO words (rowid, plain, joined, kind, initials) VALUES (?, ?, ?, ?, ?)",
            _words(names),
        )
        counted = Counter(word for name in names for word in _all_words(name))
        in_order = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
        numbered = [(number, *each) for number, each in enumerate(in_order)]
        database.executemany("INSERT INTO word VALUES (?, ?, ?)", numbered)
        database.executemany(
            "INSERT INTO piece VALUES (?, ?)",
            ((piece, number) for number, word, _ in numbered for piece in pieces(word)),
        )
        database.execute("COMMIT")
        database.executescript(_INDEXES)
        return database.serialize()


def pieces(word: str) -> set[str]:
    """Return the pieces of two letters of *word*, its ends among them."""
    ended = f"^{word}$"
    return {ended[place : place + 2] for place in range(len(ended) - 1)}


def kind_word(kind: str) -> str:
    """Return *kind* as a word that the index has for each of its things."""
    return f"kind{kind}"


def _all_words(name: Name) -> Iterator[str]:
    """Yield the words of *name*, and all of them as one if they are few."""
    yield from name.words
    if 1 < len(name.words) <= _MOST_JOINED:
        yield name.joined


def _names(names: Iterable[Name]) -> Iterator[tuple[object, ...]]:
    for number, name in enumerate(names):
        yield (
            number,
            name.subject,
            name.thing,
            name.text,
            name.language,
            name.how,
            name.plain,
        )


def _words(names: Iterable[Name]) -> Iterator[tuple[object, ...]]:
    for number, name in enumerate(names):
        short = " ".join(initials(name.plain))
        yield number, name.plain, name.joined, kind_word(name.kind), short
