"""What the page about a thing says: by what kind of thing it is, in the language of the page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graph.errors import QueryRejected, UnknownThing
from graph.publishing.site.things.page import write_thing_page
from graph.publishing.site.things.statements import LONGEST_TEXT, MOST_ROWS
from graph.publishing.things.description import PART_ENTRIES, PARTS
from graph.publishing.writers import writer_of

from .published import PUBLIC_URL, Published, of_turtle

W3ID = "https://w3id.org/metapole/"
PREFIXES = """
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX cluster: <https://w3id.org/metapole/id/cluster/>
PREFIX id: <https://w3id.org/metapole/id/x/>
"""


def page(published: Published, name: str, language: str = "en", **arguments: str) -> dict[str, Any]:
    space = "def" if name.startswith(("sector/", "specialty/")) else "id"
    told = {"iri": f"{W3ID}{space}/{name}", "language": language, **arguments}
    written = published.written(write_thing_page, "application/json", **told)
    values: dict[str, Any] = json.loads(written)
    return values


def table(values: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the rows of a table, each with the labels or texts of its cells."""
    (found,) = (each for each in values["tables"] if each["name"] == name)
    return [
        {
            column: [each.get("label") or each.get("text") for each in cells]
            for column, cells in row["cells"].items()
        }
        for row in found["rows"]
    ]


def cells(rows: list[dict[str, Any]], column: str) -> set[str]:
    return {each.get("label") or each["text"] for row in rows for each in row["cells"][column]}


def numbers(said: dict[str, Any], indicator: str) -> list[list[str]]:
    figures = said["figures"]
    return [each["numbers"] for each in figures if each["indicator"]["label"] == indicator]


def test_a_cluster_tells_where_what_and_with_whom(shipped: Published) -> None:
    said = page(shipped, "cluster/minalogic")

    assert said["label"] == "Minalogic"
    assert [each["label"] for each in said["kinds"]] == ["cluster"]
    assert "France" in cells(said["facts"]["places"], "area")
    assert cells(said["facts"]["fields"], "field") == {
        "embedded software",
        "micro- and nano-technologies",
    }
    partners = {name for row in table(said, "partnerships") for name in row["partner"]}
    assert partners == {"Ahlstrom", "Atmel", "Xerox", "Yamatake"}
    assert table(said, "members") == [{"member": ["Xerox"], "role": ["founding member"]}]
    assert {name for row in table(said, "contained") for name in row["partner"]} == {
        "CEA",
        "NanoQuébec",
    }
    (label,) = table(said, "labels")
    assert label["programme"] == ["competitiveness cluster policy"]
    assert said["similar"]
    assert "Minalogic" not in {each["thing"]["label"] for each in said["similar"]}


def test_a_cluster_leads_to_its_pictures_and_to_those_like_it(shipped: Published) -> None:
    said = page(shipped, "cluster/minalogic", "fr")

    pictures = [each["address"] for each in said["tools"]["pictures"]]
    assert f"{PUBLIC_URL}fr/network.svg?focus=cluster%2Fminalogic" in pictures
    assert said["compare"].startswith(f"{PUBLIC_URL}compare?c=minalogic&c=")
    assert said["compare"].count("c=") == 1 + len(said["similar"])
    assert page(shipped, "organisation/cea")["compare"] == ""


def test_every_row_leads_to_where_it_is_printed(shipped: Published) -> None:
    said = page(shipped, "project/pae")
    rows = [row for each in said["tables"] for row in each["rows"]]

    assert len(rows) > 10
    for row in rows:
        assert row["evidence"], row["iri"]
        for evidence in row["evidence"]:
            assert evidence["address"].startswith(f"{PUBLIC_URL}evidence/")
            assert evidence["printed"]
            assert int(evidence["line_from"]) >= 1
            assert evidence["document"]["address"].startswith(f"{PUBLIC_URL}document/")


def test_a_project_tells_partners_by_role_money_and_dates(shipped: Published) -> None:
    said = page(shipped, "project/pae")

    roles = {
        name: row["role"] for row in table(said, "participants") for name in row["participant"]
    }
    assert roles["Chamber of Commerce and Industry Grand Est"] == ["lead partner"]
    assert roles["Luxembourg AutoMobility Cluster"] == ["partner"]
    budget = next(
        each for each in said["figures"] if each["indicator"]["label"] == "project budget"
    )
    assert budget["numbers"] == ["2200000"]
    (money,) = next(each for each in said["tables"] if each["name"] == "received")["rows"]
    assert money["cells"]["amount"][0]["numbers"] == ["1200000"]
    assert [each["time"]["from"] for each in said["timeline"]] == [
        "2018-07-01", "2019-06-27", "2021-12-01",
    ]  # fmt: skip
    assert cells(said["gaps"], "text") == {"Twelve partners are counted; two are named."}


