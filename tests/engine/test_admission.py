"""The reading of a query before the engine sees it."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graph.errors import ForbiddenOperation, QueryRejected
from graph.limits import MAX_NESTING
from graph.sparql.admission import Admitted, admit
from graph.sparql.template import TemplateCache
from graph.sparql.tokens import Source, tokens
from tests.thoroughness import tried

ENDPOINT = "http://127.0.0.1:9/"  # nothing listens there, and the engine will not even try
BASE = "http://example.org/"
STRICTER_THAN_THE_ENGINE = {
    "nested-aggregate-functions.rq",
    "tripleterm-subject-03.rq",
    "tripleterm-subject-06.rq",
}


def read_query(text: str) -> Admitted:
    """Read *text* as something that no earlier text has helped to read."""
    return admit(TemplateCache(BASE), text)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "select"),
        ("ask{}", "ask"),
        ("CONSTRUCT WHERE {}", "construct"),
        ("Describe <http://example.org/>", "describe"),
        ("# SELECT\nPREFIX ask: <http://example.org/SELECT> ASK {}", "ask"),
        ("BASE <http://example.org/>PREFIX :<http://example.org/>SELECT?x{}", "select"),
        ('VERSION "1.2" ASK {}', "ask"),
        ("PREFIX select: <http://example.org/> DESCRIBE select:ask", "describe"),
    ],
)
def test_the_first_word_after_the_prologue_says_the_form(text: str, form: str) -> None:
    assert read_query(text).form == form


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM <http://example.org/> {}", True),
        ("SELECT * from named <http://example.org/> {}", True),
        ("SELECT * { ?from ?named 'FROM' }", False),
        ("PREFIX from: <http://example.org/> SELECT * { from:a ?p ?o } # FROM", False),
        ("SELECT * { <http://example.org/FROM> ?p ?o }", False),
    ],
)
def test_a_dataset_clause_is_noticed(text: str, expected: bool) -> None:
    reading = read_query(text)
    assert bool(reading.default_graphs or reading.named_graphs) is expected


@pytest.mark.parametrize("function", ["NOW", "rand", "UUID", "StrUuid"])
def test_a_query_whose_answer_changes_by_itself_is_noticed(function: str) -> None:
    assert read_query(f"SELECT ({function}() AS ?x) {{}}").is_volatile
    assert not read_query(f"SELECT ?{function} {{}}").is_volatile


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ SERVICE <{ENDPOINT}> {{}} }}",
        f"SELECT * {{ service<{ENDPOINT}>{{}} }}",
        f"SELECT * {{ SeRvIcE SILENT <{ENDPOINT}> {{}} }}",
        "SELECT * { VALUES ?where { <a> } SERVICE ?where {} }",
        f"SELECT * {{ OPTIONAL {{}}SERVICE<{ENDPOINT}>{{}} }}",
        f"SELECT * {{ ?s ?p 1.SERVICE <{ENDPOINT}> {{}} }}",
        f"SELECT * {{ ?s ?p 1e1SERVICE <{ENDPOINT}> {{}} }}",
        f"SELECT * {{ ?s ?p true.SERVICE <{ENDPOINT}> {{}} }}",
        f"SELECT * {{ # x\rSERVICE <{ENDPOINT}> {{}}\n}}",
    ],
)
def test_service_is_planned_however_it_is_written_and_the_engine_never_sees_it(text: str) -> None:
    reading = read_query(text)
    assert reading.federation
    assert len(reading.federation.calls) == 1
    assert "SERVICE" not in reading.engine_text.upper()


@pytest.mark.parametrize(
    ("text", "sent", "repairs"),
    [
        ("SELECT ?s { ?s ?q ?o SERVICE <T> { ?s ?p ?o MINUS { ?a ?b ?c } } }", "MINUS", ()),
        (
            "SELECT ?s { ?s ?q ?o MINUS { ?a ?b ?c } SERVICE <T> { ?s ?p ?o } }",
            "?s ?p ?o",
            ("without_idle_minus",),
        ),
        (
            "SELECT * { ?s ?q ?o SERVICE <T> { ?s ?p ?o FILTER(?o NOT IN ()) } }",
            "NOT IN",
            ("named_columns",),
        ),
    ],
)
def test_what_is_sent_to_others_is_not_repaired_and_not_said_to_be(
    text: str, sent: str, repairs: tuple[str, ...]
) -> None:
    reading = read_query(text.replace("<T>", f"<{ENDPOINT}>"))
    assert reading.repairs == repairs
    assert reading.federation
    (call,) = reading.federation.calls
    assert sent in call.body


@pytest.mark.parametrize(
    "text",
    [
        f"PREFIX : <{ENDPOINT}> SELECT * {{ SERVICE:a {{}} }}",
        f"PREFIX a: <{ENDPOINT}> SELECT * {{ SERVICEa:a{{}} }}",
        f"PREFIX SERVICEa: <{ENDPOINT}> SELECT * {{ SERVICEa:a{{}} }}",
        f"PREFIX a: <{ENDPOINT}> SELECT * {{ serviceSilenta: # x\n {{}} }}",
        f"PREFIX a: <{ENDPOINT}> SELECT * {{ ?s ?p trueSERVICEa: {{}} }}",
    ],
)
def test_a_prefixed_name_that_the_engine_would_call_is_no_query(text: str) -> None:
    with pytest.raises(QueryRejected, match=r"line 1, column \d+"):
        read_query(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?service { ?service ?SERVICE $service }",
        "PREFIX service: <http://example.org/> SELECT * { service:SERVICE ?p service: }",
        "PREFIX service: <http://example.org/> SELECT * { GRAPH service:a { ?s ?p ?o } }",
        "PREFIX service: <http://example.org/> SELECT * FROM service:a { ?s ?p ?o }",
        "SELECT * { <http://example.org/service#SERVICE> ?p 'SERVICE' }",
        "SELECT * { ?s ?p '''it's SERVICE <x> {}''' } # SERVICE",
        'SELECT * { ?s ?p "\\"SERVICE <x> {}" , """a "quoted" SERVICE""" }',
        "SELECT * { _:service ?p 'x'@service }",
    ],
)
def test_service_in_a_name_a_string_or_a_comment_is_no_call(text: str) -> None:
    ox.Store().query(read_query(text).engine_text)


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ FILTER(1<2)SERVICE#>\n<{ENDPOINT}> {{}} }}",
        f"SELECT * {{ FILTER(1<2&&'z'!='x>y') SERVICE <{ENDPOINT}> {{}} #'\n }}",
        f'SELECT * {{ FILTER(1<#> """\n2) SERVICE <{ENDPOINT}> {{}} #"""\n }}',
        f"SELECT * {{ FILTER(1<<x:y#>) SERVICE <{ENDPOINT}> {{}}\n }}",
        f"PREFIX a: <x:> SELECT * {{ FILTER(1<<a:x'>) SERVICE <{ENDPOINT}> {{}} #'\n }}",
        f"SELECT * {{ FILTER(1<<('>) SERVICE <{ENDPOINT}> {{}} #'\n }}",
        f'SELECT * {{ VALUES ?x {{"""a" # \\q\n}} SERVICE <{ENDPOINT}> {{}} # """\n }}',
    ],
)
def test_a_text_with_two_readings_never_reaches_a_service(text: str) -> None:
    """Each of these hides SERVICE from a tokeniser and shows it to the engine."""
    assert _calls_a_service(text), "the engine reads this otherwise by now; the case is void"
    try:
        engine_text = read_query(text).engine_text
    except QueryRejected:
        return
    assert not _calls_a_service(engine_text)


