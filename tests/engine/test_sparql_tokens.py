"""How a text is split into its template and its constants."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graph.errors import QueryRejected
from graph.sparql.tokens import Source, pieces, tokens

FRAGMENTS = [
    *"()[]{}.,;|!^?*/+-~=<>",
    "<<(", ")>>", "<<", ">>", "{|", "|}", "||", "&&", "^^", "!=", "<=", ">=",
    "SELECT", "where", "a", "PREFIX", "BASE", "VERSION", "UNDEF", "nonsense", "true.FILTER",
    "ex:", ":", "ex:a.b", ":%41", r":a\,b", "_:b1", "?x", "$y", "@en", "@ar--rtl",
    "<http://example.org/>", "<a>", "<#>", r"<\u0041>", '"x"', "'y'", '"""z"z"""', "''", r'"\n"',
    "1", "+1", "-1.5", ".5", "1e0", "-1E-3", "# comment\n", "#", " ", "\n", "\t", "é", "\\",
    '"', "<",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join)


def _tokens(text: str) -> list[tuple[str, str]]:
    return [(token.type, token.text) for token in tokens(Source.of(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("?a<?b", ["?a", "<", "?b"], id="less than"),
        pytest.param("?a<?b&&?c>?d", ["?a", "<?b&&?c>", "?d"], id="the longest token wins"),
        pytest.param("?a<=?b>?c", ["?a", "<=?b>", "?c"], id="the longest token wins over <="),
        pytest.param("1+2", ["1", "+2"], id="a sign belongs to its number"),
        pytest.param("1 + 2", ["1", "+", "2"], id="a sign with a space"),
        pytest.param("?p?", ["?p", "?"], id="a question mark alone"),
        pytest.param("ex:p?x", ["ex:p", "?x"], id="a variable after a name"),
        pytest.param("1.5.", ["1.5", "."], id="a dot after a decimal"),
        pytest.param("1.", ["1", "."], id="a dot after a whole number"),
        pytest.param("ex:a.b.", ["ex:a.b", "."], id="a dot inside a name"),
        pytest.param("true.FILTER", ["true", ".", "FILTER"], id="a dot between words"),
        pytest.param("<<(1)>>", ["<<(", "1", ")>>"], id="a triple term"),
        pytest.param("?a # b\n?c#", ["?a", "?c"], id="comments"),
        pytest.param('"""a"b\\""""', ['"""a"b\\""""'], id="a long string"),
        pytest.param("BASE<http://a/>", ["BASE", "<http://a/>"], id="no space after BASE"),
    ],
)
def test_a_text_is_split_as_the_grammar_says(text: str, expected: list[str]) -> None:
    assert [found for _, found in _tokens(text)] == expected


@pytest.mark.parametrize(
    ("text", "constants"),
    [
        pytest.param("?s <http://a/p> 'x', 1.5", ("<http://a/p>", "'x'", "1.5"), id="constants"),
        pytest.param("PREFIX a: <http://a/> BASE <b> a:c", (), id="the prologue stays"),
        pytest.param("PREFIX\n#<x>\na:# y\n<http://a/>", (), id="comments in the prologue"),
        pytest.param("?a # <x> 'y' 1\n?b", (), id="none in comments"),
        pytest.param("?a1 ex:b2 _:c3 @en-4", (), id="digits in names"),
        pytest.param('VERSION "1.2" "1.2"', ('"1.2"',), id="the version stays"),
    ],
)
def test_what_is_lifted_out_of_a_text(text: str, constants: tuple[str, ...]) -> None:
    assert pieces(text).constants == constants


@given(TEXTS)
def test_the_pieces_are_the_text(text: str) -> None:
    try:
        split = pieces(text)
    except QueryRejected:
        return
    constants = [*split.constants, *[""] * (len(split.runs) - len(split.constants))]
    assert "".join(map(str.__add__, split.runs, constants)) == text


@given(TEXTS)
@example('VERSION"1""1"')
def test_each_token_is_where_it_says(text: str) -> None:
    try:
        source = Source.of(text)
        found = list(tokens(source))
    except QueryRejected:
        return
    end = 0
    for token in found:
        assert text[token.start :].startswith(token.text)
        assert token.start >= end
        end = token.start + len(token.text)
    lifted = [token for token in found if token.constant >= 0]
    assert [token.constant for token in lifted] == list(range(len(source.split.constants)))
    assert tuple(token.text for token in lifted) == source.split.constants


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param('?a\n "b', r"line 2, column 2: the string .* is not closed", id="string"),
        pytest.param(r'"\q"', r"line 1, column 1: the string .* has an escape", id="escape"),
        pytest.param(r"\u0041", r"an escape .* only inside an IRI", id="escape outside"),
        pytest.param("?a & ?b", r"column 4: '&' begins nothing", id="mark"),
        pytest.param("SELEC ?x", r"column 1: 'SELEC' is no word of SPARQL; check", id="word"),
        pytest.param("?s A ?t", r"column 4: 'A' is no word.*lower-case 'a'", id="capital A"),
        pytest.param("?a '\ud800'", r"column 5: half of a character", id="surrogate"),
        pytest.param("(" * 501, r"column 501: brackets nest deeper than 500", id="depth"),
    ],
)
def test_a_text_without_tokens_is_refused_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(QueryRejected, match=complaint):
        _tokens(text)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        pytest.param("a <b> ?c", [(1, 1), (1, 3), (1, 7)], id="around a constant"),
        pytest.param("'x' # 1\n 2\n\n  ?x", [(1, 1), (2, 2), (4, 3)], id="in several lines"),
        pytest.param('"""\n""" ;\n;', [(1, 1), (2, 5), (3, 1)], id="after a long string"),
    ],
)
def test_places_of_many_tokens(text: str, places: list[tuple[int, int]]) -> None:
    source = Source.of(text)
    ats = [token.at for token in tokens(source)]
    named = source.places(reversed(ats))
    expected = [f"line {line}, column {column}" for line, column in places]
    assert [named[at] for at in ats] == [source.place(at) for at in ats] == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(unit * (400_000 // len(unit)), id=repr(unit))
        for unit in (
            "#", "<", "<=", "<<", "a.", ":a.", "_:a.", '"', "'", '"""', "\\", "base ", "prefix ",
            "1", "1.", "+", "<a", "%41", ":%41", "?", "@a", "@a-", ".", "prefix #\n", "version '",
        )
    ],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    start = time.process_time()
    try:
        for _ in tokens(Source.of(text), max_nesting=10**9):
            pass
    except QueryRejected:
        pass
    assert time.process_time() - start < 5
