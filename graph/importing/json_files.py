"""Read a file of JSON that somebody has written to say how others are read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from graph.errors import ImportRefused

if TYPE_CHECKING:
    from pathlib import Path


def read_object(path: Path, what: str) -> tuple[dict[str, Any], bytes]:
    """Return the object in the file *path*, which is *what*, and what the file holds.

    ImportRefused when there is none.
    """
    try:
        content = path.read_bytes()
        found: Any = json.loads(content)
    except (OSError, ValueError, RecursionError) as error:
        raise ImportRefused(f"{path}: {what} cannot be read ({error})") from error
    if not isinstance(found, dict):
        raise ImportRefused(f"{path}: {what} is a JSON object; see docs/guides/import.md")
    return cast("dict[str, Any]", found), content
