"""The same page is there in every language, and for frames of other sites."""

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
        ("data/versions", "data/versions"),
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
