"""The line of a finding is that of the triple, or of the block it belongs to."""

from __future__ import annotations

import pytest

from graph.positions import read_positions

TEXT = '''# a comment with <http://example.org/a> and "quotes
@prefix ex: <http://example.org/> .
PREFIX mp: <https://w3id.org/metapole/def#>

ex:one a ex:Thing ;
    ex:says """two
lines; and a full stop ." """@en , "three" ;
    ex:number 1.5 , -2 ;
    ex:day "2018-07-01"^^<http://www.w3.org/2001/XMLSchema#date> .

<http://example.org/two> ex:about ex:one . ex:three ex:about ex:two .
ex:one ex:again true .
ex:four\\.five ex:quotes "say \\"ex:six\\" ." .
ex:seven ex:holds [ ex:about ex:inner ] ; ex:list ( 1 2 ) ;
    ex:after _:b .
'''
EX = "http://example.org/"


@pytest.mark.parametrize(
    ("subject", "predicate", "value", "place"),
    [
        pytest.param("one", None, None, (1, 5), id="the first of two blocks"),
        pytest.param("one", "says", "three", (3, 7), id="after a text of two lines"),
        pytest.param("one", "number", "-2", (3, 8), id="number"),
        pytest.param("one", "day", "2018-07-01", (3, 9), id="typed literal"),
        pytest.param("one", "day", "2019-01-01", (2, 9), id="another value of the property"),
        pytest.param("one", "unknown", None, (1, 5), id="property that is not there"),
        pytest.param("one", "again", "true", (3, 12), id="the second block"),
        pytest.param("two", "about", EX + "one", (3, 11), id="full IRI"),
        pytest.param("three", None, None, (1, 11), id="second block of a line"),
        pytest.param("four.five", "quotes", 'say "ex:six" .', (3, 13), id="escapes"),
        pytest.param("seven", "after", None, (2, 15), id="behind a blank node and a list"),
        pytest.param("inner", None, None, (0, 1), id="object only"),
        pytest.param("six", None, None, (0, 1), id="inside a text"),
    ],
)
def test_a_triple_is_located(
    subject: str, predicate: str | None, value: str | None, place: tuple[int, int]
) -> None:
    positions = read_positions(TEXT)

    assert positions.locate(EX + subject, predicate and EX + predicate, value) == place


def test_blank_nodes_are_listed_with_their_lines() -> None:
    assert read_positions(TEXT).blank_nodes == [14, 14, 15]


def test_language_tags_are_listed_as_they_are_written() -> None:
    assert read_positions('<http://a> <http://b> "x"@EN-gb .').languages == [("EN-gb", 1)]


def test_the_name_of_a_graph_is_no_subject() -> None:
    trig = """@prefix ex: <http://example.org/> .
        ex:g {
            ex:a ex:b ex:c .
            ex:d ex:b ex:c
        }
        GRAPH ex:h {
            ex:e a ex:f }
    """
    blocks = read_positions(trig).blocks

    lines = {subject: [block.line for block in found] for subject, found in blocks.items() if found}
    assert lines == {EX + "a": [3], EX + "d": [4], EX + "e": [7]}