_PIECES = st.sampled_from(
    [
        *("SERVICE", "SERVICE ", f"<{ENDPOINT}>", "{", "}", "(", ")", " ", "\n", ".", "<", ">"),
        *("<<", "<<(", ")>>", "'", '"', "'''", '"""', "#", "\\u0027", "\\", "a:", "SERVICEa:b"),
        *("?x", "1", "true", "FILTER(", "FILTER(1<", "&&", "=", "VALUES ?v {", "'x'", "!=", "2)"),
        *("BIND(", " AS ?z)", "@en", "^^", "[", "]", "GRAPH ", "OPTIONAL", "UNION", "#>", "'>"),
    ]
)


@settings(max_examples=tried(500, 1500), deadline=None)
@given(st.lists(_PIECES, max_size=14).map("".join))
@example(f"FILTER(1<2)SERVICE#>\n<{ENDPOINT}>{{}}")
def test_what_is_accepted_calls_no_service_in_the_engine(body: str) -> None:
    try:
        reading = read_query(f"PREFIX a: <http://example.org/> SELECT * {{ {body} }}")
    except QueryRejected:
        return
    assert not _calls_a_service(reading.engine_text)


_LITERALS = st.text(st.characters(codec="utf-8", exclude_characters='"\\\n\r'), max_size=40)
_IRIS = st.from_regex(
    r"http://[a-z]{1,9}\.example/[A-Za-z0-9/?=&'()_.-]*(#[A-Za-z0-9'()]*)?", fullmatch=True
).filter(lambda iri: "/." not in iri)  # a relative one loses its dot segments (RFC 3986, 5.2.4)


