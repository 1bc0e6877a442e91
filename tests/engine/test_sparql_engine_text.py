"""The engine reads characters, not tokens: what we print, it can read in one way only."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graph.errors import QueryRejected
from graph.sparql.admission import admit
from graph.sparql.template import TemplateCache
from tests.thoroughness import tried

ENDPOINT = "http://127.0.0.1:9/"  # nothing listens there, and the engine will not even try
PIECES = st.sampled_from(
    [
        *("SERVICE", "SERVICE ", f"<{ENDPOINT}>", "{", "}", "(", ")", " ", "\n", ".", "<", ">"),
        *("<<", "<<(", ")>>", "'", '"', "'''", '"""', "#", "\\u0027", "\\", "a:", "SERVICEa:b"),
        *("?x", "1", "true", "FILTER(", "FILTER(1<", "&&", "=", "VALUES ?v {", "'x'", "!=", "2)"),
        *("BIND(", " AS ?z)", "@en", "^^", "[", "]", "GRAPH ", "OPTIONAL", "UNION", "#>", "'>"),
        *("?s ?p ", "<#x>", "<'>", "} ", "{ ", " . ", "IRI('", "')", "_:SERVICE", "?SERVICE"),
    ]
)
HIDDEN = [
    f"FILTER(1<2)SERVICE#>\n<{ENDPOINT}> {{}}",
    f"FILTER(1<2&&'z'!='x>y') SERVICE <{ENDPOINT}> {{}} #'\n",
    f'FILTER(1<#> """\n2) SERVICE <{ENDPOINT}> {{}} #"""\n',
    f"FILTER(1<<x:y#>) SERVICE <{ENDPOINT}> {{}}\n",
    f"FILTER(1<<a:x'>) SERVICE <{ENDPOINT}> {{}} #'\n",
    f"FILTER(1<<('>) SERVICE <{ENDPOINT}> {{}} #'\n",
    f'VALUES ?x {{"""a" # \\q\n}} SERVICE <{ENDPOINT}> {{}} # """\n',
    f"SERVICEa:a {{ ?s ?p <{ENDPOINT}> }}",
    "GRAPH a:SERVICE {} SERVICE:b {}",
    f"?s ?p 1.SERVICE <{ENDPOINT}> {{}}",
    f"?s ?p trueSERVICE <{ENDPOINT}> {{}}",
]


@pytest.mark.parametrize("body", HIDDEN)
def test_a_service_is_hidden_from_the_engine_even_if_it_is_hidden_from_us(body: str) -> None:
    _check(body)


@settings(max_examples=tried(500, 1500), deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
@example(HIDDEN[0])
def test_the_engine_calls_no_service(body: str) -> None:
    _check(body)


def test_the_check_would_notice() -> None:
    assert _calls_a_service(f"SELECT * {{ {HIDDEN[0]} }}")


def _check(body: str) -> None:
    text = f"PREFIX a: <http://example.org/> PREFIX : <{ENDPOINT}> SELECT * {{ {body} }}"
    try:
        reading = admit(TemplateCache(ENDPOINT), text)
    except QueryRejected:
        return
    calls = reading.federation.calls if reading.federation else ()
    texts = [reading.engine_text, *(call.local.text for call in calls if call.local)]
    assert not any(map(_calls_a_service, texts))


@given(st.text(max_size=200) | st.lists(PIECES, max_size=30).map("".join))
def test_any_text_is_read_or_rejected(text: str) -> None:
    for kind in ("query", "update"):
        try:
            reading = TemplateCache(ENDPOINT).read(text, kind)
        except QueryRejected as error:
            assert str(error)  # noqa: PT017 -- both outcomes are right
        else:
            assert reading.form


def _calls_a_service(text: str) -> bool:
    try:
        result = ox.Store().query(text, base_iri=ENDPOINT)
        result.serialize(format=ox.QueryResultsFormat.CSV)  # pyright: ignore[reportCallIssue, reportArgumentType]
    except OSError:
        return True
    except (SyntaxError, RuntimeError, ValueError, TypeError):
        return False
    return False
