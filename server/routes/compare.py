"""`/compare?c=...&c=...`: up to five clusters side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.site_pages import SitePage, site_page_routes

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from server.reads import Reads

_PAGE = SitePage("/compare", "comparison", "compare.html", (), ("c",), "compare", searches=True)


def compare_pages(reads: Reads) -> list[BaseRoute]:
    """Return the routes of the page."""
    return site_page_routes(reads, _PAGE)
