"""Read ahead what the pages need that look at a whole generation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from graph.errors import GraphError
from graph.publishing.ahead.file import written
from graph.publishing.ahead.memory import kept_of
from graph.publishing.ahead.plain import plain

if TYPE_CHECKING:
    from graph.publishing.edition import Edition

_LANGUAGES = ("en", "fr", "de")
PAGES: tuple[tuple[str, dict[str, str]], ...] = (
    *(
        (writer, {"language": language})
        for writer in ("home", "network-page", "indicators")
        for language in _LANGUAGES
    ),
    *(
        ("directory", {"directory": name})
        for name in (
            "clusters",
            "organisations",
            "partnerships",
            "projects",
            "programmes",
            "events",
            "documents",
        )
    ),
    ("map-page", {}),
    ("quality", {}),
    ("comparison", {}),
)
"""The pages that it is read for: their writers, with arguments."""


def write_ahead(edition: Edition) -> None:
    """Write the file with what pages need of the generation, for all readers."""
    from graph.publishing.writers import writer_of  # noqa: PLC0415 -- it knows this one, too

    for kind, arguments in PAGES:
        try:
            writer_of(kind)(replace(edition, arguments=arguments, out=_Nowhere()))
        except (GraphError, OSError):  # who asks for the page is told why
            continue
    if edition.is_wanted:
        edition.out.write(written(plain(kept_of(edition.generation))))


class _Nowhere:
    """A file that takes all and keeps nothing."""

    def write(self, content: bytes, /) -> int:
        return len(content)

    def flush(self) -> None:
        """Do nothing."""
