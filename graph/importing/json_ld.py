"""Read JSON as JSON-LD: put a context around it, with which its keys mean something.

The JSON is not read here, only put between other words; the parser of uploads reads all of it.
"""

from __future__ import annotations

import codecs
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.errors import ImportRefused
from graph.importing.json_files import read_object
from graph.importing.origin import mapped_by

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Context:
    """A context of JSON-LD."""

    text: str
    label: str
    """What the graph says of it."""


def read_context(path: Path) -> Context:
    """Read the context in the file *path*; ImportRefused when there is none."""
    found, content = read_object(path, "the context")
    if "@context" not in found:
        raise ImportRefused(f'{path}: it has no "@context"; write {{"@context": {{...}}}}')
    inner = json.dumps(found["@context"], ensure_ascii=False)
    return Context(inner, mapped_by(path.stem, content))


def with_context(path: Path, context: Context) -> None:
    """Make JSON-LD of the JSON in the file *path*, which is replaced."""
    target = path.with_name(f"{path.name}.jsonld")
    with path.open("rb") as source, target.open("wb") as file:
        file.write(f'{{"@context": {context.text}, "@graph": '.encode())
        start = source.read(len(codecs.BOM_UTF8))
        file.write(start.removeprefix(codecs.BOM_UTF8))
        shutil.copyfileobj(source, file)
        file.write(b"}")
    target.replace(path)
