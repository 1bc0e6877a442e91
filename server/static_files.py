"""The files that pages load: style sheets, and the scripts that were built, where there are any."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_VERSION = 12
_NAMED_BY_CONTENT = re.compile(r".+-[A-Z0-9]{8}\.js")
"""The names of parts that scripts load; they are other ones when the content is."""


@dataclass(frozen=True)
class StaticFile:
    """One file, whole."""

    content: bytes
    media_type: str
    coded: dict[str, bytes] = field(default_factory=dict[str, bytes], compare=False, repr=False)
    """The same, compressed, by content coding; made when it is first asked for."""

    @cached_property
    def version(self) -> str:
        """What changes when the content does."""
        return hashlib.sha256(self.content).hexdigest()[:_VERSION]


class StaticFiles:
    """All files in *folders*, by name; a folder that is not there has none."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._files = {
            path.name: StaticFile(path.read_bytes(), _MEDIA_TYPES[path.suffix])
            for folder in folders
            if folder.is_dir()
            for path in sorted(folder.iterdir())
            if path.suffix in _MEDIA_TYPES
        }

    def is_unchanging(self, name: str, version: str) -> bool:
        """Tell whether *name* in *version*, as an address has it, stands for this content alone."""
        file = self.find(name)
        is_this = file is not None and version == file.version
        return is_this or bool(_NAMED_BY_CONTENT.fullmatch(name))

    def find(self, name: str) -> StaticFile | None:
        """Return the file called *name*, if there is one."""
        return self._files.get(name)

    def path(self, name: str) -> str:
        """Return the path of *name*, which is another one when the content is; "" if not there."""
        file = self.find(name)
        return f"static/{name}?v={file.version}" if file else ""