@given(_LITERALS, _IRIS, st.text(st.characters(codec="utf-8", exclude_characters="\n\r")))
@example("SERVICE <x> {} INSERT", "http://a.example/#SERVICE", "SERVICE <x> { LOAD")
def test_a_word_inside_a_string_an_iri_or_a_comment_means_nothing(
    literal: str, iri: str, comment: str
) -> None:
    reading = read_query(f'SELECT * {{ <{iri}> ?FROM "{literal}" }} # {comment}')
    assert (reading.form, reading.default_graphs, reading.named_graphs) == ("select", (), ())


@given(_IRIS)
def test_the_engine_gets_the_iris_that_were_sent(iri: str) -> None:
    relative = iri.removeprefix("http:")
    text = read_query(f"CONSTRUCT {{ <{iri}> <{relative}> <x:{relative}> }} {{}}").engine_text
    results = ox.Store().query(text, base_iri="http://example.org/")
    assert isinstance(results, ox.QueryTriples)
    expected = ox.Triple(ox.NamedNode(iri), ox.NamedNode(iri), ox.NamedNode(f"x:{relative}"))
    assert list(results) == [expected]


@given(st.text(max_size=200))
def test_any_text_is_read_or_rejected(text: str) -> None:
    try:
        reading = read_query(text)
    except QueryRejected as error:
        assert str(error)  # noqa: PT017 -- both outcomes are right
    else:
        assert reading.form


