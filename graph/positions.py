"""Where statements stand in a Turtle or TriG file: subject -> the lines of its blocks.

The parser of the engine says what a file holds, not where. This reads the text a second time,
with a lexer only, and only when a finding needs a line. The text is known to parse, or
the parser has already said where it does not, so nothing is diagnosed here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graph.namespaces import RDF_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"""
      (?P<blank_space>  [\x20\t\r\n]+ | \#[^\n]* )
    | (?P<iri>          <[^<>"{}|^`\\\x00-\x20]*> | <(?:[^<>\s]|\\u\w+)*> )
    | (?P<string>       \"{3}(?:[^"\\]|\\.|\"(?!\"\"))*\"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
                      | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
    | (?P<type_mark>    \^\^ )
    | (?P<directive>    @prefix\b | @base\b | (?:PREFIX|BASE|GRAPH)\b (?=\s) )
    | (?P<language>     @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
    | (?P<number>       [+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)? (?![\w:]) )
    | (?P<name>         (?:_|[^\W\d_][\w.-]*)? : (?:[\w:%-]|\\.|\.(?=[\w:%.-]))* | [A-Za-z]\w* )
    | (?P<mark>         [.;,\[\](){}] )
    | (?P<other>        . )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_NAMED_ESCAPES = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of a block: its predicate, its IRI or lexical form, and the line it is on."""

    predicate: str
    value: str
    line: int


@dataclass(slots=True)
class Block:
    """What a file says about a subject in one go, from the subject to the closing full stop."""

    subject: str
    line: int
    entries: list[Entry] = field(default_factory=list[Entry])


@dataclass(slots=True)
class Positions:
    """The blocks of one file by subject; the lines with blank nodes and with language tags."""

    blocks: dict[str, list[Block]] = field(default_factory=dict[str, list[Block]])
    blank_nodes: list[int] = field(default_factory=list[int])
    languages: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])

    def locate(
        self, subject: str, predicate: str | None = None, value: str | None = None
    ) -> tuple[int, int]:
        """Return (how well it fits, line) of the best place for a finding about *subject*.

        3: predicate and value stand there; 2: the predicate; 1: the block begins; 0: not here.
        """
        best = (0, 1)
        for block in self.blocks.get(subject, []):
            best = max(best, (1, block.line), key=_fit)
            for entry in block.entries:
                if entry.predicate == predicate:
                    fit = 3 if entry.value == value else 2
                    best = max(best, (fit, entry.line), key=_fit)
        return best


def _fit(place: tuple[int, int]) -> int:
    return place[0]


def read_positions(text: str) -> Positions:
    """Read where the blocks of the Turtle or TriG *text* are."""
    reader = _Reader(text)
    reader.read()
    return reader.positions


class _Reader:
    """Walks over the tokens once; `slot` says which part of a triple comes next."""

    def __init__(self, text: str) -> None:
        self.positions = Positions()
        self._tokens = _tokens(text)
        self._prefixes: dict[str, str] = {}
        self._base = ""
        self._block: Block | None = None
        self._predicate = ""
        self._nesting = 0

    def read(self) -> None:
        for kind, text, line in self._tokens:
            if kind == "directive":
                self._directive(text)
            elif kind == "mark":
                self._mark(text, line)
            elif kind == "language":
                self.positions.languages.append((text[1:], line))
            elif kind == "type_mark":
                next(self._tokens, None)  # the datatype is not an object
            elif kind != "other":
                self._term(kind, text, line)

    def _directive(self, word: str) -> None:
        word = word.lstrip("@").lower()
        if word == "prefix":
            name, iri = next(self._tokens, None), next(self._tokens, None)
            if name and iri:
                self._prefixes[name[1]] = iri[1][1:-1]
        elif word == "base":
            iri = next(self._tokens, None)
            self._base = iri[1][1:-1] if iri else ""
        elif word == "graph":
            next(self._tokens, None)

    def _mark(self, mark: str, line: int) -> None:
        if mark in "[(":
            if self._block is None:
                self._open("[]", line)
            self._nesting += 1
            self.positions.blank_nodes.append(line)
        elif mark in "])":
            self._nesting = max(0, self._nesting - 1)
        elif self._nesting:
            return
        elif mark == "{" and self._block is not None:
            self._forget()  # what looked like a subject was the name of a graph
        elif mark in ".{}":
            self._block, self._predicate = None, ""
        elif mark == ";":
            self._predicate = ""

    def _term(self, kind: str, text: str, line: int) -> None:
        if text.startswith("_:"):
            self.positions.blank_nodes.append(line)
        if self._nesting:
            return
        value = self._value(kind, text)
        if self._block is None:
            self._open(value, line)
        elif not self._predicate:
            self._predicate = RDF_TYPE if text == "a" else value
        else:
            self._block.entries.append(Entry(self._predicate, value, line))

    def _open(self, subject: str, line: int) -> None:
        self._block = Block(subject, line)
        self.positions.blocks.setdefault(subject, []).append(self._block)

    def _forget(self) -> None:
        if self._block is not None:
            self.positions.blocks[self._block.subject].remove(self._block)
        self._block, self._predicate = None, ""

    def _value(self, kind: str, text: str) -> str:
        if kind == "iri":
            iri = _unescape(text[1:-1])
            return iri if ":" in iri else self._base + iri
        if kind == "string":
            quotes = 3 if text[:3] in ('"""', "'''") else 1
            return _unescape(text[quotes:-quotes])
        if kind == "name" and ":" in text and not text.startswith("_:"):
            prefix, _, local = text.partition(":")
            return self._prefixes.get(prefix + ":", prefix + ":") + local.replace("\\", "")
        return text


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield (kind, text, line) of everything but white space and comments."""
    line = 1
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup or "other", match.group()
        if kind != "blank_space":
            yield kind, token, line
        line += token.count("\n")


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_unescape_one, text) if "\\" in text else text


def _unescape_one(match: re.Match[str]) -> str:
    code = match.group(1)
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _NAMED_ESCAPES.get(code, code)
