"""Search over HTTP: the page, suggestions, and what browsers ask for."""

import csv
import io
import re
from xml.etree import ElementTree as ET

import httpx2
import pytest


def get(address: str, **parameters: str) -> httpx2.Response:
    # There is no TLS, and to get ready for it takes longer than to ask.
    return httpx2.get(
        address, params=parameters, headers={"Accept": "text/html"}, timeout=60, verify=False
    )


def hits(page: str) -> list[str]:
    return re.findall(r'<h3><a href="([^"]+)"', page)


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("Pole Vehicule du Futur", "vehicule-du-futur"),
        ("Movéo", "moveo"),
        ("minalogik", "minalogic"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/fr", "/de"])
def test_a_cluster_is_found_in_every_language(
    endpoint: str, prefix: str, typed: str, slug: str
) -> None:
    answer = get(f"{endpoint}{prefix}/search", q=typed)

    assert answer.status_code == 200
    assert hits(answer.text)[0] == f"{endpoint}{prefix}/cluster/{slug}"
    assert len(answer.content) < 100_000


def test_a_search_is_a_query_is_a_file(endpoint: str) -> None:
    rows = list(csv.DictReader(io.StringIO(get(f"{endpoint}/search.csv", q="france").text)))
    page = get(f"{endpoint}/search", q="france").text

    listed = {address.removeprefix(f"{endpoint}/") for address in hits(page)}
    assert "country/france" in listed
    assert {row["thing"].partition("/id/")[2] for row in rows} == listed
    assert [float(row["score"]) for row in rows] == sorted(
        (float(row["score"]) for row in rows), reverse=True
    )
    assert get(f"{endpoint}/search.csv").status_code == 404


def test_what_is_suggested_is_short_and_may_be_kept_for_a_minute(endpoint: str) -> None:
    answer = get(f"{endpoint}/search/suggest.json", q="a")

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert len(answer.json()) == 8
    (first, *_) = get(f"{endpoint}/fr/search/suggest.json", q="german").json()
    assert first["kind"] == "country"
    assert set(first) == {"label", "language", "kind", "address"}
    assert get(f"{endpoint}/search/suggest.json", q="").json() == []
    assert get(f"{endpoint}/search/suggest.json").json() == []


def test_what_was_meant_is_offered_and_kinds_narrow_down(endpoint: str) -> None:
    assert (
        f'<a href="{endpoint}/search?q=minalogic">' in get(f"{endpoint}/search", q="minalogik").text
    )
    every, some = (
        get(f"{endpoint}/search", q="france"),
        get(f"{endpoint}/search", q="france", kind="country"),
    )
    assert hits(some.text) == [f"{endpoint}/country/france"]
    assert len(hits(every.text)) > 1


def test_who_finds_nothing_is_told_what_to_do(endpoint: str) -> None:
    page = get(f"{endpoint}/search", q="zzqqxxy").text

    assert "Nothing is called “zzqqxxy”" in page
    assert f'<a href="{endpoint}/clusters">' in page


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        '" OR * NEAR(a b) -x ^y {z}:',
        "\u202eevil",
        "=cmd|' /C calc'!A0",
        "%00",
        "x" * 400,
        "é" * 100,
    ],
)
def test_what_is_typed_does_no_harm(endpoint: str, typed: str) -> None:
    answer = get(f"{endpoint}/search", q=typed)

    assert answer.status_code in (200, 400)
    assert "<script>alert" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"q": "a", "kind": "planet"}, "it may be cluster"),
        ({"q": "a", "page": "x"}, "from 1 on"),
        ({"what": "a"}, "no parameter"),
    ],
)
def test_nonsense_is_refused_in_plain_words(
    endpoint: str, parameters: dict[str, str], words: str
) -> None:
    answer = get(f"{endpoint}/search", **parameters)

    assert answer.status_code == 400
    assert words in answer.text


def test_browsers_can_add_the_search(endpoint: str) -> None:
    assert f'href="{endpoint}/opensearch.xml"' in get(f"{endpoint}/").text
    answer = get(f"{endpoint}/opensearch.xml")

    assert answer.headers["content-type"] == "application/opensearchdescription+xml"
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    urls = ET.fromstring(answer.text).findall(f"{space}Url")  # noqa: S314 -- it is our own
    assert urls[0].get("template") == f"{endpoint}/search?q={{searchTerms}}"