@given(
    st.lists(
        st.sampled_from(["SELECT", "?x", "{", "}", "'a'", '"b"', "<c>", "d:e", "1", "1.5", "."])
    )
)
def test_no_character_is_lost(pieces: list[str]) -> None:
    text = " ".join(pieces)
    assert [token.text for token in tokens(Source.of(text))] == pieces


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("# only a comment", "found the end of the text; expected ASK"),
        ("PREFIX a: <http://example.org/>", "expected ASK, CONSTRUCT, DESCRIBE or SELECT"),
        ("\n  SELCT * {}", "line 2, column 3: 'SELCT' is no word of SPARQL"),
        ("SELECT * { ?s ?p 'a }", "line 1, column 18: the string that starts with '"),
        ('SELECT * {\n ?s ?p "\\q" }', 'line 2, column 8: the string that starts with "'),
        (r"\u0041SK {}", "line 1, column 1: an escape"),
        ("SELECT * WHRE {}", "column 10: 'WHRE' is no word of SPARQL; check"),
        ("\n  { SELECT * {} }", "line 2, column 3: found '{'; expected ASK"),
        (f"ASK {{ ?s ?p trueSERVICE <{ENDPOINT}> {{}} }}", "'trueSERVICE' is no word"),
        ("SELECT * { ?s ?p § }", "column 18: '§' cannot stand here"),
        ("SELECT * " + "{" * (MAX_NESTING + 1), f"column {10 + MAX_NESTING}: brackets nest deeper"),
    ],
)
def test_a_rejection_says_where_and_what(text: str, complaint: str) -> None:
    with pytest.raises(QueryRejected) as raised:
        read_query(text)
    assert complaint in str(raised.value)


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <a:a> <a:b> 1 }",
        "PREFIX a: <a:>\ndelete where { ?s ?p ?o }",
        "LOAD <http://example.org/>",
        "WITH <a:a> DELETE {} WHERE {}",
        "CLEAR ALL",
        "DROP SILENT ALL",
        "CREATE GRAPH <a:a>",
        "ADD <a:a> TO <a:b>",
        "MOVE <a:a> TO <a:b>",
        "COPY <a:a> TO <a:b>",
    ],
)
def test_an_update_is_refused_as_one(update: str) -> None:
    with pytest.raises(ForbiddenOperation, match="this is an update"):
        read_query(update)


@pytest.mark.parametrize(
    "unit",
    ["<", "<a", "a.", "?x<<", "'", '"a', "(", "1e", "@a-", '"""a""', "\\u0041", "a:%41.", "#\n",
     "<#> ", "{|", "service:a ", ".", "a:a.", "'''a''", "1.", "_:a.", "\\"],
)  # fmt: skip
def test_the_time_of_reading_grows_with_the_length_only(unit: str) -> None:
    def read(size: int) -> float:
        times: list[float] = []
        for _ in range(2):
            start = time.process_time()
            with contextlib.suppress(QueryRejected):
                read_query("SELECT * { " + unit * (size // len(unit)))
            times.append(time.process_time() - start)
        return min(times)

    # Twice quadratic would be sixteen times as long; the clock is coarse and the machine shared.
    assert read(128 * 1024) < 10 * read(32 * 1024) + 0.2


def test_every_query_of_the_w3c_suites_is_read_as_the_engine_reads_it() -> None:
    shared = os.environ.get("METAPOLE_SHARED")
    if shared is None:
        pytest.skip("METAPOLE_SHARED does not say where the W3C suites are")
    kinds: dict[type, tuple[str, ...]] = {
        ox.QuerySolutions: ("select",),
        ox.QueryBoolean: ("ask",),
        ox.QueryTriples: ("construct", "describe"),
    }
    compared = 0
    for path, text, result in _w3c_queries(Path(shared)):
        try:
            reading = read_query(text)
        except ForbiddenOperation:
            assert "service" in text.lower(), path
            continue
        except QueryRejected:
            # What the engine takes and the W3C calls no query: the gate of the syntax tests.
            assert path.name in {"syn-bad-26.rq", *STRICTER_THAN_THE_ENGINE}, path
            continue
        assert reading.form in kinds[type(result)], path
        again = ox.Store().query(reading.engine_text, base_iri="http://example.org/")
        assert type(again) is type(result), path
        compared += 1
    assert compared > 900


def _w3c_queries(shared: Path) -> Iterator[tuple[Path, str, object]]:
    for path in sorted(shared.glob("w3c-rdf-tests/sparql/**/*.rq")):
        text = path.read_bytes().decode()
        try:
            yield path, text, ox.Store().query(text, base_iri="http://example.org/")
        except (SyntaxError, RuntimeError):
            continue


def _calls_a_service(text: str) -> bool:
    try:
        ox.Store().query(text, base_iri=ENDPOINT).serialize(format=ox.QueryResultsFormat.CSV)  # type: ignore[call-arg]
    except OSError:
        return True
    except (SyntaxError, RuntimeError, ValueError):
        return False
    return False
