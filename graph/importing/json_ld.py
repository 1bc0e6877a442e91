"""Read JSON as JSON-LD: put a context around it, with which its keys mean something.

The JSON is not read here, only put between other words; the parser of uploads reads all of it.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graph.errors import ImportRefused

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Context:
    """A context of JSON-LD."""

    name: str
    text: str
    digest: str

    @property
    def label(self) -> str:
        """Return what the graph says of it."""
        return f"{self.name} (SHA-256 {self.digest})"


def read_context(path: Path) -> Context:
    """Read the context in the file *path*; ImportRefused when there is none."""
    try:
        text = path.read_text(encoding="utf-8")
        found: Any = json.loads(text)
    except (OSError, ValueError) as error:
        raise ImportRefused(f"{path}: the context cannot be read ({error})") from error
    if not isinstance(found, dict) or "@context" not in found:
        raise ImportRefused(f'{path}: it has no "@context"; write {{"@context": {{...}}}}')
    inner = json.dumps(found["@context"], ensure_ascii=False)
    return Context(path.stem, inner, hashlib.sha256(text.encode()).hexdigest())


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
