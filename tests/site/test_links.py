"""Every link on every page leads somewhere, and the query behind a page finds what it shows."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

import httpx2
import pytest

from tests.site.pages import ALL, NOT_FOUND

MAY_BE_EMPTY = {
    "search-nothing": "nothing is called that",
    "quality": "a check that finds nothing is what we want",
    "compare-nothing": "nothing is compared yet",
    "missing": "it is not there",
    "review": "nothing was suggested in what ships",
}
WITHOUT_A_QUERY = {
    "features": "it is an interface for programs",
    "sparql": "it is where queries are written",
    "answer": "it is the query itself",
    "help": "it has examples instead",
    "accessibility": "it is prose",
    "about": "it is prose",
}
_BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Links(HTMLParser):
    """The addresses that a page links to, and loads; the ids of its parts; its queries."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: set[str] = set()
        self.queries: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 -- the name is the parser's
        found = dict(attrs)
        self.addresses += [each for each in (found.get("href"), found.get("src")) if each]
        self.ids.add(found.get("id") or "")
        if found.get("data-tool") == "query":
            self.queries.append(found.get("href") or "")


@pytest.fixture(scope="module")
def pages(endpoint: str) -> dict[str, Links]:
    """Return the links of every page."""
    found: dict[str, Links] = {}
    with httpx2.Client(headers=_BROWSER, timeout=30) as client:
        for name, path in ALL.items():
            answer = client.get(endpoint + path)
            assert answer.status_code == (404 if name in NOT_FOUND else 200), path
            found[name] = Links(answer.text)
    return found


def test_every_link_leads_to_something_that_is_there(
    endpoint: str, pages: dict[str, Links]
) -> None:
    wanted: dict[str, set[tuple[str, str]]] = {}
    for name, page in pages.items():
        for address in page.addresses:
            target, fragment = urldefrag(urljoin(endpoint + ALL[name], address))
            if target.startswith(endpoint) and name not in NOT_FOUND:
                wanted.setdefault(target, set()).add((fragment, name))
    assert len(wanted) > 500
    broken: list[str] = []
    with httpx2.Client(headers=_BROWSER, timeout=30) as client:
        for target, places in wanted.items():
            fragments = {fragment for fragment, _ in places if fragment}
            answer = client.request("GET" if fragments else "HEAD", target, follow_redirects=True)
            if answer.status_code != 200:
                broken.append(f"{answer.status_code} {target} (on {min(places)[1]})")
            elif fragments and not fragments <= Links(answer.text).ids:
                broken.append(f"no part {fragments - Links(answer.text).ids} in {target}")
    assert broken == []


@pytest.mark.parametrize("name", sorted(set(ALL) - set(MAY_BE_EMPTY)))
def test_the_query_behind_a_page_finds_something(
    endpoint: str, pages: dict[str, Links], name: str
) -> None:
    kind = name.removeprefix("fr-").removeprefix("de-")
    assert pages[name].queries or kind in WITHOUT_A_QUERY or kind.startswith("embed-")
    for address in pages[name].queries:
        (query,) = parse_qs(urlsplit(address).query)["query"]
        answer = httpx2.get(f"{endpoint}/sparql", params={"query": query}, timeout=30)
        assert answer.status_code == 200, answer.text
        if "json" in answer.headers["content-type"]:
            said = answer.json()
            assert said.get("boolean") or said["results"]["bindings"], query
        else:
            assert answer.text.strip(), query
