r"""Read SPARQL text as tokens: what form the query has, and whether it asks for what is off here.

One compiled expression for the tokens of SPARQL 1.1 and 1.2, linear in the length of the text.
Codepoint escapes are read inside IRIs and strings only, as SPARQL 1.2 says (19.2): reading them
before tokenising, as 1.1 did, would let `"\u005C"` end a string here and not in the engine.

The engine reads characters, not tokens: to it `SERVICEex:a {` is SERVICE and `ex:a`, and the `<`
of `1<2)SERVICE#>` is less-than when that makes the text a query. So a text is accepted only when
no other reading can call a service, and the engine gets `Reading.engine_text`, in which
what was a comment here is blank and what was an IRI here cannot be anything else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from graph.errors import ForbiddenOperation, QueryRejected

MAX_NESTING = 500
"""How deep brackets may nest; the engine spends stack on each level."""

QueryForm = Literal["select", "ask", "construct", "describe"]


class Token(NamedTuple):
    """A piece of the text that means something: no whitespace, no comment."""

    kind: str
    text: str
    start: int


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


def tokens(text: str) -> Iterator[Token]:
    """Split *text* into tokens; QueryRejected at the first place where there is none."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind is None:  # whitespace and comments have no name
            continue
        if kind == "bad":
            raise QueryRejected(f"{_place(text, match.start())}: {_no_token(match.group())}")
        yield Token(kind, match.group(), match.start())


_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_U = _BASE + "_"
_CHARS = _U + "\\-0-9\u00b7\u0300-\u036f\u203f\u2040"
_NAME = rf"[{_BASE}](?:\.*+[{_CHARS}]++)*+"
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_LOCAL = rf"(?:[{_U}:0-9]|{_PLX})(?:\.*+(?:[{_CHARS}:]++|{_PLX}))*+"
_UCHAR = (
    r"\\u(?![Dd][89A-Fa-f])[0-9A-Fa-f]{4}"
    r"|\\U(?!0000[Dd][89A-Fa-f])(?:000[0-9A-Fa-f]|0010)[0-9A-Fa-f]{4}"
)
_ESCAPE = rf"""\\[tbnrf\\"']|{_UCHAR}"""

