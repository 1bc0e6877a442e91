r"""Split SPARQL text into tokens, and lift its constants out of it.

`pieces` is all that a known query costs: one pass of one compiled expression, which leaves runs of
text (the template) and, between them, the constants: IRIs in `<>`, strings and numbers.
`tokens` reads the runs once more, token by token, when the template was never seen.
Both are linear in the length of the text: every repetition is possessive, so no text makes the
expression go back over what it has read.

Codepoint escapes are read inside IRIs and strings only, as SPARQL 1.2 says (19.2). The prologue
stays in the template: what its prefixes and its base stand for is decided once.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from graph.errors import QueryRejected
from graph.limits import MAX_NESTING

LIFTED = {
    "IRIREF": "<",
    "STRING": '"',
    "INTEGER": "1",
    "DECIMAL": ".",
    "DOUBLE": "e",
    "SIGNED_INTEGER": "+",
    "SIGNED_DECIMAL": "-",
    "SIGNED_DOUBLE": "E",
}
"""The terminals that are constants, each with the letter that stands for it in a signature."""


class Token(NamedTuple):
    """A terminal of the grammar where it stands in the text."""

    type: str
    """The terminal, under the name by which the parser asks for it."""
    text: str
    start: int
    at: int
    """Where it starts when the constants before it are left out: the same for a whole template."""
    constant: int = -1
    """Which constant of the text it is, counted from 0; -1 when it stays in the template."""


class Pieces(NamedTuple):
    """A text in two: what stays the same, and the constants between."""

    runs: tuple[str, ...]
    constants: tuple[str, ...]
    signature: str
    """The kind of each constant: two texts with the same runs and signature parse alike."""


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
_SPACE = r"[ \t\r\n]"
_GAP = rf"(?:{_SPACE}++|\#[^\r\n]*+)"
_IRI = rf"<(?:[^\x00-\x20<>\"{{}}|^`\\]++|{_UCHAR})*+>"
_LONG_STRING = (
    rf'"""(?:[^"\\]++|"(?!"")|{_ESCAPE})*+"""' + "|" + rf"'''(?:[^'\\]++|'(?!'')|{_ESCAPE})*+'''"
)
_SHORT_STRING = (
    rf'"(?:[^"\\\n\r]++|{_ESCAPE})++"|""(?!")' + "|" + rf"'(?:[^'\\\n\r]++|{_ESCAPE})++'|''(?!')"
)
_DOUBLE = r"(?:[0-9]++\.?[0-9]*+|\.[0-9]++)[eE][+-]?[0-9]++"
_DECIMAL = r"[0-9]*+\.[0-9]++"
_NUMBER = rf"[+-]?(?:{_DOUBLE}|{_DECIMAL}|[0-9]++)"
_VARIABLE = rf"[?$][{_U}0-9][{_U}0-9\u00b7\u0300-\u036f\u203f\u2040]*+"
_BLANK = rf"_:[{_U}0-9](?:\.*+[{_CHARS}]++)*+"
_LANGUAGE = r"@[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?:--[A-Za-z]++)?"
# A run such as `a.b.c` without a colon is one word, so that it is not read again at each dot.
_WORD = rf"{_NAME}(?::(?:{_LOCAL})?)?|:(?:{_LOCAL})?"
# The longest token wins (19.8, note 3): `+1` is a number, `<a>` an IRI, `<<(` one mark.
_MARK = (
    r"<<\(|<<|>>|\)>>|\{\||\|\}|\|\||&&|\^\^|[!>]=|[()\[\]{}|;,=>*/!?~^]"
    rf"|(?!{_IRI})<=?|\.(?![0-9])|[+\-](?!\.?[0-9])"
)
_PROLOGUE = (
    rf"[Pp][Rr][Ee][Ff][Ii][Xx]{_GAP}++(?:{_NAME})?:{_GAP}*+{_IRI}"
    rf"|[Bb][Aa][Ss][Ee]{_GAP}*+{_IRI}"
    rf"|[Vv][Ee][Rr][Ss][Ii][Oo][Nn]{_GAP}*+(?:{_SHORT_STRING})"
)

_PIECE = re.compile(
    rf"((?:{_GAP}|{_VARIABLE}|{_PROLOGUE}|{_BLANK}|{_WORD}|{_LANGUAGE}|{_MARK})*+)"
    rf"(?:({_IRI}|{_LONG_STRING}|{_SHORT_STRING}|{_NUMBER})|(.)|\Z)",
    re.DOTALL,
)
_TOKEN = re.compile(
    rf"(?:{_GAP})*+(?:(?P<VARIABLE>{_VARIABLE})|(?P<BLANK>{_BLANK})|(?P<word>{_WORD})"
    rf"|(?P<LANGUAGE>{_LANGUAGE})|(?P<mark>{_MARK})"
    # The end of the run counts as found: else the last comment is searched at each of its letters.
    rf"|(?P<IRIREF>{_IRI})|(?P<STRING>{_LONG_STRING}|{_SHORT_STRING})|\Z)",
)
_FOUND_AT_ONCE = 4_000
"""How long a text may be to be split in one call, in which no other thread can do anything."""
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")

_MARKS = {
    "(": "LPAR",
    ")": "RPAR",
    "[": "LSQB",
    "]": "RSQB",
    "{": "LBRACE",
    "}": "RBRACE",
    ";": "SEMICOLON",
    ",": "COMMA",
    ".": "DOT",
    "|": "BAR",
    "!": "BANG",
    "^": "HAT",
    "?": "QUESTION",
    "*": "STAR",
    "/": "SLASH",
    "+": "PLUS",
    "-": "MINUS_SIGN",
    "~": "TILDE",
    "=": "EQUAL",
    "!=": "NOT_EQUAL",
    "<": "LESS",
    ">": "GREATER",
    "<=": "LESS_EQUAL",
    ">=": "GREATER_EQUAL",
    "||": "_OR",
    "&&": "_AND",
    "<<(": "TRIPLE_OPEN",
    ")>>": "_TRIPLE_CLOSE",
    "<<": "REIFIED_OPEN",
    ">>": "_REIFIED_CLOSE",
    "{|": "_ANNOTATION_OPEN",
    "|}": "_ANNOTATION_CLOSE",
    "^^": "_DATATYPE",
}
_OPENING = frozenset(("LPAR", "LSQB", "LBRACE", "TRIPLE_OPEN", "REIFIED_OPEN", "_ANNOTATION_OPEN"))
_CLOSING = frozenset(
    ("RPAR", "RSQB", "RBRACE", "_TRIPLE_CLOSE", "_REIFIED_CLOSE", "_ANNOTATION_CLOSE")
)

_KEYWORDS = """
    BASE PREFIX VERSION SELECT DISTINCT REDUCED AS CONSTRUCT WHERE DESCRIBE ASK FROM NAMED
    GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET VALUES TRUE FALSE UNDEF
    LOAD SILENT INTO GRAPH CLEAR DROP DEFAULT ALL CREATE ADD MOVE COPY TO INSERT DELETE DATA WITH
    USING OPTIONAL MINUS LATERAL SERVICE UNION FILTER BIND IN NOT EXISTS SEPARATOR
"""
_AGGREGATES = "COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT"

_NO_ARGUMENT = "RAND NOW UUID STRUUID"
_ONE_ARGUMENT = """
    STR LANG LANGDIR DATATYPE BOUND IRI URI ABS CEIL FLOOR ROUND STRLEN UCASE LCASE ENCODE_FOR_URI
    YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ MD5 SHA1 SHA256 SHA384 SHA512
    ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC HASLANG HASLANGDIR
    ISTRIPLE SUBJECT PREDICATE OBJECT
"""
_TWO_ARGUMENTS = """
    LANGMATCHES CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER STRLANG STRDT SAMETERM ADJUST
"""
BUILTINS: dict[str, tuple[int, float]] = {
    **dict.fromkeys(_NO_ARGUMENT.split(), (0, 0)),
    **dict.fromkeys(_ONE_ARGUMENT.split(), (1, 1)),
    **dict.fromkeys(_TWO_ARGUMENTS.split(), (2, 2)),
    **dict.fromkeys(("IF", "STRLANGDIR", "TRIPLE"), (3, 3)),
    **dict.fromkeys(("SUBSTR", "REGEX"), (2, 3)),
    **dict.fromkeys(("CONCAT", "COALESCE"), (0, float("inf"))),
    "BNODE": (0, 1),
    "REPLACE": (3, 4),
}
"""The built-in functions, and how few and how many arguments each takes (BuiltInCall)."""

_TERMINALS = {
    **{word: word for word in _KEYWORDS.split()},
    **dict.fromkeys(_AGGREGATES.split(), "AGGREGATE"),
    **dict.fromkeys(BUILTINS, "BUILTIN"),
}


def pieces(text: str) -> Pieces:
    """Split *text* into its template and its constants; QueryRejected where it has no token."""
    runs, lifted, bad = zip(*_found(text), strict=True)
    if any(bad):
        raise _no_token(text)
    if not text.isascii() and (match := _HALF_CHARACTER.search(text)):
        raise rejected(text, match.start(), "half of a character (a surrogate) stands here")
    constants = tuple([each for each in lifted if each])
    return Pieces(runs, constants, "".join(map(_letter, constants)))


def _found(text: str) -> list[tuple[str, ...]]:
    """Return what stands where in *text*: runs, constants, and at the end what is no token."""
    if len(text) <= _FOUND_AT_ONCE:
        return _PIECE.findall(text)
    found: list[tuple[str, ...]] = []
    for match in _PIECE.finditer(text):
        found.append(match.groups(""))
        if found[-1][2]:
            break
    return found


@dataclass(frozen=True, slots=True)
class Source:
    """A text, split into its template and its constants."""

    text: str
    split: Pieces

    @classmethod
    def of(cls, text: str) -> Self:
        """Split *text*; QueryRejected where it has no token."""
        return cls(text, pieces(text))

    def place(self, at: int) -> str:
        """Name where a node stands, as line and column."""
        return place(self.text, start_of(self.split, at))

    def places(self, ats: Iterable[int]) -> dict[int, str]:
        """Name where many nodes stand, in one pass over the text."""
        found: dict[int, str] = {}
        line, position, begin, before, number = 1, 0, 0, 0, 0
        constants = self.split.constants
        # Both lines of counting only go forward: *begin* is where a run begins, *before* its `at`.
        for at in sorted(ats):
            while before + len(self.split.runs[number]) < at:
                before += len(self.split.runs[number])
                begin += len(self.split.runs[number]) + len(constants[number])
                number += 1
            start = begin + at - before
            line += self.text.count("\n", position, start)
            position = start
            found[at] = f"line {line}, column {start - self.text.rfind(chr(10), 0, start)}"
        return found

    def rejected(self, at: int, complaint: str) -> QueryRejected:
        """Return the error that says *complaint* of the node that stands *at* there."""
        return QueryRejected(f"{self.place(at)}: {complaint}")


def tokens(source: Source, max_nesting: int = MAX_NESTING) -> Iterator[Token]:
    """Yield the tokens of *source*; QueryRejected at an unknown word and too deep a bracket."""
    text, split = source.text, source.split
    start, at, depth = 0, 0, 0
    for number, run in enumerate(split.runs):
        for token in _run_tokens(text, run, start, at):
            if token.type in _OPENING:
                depth += 1
                if depth > max_nesting:
                    raise rejected(
                        text,
                        token.start,
                        f"brackets nest deeper than {max_nesting}; write it with fewer levels",
                    )
            elif token.type in _CLOSING:
                depth -= 1
            yield token
        start += len(run)
        at += len(run)
        if number < len(split.constants):
            constant = split.constants[number]
            yield Token(_LIFTED[split.signature[number]], constant, start, at, number)
            start += len(constant)


def start_of(split: Pieces, at: int) -> int:
    """Return where in the text that was split the token starts that has this `at`."""
    start, before = at, 0
    for run, constant in zip(split.runs, split.constants, strict=False):
        before += len(run)
        if before >= at:
            break
        start += len(constant)
    return start


def rejected(text: str, position: int, complaint: str) -> QueryRejected:
    """Return the error that says *complaint* of the place in *text*."""
    return QueryRejected(f"{place(text, position)}: {complaint}")


def place(text: str, position: int) -> str:
    """Name *position* as line and column, both counted from 1."""
    line = text.count("\n", 0, position) + 1
    return f"line {line}, column {position - text.rfind(chr(10), 0, position)}"


def short(text: str) -> str:
    """Quote *text* for a message."""
    return repr(text if len(text) <= 40 else text[:40] + "…")


_LIFTED = {letter: terminal for terminal, letter in LIFTED.items()}


def _letter(constant: str) -> str:
    first = constant[0]
    if first == "<":
        return "<"
    if first in "\"'":
        return '"'
    is_signed = first in "+-"
    if "e" in constant or "E" in constant:
        return "E" if is_signed else "e"
    if "." in constant:
        return "-" if is_signed else "."
    return "+" if is_signed else "1"


def _run_tokens(text: str, run: str, offset: int, at: int) -> Iterator[Token]:
    for match in _TOKEN.finditer(run):
        kind = match.lastgroup
        if kind is None:
            return
        piece = match[kind]
        start = match.start(kind)
        if kind == "mark":
            yield Token(_MARKS[piece], piece, offset + start, at + start)
        elif kind == "word":
            yield from _word_tokens(text, piece, offset + start, at + start)
        else:
            yield Token(kind, piece, offset + start, at + start)


def _word_tokens(text: str, word: str, start: int, at: int) -> Iterator[Token]:
    """Yield a name, a keyword, or the keywords between the dots of `true.FILTER`."""
    if ":" in word:
        yield Token("NAME", word, start, at)
    elif (terminal := _terminal(word)) is not None:
        yield Token(terminal, word, start, at)
    elif "." in word and all(map(_terminal, word.split("."))):
        for part in re.finditer(r"\.|[^.]+", word):
            terminal = "DOT" if part[0] == "." else _terminal(part[0])
            yield Token(terminal or "", part[0], start + part.start(), at + part.start())
    else:
        raise rejected(text, start, f"{short(word)} is no word of SPARQL; {_advice(word)}")


def _terminal(word: str) -> str | None:
    return "A" if word == "a" else _TERMINALS.get(word.upper())


def _advice(word: str) -> str:
    if word == "A":
        return "the short name of rdf:type is a lower-case 'a'"
    return "check the spelling, or write a variable with '?' and a name with its prefix and ':'"


def _no_token(text: str) -> QueryRejected:
    """Say what is wrong at the first place of *text* where no token begins."""
    bad = next(match for match in _PIECE.finditer(text) if match[3])
    character = bad[3]
    if character in "\"'":
        complaint = (
            f"the string that starts with {character} is not closed, or has an escape other than "
            r"\t \n \r \b \f \" \' \\ \uXXXX \UXXXXXXXX"
        )
    elif character == "\\":
        complaint = r"an escape such as \u0041 may stand only inside an IRI or a string"
    elif character in "<>{}?$@&_":
        complaint = f"{character!r} begins nothing that SPARQL knows"
    else:
        complaint = f"{character!r} cannot stand here"
    return rejected(text, bad.start(3), complaint)
