"""Which format a file of RDF has, by what somebody says or by the end of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.errors import ImportRefused
from graph.formats import formats_of

if TYPE_CHECKING:
    from pathlib import Path

_OTHER_ENDINGS = {"xml": "rdfxml", "owl": "rdfxml", "json": "jsonld"}


def media_type_of(path: Path, name: str | None = None, told: str | None = None) -> str:
    """Return the media type of the file *path*, which is in the format *name*.

    *told* is what the server says that it was fetched from.
    """
    formats = {each.name: each for each in formats_of("graph")}
    if name is not None:
        if name not in formats:
            raise ImportRefused(f"--format is {name!r}; take one of {', '.join(formats)}")
        return formats[name].media_type
    if told in {each.media_type for each in formats.values()}:
        return told
    ending = path.suffix.lower().removeprefix(".")
    by_ending = {each.extension: each.name for each in formats.values()} | _OTHER_ENDINGS
    if ending not in by_ending:
        raise ImportRefused(
            f"{path}: its name does not tell its format; say --format, one of {', '.join(formats)}"
        )
    return formats[by_ending[ending]].media_type
