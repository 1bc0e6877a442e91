"""The SPARQL editor in a browser: write, complete, run, look, share; and all of it by keyboard."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree

import httpx2
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.site.conftest import Open

PARTNERS = """\
# title: Partners of clusters
PREFIX mp: <https://w3id.org/metapole/def#>
SELECT ?cluster ?partner { ?cluster a mp:Cluster ; mp:partnerOf ?partner }
"""
WHERE = """\
# defaultView: Map
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX mp: <https://w3id.org/metapole/def#>
SELECT ?cluster ?place { ?cluster a mp:Cluster ; mp:locatedIn / geo:asWKT ?place }
"""
COUNTS = """\
# defaultView: BarChart
PREFIX mp: <https://w3id.org/metapole/def#>
SELECT ?specialty (COUNT(?cluster) AS ?clusters) { ?cluster mp:specialty ?specialty }
GROUP BY ?specialty
"""
TIMES = """\
# defaultView: Timeline
PREFIX mp: <https://w3id.org/metapole/def#>
SELECT ?about ?from ?to { ?statement mp:about ?about ; mp:from ?from ; mp:to ?to } LIMIT 50
"""
NUMBERS = " ".join(map(str, range(300)))
PRODUCT = "".join(f"VALUES ?{name} {{ {NUMBERS} }} " for name in "abcd")
ENDLESS = f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} }}"


def asked(page: Page) -> str:
    return page.evaluate("document.querySelector('#query').value")


def write(page: Page, text: str) -> None:
    """Write *text* in place of all that is there."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text)


def answer(page: Page) -> Locator:
    """Return the answer, once it is there."""
    section = page.locator("#answer")
    section.locator("[role=tablist]").wait_for()
    return section


def test_what_is_written_is_completed_run_and_shown_by_name(window: Open) -> None:
    with window() as opened:
        page = opened.visit("/sparql")
        write(page, "SELECT * { ")
        page.keyboard.type("?cluster a clus", delay=30)
        page.locator(".cm-tooltip-autocomplete li", has_text="mp:Cluster").first.wait_for()
        page.wait_for_timeout(200)  # a list that has just come takes no key, so that none is lost
        page.keyboard.press("Enter")
        page.keyboard.type(" ; ", delay=30)
        suggestion = page.locator(".cm-tooltip-autocomplete li", has_text="skos:prefLabel")
        suggestion.first.wait_for()
        assert "in 88 of 88 · 1..n each" in suggestion.first.inner_text()
        page.keyboard.type("loca", delay=30)
        page.locator("li[aria-selected]", has_text="mp:locatedIn").wait_for()
        page.wait_for_timeout(200)
        page.keyboard.press("Enter")
        page.keyboard.type(" ?area }", delay=10)
        page.keyboard.press("Control+Enter")

        section = answer(page)
        assert "PREFIX mp: <https://w3id.org/metapole/def#>" in asked(page)
        section.get_by_role("link", name="Minalogic").first.wait_for()
        assert "rows in" in page.locator(".status").inner_text()


@pytest.mark.parametrize(
    ("before", "suggested", "unwanted"),
    [
        ("SELECT * { ?c a mp:Cluster ; loc", "mp:locatedIn", "mp:value"),
        ("SELECT * { ?f a mp:KeyFigure . ?f val", "mp:value", "mp:locatedIn"),
        ("SELECT * { ?s mp:evidence ?e . ?e prin", "mp:printedAs", ""),
        ("SELECT * { ?c mp:locatedIn / pref", "skos:prefLabel", ""),
        ("SELECT * { ?c a mp:Cluster ; mp:locatedIn ?x , fran", "country:france", ""),
        ("SELECT * { ?x a count", "mp:Country", "mp:country"),
        ("SELECT * { { ?c a mp:Cluster } UNION { ?o a organ", "mp:Organisation", ""),
        ("SELECT ?cluster { ?cl", "cluster", ""),
        ("SELECT * { ?c a mp:Cluster . FIL", "FILTER", ""),
    ],
)
def test_what_is_suggested_fits_the_place(
    window: Open, before: str, suggested: str, unwanted: str
) -> None:
    with window() as opened:
        page = opened.visit("/sparql")
        page.wait_for_load_state("networkidle")
        write(page, f"PREFIX mp: <https://w3id.org/metapole/def#>\n{before}")
        page.keyboard.press("Control+Space")
        labels = page.locator(".cm-completionLabel")
        labels.get_by_text(suggested, exact=True).wait_for()

        assert unwanted not in labels.all_inner_texts()


def test_a_prefix_is_declared_when_its_colon_is_written(window: Open) -> None:
    with window() as opened:
        page = opened.visit("/sparql")
        page.wait_for_load_state("networkidle")
        write(page, "SELECT * { ")
        page.keyboard.type("?a foaf:")

        page.wait_for_function("document.querySelector('#query').value.startsWith('PREFIX')")
        assert asked(page).startswith("PREFIX foaf: <http://xmlns.com/foaf/0.1/>\nSELECT")


