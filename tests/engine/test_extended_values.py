"""Values that clients of the Reconciliation API are told: what data has, however odd it is."""

from __future__ import annotations

import json
from typing import Any

import pyoxigraph as ox
import pytest

from graph.namespaces import ID, MP, UNION_GRAPH, XSD
from graph.publishing.reconciliation.extending import write_extension

from .published import Published

THING, PROPERTY = f"{ID}organisation/odd", f"{MP}count"


@pytest.mark.parametrize(
    ("text", "datatype", "told"),
    [
        ("+12", "integer", {"int": 12}),
        ("-7", "int", {"int": -7}),
        ("+-5", "integer", {"str": "+-5"}),
        ("٣", "integer", {"str": "٣"}),
        ("9" * 5_000, "integer", {"str": "9" * 2_000}),
        ("1.5", "decimal", {"float": 1.5}),
        ("INF", "double", {"str": "INF"}),
        ("x" * 5_000, "double", {"str": "x" * 2_000}),
    ],
)
def test_a_number_is_told_as_one_if_it_is(text: str, datatype: str, told: dict[str, Any]) -> None:
    store = ox.Store()
    literal = ox.Literal(text, datatype=ox.NamedNode(f"{XSD}{datatype}"))
    union = ox.NamedNode(UNION_GRAPH)
    store.add(ox.Quad(ox.NamedNode(THING), ox.NamedNode(PROPERTY), literal, union))
    asked = json.dumps({"ids": [THING], "properties": [{"id": PROPERTY}]})

    said = json.loads(Published(store).written(write_extension, extend=asked))

    assert said["rows"] == {THING: {PROPERTY: [told]}}
