"""What scripts add to pages that are complete without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.site.conftest import Open


@pytest.mark.parametrize(
    ("prefix", "written"), [("", "mina"), ("/fr", "minalogic"), ("/de", "MINALO")]
)
def test_names_are_suggested_and_chosen_by_keyboard(
    window: Open, prefix: str, written: str
) -> None:
    with window() as opened:
        page = opened.visit(f"{prefix}/ontology")
        page.locator("#_search").focus()
        page.keyboard.type(written)
        option = page.get_by_role("option", name="Minalogic").first
        option.wait_for()
        assert page.locator("#_search").get_attribute("aria-expanded") == "true"
        page.keyboard.press("Escape")
        assert not option.is_visible()
        page.keyboard.type(" ")
        page.keyboard.press("Backspace")
        option.wait_for()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{prefix}/cluster/minalogic")


def test_what_is_searched_without_choosing_is_searched(window: Open) -> None:
    with window() as opened:
        page = opened.visit("/ontology")
        page.locator("#_search").fill("minalogic")
        page.get_by_role("option").first.wait_for()
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=minalogic")


def test_a_name_that_is_asked_for_is_suggested_where_it_is_asked_for(window: Open) -> None:
    with window() as opened:
        page = opened.visit("/network")
        page.locator("#_from").focus()
        page.keyboard.type("minalo")
        page.get_by_role("option", name="Minalogic").first.click()
        assert page.locator("#_from").input_value() == "cluster/minalogic"
        assert page.url.endswith("/network")


def test_the_map_can_be_zoomed_and_its_places_opened_by_keyboard(window: Open) -> None:
    with window() as opened:
        page = opened.visit("/map")
        page.locator("#closer").scroll_into_view_if_needed()
        page.locator("#map-view .map-point").first.wait_for()
        page.locator("#map-view .map-point").first.focus()
        page.keyboard.press("Enter")
        page.locator("#map-view .leaflet-popup a[href^='http']").first.wait_for()
        page.locator("#map-view path").first.wait_for(state="attached")  # outlines of countries


def test_the_network_can_be_moved(window: Open) -> None:
    with window() as opened:
        page = opened.visit("/network")
        page.locator("#closer").scroll_into_view_if_needed()
        page.locator("#network-view canvas").first.wait_for()
        page.locator("#network-view .picture").focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("+")


def test_nothing_is_promised_that_scripts_would_have_to_keep(window: Open) -> None:
    with window(scripts=False) as opened:
        for path in ("/map", "/network"):
            page = opened.visit(path)
            assert not page.locator("#closer").is_visible()
        assert page.get_by_role("button", name="Copy").count() == 0


def test_a_citation_is_copied(window: Open) -> None:
    with window() as opened:
        page = opened.visit("/ontology")
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_role("button", name="Copy").first.click()
        page.get_by_role("button", name="Copied").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        texts = page.locator(".tools pre, .tools .citation").all_inner_texts()
        assert " ".join(copied.split()) in [" ".join(text.split()) for text in texts]
