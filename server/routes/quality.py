"""The pages about the quality of the data."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from graph.publishing.document import Document
from server.pages import JSON
from server.site_pages import SitePage, site_page_routes

if TYPE_CHECKING:
    from typing import Any

    from starlette.routing import BaseRoute

    from server.background import Background
    from server.pages import Complete
    from server.reads import Reads
    from server.settings import Settings


def quality_pages(settings: Settings, reads: Reads, background: Background) -> list[BaseRoute]:
    """Return the routes of the pages about quality."""
    gate = (("validate", settings.validate),)

    pages = (
        SitePage("/quality", "quality", "quality.html", given=gate),
        SitePage(
            "/quality/checks",
            "checks",
            "checks.html",
            given=gate,
            is_volatile=True,
            complete=partial(_with_results, background),
        ),
        SitePage("/quality/lacking", "lacking", "lacking.html", ("class", "what")),
    )
    return [route for page in pages for route in site_page_routes(reads, page)]


def _with_results(background: Background, document: Document) -> Complete:
    """Return what adds to the list of checks what they found last, which may be of before."""
    results = Document("check-results", (JSON,), document.arguments, is_long=True)
    latest = background.latest(results)

    def complete(values: dict[str, Any]) -> dict[str, Any]:
        if values["is_too_large"]:
            return {**values, "results": None}
        return {**values, "results": json.loads(latest) if latest else None}

    return complete