def test_what_no_source_says_is_said(shipped: Published) -> None:
    assert page(shipped, "cluster/autoregion")["missing"] == ["members", "figures", "pages"]
    said = page(shipped, "cluster/unnamed-normandy-idf-automotive")
    assert said["is_unnamed"] is True
    assert page(shipped, "organisation/stmicroelectronics")["missing"] == ["places"]
    assert page(shipped, "person/anthony-auert")["missing"] == []


def test_figures_that_disagree_stand_side_by_side(shipped: Published) -> None:
    said = page(shipped, "programme/competitiveness-clusters")

    assert numbers(said, "number of competitiveness clusters") == [["66"], ["55"], ["55"]]


def test_figures_that_contradict_each_other_are_named() -> None:
    def figure(name: str, value: str, year: int) -> str:
        return f"""
            id:{name} a mp:KeyFigure , mp:Statement ; mp:about cluster:c ; mp:value {value} ;
                mp:indicator <https://w3id.org/metapole/def/indicator/company-count> ;
                mp:unit <https://w3id.org/metapole/def/unit/companies> ;
                mp:from "{year}-01-01"^^<http://www.w3.org/2001/XMLSchema#date> ;
                mp:to "{year}-12-31"^^<http://www.w3.org/2001/XMLSchema#date> .
        """

    figures = [figure("a", "86.0", 2014), figure("b", "90.0", 2014), figure("c", "70.0", 2010)]
    said = page(of_turtle(f"{PREFIXES} cluster:c a mp:Cluster . {''.join(figures)}"), "cluster/c")

    assert len(said["figures"]) == 3
    (disagreement,) = said["disagreements"]
    assert sorted(each["numbers"] for each in disagreement["figures"]) == [["86"], ["90"]]


@pytest.mark.parametrize(
    ("language", "kind", "role"),
    [
        ("en", "project", "lead partner"),
        ("fr", "projet", "chef de file"),
        ("de", "Projekt", "federführender Partner"),
    ],
)
def test_labels_are_in_the_language_of_the_page(
    shipped: Published, language: str, kind: str, role: str
) -> None:
    said = page(shipped, "project/pae", language)
    labels = {each["label"]: each["language"] for each in said["kinds"]}
    roles = {name for row in table(said, "participants") for name in row["role"]}

    assert labels[kind] == language
    assert role in roles, roles
    listing = json.loads(
        shipped.written(
            writer_of("thing-statements"), "application/json",
            iri=f"{W3ID}id/project/pae", language=language,
        )
    )  # fmt: skip
    assert kind in {each["label"] for each in listing["kinds"]}