def test_a_mistake_is_shown_under_its_line_while_it_is_written(window: Open) -> None:
    with window() as opened:
        page = opened.visit("/sparql")
        write(page, "SELECT *\nWHERE { ?s ?p }\n")
        mistake = page.locator(".cm-content .mistake")
        mistake.wait_for()

        lines = page.locator(".cm-content > *").all_inner_texts()
        assert "expected" in mistake.inner_text()
        assert lines.index(mistake.inner_text()) == 2
        write(page, "ASK {}")
        mistake.wait_for(state="detached")


def test_a_query_that_is_refused_says_why_and_where(window: Open) -> None:
    with window() as opened:
        opened.expected.add(400)
        page = opened.visit("/sparql")
        write(page, "SELECT * { ?s ?p ")
        page.keyboard.press("Control+Enter")

        page.locator("#mistake").wait_for()
        assert "Line 1, column" in page.locator("#mistake").inner_text()


def test_things_in_a_row_are_a_network_and_the_address_keeps_it(window: Open) -> None:
    with window() as opened:
        page = opened.visit(f"/sparql?query={quote(PARTNERS)}")
        answer(page).get_by_role("tab", name="Network").click()
        page.locator(".network canvas").first.wait_for()
        page.get_by_text("The same as a list").click()
        assert page.locator("details li", has_text="Minalogic").count() >= 1
        assert "view=network" in page.url

        page.reload()
        page.locator(".network canvas").first.wait_for()
        assert asked(page) == PARTNERS
        assert page.locator("h1").inner_text() == "Partners of clusters"
        selected = page.locator("[role=tab][aria-selected=true]")
        assert selected.inner_text() == "Network"


def test_places_are_on_a_map_that_can_be_used_by_keyboard(window: Open) -> None:
    with window() as opened:
        page = opened.visit(f"/sparql?query={quote(WHERE)}")
        points = page.locator(".map-point")
        points.first.wait_for()
        assert points.count() > 5
        points.first.focus()
        page.keyboard.press("Enter")
        page.locator(".leaflet-popup a[href*='/cluster/']").first.wait_for()


@pytest.mark.parametrize(("query", "tab"), [(COUNTS, "Chart"), (TIMES, "Timeline")])
def test_numbers_and_days_are_drawn(window: Open, query: str, tab: str) -> None:
    with window() as opened:
        page = opened.visit(f"/sparql?query={quote(query)}")
        page.locator(".chart svg [fill]").first.wait_for()

        assert page.locator("[role=tab][aria-selected=true]").inner_text() == tab
        assert page.locator(".chart style").count() == 0


def test_columns_are_counted_against_each_other(window: Open) -> None:
    with window() as opened:
        page = opened.visit(f"/sparql?query={quote(PARTNERS)}")
        answer(page).get_by_role("tab", name="Pivot").click()
        page.get_by_role("row", name="Minalogic").first.wait_for()
        totals = page.locator("tbody tr td:last-child").all_inner_texts()
        rows = int(page.locator(".status").inner_text().split()[0])

        assert sum(map(int, totals)) == rows


def test_rows_are_sorted_and_filtered(window: Open) -> None:
    with window() as opened:
        page = opened.visit(f"/sparql?query={quote(COUNTS)}&view=table")
        section = answer(page)
        section.get_by_role("tab", name="Table").click()
        section.get_by_role("button", name="clusters").click()
        section.get_by_role("button", name="clusters").click()
        numbers = [int(each) for each in section.locator("td.number").all_inner_texts()]
        assert numbers == sorted(numbers, reverse=True)
        section.get_by_label("Filter rows").fill("BIOTECH")
        assert section.locator("tbody tr").count() == 1


def test_a_query_that_takes_long_is_stopped(window: Open) -> None:
    with window() as opened:
        page = opened.visit("/sparql")
        write(page, ENDLESS)
        page.keyboard.press("Control+Enter")
        page.get_by_role("button", name="Stop").click()

        page.get_by_text("Stopped.").wait_for()
        assert not page.get_by_role("button", name="Stop").is_visible()


def test_what_was_run_is_kept_here_and_can_be_forgotten(window: Open) -> None:
    with window() as opened:
        page = opened.visit(f"/sparql?query={quote(PARTNERS)}")
        answer(page)
        page.get_by_role("button", name="History").click()
        dialog = page.get_by_role("dialog")
        assert "Partners of clusters" in dialog.inner_text()
        dialog.get_by_role("button", name="Clear the history").click()
        assert "No query has been run" in dialog.inner_text()
        page.keyboard.press("Escape")
        dialog.wait_for(state="detached")


@pytest.mark.parametrize(("prefix", "word"), [("", "specialties"), ("/fr", "spécialités")])
def test_a_question_is_an_example(window: Open, prefix: str, word: str) -> None:
    with window() as opened:
        page = opened.visit(f"{prefix}/sparql")
        page.locator("#ask button").nth(2).click()
        dialog = page.get_by_role("dialog")
        dialog.locator("input").fill("Minalogic")
        dialog.get_by_role("button", name=word).first.click()

        assert answer(page).locator("tbody tr").count() == 2


