"""Facets stand beside the list in a wide window, and wait to be opened above it in a narrow one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.site.conftest import Open

FRANCE = 'input[name="country"][value="france"]'


def test_in_a_narrow_window_the_list_comes_before_the_groups(window: Open) -> None:
    with window(390, scripts=False) as opened:
        page = opened.visit("/clusters")
        assert not page.locator(FRANCE).is_visible()
        box = page.locator("#list").bounding_box()
        assert box
        assert box["y"] < 700, "the list begins on the first screen"

        page.locator(".groups > summary").click()
        page.locator(FRANCE).check()
        page.locator(".facets .begin button").click()
        page.wait_for_url("**/clusters?country=france")
        assert not page.locator(FRANCE).is_visible()
        assert page.locator(".chosen li").first.inner_text().startswith("Country: France")


def test_in_a_wide_window_they_are_beside_it_and_there_is_nothing_to_open(window: Open) -> None:
    with window(1280, scripts=False) as opened:
        page = opened.visit("/clusters")
        assert page.locator(FRANCE).is_visible()
        assert not page.locator(".groups > summary").is_visible()
        facets, found = page.locator(".facets").bounding_box(), page.locator("#list").bounding_box()
        assert facets
        assert found
        assert facets["x"] + facets["width"] <= found["x"]
