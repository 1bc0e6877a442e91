"""The pages of the map and the network, and their pictures, as a server gives them."""

from __future__ import annotations

import itertools
import json
import re
import xml.etree.ElementTree as ET

import httpx2
import pytest

from server.messages import messages

PAGES = ("map", "network")


def get(address: str, accept: str = "text/html", **parameters: str) -> httpx2.Response:
    return httpx2.get(address, headers={"Accept": accept}, params=parameters or None, timeout=60)


@pytest.mark.parametrize("prefix", ["", "/fr", "/de", "/embed", "/embed/de"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_in_every_language_and_in_frames(
    endpoint: str, prefix: str, name: str
) -> None:
    answer = get(f"{endpoint}{prefix}/{name}")
    say = messages(next((each for each in ("fr", "de") if each in prefix), "en"))["pictures"]

    assert answer.status_code == 200
    assert say[f"{name}_title"] in answer.text
    assert answer.text.count("<svg xmlns") == 1
    assert len(answer.content) < 100_000
    headings = [int(level) for level in re.findall(r"<h([1-6])[ >]", answer.text)]
    assert headings[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))
    assert ("<table" in answer.text) == ("embed" not in prefix)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_a_query_is_a_file(endpoint: str, name: str) -> None:
    rows = get(f"{endpoint}/{name}.csv").text.splitlines()

    assert len(rows) > 20
    page = get(f"{endpoint}/{name}").text
    assert f"{endpoint}/{name}.csv" in page
    for picture in ("svg", "png"):
        assert f"{endpoint}/{name}.{picture}" in page


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("prefix", ["", "/fr", "/de"])
def test_a_picture_tells_where_it_is_from_in_its_language(
    endpoint: str, prefix: str, name: str
) -> None:
    answer = get(f"{endpoint}{prefix}/{name}.svg", "*/*")
    say = messages(prefix.removeprefix("/") or "en")["pictures"]

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    root = ET.fromstring(answer.text)  # noqa: S314 -- the server is ours
    text = " ".join("".join(each.itertext()) for each in root)
    assert say[f"{name}_title"] in text
    assert "CC-BY-4.0" in text
    assert f"{endpoint}{prefix}/{name}" in text
    assert ("Natural Earth" in text) == (name == "map")


@pytest.mark.parametrize("name", PAGES)
def test_a_picture_comes_as_pixels_and_is_not_made_twice(endpoint: str, name: str) -> None:
    first = get(f"{endpoint}/{name}.png", "*/*", width="400")

    assert first.status_code == 200
    assert first.headers["content-type"] == "image/png"
    assert first.content.startswith(b"\x89PNG\r\n\x1a\n")
    again = httpx2.get(
        f"{endpoint}/{name}.png",
        params={"width": "400"},
        headers={"If-None-Match": first.headers["etag"]},
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        pytest.param("map.png?width=100", 400, "from 200 to 2400", id="too small"),
        pytest.param("map.svg?width=400", 400, "no parameter", id="vectors have no width"),
        pytest.param("map?country=%3Cscript%3E", 400, "names nothing here", id="no country"),
        pytest.param("map?colour=red", 400, "no parameter", id="unknown parameter"),
        pytest.param("map?asof=2007-02-30", 400, "no day", id="no day"),
        pytest.param("network?from=minalogic", 400, "two ends", id="one end"),
        pytest.param("network.svg?kind=funding&sector=none", 404, "nothing is linked", id="empty"),
        pytest.param("map.gif", 404, "", id="no such file"),
    ],
)
def test_nonsense_is_said_to_be_nonsense(endpoint: str, path: str, status: int, said: str) -> None:
    answer = get(f"{endpoint}/{path}", "*/*")

    assert answer.status_code == status
    assert said in answer.text


def test_the_base_map_comes_as_geojson(endpoint: str) -> None:
    answer = get(f"{endpoint}/map/base.json", "*/*")

    assert answer.headers["content-type"] == "application/geo+json"
    assert json.loads(answer.text)["type"] == "FeatureCollection"


def test_the_places_of_the_map_come_as_geojson(endpoint: str) -> None:
    whole, narrow = (
        get(f"{endpoint}/map.geojson{query}", "*/*") for query in ("", "?country=germany")
    )

    assert whole.headers["content-type"] == "application/geo+json"
    assert len(json.loads(whole.text)["features"]) > len(json.loads(narrow.text)["features"]) > 1


def test_a_way_is_shown_with_its_evidence(endpoint: str) -> None:
    asked = {"from": "Autoregion", "to": "person/anthony-auert"}
    page = get(f"{endpoint}/network", **asked).text

    way = page[page.index('<ol class="way">') : page.index("</ol>")]
    assert way.count("<li><p>") == 2
    assert way.count('class="source"') >= 2
    assert way.count("<q") >= 2
    rows = get(f"{endpoint}/network.csv", "*/*", **asked).text.splitlines()
    assert [row.partition(",")[0] for row in rows[1:]] == sorted(
        row.partition(",")[0] for row in rows[1:]
    )
    assert {row.partition(",")[0] for row in rows[1:]} == {"1", "2"}


def test_no_way_is_said_in_words(endpoint: str) -> None:
    page = get(f"{endpoint}/network", **{"from": "CARA", "to": "Interreg V A"}).text

    assert "no chain of statements" in page


def test_the_network_is_on_the_page_for_scripts(endpoint: str) -> None:
    page = get(f"{endpoint}/network").text

    found = re.search(
        r'<script type="application/json" id="network-data">(.*?)</script>', page, re.DOTALL
    )
    assert found
    data = json.loads(found[1])
    known = {node["id"] for node in data["nodes"]}
    assert len(known) > 20
    assert {edge[end] for edge in data["edges"] for end in ("source", "target")} <= known
    assert {frozenset(node) for node in data["nodes"]} == {
        frozenset(("id", "label", "kind", "address"))
    }


def test_facets_are_links_that_can_be_shared(endpoint: str) -> None:
    whole, narrow = (get(f"{endpoint}/map{query}").text for query in ("", "?country=germany"))

    assert 'value="germany" selected' in narrow
    assert 'value="germany" selected' not in whole
    assert narrow.count("/cluster/") < whole.count("/cluster/")


def test_hostile_parameters_stay_text(endpoint: str) -> None:
    evil = '"><script>alert(1)</script>\u202e'
    page = get(f"{endpoint}/network", **{"from": evil[:-1], "to": evil[:-1]})

    assert page.status_code == 200
    assert "<script>alert" not in page.text
