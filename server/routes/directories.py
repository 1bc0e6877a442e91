"""Directories: `/clusters`, `/organisations` and the other lists, and what they find as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.publishing.site.directory.offered import DIRECTORIES
from server.site_pages import SitePage, site_page_routes

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from server.reads import Reads


def directory_pages(reads: Reads) -> list[BaseRoute]:
    """Return the routes of all directories."""
    return [
        route
        for directory in DIRECTORIES.values()
        for route in site_page_routes(
            reads,
            SitePage(
                f"/{directory.name}",
                "directory",
                "directory.html",
                ("sort", "view", "page"),
                tuple(facet.name for facet in directory.facets),
                directory.name,
                (("directory", directory.name),),
            ),
        )
    ]
