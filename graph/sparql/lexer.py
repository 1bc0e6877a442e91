r"""Read the tokens of a query: what form it has, and whether it asks for what is off here.

The engine reads characters, not tokens: to it `SERVICEex:a {` is SERVICE and `ex:a`, and the `<`
of `1<2)SERVICE#>` is less-than when that makes the text a query. So a text is accepted only when
no other reading can call a service, and the engine gets `Reading.engine_text`, in which
what was a comment here is blank and what was an IRI here cannot be anything else.

Whether the tokens are a query is left to the engine here; `template` reads them into a tree.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from graph.errors import ForbiddenOperation, QueryRejected
from graph.sparql.tokens import Source, Token, place, short, tokens

QueryForm = Literal["select", "ask", "construct", "describe"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the text of a query tells before it is evaluated."""

    form: QueryForm
    engine_text: str
    has_dataset: bool = False
    """It says FROM or FROM NAMED."""
    is_volatile: bool = False
    """It uses NOW, RAND, UUID or STRUUID: the same text has another answer next time."""
    prefixes: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def kind(self) -> Literal["table", "graph"]:
        """Tell whether the answer is a table (SELECT, ASK) or a graph (CONSTRUCT, DESCRIBE)."""
        return "table" if self.form in ("select", "ask") else "graph"


def read_query(text: str) -> Reading:
    """Read *text* as one query, or say at which place it is none that this server answers."""
    if not text.strip():
        raise QueryRejected("the query is empty; send the text of a SPARQL query")
    return _Reader(text).reading()


_FORMS: dict[str, QueryForm] = {
    "SELECT": "select",
    "ASK": "ask",
    "CONSTRUCT": "construct",
    "DESCRIBE": "describe",
}
_UPDATES = frozenset(
    ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
)
_VOLATILE = frozenset(("NOW", "RAND", "UUID", "STRUUID"))
_HIERARCHICAL = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*://")
_COMMENT = re.compile(r"#[^\r\n]*+")
_SERVICE_IS_OFF = (
    "SERVICE asks another endpoint, which is switched off here; "
    "leave the SERVICE part out, or send it to that endpoint yourself"
)


class _Reader:
    """One pass over the tokens of a query."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._written: list[str] = []
        self._end = 0
        self._has_dataset = False
        self._is_volatile = False

    def reading(self) -> Reading:
        found = self._noted(tokens(Source.of(self._text)))
        form, prefixes = self._read_prologue(found)
        self._read_body(found)
        self._written.append(_without_comments(self._text[self._end :]))
        return Reading(form, "".join(self._written), self._has_dataset, self._is_volatile, prefixes)

    def _noted(self, found: Iterator[Token]) -> Iterator[Token]:
        """Yield the tokens, and write each so that the engine can read it in no other way.

        Comments become blanks of the same length, so that the places in the engine's messages hold.
        """
        for token in found:
            self._written.append(_without_comments(self._text[self._end : token.start]))
            self._written.append(_unambiguous(token))
            self._end = token.start + len(token.text)
            yield token

    def _read_prologue(self, found: Iterator[Token]) -> tuple[QueryForm, dict[str, str]]:
        """Read up to the word that says the form (4.1 of the grammar); return it and the prefixes.

        Whether BASE and PREFIX are followed by what belongs there is left to the engine.
        """
        prefixes: dict[str, str] = {}
        for token in found:
            if token.type in _FORMS:
                return _FORMS[token.type], prefixes
            if token.type == "PREFIX":
                name, iri = next(found, token), next(found, token)
                if _HIERARCHICAL.match(iri.text) and "\\" not in iri.text:
                    prefixes[name.text.rpartition(":")[0]] = iri.text[1:-1]
            elif token.type in ("BASE", "VERSION"):
                next(found, token)
            else:
                raise self._no_start(token)
        raise QueryRejected(
            "there is no query, only its prologue; go on with SELECT, ASK, CONSTRUCT or DESCRIBE"
        )

    def _no_start(self, token: Token) -> QueryRejected:
        if token.type in _UPDATES:
            return ForbiddenOperation(
                f"{self._at(token)}: this is an update ({token.type}), and the data cannot be "
                "changed here; send a query: SELECT, ASK, CONSTRUCT or DESCRIBE"
            )
        return QueryRejected(
            f"{self._at(token)}: a query starts with SELECT, ASK, CONSTRUCT or DESCRIBE "
            f"(after PREFIX and BASE), not with {short(token.text)}"
        )

    def _read_body(self, found: Iterator[Token]) -> None:
        depth = 0
        before = last = Token("", "", 0, 0)
        for token in found:
            match token.type:
                case "SERVICE":
                    raise ForbiddenOperation(f"{self._at(token)}: {_SERVICE_IS_OFF}")
                case "FROM":
                    self._has_dataset = True
                case "BUILTIN":
                    self._is_volatile |= token.text.upper() in _VOLATILE
                case "LBRACE":
                    self._refuse_glued_service(last, before, depth)
                    depth += 1
                case "RBRACE":
                    depth -= 1
                case _:
                    pass
            before, last = last, token

    def _refuse_glued_service(self, name: Token, before: Token, depth: int) -> None:
        """Refuse `SERVICE:a {`, which is a prefixed name to us and a service call to the engine.

        After GRAPH, and outside of all braces, the engine too sees a name.
        """
        is_glued = name.type == "NAME" and "SERVICE" in name.text.partition(":")[0].upper()
        if is_glued and depth > 0 and before.type != "GRAPH":
            raise ForbiddenOperation(
                f"{self._at(name)}: {short(name.text)} before '{{' can be read as SERVICE, which "
                "is switched off here; put a '.' between them, or give the prefix another name"
            )

    def _at(self, token: Token) -> str:
        return place(self._text, token.start)


def _without_comments(gap: str) -> str:
    return _COMMENT.sub(lambda comment: " " * len(comment[0]), gap) if "#" in gap else gap


def _unambiguous(token: Token) -> str:
    text = token.text
    if token.type == "IRIREF" and not _HIERARCHICAL.match(text):
        return text.replace("'", "\\u0027").replace("#", "\\u0023")
    return f"{text} " if text.startswith("<<") else text
