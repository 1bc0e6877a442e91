"""Lift the quads of INSERT DATA and DELETE DATA out of an update, unread.

A data block is TriG but for a few words, and one update may hold a hundred thousand triples. A
parser of TriG reads them fifty times as fast as the parser of SPARQL, which then gets the update
with empty blocks. What may not be the same in both languages is not lifted: `NotLiftable`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.sparql.builder import Builder
    from graph.sparql.tokens import Token

_TERMS = """
    IRIREF NAME A STRING LANGUAGE _DATATYPE TRUE FALSE
    INTEGER DECIMAL DOUBLE SIGNED_INTEGER SIGNED_DECIMAL SIGNED_DOUBLE
    DOT SEMICOLON COMMA TRIPLE_OPEN _TRIPLE_CLOSE
"""
_BLANK_NODES = """
    BLANK LSQB RSQB LPAR RPAR TILDE REIFIED_OPEN _REIFIED_CLOSE _ANNOTATION_OPEN _ANNOTATION_CLOSE
"""
"""Marks that may make a blank node, which cannot stand in DELETE DATA."""

_ALLOWED = {
    "INSERT": frozenset(f"{_TERMS} {_BLANK_NODES}".split()),
    "DELETE": frozenset(_TERMS.split()),
}


class NotLiftable(Exception):  # noqa: N818 -- a fact to act on, never shown
    """A data block may mean something else in TriG, or nothing: the update is to be read whole."""


@dataclass(frozen=True, slots=True)
class DataBlock:
    """The quads of one INSERT DATA or DELETE DATA."""

    trig: str
    """The quads, as a document of TriG that declares its prefixes."""
    base: str | None


class DataBlocks:
    """The data blocks of one text; *builder* knows the prefixes where each of them stands."""

    def __init__(self, text: str, builder: Builder) -> None:
        self._text = text
        self._builder = builder
        self._labels: set[str] = set()
        self.found: dict[int, DataBlock] = {}
        """By where the brace stands that opens it: the `at` of its node in the tree."""

    def lifted(self, stream: Iterator[Token]) -> Iterator[Token]:
        """Yield the tokens of *stream* but for those inside of data blocks."""
        verb = previous = ""
        for token in stream:
            yield token
            if token.type == "LBRACE" and previous == "DATA" and verb in _ALLOWED:
                # The parser has had all that is before, so the builder is up to date.
                yield self._lift(token, stream, verb)
            verb, previous = previous, token.type

    def _lift(self, opening: Token, stream: Iterator[Token], verb: str) -> Token:
        """Take what stands after *opening* out of *stream*; return the brace that closes it."""
        block = _Block(self._text, stream, _ALLOWED[verb])
        closing = block.read(opening)
        if not self._labels.isdisjoint(block.labels):
            raise NotLiftable  # one label in two blocks is an error, with a place of its own
        self._labels |= block.labels
        prefixes = self._builder.prefixes
        if not block.prefixes <= prefixes.keys():
            raise NotLiftable
        declared = [f"PREFIX {each}: <{prefixes[each]}>\n" for each in sorted(block.prefixes)]
        self.found[opening.at] = DataBlock("".join(declared + block.parts), self._builder.base)
        return closing


class _Block:
    """What stands between the braces of a data block."""

    def __init__(self, text: str, stream: Iterator[Token], allowed: frozenset[str]) -> None:
        self._text = text
        self._stream = stream
        self._allowed = allowed
        self.parts: list[str] = []
        self.prefixes: set[str] = set()
        self.labels: set[str] = set()

    def read(self, opening: Token) -> Token:
        """Read on from *opening*; return the brace that closes the block."""
        start = opening.start + 1
        while True:
            token = self._end_of_triples()
            # In braces, TriG knows no prefix, no base and no name of a graph either.
            self.parts.append(f"{{{self._text[start : token.start]}}}\n")
            if token.type == "RBRACE":
                return token
            start = self._read_graph(token)

    def _end_of_triples(self) -> Token:
        """Read triples; return what is after them: GRAPH, or a brace that closes."""
        for token in self._stream:
            kind = token.type
            if kind not in self._allowed:
                if kind in ("GRAPH", "RBRACE"):
                    return token
                raise NotLiftable
            if kind == "NAME":
                self.prefixes.add(token.text.partition(":")[0])
            elif kind == "BLANK":
                self.labels.add(token.text)
            elif kind in ("TRUE", "FALSE") and not token.text.islower():
                raise NotLiftable
        raise NotLiftable

    def _read_graph(self, word: Token) -> int:
        """Read `GRAPH name {}` from *word* on; return where in the text it ends."""
        name, brace = next(self._stream, None), next(self._stream, None)
        if name is None or brace is None or brace.type != "LBRACE":
            raise NotLiftable
        if name.type == "NAME":
            self.prefixes.add(name.text.partition(":")[0])
        elif name.type != "IRIREF":
            raise NotLiftable
        closing = self._end_of_triples()
        if closing.type != "RBRACE":
            raise NotLiftable
        self.parts.append(f"{self._text[word.start : closing.start + 1]}\n")
        return closing.start + 1