def test_the_parts_of_a_listing_have_every_entry_of_the_files_once(shipped: Published) -> None:
    iri = f"{W3ID}id/document/ifa-competitive-clusters-2007"

    def said(writer: str, **asked: str) -> dict[str, Any]:
        write = writer_of(writer)
        return json.loads(shipped.written(write, "application/json", iri=iri, **asked))

    def told(values: dict[str, Any]) -> list[tuple[str, str]]:
        names = [(each["iri"], role["iri"]) for each in values["statements"] for role in each["as"]]
        others = [
            (thing["iri"], each["property"]["iri"])
            for each in values["pointing"]
            for thing in each["things"]
        ]
        return names + others

    whole = told(said("resource", page="2"))
    parts = [said("thing-statements", page="2", part=str(part)) for part in range(1, PARTS + 1)]

    assert sorted(each for part in parts for each in told(part)) == sorted(whole)
    assert all(len(told(part)) == PART_ENTRIES for part in parts)
    assert [part["page"]["number"] for part in parts] == list(range(PARTS + 1, 2 * PARTS + 1))
    addresses = parts[0]["page"]["addresses"]
    page = f"{PUBLIC_URL}document/ifa-competitive-clusters-2007"
    assert addresses["first"] == f"{page}?page=1"
    assert addresses["previous"] == f"{page}?page=1&part={PARTS}"
    assert addresses["next"] == f"{page}?page=2&part=2"
    entries = parts[0]["page"]["entries"]
    last, part = divmod(-(-entries // PART_ENTRIES) - 1, PARTS)
    assert addresses["last"] == f"{page}?page={last + 1}" + (f"&part={part + 1}" if part else "")
    assert all("/data/document/" in each["address"] for each in parts[3]["files"])
    assert all(each["address"].endswith("?page=2") for each in parts[3]["files"])


@pytest.mark.parametrize(
    ("page", "part", "complaint"),
    [
        ("1", "11", "there is no part '11' of a page"),
        ("1", "0", "there is no part '0' of a page"),
        ("1", "x", "there is no part 'x' of a page"),
        ("last", "10", "it is not that long"),
    ],
)
def test_a_part_that_is_not_there_is_told(
    shipped: Published, page: str, part: str, complaint: str
) -> None:
    iri = f"{W3ID}id/document/ifa-competitive-clusters-2007"
    count = json.loads(shipped.written(writer_of("resource"), "application/json", iri=iri))["page"]
    number = str(count["count"]) if page == "last" else page

    with pytest.raises(UnknownThing, match=complaint):
        shipped.written(
            writer_of("thing-statements"), "application/json", iri=iri, page=number, part=part
        )


def test_a_sector_tells_its_place_and_who_is_in_it(shipped: Published) -> None:
    said = page(shipped, "sector/mobility")["concept"]
    automotive = page(shipped, "sector/automotive")["concept"]

    assert [each["label"] for each in said["broader"]] == ["mobility, transport and automotive"]
    assert f"{PUBLIC_URL}sector/automotive" in {each["address"] for each in said["narrower"]}
    assert said["count"] == len(said["clusters"]) == 17
    assert {each["iri"] for each in automotive["clusters"]} <= {
        each["iri"] for each in said["clusters"]
    }
    specialty = page(shipped, "specialty/aeronautics")["concept"]
    assert [each["iri"] for each in specialty["matches"][0]["values"]] == [
        "http://data.europa.eu/ux2/nace2.1/30"
    ]


def test_an_area_tells_its_parts_and_the_clusters_in_them(shipped: Published) -> None:
    said = page(shipped, "area/greater-region")

    assert {name for row in table(said, "parts") for name in row["part"]} == {
        "Lorraine", "Luxembourg", "Rhineland-Palatinate", "Saarland", "Wallonia",
    }  # fmt: skip
    assert "Autoregion" in {each["label"] for each in said["area"]["clusters"]}
    france = page(shipped, "country/france")["area"]
    assert "Canada" in {each["country"]["label"] for each in france["across"]}
    assert "France" not in {each["country"]["label"] for each in france["across"]}


def test_a_place_in_a_document_tells_what_it_supports(shipped: Published) -> None:
    said = page(shipped, "evidence/pae-partner-count")["evidence"]

    assert (said["printed"], said["line_from"]) == ("12 partners", "1")
    assert said["source"]["file_name"] == "004_4ccc5643ccf4bd11.txt"
    assert {each["kinds"][0]["label"] for each in said["supports"]} == {"key figure", "gap"}


def test_a_document_lists_all_its_places_in_the_order_of_lines(shipped: Published) -> None:
    name, found, part = "document/ifa-competitive-clusters-2007", [], 1
    while True:
        said = page(shipped, name, **({"part": str(part)} if part > 1 else {}))["document"]
        found += said["places"]
        if part == said["paging"]["count"]:
            break
        part += 1

    assert part > 1
    assert len({each["iri"] for each in found}) == len(found) == said["count"]
    assert all(each["supports"] for each in found)
    positions = [each["char_from"] for each in found]
    assert positions == sorted(positions)


@pytest.mark.parametrize("part", ["0", "x", "", "-1", "1.5", "٣", "9" * 30])
def test_what_is_no_number_of_a_part_is_refused(shipped: Published, part: str) -> None:
    with pytest.raises(QueryRejected, match="send a number from 1 on"):
        page(shipped, "document/ifa-competitive-clusters-2007", part=part)


def test_a_part_behind_the_last_is_not_there(shipped: Published) -> None:
    with pytest.raises(UnknownThing, match="it has"):
        page(shipped, "document/ifa-competitive-clusters-2007", part="99")


def test_a_view_of_a_day_leaves_out_what_did_not_hold_and_what_is_derived(
    shipped: Published,
) -> None:
    now, then = page(shipped, "cluster/avia"), page(shipped, "cluster/avia", asof="2007-06-01")

    assert now["figures"]
    assert not then["figures"]
    assert then["similar"] == then["second_degree"] == []
    assert page(shipped, "cluster/avia", asof="2016-01-01")["figures"]


def test_a_statement_says_of_whom_it_is(shipped: Published) -> None:
    said = page(shipped, "partnership/ti-in-vivo")

    assert not said["is_named"]
    assert [each["label"] for each in said["of"]] == ["In Vivo", "Therapeutic Innovation"]
    told = {each["title"]["label"]: each["values"] for each in said["statement"]["says"]}
    assert len(told["partner"]) == 2
    assert told["via"][0]["label"]
    assert len(said["statement"]["evidence"]) == 3


def test_the_iri_stays_and_the_query_is_told(shipped: Published) -> None:
    tools = page(shipped, "cluster/avia")["tools"]

    assert tools["permalink"] == f"{W3ID}id/cluster/avia"
    assert tools["query"].startswith("# What is said of a thing")
    assert {each["extension"] for each in tools["files"]} >= {"ttl", "jsonld", "json", "csv"}


@pytest.mark.parametrize("name", ["cluster/x", "project/x", "sector/x"])
def test_who_is_unknown_is_unknown(shipped: Published, name: str) -> None:
    with pytest.raises(UnknownThing):
        page(shipped, name)


def test_a_thing_with_very_many_neighbours_tells_some_and_says_so() -> None:
    many = "\n".join(
        f"id:m{n} a mp:Membership, mp:Statement ; mp:group cluster:centre ; mp:member id:o{n} ."
        f' id:o{n} skos:prefLabel "Member {n}"@en .'
        for n in range(3_000)
    )
    published = of_turtle(
        f'{PREFIXES} cluster:centre a mp:Cluster ; skos:prefLabel "C"@en . {many}'
    )
    said = page(published, "cluster/centre")

    (members,) = said["tables"]
    assert len(members["rows"]) == MOST_ROWS
    assert members["is_whole"] is False
    assert len(members["others"]) > 100
    told = {each["label"] for row in members["rows"] for each in row["cells"]["member"]}
    assert told.isdisjoint({each["label"] for each in members["others"]})
    assert said["entries"] == 3_002


def test_hostile_texts_are_cut_and_hostile_iris_lead_nowhere() -> None:
    long = "x" * 10_000
    published = of_turtle(
        f"""{PREFIXES}
        cluster:evil a mp:Cluster , <javascript:alert(1)> ; skos:prefLabel "{long}"@en .
        <javascript:alert(2)> a mp:Claim , mp:Statement ; mp:about cluster:evil ; mp:text "{long}" .
        id:f a mp:Membership , mp:Statement ; mp:group cluster:evil ;
            mp:member <javascript:alert(3)> , "a text" , [] ; mp:evidence "no place" , [] ;
            mp:from "never" ; mp:timeBasis "none" .
        id:g a mp:KeyFigure , mp:Statement ; mp:about cluster:evil ; mp:value "many" .
        id:e a mp:Evidence ; mp:document cluster:evil , "x" ; mp:charFrom "-1" ; mp:lineFrom "NaN" .
        """
    )
    said = page(published, "cluster/evil")

    assert len(said["label"]) == LONGEST_TEXT + 1
    assert len(said["tables"][-1]["rows"][0]["cells"]["text"][0]["text"]) == LONGEST_TEXT + 1
    evidence = page(published, "x/e")["evidence"]
    assert (evidence["char_from"], evidence["line_from"]) == (0, "NaN")


BOTH = {"Growth.", "Rest."}
NONE: set[str] = set()
CLAIMS = """
cluster:one a mp:Cluster ; skos:prefLabel "One"@en .
id:aim skos:prefLabel "aim"@en .
%s
"""
CLAIM = """
id:claim-%(name)s a mp:Claim ; mp:about cluster:one ; mp:claimKind id:aim ;
  mp:text "%(text)s"@en ; mp:from "%(begin)s"^^xsd:date ; mp:to "%(end)s"^^xsd:date ;
  mp:evidence id:evidence-%(name)s .
id:evidence-%(name)s a mp:Evidence ; mp:document id:document-%(document)s .
"""


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        pytest.param([("Growth.", "a", 2010), ("Rest.", "b", 2010)], BOTH, id="two"),
        pytest.param([("Growth.", "a", 2010), ("GROWTH.", "b", 2010)], NONE, id="the same words"),
        pytest.param([("Growth.", "a", 2010), ("Rest.", "a", 2010)], NONE, id="one document"),
        pytest.param([("Growth.", "a", 2010), ("Rest.", "b", 2015)], NONE, id="at another time"),
        pytest.param(
            [("Growth.", "a", 2010), ("Rest.", "b", 2010), ("Peace.", "b", 2015)],
            BOTH, id="two of three",
        ),
    ],
)  # fmt: skip
def test_what_two_documents_say_differently_is_side_by_side(
    claims: list[tuple[str, str, int]], told: set[str]
) -> None:
    said = "".join(
        CLAIM
        % {"name": number, "text": text, "document": document,
           "begin": f"{year}-01-01", "end": f"{year}-12-31"}
        for number, (text, document, year) in enumerate(claims)
    )  # fmt: skip
    xsd = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>"
    groups = page(of_turtle(xsd + PREFIXES + CLAIMS % said), "cluster/one")["compared_claims"]

    assert {text for group in groups for text in cells(group["rows"], "text")} == told
    assert [group["kind"]["label"] for group in groups] == (["aim"] if told else [])


def test_what_the_shipped_documents_say_of_luxembourg_is_side_by_side(shipped: Published) -> None:
    (group,) = page(shipped, "country/luxembourg")["compared_claims"]

    documents = {each["document"]["iri"] for row in group["rows"] for each in row["evidence"]}
    assert len(documents) == 2
    assert len(group["rows"]) == 3
