"""Import tables and lists of records: each file mapped in its own process, one graph of all."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from graph.errors import ImportRefused
from graph.importing.candidate import Part
from graph.importing.names import checked_name
from graph.importing.origin import Origin, RawFile, keep_raw
from graph.importing.preparing import Prepared, prepare
from graph.importing.report import Places
from graph.importing.tables.cells import titles_of
from graph.importing.tables.process import Table, map_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graph.importing.tables.limits import TableLimits
    from graph.importing.tables.mapping import TableMapping, TablesMapping
    from graph.importing.target import Target

_N_TRIPLES = "application/n-triples"
_KINDS = {
    ".csv": "text", ".tsv": "text", ".txt": "text", ".tab": "text", ".xlsx": "workbook",
    ".json": "results", ".srj": "results", ".geojson": "geojson",
}  # fmt: skip
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json",
    ".srj": "application/sparql-results+json",
    ".geojson": "application/geo+json",
}


@dataclass(frozen=True, slots=True)
class TableImport:
    """What is to be imported, and what is known of it once it was read."""

    files: tuple[Table, ...]
    """In any order; each is for the table of the mapping that has its name, else by position."""
    mapping: TablesMapping
    name: str
    retrieved: str
    source: str | None = None
    licence: str | None = None
    urls: Mapping[str, str] = field(default_factory=dict[str, str])
    """Where files were fetched from, by their names."""
    rows: dict[str, str] = field(default_factory=dict[str, str])
    """By the IRIs of things: the row that tells of them first."""

    def __post_init__(self) -> None:
        """Raise ImportRefused when there are too many files, or too few."""
        tables = self.mapping.tables
        if len(self.files) != len(tables):
            names = ", ".join(each.file for each in tables)
            raise ImportRefused(
                f"the mapping {self.mapping.name!r} is for {len(tables)} "
                f"{'file' if len(tables) == 1 else 'files'} ({names}), and there "
                f"{'is' if len(self.files) == 1 else 'are'} {len(self.files)}"
            )

    async def prepare(
        self,
        target: Target,
        folder: Path,
        *,
        limits: TableLimits | None = None,
        tell: Callable[[str, int], None] = lambda _name, _rows: None,
    ) -> Prepared:
        """Map the files and compare what comes of them with what is there.

        ImportRefused carries what is wrong with the cells of one of them.
        """
        checked_name(self.name)
        raw: list[RawFile] = []
        parts: list[Part] = []
        matched = self._matched()
        several = len(self.mapping.tables) > 1
        for number, (table, mapping) in enumerate(matched, 1):
            copy = folder / f"raw-{number}"
            raw.append(self._kept(table, copy))
            mapped = await map_table(
                replace(table, path=copy), mapping, self.name, folder,
                number=number, of_several=several, limits=limits,
                tell=lambda rows, name=table.name: tell(name, rows),
            )  # fmt: skip
            parts.append(Part(mapped.triples, _N_TRIPLES))
            for thing, row in mapped.places.items():
                self.rows.setdefault(thing, f"{table.name} {row}" if several else str(row))
        origin = Origin(
            self.name, tuple(raw), self.retrieved, self.source, self.licence, self.mapping.label
        )
        return await prepare(target, origin, parts, folder)

    @property
    def places(self) -> Places:
        """Where the statements come from, once the files were read."""
        columns: dict[str, tuple[str, ...]] = {}
        for table in self.mapping.tables:
            titles = titles_of(table.metadata)
            for predicate, names in table.columns_of.items():
                found = [titles[name] for name in names]
                columns[predicate] = tuple(dict.fromkeys((*columns.get(predicate, ()), *found)))
        return Places(self.rows, columns)

    def _kept(self, table: Table, copy: Path) -> RawFile:
        return keep_raw(
            table.path, copy, name=table.name, media_type=media_type_of(Path(table.name)),
            url=self.urls.get(table.name),
        )  # fmt: skip

    def _matched(self) -> list[tuple[Table, TableMapping]]:
        """Return each file with its part of the mapping, in the order of the mapping."""
        left = list(self.files)
        matched: list[tuple[Table, TableMapping]] = []
        for table in self.mapping.tables:
            same = (each for each in left if each.name.lower() == table.file.lower())
            file = next(same, left[0])
            left.remove(file)
            matched.append((file, table))
        return matched


def media_type_of(path: Path) -> str:
    """Return the media type of the file *path*, by its name."""
    known = _MEDIA_TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0]
    return known or "application/octet-stream"


def kind_of(path: Path, kind: str | None = None) -> str:
    """Return how the table in *path* is to be read; *kind* says it, or the end of its name."""
    if kind:
        return kind
    ending = path.suffix.lower()
    if ending not in _KINDS:
        raise ImportRefused(
            f"{path}: a table is CSV or TSV (.csv, .tsv), a workbook (.xlsx) or results of a "
            "SPARQL query (.srj, .json); save it as one of them"
        )
    return _KINDS[ending]
