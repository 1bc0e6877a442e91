"""The pages of the library of questions: each answer also as a file at an address that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.publishing.catalogue.library import parameter_names
from server.site_pages import SitePage, site_page_routes

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from server.reads import Reads


def question_pages(reads: Reads) -> list[BaseRoute]:
    """Return the routes of the pages about questions."""
    pages = (
        SitePage("/questions", "question-list", "questions.html", ("q",), section="questions"),
        SitePage(
            "/questions/{slug}",
            "question",
            "question.html",
            once=parameter_names(),
            section="questions",
        ),
    )
    return [route for page in pages for route in site_page_routes(reads, page)]
