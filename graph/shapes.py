"""The files of shapes, which are not part of the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.namespaces import SHAPE
from graph.sources import SourceFile, Sources

if TYPE_CHECKING:
    from pathlib import Path


def read_shapes(folder: Path) -> Sources:
    """Read the shapes of *folder* (`*.ttl`)."""
    shapes = Sources()
    for path in sorted(folder.glob("*.ttl")):
        shapes.read(SourceFile(path, SHAPE, is_data=False))
    return shapes
