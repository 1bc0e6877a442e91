"""Clusters side by side: figures are aligned where they compare, and nowhere else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pyoxigraph as ox
import pytest

from graph.errors import QueryRejected
from graph.publishing.edition import UNION
from graph.publishing.site.compare import write_comparison
from graph.search.files import State, Unfinished
from graph.search.index import written_index
from tests.engine.published import Published, of_turtle

if TYPE_CHECKING:
    from pathlib import Path

ID = "https://w3id.org/metapole/id/"
DEF = "https://w3id.org/metapole/def/"
TURTLE = f"""
PREFIX cluster: <{ID}cluster/>
PREFIX figure: <{ID}figure/>
PREFIX indicator: <{DEF}indicator/>
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX qualifier: <{DEF}qualifier/>
PREFIX sector: <{DEF}sector/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX unit: <{DEF}unit/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
cluster:one a mp:Cluster ; skos:prefLabel "Alpha One" ; mp:sector sector:x .
cluster:two a mp:Cluster ; skos:prefLabel "Beta Two" ; mp:sector sector:x .
cluster:three a mp:Cluster ; skos:prefLabel "Gamma Three" ; mp:sector sector:x .
cluster:none a mp:Cluster ; skos:prefLabel "<script>alert(1)</script>" .
"""


def figure(slug: str, cluster: str, value: str, **said: str) -> str:
    known = {
        "indicator": "indicator:turnover",
        "unit": "unit:eur",
        "qualifier": "qualifier:exact",
        "from": '"2020-01-01"^^xsd:date',
        "to": '"2020-12-31"^^xsd:date',
        **said,
    }
    facts = " ; ".join(f"mp:{name} {term}" for name, term in known.items() if term)
    return (
        f"figure:{slug} a mp:KeyFigure ; mp:about cluster:{cluster} ; mp:value {value} ; {facts} ."
    )


def published(folder: Path, *figures: str) -> Published:
    """Return a store with *figures* and an index of its names."""
    made = of_turtle(TURTLE + "\n".join(figures))
    facts = replace(made.facts, store=str(folder), store_id=uuid4().hex)
    unfinished = Unfinished(folder, State(facts.store_id, facts.number, "", 0))
    unfinished.write(written_index(made.store))
    unfinished.finish()
    unfinished.close()
    return replace(made, facts=facts)


def compared(made: Published, *clusters: str) -> dict[str, Any]:
    return json.loads(made.written(write_comparison, c="\n".join(clusters)))


def only_indicator(made: Published, *clusters: str) -> dict[str, Any]:
    (found,) = compared(made, *clusters)["indicators"]
    return found


def test_figures_of_the_same_unit_and_time_stand_in_one_row(tmp_path: Path) -> None:
    made = published(tmp_path, figure("a", "one", "5"), figure("b", "two", "7"))

    found = only_indicator(made, "one", "two")

    (row,) = found["rows"]
    assert [[each["value"] for each in cell] for cell in row["cells"]] == [[5.0], [7.0]]
    assert (row["remarks"], found["remarks"]) == (["comparable"], [])


@pytest.mark.parametrize(
    ("other", "remarks"),
    [
        ({"unit": "unit:companies"}, ["units"]),
        ({"from": '"2021-01-01"^^xsd:date', "to": '"2021-12-31"^^xsd:date'}, ["periods"]),
        ({"unit": "unit:companies", "from": '"2019-01-01"^^xsd:date'}, ["units", "periods"]),
        ({"per": "unit:companies"}, ["units"]),
        ({"from": "", "to": ""}, ["periods"]),
    ],
)
def test_what_differs_in_unit_or_time_is_not_compared_and_it_is_said_why(
    tmp_path: Path, other: dict[str, str], remarks: list[str]
) -> None:
    made = published(tmp_path, figure("a", "one", "5"), figure("b", "two", "7", **other))

    found = only_indicator(made, "one", "two")

    assert [sum(map(bool, row["cells"])) for row in found["rows"]] == [1, 1]
    assert found["remarks"] == remarks


@pytest.mark.parametrize(
    ("figures", "remarks"),
    [
        (
            [
                ("one", {"qualifier": "qualifier:exact"}),
                ("two", {"qualifier": "qualifier:more-than"}),
            ],
            ["qualifiers"],
        ),
        (
            [(each, {"qualifier": "qualifier:around"}) for each in ("one", "two")],
            ["qualifiers"],
        ),
        (
            [(each, {"timeBasis": f"<{DEF}time-basis/document-date>"}) for each in ("one", "two")],
            ["document_time"],
        ),
        ([(each, {"from": "", "to": ""}) for each in ("one", "two")], ["undated"]),
    ],
)
def test_what_is_said_of_a_row_is_why_it_does_not_compare_exactly(
    tmp_path: Path, figures: list[tuple[str, dict[str, str]]], remarks: list[str]
) -> None:
    made = published(
        tmp_path,
        *(figure(f"f{number}", of, "5", **said) for number, (of, said) in enumerate(figures)),
    )

    (row,) = only_indicator(made, "one", "two")["rows"]

    assert row["remarks"] == remarks


def test_sources_that_differ_stand_side_by_side(tmp_path: Path) -> None:
    figures = [figure("a", "one", "5"), figure("b", "one", "6"), figure("c", "two", "7")]

    (row,) = only_indicator(published(tmp_path, *figures), "one", "two")["rows"]

    assert sorted(each["value"] for each in row["cells"][0]) == [5.0, 6.0]
    assert row["remarks"] == ["conflict"]


def test_what_is_known_of_one_only_is_no_comparison(tmp_path: Path) -> None:
    found = only_indicator(published(tmp_path, figure("a", "one", "5")), "one", "two")

    assert found["remarks"] == ["only_one"]


def test_clusters_are_named_by_slug_or_by_name(tmp_path: Path) -> None:
    made = published(tmp_path)

    assert compared(made, "one", "Beta Two", "one", "GAMMA-three")["slugs"] == [
        "one",
        "two",
        "three",
    ]


def test_who_is_unknown_is_left_out_and_near_names_are_offered(tmp_path: Path) -> None:
    found = compared(published(tmp_path), "one", "Alpha Oen", "zzz", "<script>")

    assert found["slugs"] == ["one"]
    assert [each["text"] for each in found["unknown"]] == ["Alpha Oen", "zzz", "<script>"]
    assert [each["slug"] for each in found["unknown"][0]["near"]] == ["one"]


def test_peers_work_in_the_same_sectors(tmp_path: Path) -> None:
    found = compared(published(tmp_path), "one")

    assert {each["slug"] for each in found["peers"]} == {"two", "three"}
    assert {each["query"] for each in found["peers"]} == {"c=one&c=two", "c=one&c=three"}


def test_no_more_than_five_are_compared(shipped: Published) -> None:
    with pytest.raises(QueryRejected, match="there are 6 clusters to compare; choose up to 5"):
        compared(shipped, "acod", "avia", "caar", "swhec", "amz", "minalogic")


def test_the_query_finds_the_figures_of_the_page(shipped: Published) -> None:
    found = compared(shipped, "avia", "caar", "swhec")
    rows = shipped.store.query(found["tools"]["query"], default_graph=[UNION])
    assert isinstance(rows, ox.QuerySolutions)

    shown = {
        figure["iri"]
        for group in found["indicators"]
        for row in group["rows"]
        for cell in row["cells"]
        for figure in cell
    }
    assert shown
    assert {row["figure"].value for row in rows} == shown
