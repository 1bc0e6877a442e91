"""Which statements hold on a day: one rule, as a function and as SPARQL."""

from __future__ import annotations

from datetime import date

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import QueryRejected
from graph.publishing.asof import DAY, HOLDS, day_from, holds_on, literal_of

MP = "https://w3id.org/metapole/def#"
STATEMENT = ox.NamedNode("http://example.org/statement")
QUERY = f"SELECT ?statement ?day {{ ?statement a <{MP}Statement> . {HOLDS} }}"
days = st.dates(date(2007, 1, 1), date(2007, 1, 6))
bounds = st.one_of(st.just(""), st.just("about 2007"), days.map(date.isoformat))


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [
        ("2007-01-01", "2007-12-31", True),
        ("2007-06-15", "2007-06-15", True),
        ("2007-06-16", "2007-12-31", False),
        ("2006-01-01", "2007-06-14", False),
        ("2007-06-15", "", True),
        ("2007-06-16", "", False),
        ("", "2007-06-15", True),
        ("", "2007-06-14", False),
        ("", "", True),
        ("2007", "soon", True),
    ],
)
def test_a_statement_holds_on_a_day_that_is_not_outside_of_its_bounds(
    first: str, last: str, holds: bool
) -> None:
    assert holds_on(date(2007, 6, 15), first, last) is holds


@settings(deadline=None)
@given(first=bounds, last=bounds, day=days)
def test_the_fragment_of_sparql_is_the_same_rule(first: str, last: str, day: date) -> None:
    store = ox.Store()
    a = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    store.add(ox.Quad(STATEMENT, a, ox.NamedNode(MP + "Statement")))
    for name, bound in (("from", first), ("to", last)):
        if bound:
            datatype = "date" if bound.startswith("2007-") else "string"
            value = ox.Literal(
                bound, datatype=ox.NamedNode(f"http://www.w3.org/2001/XMLSchema#{datatype}")
            )
            store.add(ox.Quad(STATEMENT, ox.NamedNode(MP + name), value))
    rows = store.query(QUERY, substitutions={DAY: literal_of(day)})
    assert isinstance(rows, ox.QuerySolutions)
    assert bool(list(rows)) is holds_on(day, first, last)


@pytest.mark.parametrize("text", ["2007-02-28", "0001-01-01", "9999-12-31", "2008-02-29"])
def test_a_day_is_read(text: str) -> None:
    assert day_from(text).isoformat() == text


@pytest.mark.parametrize(
    "text",
    ["", "2007", "2007-02-30", "2007-2-3", "20070203", "2007-W01-1", "2007-02-03T00:00:00",
     " 2007-02-03", "٢٠٠٧-٠٢-٠٣", "2007-02-03\r\nX: y", "0000-01-01", "x" * 10_000],
)  # fmt: skip
def test_what_is_no_day_is_refused_and_not_told_raw(text: str) -> None:
    with pytest.raises(QueryRejected, match="is no day; send one such as") as caught:
        day_from(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400
