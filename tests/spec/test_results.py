"""Answers are compared as RDF terms and as bags of rows, whatever blank nodes are called."""

from __future__ import annotations

import pytest

from tests.spec.results import Differ, compare, compare_csv, expected_from, graph_from, table_from

RS = """
    PREFIX rs: <http://www.w3.org/2001/sw/DataAccess/tests/result-set#>
    [] a rs:ResultSet ; rs:resultVariable "x" ;
"""


def tsv(*rows: str) -> bytes:
    return "\n".join(["?x\t?y", *rows, ""]).encode()


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        pytest.param(tsv("1\t2", "3\t4"), tsv("3\t4", "1\t2"), id="rows in another order"),
        pytest.param(tsv("_:a\t_:b"), tsv("_:b\t_:a"), id="other blank nodes"),
        pytest.param(
            tsv("_:a\t1", "_:b\t1", "_:b\t2"),
            tsv("_:a\t1", "_:b\t1", "_:a\t2"),
            id="blank nodes that only the last row tells apart",
        ),
        pytest.param(
            tsv("<<( _:a <urn:p> 1 )>>\t_:a"),
            tsv("<<( _:z <urn:p> 1 )>>\t_:z"),
            id="blank nodes in triple terms",
        ),
    ],
)
def test_tables_that_are_the_same(expected: bytes, actual: bytes) -> None:
    assert compare(table_from(expected, "tsv"), table_from(actual, "tsv")) == "exactly"


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        pytest.param(tsv("1\t2"), tsv("1\t3"), id="another value"),
        pytest.param(tsv("1\t2"), tsv('"1"\t2'), id="a string for a number"),
        pytest.param(tsv('"a"@en\t1'), tsv('"a"\t1'), id="no language"),
        pytest.param(tsv("1\t"), tsv("1\t2"), id="a value for none"),
        pytest.param(tsv("1\t2"), tsv("1\t2", "1\t2"), id="a row twice"),
        pytest.param(tsv("1\t2"), tsv(), id="no rows"),
        pytest.param(tsv("_:a\t_:a"), tsv("_:a\t_:b"), id="two blank nodes for one"),
        pytest.param(tsv("_:a\t_:b"), tsv("_:a\t_:a"), id="one blank node for two"),
        pytest.param(
            tsv("_:a\t1", "_:a\t2"), tsv("_:a\t1", "_:b\t2"), id="blank nodes not shared by rows"
        ),
        pytest.param(tsv("_:a\t1"), tsv("<urn:a>\t1"), id="an IRI for a blank node"),
        pytest.param(tsv("1\t2"), b"?x\n1\n", id="a column less"),
    ],
)
def test_tables_that_differ(expected: bytes, actual: bytes) -> None:
    with pytest.raises(Differ):
        compare(table_from(expected, "tsv"), table_from(actual, "tsv"))


def test_what_the_store_makes_of_a_literal_is_equal_by_value_only() -> None:
    expected, actual = (table_from(tsv(f"{number}\t1"), "tsv") for number in ("36.00", "36.0"))
    assert compare(expected, actual) == "by value"


def test_a_described_table_with_indexes_is_ordered() -> None:
    rows = [
        f"rs:solution [ rs:index {index} ; rs:binding [ rs:variable 'x' ; rs:value {value} ] ]"
        for index, value in ((2, 20), (1, 10))
    ]
    expected = expected_from(f"{RS}{' ; '.join(rows)} .".encode(), "ttl", "urn:base")
    assert compare(expected, table_from(b"?x\n10\n20\n", "tsv")) == "exactly"
    with pytest.raises(Differ):
        compare(expected, table_from(b"?x\n20\n10\n", "tsv"))


def test_of_reduced_rows_some_may_be_left_out_but_not_all() -> None:
    expected = table_from(tsv("1\t1", "1\t1", "2\t2"), "tsv")
    assert compare(expected, table_from(tsv("1\t1", "2\t2"), "tsv"), is_lax=True) == "exactly"
    with pytest.raises(Differ):
        compare(expected, table_from(tsv("1\t1"), "tsv"), is_lax=True)
    with pytest.raises(Differ):
        compare(expected, table_from(tsv("1\t1", "2\t2", "2\t2"), "tsv"), is_lax=True)


def test_graphs_are_compared_by_structure() -> None:
    chain = b"_:a <urn:p> _:b . _:b <urn:p> _:c ."
    ring = b"_:a <urn:p> _:b . _:b <urn:p> _:a ."
    expected = graph_from(chain, "ttl")
    assert compare(expected, graph_from(b"_:c <urn:p> _:a . _:b <urn:p> _:c .", "ttl")) == "exactly"
    with pytest.raises(Differ):
        compare(expected, graph_from(ring, "ttl"))


def test_a_table_is_no_boolean() -> None:
    with pytest.raises(Differ):
        compare(True, table_from(tsv(), "tsv"))
    with pytest.raises(Differ):
        compare(True, table_from(b'{"head": {}, "boolean": false}', "srj"))


def test_csv_is_compared_cell_by_cell_and_in_the_order_of_its_columns() -> None:
    assert compare_csv(b"x,y\r\n_:a,1\r\nb,2\r\n", b"x,y\r\nb,2\r\n_:z,1\r\n") == "exactly"
    for other in (b"y,x\r\n1,_:a\r\n2,b\r\n", b"x,y\r\n_:a,1.0\r\nb,2\r\n", b"x,y\r\n_:a,1\r\n"):
        with pytest.raises(Differ):
            compare_csv(b"x,y\r\n_:a,1\r\nb,2\r\n", other)
