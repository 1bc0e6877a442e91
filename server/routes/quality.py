"""The pages about the quality of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.site_pages import SitePage, site_page_routes

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from server.reads import Reads
    from server.settings import Settings


def quality_pages(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the routes of the pages about quality."""
    gate = (("validate", settings.validate),)
    pages = (
        SitePage("/quality", "quality", "quality.html", given=gate),
        SitePage("/quality/checks", "checks", "checks.html", given=gate),
        SitePage("/quality/lacking", "lacking", "lacking.html", ("class", "what")),
    )
    return [route for page in pages for route in site_page_routes(reads, page)]
