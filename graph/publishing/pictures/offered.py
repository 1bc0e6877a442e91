"""Where the pictures of a page are."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from graph.formats import format_named
from graph.publishing.site.tools import file_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.publishing.edition import Edition

FORMATS = ("svg", "png")


def pictures_of(
    edition: Edition, name: str, parameters: Sequence[str] = ()
) -> list[dict[str, str]]:
    """Return the files of the picture *name*, made with what was asked of its page."""
    asked = [
        (each, value)
        for each in parameters
        for value in edition.arguments.get(each, "").split("\n")
        if value
    ]
    return pictures_at(edition, name, asked)


def pictures_at(
    edition: Edition, name: str, asked: Sequence[tuple[str, str]] = ()
) -> list[dict[str, str]]:
    """Return the files of the picture *name*, made with the parameters *asked*."""
    query = f"?{urlencode(asked)}" if asked else ""
    language = edition.arguments.get("language", "en")
    prefix = "" if language == "en" else f"{language}/"
    home = f"{edition.public_url}{prefix}{name}"
    return [
        file_values(picture, f"{home}.{picture.extension}{query}")
        for picture in map(format_named, FORMATS)
    ]
