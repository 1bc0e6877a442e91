"""What holds for every page: accessible, within the window, no outside request, light enough."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, get_args

import httpx2
import pytest

from tests.site.browsing import HEIGHT, Colours
from tests.site.pages import ALL, MAIN, NOT_FOUND, PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.site.conftest import Open

WIDTHS = (390, 1024, 1600)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_LIGHT_BYTES = 100_000


def status_of(name: str) -> int:
    return 404 if name in NOT_FOUND else 200


def violations(page: Page) -> list[str]:
    """Return the rules of accessibility that *page* breaks, each with the first place (axe)."""
    axe: Any = import_module("axe_playwright_python.sync_playwright").Axe()  # of the extra
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = axe.run(page, options=options).response["violations"]
    places = {
        each["id"]: [node["html"] for node in each["nodes"] if not _is_excepted(each["id"], node)]
        for each in found
    }
    return [f"{rule} ({len(at)} times): {at[0][:300]}" for rule, at in places.items() if at]


def _is_excepted(rule: str, node: dict[str, Any]) -> bool:
    """Tell whether a small target on a map is meant: the table below it has the same, larger.

    WCAG 2.2, 2.5.8: the exceptions "essential" and "equivalent".
    """
    return rule == "target-size" and "leaflet-marker-icon" in node["html"]


EVERY_PAGE = [
    pytest.param(name, marks=() if name in MAIN else pytest.mark.slow, id=name) for name in ALL
]
IN_BOTH_THEMES = [
    pytest.param(name, colours, marks=() if first else pytest.mark.slow, id=f"{name}-{colours}")
    for name in ALL
    for colours in get_args(Colours)
    for first in [colours == "light" and name in MAIN]
]


@pytest.mark.parametrize(("name", "colours"), IN_BOTH_THEMES)
def test_a_page_bars_nobody_at_any_width(window: Open, name: str, colours: Colours) -> None:
    found: dict[int, list[str]] = {}
    with window(WIDTHS[0], colours, bypass_csp=True) as opened:
        page = opened.visit(ALL[name], status_of(name))
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            found[width] = violations(page)
    assert found == {width: [] for width in WIDTHS}


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_fits_the_window_and_asks_no_other_host(window: Open, name: str) -> None:
    with window() as opened:
        page = opened.visit(ALL[name], status_of(name))
        page.wait_for_load_state("networkidle")
        for width in (320, *WIDTHS):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, width


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_is_whole_without_scripts(window: Open, name: str) -> None:
    with window(390, scripts=False) as opened:
        page = opened.visit(ALL[name], status_of(name))
        assert page.locator("main").inner_text().strip()
        assert page.locator("h1").count() == 1


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_light(endpoint: str, name: str) -> None:
    headers = {"Accept": "text/html", "Accept-Encoding": "identity"}
    with httpx2.stream("GET", endpoint + PAGES[name], headers=headers, timeout=30) as page:
        assert sum(map(len, page.iter_raw())) < _LIGHT_BYTES
