"""The mappings that ship, and those that somebody has made, by their names or their files."""

from __future__ import annotations

from pathlib import Path

from graph.errors import ImportRefused
from graph.importing.tables.mapping import TablesMapping, read_mapping

_FOLDER = Path(__file__).with_name("mappings")


def ready_mappings() -> list[TablesMapping]:
    """Return the mappings that ship."""
    return [read_mapping(path) for path in sorted(_FOLDER.glob("*.json"))]


def mapping_named(name: str) -> TablesMapping:
    """Return the mapping in the file *name*, or the one that ships and is called that."""
    path = Path(name)
    if path.suffix == ".json":
        return read_mapping(path)
    shipped = _FOLDER / f"{name}.json"
    if "/" in name or not shipped.is_file():
        known = ", ".join(each.stem for each in sorted(_FOLDER.glob("*.json")))
        raise ImportRefused(
            f"there is no mapping {name!r}; those that ship are {known}, others are given by the "
            "file of their CSVW metadata (.json)"
        )
    return read_mapping(shipped)