# Every repetition is possessive: no text makes the expression go back over what it has read.
# A run such as `a.b.c` without a colon is one token, so that it is not read again at each dot.
_TOKEN = re.compile(
    rf"""
    [ \t\r\n]++
  | \#[^\r\n]*+
  | (?P<iri><(?:[^\x00-\x20<>"{{}}|^`\\]++|{_UCHAR})*+>)
  | (?P<variable>[?$][{_U}0-9][{_U}0-9\u00b7\u0300-\u036f\u203f\u2040]*+)
  | (?P<blank>_:[{_U}0-9](?:\.*+[{_CHARS}]++)*+)
  | (?P<name>(?:{_NAME})?:(?:{_LOCAL})?)
  | (?P<word>{_NAME})
  | (?P<number>[0-9]++(?:\.[0-9]++(?:[eE][+-]?[0-9]++)?|\.?[eE][+-]?[0-9]++)?
              |\.[0-9]++(?:[eE][+-]?[0-9]++)?)
  | (?P<string>\"\"\"(?:[^"\\]++|"(?!"")|{_ESCAPE})*+\"\"\"
              |'''(?:[^'\\]++|'(?!'')|{_ESCAPE})*+'''
              |"(?:[^"\\\n\r]++|{_ESCAPE})++"|""(?!")
              |'(?:[^'\\\n\r]++|{_ESCAPE})++'|''(?!'))
  | (?P<language>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?:--[A-Za-z]++)?)
  | (?P<open>[(\[]|\{{\|?|<<\(?)
  | (?P<close>\)(?:>>)?|\]|\|?\}}|>>)
  | (?P<mark>\^\^?|\|\|?|&&|[!<>]=|[,;.=<>+\-*/!?~])
  | (?P<bad>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FORMS: dict[str, QueryForm] = {
    "SELECT": "select",
    "ASK": "ask",
    "CONSTRUCT": "construct",
    "DESCRIBE": "describe",
}
_UPDATES = _words("INSERT DELETE LOAD CLEAR DROP CREATE ADD MOVE COPY WITH")
_VOLATILE = _words("NOW RAND UUID STRUUID")
_WORDS = (
    frozenset(_FORMS)
    | _VOLATILE
    | _words(
        """
        A AS ASC BASE BIND BY DESC DISTINCT EXISTS FALSE FILTER FROM GRAPH GROUP HAVING IN LATERAL
        LIMIT MINUS NAMED NOT OFFSET OPTIONAL ORDER PREFIX REDUCED SEPARATOR SILENT TRUE UNDEF UNION
        VALUES VERSION WHERE
        ABS ADJUST AVG BNODE BOUND CEIL COALESCE CONCAT CONTAINS COUNT DATATYPE DAY ENCODE_FOR_URI
        FLOOR GROUP_CONCAT HASLANG HASLANGDIR HOURS IF IRI ISBLANK ISIRI ISLITERAL ISNUMERIC
        ISTRIPLE ISURI LANG LANGDIR LANGMATCHES LCASE MAX MD5 MIN MINUTES MONTH OBJECT PREDICATE
        REGEX REPLACE ROUND SAMETERM SAMPLE SECONDS SHA1 SHA256 SHA384 SHA512 STR STRAFTER STRBEFORE
        STRDT STRENDS STRLANG STRLANGDIR STRLEN STRSTARTS SUBJECT SUBSTR SUM TIMEZONE TRIPLE TZ
        UCASE URI YEAR
        """
    )
)
_HIERARCHICAL = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*://")
_SERVICE_IS_OFF = (
    "SERVICE asks another endpoint, which is switched off here; "
    "leave the SERVICE part out, or send it to that endpoint yourself"
)


class _Reader:
    """One pass over the tokens of a query."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words: set[str] = set()

    def reading(self) -> Reading:
        found = tokens(self._text)
        form, prefixes = self._read_prologue(found)
        self._read_body(found)
        return Reading(
            form,
            _unambiguous(self._text),
            "FROM" in self._words,
            not _VOLATILE.isdisjoint(self._words),
            prefixes,
        )

    def _read_prologue(self, found: Iterator[Token]) -> tuple[QueryForm, dict[str, str]]:
        """Read up to the word that says the form (4.1 of the grammar); return it and the prefixes.

        Whether BASE and PREFIX are followed by what belongs there is left to the engine.
        """
        prefixes: dict[str, str] = {}
        for token in found:
            word = token.text.upper() if token.kind == "word" else ""
            if word in _FORMS:
                return _FORMS[word], prefixes
            if word == "PREFIX":
                name, iri = next(found, token), next(found, token)
                if _HIERARCHICAL.match(iri.text) and "\\" not in iri.text:
                    prefixes[name.text.rpartition(":")[0]] = iri.text[1:-1]
            elif word in ("BASE", "VERSION"):
                next(found, token)
            else:
                raise self._no_start(token, word)
        raise QueryRejected(
            "there is no query, only its prologue; go on with SELECT, ASK, CONSTRUCT or DESCRIBE"
        )

    def _no_start(self, token: Token, word: str) -> QueryRejected:
        if word in _UPDATES:
            return ForbiddenOperation(
                f"{self._at(token)}: this is an update ({word}), and the data cannot be changed "
                "here; send a query: SELECT, ASK, CONSTRUCT or DESCRIBE"
            )
        return QueryRejected(
            f"{self._at(token)}: a query starts with SELECT, ASK, CONSTRUCT or DESCRIBE "
            f"(after PREFIX and BASE), not with {_short(token.text)}"
        )

    def _read_body(self, found: Iterator[Token]) -> None:
        depth = 0
        before = last = Token("", "", 0)
        for token in found:
            kind = token[0]
            if kind == "word":
                self._read_word(token)
            elif kind == "open":
                depth += 1
                self._refuse_depth(token, depth)
                if last.kind == "name" and token.text == "{":
                    self._refuse_glued_service(last, before, depth)
            elif kind == "close":
                depth -= 1
            before, last = last, token

    def _read_word(self, token: Token) -> None:
        word = token.text.upper()
        self._words.add(word)
        if word in _WORDS:
            return
        if "SERVICE" in word:
            raise ForbiddenOperation(f"{self._at(token)}: {_SERVICE_IS_OFF}")
        hint = "put a space before the '.'" if "." in word else "check the spelling"
        raise QueryRejected(
            f"{self._at(token)}: {_short(token.text)} is no word of a SPARQL query; {hint}"
        )

    def _refuse_depth(self, token: Token, depth: int) -> None:
        if depth > MAX_NESTING:
            raise QueryRejected(
                f"{self._at(token)}: brackets nest deeper than {MAX_NESTING}; "
                "write the query with fewer levels"
            )

    def _refuse_glued_service(self, name: Token, before: Token, depth: int) -> None:
        """Refuse `SERVICE:a {`, which is a prefixed name to us and a service call to the engine.

        After GRAPH, and outside of all brackets, the engine too sees a name.
        """
        is_glued = "SERVICE" in name.text.partition(":")[0].upper()
        if is_glued and depth > 1 and before.text.upper() != "GRAPH":
            raise ForbiddenOperation(
                f"{self._at(name)}: {_short(name.text)} before '{{' can be read as SERVICE, which "
                "is switched off here; put a '.' between them, or give the prefix another name"
            )

    def _at(self, token: Token) -> str:
        return _place(self._text, token.start)


def _unambiguous(text: str) -> str:
    """Return *text* so that the engine can read it in no other way than we did.

    Comments become blanks of the same length, so that the places in the engine's messages hold.
    """
    if "#" not in text and "'" not in text and "<<" not in text:
        return text
    return _TOKEN.sub(_unambiguous_token, text)


def _unambiguous_token(match: re.Match[str]) -> str:
    token = match.group()
    if token[0] == "#":
        return " " * len(token)
    if match.lastgroup == "iri" and not _HIERARCHICAL.match(token):
        return token.replace("'", "\\u0027").replace("#", "\\u0023")
    if token.startswith("<<"):
        return token + " "
    return token


def _place(text: str, position: int) -> str:
    """Name *position* as line:column, both counted from 1."""
    line = text.count("\n", 0, position) + 1
    return f"{line}:{position - text.rfind(chr(10), 0, position)}"


def _no_token(character: str) -> str:
    if character in "\"'":
        return (
            f"the string that starts with {character} is not closed, or has an escape other than "
            r"\t \n \r \b \f \" \' \\ \uXXXX \UXXXXXXXX"
        )
    if character == "\\":
        return r"an escape such as \u0041 may stand only inside an IRI or a string"
    return f"{character!r} cannot stand here in a SPARQL query"


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")
