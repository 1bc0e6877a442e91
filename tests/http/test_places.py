"""The same page is there in every language, and for frames of other sites."""

import re

import httpx2
import pytest

from server.places import localised

HOME = "https://example.org/"


def get(address: str) -> httpx2.Response:
    return httpx2.get(address, headers={"Accept": "text/html"}, follow_redirects=False)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("clusters", "fr/clusters"),
        ("cluster/minalogic#figures", "fr/cluster/minalogic#figures"),
        ("clusters?country=FR", "fr/clusters?country=FR"),
        ("", "fr/"),
        ("data", "fr/data"),
        ("data/catalogue/metapole", "fr/data/catalogue/metapole"),
        ("data/cluster/minalogic.ttl", "data/cluster/minalogic.ttl"),
        ("data/versions", "fr/data/versions"),
        ("data/versions.json", "data/versions.json"),
        ("data/version/2026-11-27.12", "fr/data/version/2026-11-27.12"),
        ("data/catalogue", "data/catalogue"),
        ("changes?page=3f9a02c1-12", "fr/changes?page=3f9a02c1-12"),
        ("changes/11..12", "fr/changes/11..12"),
        ("changes/11..12.rdfp", "changes/11..12.rdfp"),
        ("graph/enrichment", "fr/graph/enrichment"),
        ("ogc/collections/clusters/items?f=html", "fr/ogc/collections/clusters/items?f=html"),
        ("id/cluster/minalogic", "id/cluster/minalogic"),
        ("fr/clusters", "fr/clusters"),
        ("clusters.csv?country=FR", "clusters.csv?country=FR"),
        ("embed/clusters", "embed/clusters"),
    ],
)
def test_a_link_to_a_page_keeps_the_language(address: str, expected: str) -> None:
    assert localised(HOME + address, "fr", HOME) == HOME + expected
    assert localised(HOME + address, "en", HOME) == HOME + address


@pytest.mark.parametrize("address", ["https://other.example/clusters", "/clusters", ""])
def test_a_link_to_elsewhere_stays_as_it_is(address: str) -> None:
    assert localised(address, "de", HOME) == address


@pytest.mark.parametrize("prefix", ["", "/fr", "/de", "/embed", "/embed/fr"])
def test_a_page_is_in_the_language_of_its_address(endpoint: str, prefix: str) -> None:
    for path in ("/", "/cluster/minalogic"):
        answer = get(endpoint + prefix + path)

        assert answer.status_code == 200
        language = next((each for each in ("fr", "de") if each in prefix), "en")
        assert answer.headers["content-language"] == language
        assert f'<link rel="canonical" href="{endpoint}{prefix.removeprefix("/embed")}{path}">' in (
            answer.text
        )


@pytest.mark.parametrize("prefix", ["/fr", "/de", "/embed", "/embed/de"])
def test_a_language_without_a_page_leads_to_the_first_page(endpoint: str, prefix: str) -> None:
    answer = get(endpoint + prefix)

    assert (answer.status_code, answer.headers["location"]) == (308, f"{endpoint}{prefix}/")


def test_only_a_page_for_frames_may_be_framed_and_has_no_navigation(endpoint: str) -> None:
    page, embedded = get(f"{endpoint}/ontology"), get(f"{endpoint}/embed/ontology")

    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "frame-ancestors *" in embedded.headers["content-security-policy"]
    assert "<nav" in page.text
    assert "<header" not in embedded.text


@pytest.mark.parametrize(
    "path", ["/fr/data/clusters.csv", "/nl/ontology", "/fr/id/cluster/minalogic"]
)
def test_what_has_no_languages_is_not_found_under_one(endpoint: str, path: str) -> None:
    assert get(endpoint + path).status_code == 404


@pytest.mark.parametrize(
    ("path", "french", "german"),
    [
        ("/changes", "Modifications", "Änderungen"),
        ("/data/versions", "Ces états des données", "Diese Stände der Daten"),
        ("/graph/enrichment", "Graphe enrichment", "Er enthält"),
        ("/ogc?f=html", "Clusters et territoires", "Cluster und Gebiete"),
        ("/ogc/collections/areas?f=html", "Pays, régions", "Länder, Regionen"),
        ("/ogc/collections/areas/items?f=html", "Territoires", "Gebiete"),
    ],
)
def test_a_page_speaks_its_language_and_keeps_it_in_its_links(
    endpoint: str, path: str, french: str, german: str
) -> None:
    for language, said in (("fr", french), ("de", german)):
        answer = get(f"{endpoint}/{language}{path}")

        assert answer.status_code == 200
        assert said in answer.text
        assert answer.headers["content-language"] == language
        assert f'href="{endpoint}/{language}/clusters"' in answer.text
        assert said not in get(endpoint + path).text


def test_the_current_version_is_found_in_the_language_it_is_asked_in(endpoint: str) -> None:
    listed = get(f"{endpoint}/de/data/versions").text
    (address,) = set(re.findall(rf'href="({endpoint}/de/data/version/[^"]+)"', listed))

    day = address.rpartition("/")[2].partition(".")[0]
    led = get(f"{endpoint}/de/data/version/{day}")

    assert (led.status_code, led.headers["location"]) == (302, address)
    assert "Gesamtabzug" in get(address).text


def test_graphs_are_read_in_no_language(endpoint: str) -> None:
    plain = {"Accept": "text/turtle"}

    assert httpx2.get(f"{endpoint}/graph/enrichment", headers=plain).text.count("\n") > 10
    assert "<html" in httpx2.get(f"{endpoint}/fr/graph/enrichment", headers={"Accept": "*/*"}).text


def test_what_people_know_by_name_comes_before_statements(endpoint: str) -> None:
    listed = re.findall(r"<li>Created: .*?>([^<]+)</bdi>", get(f"{endpoint}/changes").text)

    assert len(listed) == 25
    assert not any(":" in name for name in listed), listed
