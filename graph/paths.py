"""Where the ontology and the data that ship with the project are: in a wheel or in a checkout."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def bundled(name: str) -> Path:
    """Return the folder *name* ("ontology" or "data") that ships with this installation."""
    installed = _PACKAGE / "_bundled" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def files_digest(paths: Iterable[Path]) -> str:
    """Return a SHA-256 that changes whenever one of the files does."""
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
