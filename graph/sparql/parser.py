"""Read SPARQL text into a tree, by the grammar in `grammar.lark`.

The tables of the parser are made once in a process, when the first text is read (0.3 s), or come
from another process that has made them (a tenth of that), as `graph.sparql.tables` does.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal, cast

from lark import Lark, UnexpectedToken
from lark.lexer import Lexer

from graph.limits import MAX_NESTING
from graph.sparql import rules, tree
from graph.sparql.builder import Builder
from graph.sparql.data_blocks import DataBlocks
from graph.sparql.expected import in_words
from graph.sparql.scope import Scopes
from graph.sparql.tokens import Source, Token, rejected, short, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graph.errors import QueryRejected
    from graph.sparql.data_blocks import DataBlock


Kind = Literal["query", "update"]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the parser made of a text; its constants are slots."""

    operation: tree.Operation
    scopes: Scopes
    prefixes: dict[str, str]
    versions: tuple[str, ...]
    data: dict[int, DataBlock]
    """The data blocks that were lifted, by the `at` of the quads in whose place they stood."""


def parse_template(
    source: Source,
    kind: Kind,
    base: str | None = None,
    max_nesting: int = MAX_NESTING,
    *,
    lift_data: bool = False,
) -> Parsed:
    """Read *source* as a query or an update, or say at which place it is none.

    With *lift_data* the data blocks of an update are not read; NotLiftable when one has to be.
    """
    builder = Builder(source, base)
    blocks = DataBlocks(source.text, builder)
    _CURRENT.builder = builder
    # lark asks of a token for its `type` only.
    parser = cast("Any", _grammar()).parse_interactive(start=kind)
    end = Token("$END", "", len(source.text), 0)
    operation: Any = None
    token = end
    try:
        stream = tokens(source, max_nesting)
        for token in chain(blocks.lifted(stream) if lift_data else stream, (end,)):
            operation = parser.feed_token(token)
    except UnexpectedToken:
        raise _unexpected(source.text, token, parser.accepts()) from None
    finally:
        _CURRENT.builder = None
    scopes = Scopes(operation)
    rules.check(source, scopes)
    versions = tuple(builder.versions)
    return Parsed(operation, scopes, builder.prefixes, versions, blocks.found)


def prepare() -> None:
    """Make the tables of the parser now, so that no query waits for them."""
    _grammar()


@cache
def tables() -> bytes:
    """Return the tables of the parser, for processes that trust this one."""
    if _TAKEN:
        return _TAKEN[0]
    content = io.BytesIO()
    cast("Any", _grammar()).save(content, exclude_options={"transformer"})
    return content.getvalue()


def take_tables(content: bytes) -> None:
    """Use the tables that a process which is trusted has made; they are unpickled when needed."""
    _TAKEN.append(content)


class _Current(threading.local):
    """The builder at work in this thread; lark knows one set of callbacks only."""

    builder: Builder | None = None


_CURRENT = _Current()
_TAKEN: list[bytes] = []


class _NoLexer(Lexer):
    """Tokens are fed to the parser, so lark needs no lexer of its own."""

    def __init__(self, lexer_conf: object) -> None:
        pass

    def lex(self, lexer_state: object, parser_state: object) -> Iterator[Any]:
        raise NotImplementedError


@cache
def _grammar() -> Lark:
    callbacks = SimpleNamespace(
        **{
            name: _callback(method)
            for name, method in vars(Builder).items()
            if not name.startswith("_")
        }
    )
    if _TAKEN:
        loader: Any = Lark.__new__(Lark)
        return loader._load(io.BytesIO(_TAKEN[0]), transformer=callbacks)  # noqa: SLF001 -- `load` takes no callbacks
    return Lark(
        files("graph.sparql").joinpath("grammar.lark").read_text("utf-8"),
        parser="lalr",
        lexer=_NoLexer,
        start=["query", "update"],
        transformer=cast("Any", callbacks),
    )


def _callback(method: Callable[[Any, Any], object]) -> Callable[[list[Any]], object]:
    def call(parts: list[Any]) -> object:
        return method(_CURRENT.builder, parts)

    return call


def _unexpected(text: str, token: Token, expected: set[str]) -> QueryRejected:
    found = "the end of the text" if token.type == "$END" else short(token.text)
    return rejected(text, token.start, f"found {found}; expected {in_words(expected)}")
