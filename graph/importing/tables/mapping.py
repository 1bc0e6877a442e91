"""A mapping: CSVW metadata that name and type the columns, and a CONSTRUCT over the rows.

    {"@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
     "url": "members.csv",
     "tableSchema": {"primaryKey": "id", "columns": [{"name": "id", "titles": "ID"}, ...]},
     "transformations": [{"url": "members.rq", ...}]}

In the CONSTRUCT each column is a variable, unbound where a cell is empty, and there are
`?_row` (its number), `?_key` (the primary key, fit for an address), `?_import` (the name of the
import), `?_evidence` and `?_document` (IRIs). It sees one row at a time and no other data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, cast

import pyoxigraph as ox

from graph.errors import ImportRefused, QueryRejected
from graph.importing.json_files import read_object
from graph.importing.origin import mapped_by
from graph.importing.tables.description import described
from graph.importing.tables.expectations import expected_of, may_have_none
from graph.importing.tables.functions import functions
from graph.sparql import printer, tree
from graph.sparql.parser import parse_template
from graph.sparql.repairs import repaired
from graph.sparql.scope import variables
from graph.sparql.template import VOLATILE, filled
from graph.sparql.tokens import Source
from graph.writing.plan_terms import NoTerm, term_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

SPECIAL = ("_row", "_key", "_import", "_evidence", "_document")
"""The variables of every row that are no columns."""
ROWS = "$ROWS$"
"""Stands in the text of a query for the rows."""

_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_CSVW = "http://www.w3.org/ns/csvw"


@dataclass(frozen=True, slots=True)
class TableMapping:
    """How one table is mapped, as plain values that a child process takes."""

    file: str
    """What the table is called that it is for."""
    metadata: dict[str, Any]
    """The table description of CSVW."""
    select: str
    """A query for what the template needs, with `ROWS` in the place of the rows."""
    names: tuple[str, ...]
    """The variables of the rows, in order: special ones, then columns."""
    template: list[Any]
    """Triples, as `graph.writing.plan_terms` has them."""
    checks: list[dict[str, Any]]
    """Which variable has to have a value when which columns have one, and what is expected."""
    columns_of: dict[str, list[str]]
    """By property: the names of the columns that its values come from."""


@dataclass(frozen=True, slots=True)
class TablesMapping:
    """A mapping of one table, or of several that belong together."""

    name: str
    label: str
    """What the graph says of it."""
    tables: tuple[TableMapping, ...]
    description: str = ""


def read_mapping(path: Path) -> TablesMapping:
    """Read the mapping in the file *path* and its queries; ImportRefused tells a fault."""
    top, content = read_object(path, "the mapping")
    texts = [content]
    tables = tuple(_Table(path, top, each, texts).read() for each in _tables(path, top))
    titles: Any = top.get("dc:title") or ""
    return TablesMapping(path.stem, mapped_by(path.stem, *texts), tables, str(titles))


def _tables(path: Path, top: dict[str, Any]) -> list[dict[str, Any]]:
    tables = cast("list[Any]", top.get("tables", [top]))
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):  # pyright: ignore[reportUnnecessaryIsInstance] -- it may be any JSON
        raise ImportRefused(f"{path}: 'tables' is a list of objects, one for each table")
    return tables


class _Table:
    """One table of a mapping, while it is read."""

    def __init__(
        self,
        path: Path,
        top: Mapping[str, Any],
        table: Mapping[str, Any],
        texts: list[bytes],
    ) -> None:
        self._path = path
        shared = {key: top[key] for key in ("dialect",) if key in top}
        self._table = {"@context": top.get("@context", _CSVW), **shared, **table}
        self._texts = texts

    def read(self) -> TableMapping:
        table = self._described()
        columns: list[str] = [each.name for each in table.tableSchema.columns]
        for name in columns:
            if not _VARIABLE.fullmatch(name or ""):
                self._refuse(
                    f"a column is called {name!r}; as it becomes a variable, take letters, digits "
                    "and underscores, and a letter first"
                )
        if len(set(columns)) < len(columns):
            self._refuse("two columns have the same name; each is a variable of its own")
        key: tuple[str, ...] = tuple(table.tableSchema.primaryKey or ())
        if not key or any(name not in columns for name in key):
            self._refuse("there is no 'primaryKey' of its columns; name those that tell rows apart")
        construct = self._construct()
        names = (*SPECIAL, *columns)
        return _Compiled(self, construct, names, key).table()

    def _described(self) -> Any:  # noqa: ANN401 -- a csvw.Table
        if "tableSchema" not in self._table:
            self._refuse("there is no 'tableSchema'; describe the columns")
        try:
            return described(self.metadata)
        except ValueError as error:
            self._refuse(f"it is no description of a table that CSVW knows ({error})")

    @property
    def metadata(self) -> dict[str, Any]:
        """The description of the table, without what only we know of."""
        return {key: value for key, value in self._table.items() if key != "transformations"}

    @property
    def file(self) -> str:
        """What the table is called that it is for."""
        return str(self._table.get("url", ""))

    def _construct(self) -> tree.Construct:
        match self._table.get("transformations"):
            case [{"url": str(place)}] if place and "/" not in place:
                path = self._path.with_name(place)
            case _:
                self._refuse(
                    "'transformations' names one file beside it with the CONSTRUCT, as in "
                    '[{"url": "members.rq", ...}]'
                )
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise ImportRefused(f"{path}: the query cannot be read ({error})") from error
        self._texts.append(text.encode())
        source = Source.of(text)
        try:
            operation = filled(parse_template(source, "query").operation, source)
        except QueryRejected as error:
            raise ImportRefused(f"{path}: {error}") from error
        return self._allowed(path, operation)

    def _allowed(self, path: Path, operation: tree.Node) -> tree.Construct:
        if not isinstance(operation, tree.Construct):
            raise ImportRefused(f"{path}: it is no CONSTRUCT; a mapping makes triples")
        if (
            operation.dataset
            or operation.values
            or any(isinstance(each, tree.Service) for each in tree.walk(operation))
        ):
            raise ImportRefused(
                f"{path}: FROM, SERVICE and VALUES behind WHERE are not for mappings; a row sees "
                "nothing but itself"
            )
        for each in tree.walk(operation):
            if isinstance(each, tree.BuiltIn) and each.name in VOLATILE:
                raise ImportRefused(
                    f"{path}: {each.name} gives another value each time, and the same file has to "
                    "make the same graph; leave it out"
                )
        return operation

    def _refuse(self, what: str) -> NoReturn:
        raise ImportRefused(f"{self._path}: table {self.file!r}: {what}")


class _Compiled:
    """A CONSTRUCT, made ready for rows."""

    def __init__(
        self,
        table: _Table,
        construct: tree.Construct,
        names: tuple[str, ...],
        key: tuple[str, ...],
    ) -> None:
        self._table = table
        self._construct = construct
        self._names = names
        self._key = key
        self._binds = [each for each in construct.where.elements if isinstance(each, tree.Bind)]
        self._sources = self._traced()

    def table(self) -> TableMapping:
        used = dict.fromkeys(("_row", *variables(self._construct.template)))
        shown = dict.fromkeys((*used, *(each.variable.name for each in self._binds)))
        self._check_known(used)
        self._check_new()
        columns = {name: number for number, name in enumerate(shown)}
        return TableMapping(
            self._table.file,
            self._table.metadata,
            self._select(shown),
            self._names,
            list(self._template(columns)),
            list(self._checks(columns)),
            self._columns_of(),
        )

    def _traced(self) -> dict[str, frozenset[str]]:
        """Return from which columns each variable comes."""
        found = {name: frozenset([name]) for name in self._names if name not in SPECIAL}
        found |= dict.fromkeys(SPECIAL, frozenset[str]())
        found["_key"] = frozenset(self._key)
        for bind in self._binds:
            names = variables([bind.expression])
            found[bind.variable.name] = frozenset().union(
                *(found.get(name, frozenset()) for name in names)
            )
        return found

    def _check_new(self) -> None:
        for bind in self._binds:
            if bind.variable.name in self._names:
                raise ImportRefused(
                    f"{self._table.file}: BIND gives ?{bind.variable.name} a value, which is a "
                    "column already; take another name"
                )

    def _check_known(self, used: Iterable[str]) -> None:
        given = {*self._names, *variables(self._patterns())}
        given |= {each.variable.name for each in self._binds}
        for name in (*used, *(n for each in self._binds for n in variables([each.expression]))):
            if name not in given:
                raise ImportRefused(
                    f"{self._table.file}: the CONSTRUCT uses ?{name}, and no column is called "
                    f"that; there are {', '.join(f'?{each}' for each in self._names)}"
                )

    def _patterns(self) -> list[tree.Node]:
        """Return what else than BIND and FILTER may give a variable a value."""
        skipped = (tree.Bind, tree.Filter)
        return [each for each in self._construct.where.elements if not isinstance(each, skipped)]

    def _select(self, shown: Iterable[str]) -> str:
        query = tree.Select(tuple(map(tree.Variable, shown)), self._construct.where)
        head, brace, rest = printer.text(repaired(query)).partition("{")
        names = " ".join(f"?{name}" for name in self._names)
        text = f"{head}{brace} VALUES ({names}) {{ {ROWS} }} {rest}"
        try:
            ox.Store().query(text.replace(ROWS, ""), custom_functions=functions())
        except (SyntaxError, RuntimeError) as error:
            raise ImportRefused(
                f"{self._table.file}: the engine does not take the CONSTRUCT ({error})"
            ) from error
        return text

    def _template(self, columns: Mapping[str, int]) -> Iterator[list[Any]]:
        for triple in self._construct.template:
            try:
                terms = (triple.subject, triple.predicate, triple.object)
                yield [*(term_form(each, columns) for each in terms), None]
            except NoTerm as error:
                raise ImportRefused(f"{self._table.file}: {error}") from error

    def _checks(self, columns: Mapping[str, int]) -> Iterator[dict[str, Any]]:
        for bind in self._binds:
            name = bind.variable.name
            sources = sorted(self._sources[name])
            if sources and not may_have_none(bind.expression):
                yield {
                    "variable": columns[name],
                    "name": name,
                    "columns": sources,
                    "expected": expected_of(bind.expression),
                }

    def _columns_of(self) -> dict[str, list[str]]:
        found: dict[str, set[str]] = {}
        for triple in self._construct.template:
            predicate, value = triple.predicate, triple.object
            if isinstance(predicate, tree.IRI) and isinstance(value, tree.Variable):
                sources = self._sources.get(value.name, frozenset())
                found.setdefault(str(predicate.value), set()).update(sources)
        return {predicate: sorted(names) for predicate, names in found.items() if names}