def test_the_editor_is_entered_and_left_by_keyboard(window: Open) -> None:
    with window() as opened:
        page = opened.visit("/sparql")
        page.locator("form.search button").focus()
        page.keyboard.press("Tab")
        focused = "document.activeElement?.shadowRoot?.activeElement?.className ?? ''"
        assert "cm-content" in page.evaluate(focused)
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        page.keyboard.insert_text("ASK {}")
        page.keyboard.press("Control+Enter")
        page.locator(".verdict", has_text="Yes").wait_for()
        page.keyboard.press("Escape")
        page.get_by_text("Tab now leaves the editor.").wait_for()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Run"
        assert asked(page) == "ASK {}"


def test_without_scripts_the_form_asks_and_shows_answers_and_mistakes(window: Open) -> None:
    with window(scripts=False) as opened:
        opened.expected.add(400)
        page = opened.visit("/sparql")
        page.get_by_label("Query").fill(PARTNERS)
        page.get_by_role("button", name="Run").click()
        page.locator("#answer td", has_text="Minalogic").first.wait_for()
        page.get_by_label("Query").fill("SELECT *\nWHERE {")
        page.get_by_role("button", name="Run").click()
        assert "WHERE {" in page.locator("#mistake pre").inner_text()


def test_a_frame_shows_the_view_that_was_chosen(window: Open) -> None:
    with window() as opened:
        page = opened.visit(f"/embed/sparql?query={quote(PARTNERS)}&view=network")
        page.locator(".network canvas").first.wait_for()
        assert page.get_by_role("button", name="Run").count() == 0


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("query", [PARTNERS, WHERE, COUNTS], ids=["table", "map", "chart"])
def test_answers_can_be_used_by_all(window: Open, query: str, colours: str) -> None:
    axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
    with window(colours=colours, bypass_csp=True) as opened:
        page = opened.visit(f"/sparql?query={quote(query)}")
        answer(page)
        page.wait_for_timeout(500)
        found = axe_playwright.Axe().run(page)

        assert found.violations_count == 0, found.generate_report()


def saved(page: Page, label: str) -> bytes:
    """Return the file that the button *label* saves."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label, exact=True).click()
    return waiting.value.path().read_bytes()


def test_a_chart_is_saved_as_a_drawing_that_needs_no_page_and_as_a_picture(window: Open) -> None:
    with window() as opened:
        page = opened.visit(f"/sparql?query={quote(COUNTS)}")
        page.locator(".picture.chart svg rect").first.wait_for()
        bars = page.locator(".picture.chart g[fill] rect").count()

        drawing = ElementTree.fromstring(saved(page, "Save as SVG"))  # noqa: S314 -- our own
        picture = saved(page, "Save as PNG")

    svg = "{http://www.w3.org/2000/svg}"
    ground, *drawn = drawing.iter(f"{svg}rect")
    assert (ground.get("width"), len(drawn)) == (drawing.get("width"), bars)
    assert bars > 5
    texts = [each.text for each in drawing.iter(f"{svg}text")]
    assert "clusters" in " ".join(filter(None, texts))
    fills = {each.get("fill") for each in drawn}
    assert len(fills) == 1
    assert all(fill and fill.startswith("rgb(") for fill in fills), "no style sheet is needed"
    assert picture.startswith(b"\x89PNG\r\n")
    assert int.from_bytes(picture[16:20]) == 2 * int(drawing.get("width", "0"))


def test_the_places_of_an_answer_are_saved_as_geojson(window: Open, endpoint: str) -> None:
    answered = httpx2.get(f"{endpoint}/sparql", params={"query": WHERE}, timeout=30).json()
    rows = [
        (row["cluster"]["value"], row["place"]["value"]) for row in answered["results"]["bindings"]
    ]
    with window() as opened:
        page = opened.visit(f"/sparql?query={quote(WHERE)}")
        answer(page)

        said = json.loads(saved(page, "Save the places as GeoJSON"))

    assert said["type"] == "FeatureCollection"
    found = [
        (each["properties"]["cluster"], tuple(each["geometry"]["coordinates"]))
        for each in said["features"]
    ]
    expected = [
        (cluster, tuple(map(float, re.findall(r"-?[\d.]+", place.partition("POINT")[2]))))
        for cluster, place in rows
    ]
    assert found == expected
    assert len(found) > 20
    assert any("name" in name for name in said["features"][0]["properties"])


def test_a_network_is_saved_as_a_picture(window: Open) -> None:
    with window() as opened:
        page = opened.visit(f"/sparql?query={quote(PARTNERS)}")
        answer(page).locator("[data-view=network]").click()
        page.locator(".picture.network canvas").first.wait_for()

        assert saved(page, "Save as PNG").startswith(b"\x89PNG\r\n")
