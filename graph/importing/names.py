"""What an import is called, and the IRIs of its graph, its activity and its documents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graph.errors import ImportRefused
from graph.namespaces import ID, IMPORT_GRAPHS

if TYPE_CHECKING:
    from pathlib import Path

GENERATED = "https://w3id.org/metapole/.well-known/genid/"
"""What stands for blank nodes begins with this (RDF 1.1 Concepts, 3.5)."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 60


def checked_name(name: str) -> str:
    """Return *name* if an import can be called that; ImportRefused says what can."""
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        raise ImportRefused(
            f"the name of an import is {name[:80]!r}; take small letters, digits and single "
            f"hyphens, {_LONGEST} at most, as in 'cluster-directory'"
        )
    return name


def name_from(path: Path) -> str:
    """Return what an import of the file *path* is called when nobody says so."""
    words = re.findall(r"[a-z0-9]+", path.name.partition(".")[0].lower())
    return "-".join(words)[:_LONGEST].strip("-") or "import"


def graph_of(name: str) -> str:
    """Return the IRI of the graph of the import *name*."""
    return IMPORT_GRAPHS + name


def name_of(graph: str) -> str:
    """Return what the import is called that made *graph*."""
    return graph.removeprefix(IMPORT_GRAPHS)


def activity_of(name: str) -> str:
    """Return the IRI of what was done to import *name*."""
    return f"{ID}import/{name}"


def document_of(name: str, number: int = 1) -> str:
    """Return the IRI of the raw file with that *number*, counted from 1."""
    return f"{ID}document/import-{name}" + ("" if number == 1 else f"-{number}")


def evidence_of(name: str, key: str) -> str:
    """Return the IRI of the evidence that the row with *key* is; *key* is a slug."""
    return f"{ID}evidence/import-{name}-{key}"
