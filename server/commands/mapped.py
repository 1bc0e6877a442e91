"""`metapole import table`, `json`, `geojson`, `ckan`: what a mapping makes RDF of."""

from __future__ import annotations

import argparse
import codecs
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from server.importing.options import add_consent, add_origin, add_target
from server.importing.reaching import add_reach

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from graph.importing import Prepared
    from graph.importing.table_import import TableImport
    from graph.importing.target import Target
    from server.importing.fetching import Found

_TABLE = """\
The mapping says what columns there are and what they mean: 'metapole import mappings' lists those
that ship. How to write one: docs/guides/import.md.
Examples:
  metapole import table clusters.xlsx --mapping cluster-directory --licence cc-by-4.0
  metapole import table project.csv organization.csv --mapping cordis --name cordis
"""
_JSON = """\
The mapping is CSVW metadata with a CONSTRUCT, as for a table (each record is a row), or a context
of JSON-LD (.jsonld), with which the file is read as JSON-LD.
Example: metapole import json members.json --records result.items --mapping membership-list
"""
_GEOJSON = """\
Each feature becomes a place with its name and its point.
Example: metapole import geojson regions.geojson --licence cc-by-4.0
"""
_CKAN = """\
The file is a DCAT catalogue in any format of RDF, or what CKAN's package_search answers (.json);
for that, --source says the address of the portal.
Example: metapole import ckan packages.json --source https://portal.example.org/ --name portal
"""
_RML = """\
morph-kgc is installed in an environment of its own: it needs other versions of what we use.
The files are those that the mapping reads; their SHA-256 becomes part of the graph.
Example: metapole import rml mapping.rml.ttl members.csv --morph-kgc morph/bin/python --name members
"""
_ACCEPT = "*/*"


class Action(NamedTuple):
    """Something that `metapole import` does."""

    summary: str
    run: Callable[[argparse.Namespace], int]
    epilog: str
    add_options: Callable[[argparse.ArgumentParser], None]


def _add_table(parser: argparse.ArgumentParser) -> None:
    _add_files(parser)
    _add_mapping(parser)
    parser.add_argument(
        "--delimiter", type=_delimiter, metavar="CHAR",
        help="what parts cells; 'tab' for a tabulator (found out)",
    )  # fmt: skip
    parser.add_argument(
        "--encoding", type=_encoding, metavar="NAME",
        help="how the text is encoded, such as windows-1252 (UTF-8)",
    )  # fmt: skip
    parser.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook (the first)")
    _add_shared(parser)


def _add_json(parser: argparse.ArgumentParser) -> None:
    _add_files(parser)
    _add_mapping(parser)
    parser.add_argument(
        "--records", metavar="PATH", default="",
        help="where the list of records is, such as result.items (the top)",
    )  # fmt: skip
    _add_shared(parser)


def _add_geojson(parser: argparse.ArgumentParser) -> None:
    _add_files(parser)
    _add_mapping(parser, "places")
    _add_shared(parser)


def _add_ckan(parser: argparse.ArgumentParser) -> None:
    _add_files(parser)
    parser.add_argument("--format", metavar="NAME", help="the format of RDF, if its name is silent")
    _add_shared(parser)


def _add_rml(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("mapping", type=Path, metavar="MAPPING", help="a mapping (RML or YARRRML)")
    parser.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help="the files that it reads"
    )
    parser.add_argument(
        "--morph-kgc", type=Path, required=True, metavar="PYTHON",
        help="the Python of the environment that has morph-kgc",
    )  # fmt: skip
    for add in (add_origin, add_target, add_consent):
        add(parser)


def _add_nothing(_: argparse.ArgumentParser) -> None:
    """Take no options."""


def _add_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a file, or its address (http, https)"
    )


def _add_mapping(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    parser.add_argument(
        "--mapping", metavar="NAME", default=default, required=default is None,
        help="a mapping that ships, or the file of another"
        + (" (default: %(default)s)" if default else ""),
    )  # fmt: skip


def _add_shared(parser: argparse.ArgumentParser) -> None:
    for add in (add_origin, add_reach, add_target, add_consent):
        add(parser)


def _delimiter(text: str) -> str:
    mark = "\t" if text in ("tab", "\\t") else text
    if len(mark) != 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not one character, or 'tab'")
    return mark


def _encoding(text: str) -> str:
    try:
        return codecs.lookup(text).name
    except LookupError as error:
        raise argparse.ArgumentTypeError(f"no encoding is called {text!r}") from error


def _table(args: argparse.Namespace) -> int:
    return _do(args, lambda files: _mapped(args, files, None))


def _json(args: argparse.Namespace) -> int:
    if args.mapping.endswith(".jsonld"):
        return _do(args, lambda files: _with_context(args, files))
    return _do(args, lambda files: _mapped(args, files, "json"))


def _geojson(args: argparse.Namespace) -> int:
    return _do(args, lambda files: _mapped(args, files, "geojson"))


def _ckan(args: argparse.Namespace) -> int:
    args.mapping, args.records = "ckan", args.source or ""
    return _do(args, lambda files: _catalogue(args, files))


def _do(args: argparse.Namespace, work: Callable[[Sequence[Found]], int]) -> int:
    """Do *work* with the files that *args* name; those that are elsewhere are fetched first."""
    from graph.errors import GraphError, ImportRefused
    from server.importing.carrying_out import COMMAND
    from server.terminal import fail

    try:
        with _files(args) as files:
            return work(files)
    except ImportRefused as error:
        return fail(COMMAND, f"{error}\nNothing was changed.", 1 if error.defects else 2)
    except (GraphError, OSError) as error:
        return fail(COMMAND, f"{error}\nNothing was changed.", 1)


@contextlib.contextmanager
def _files(args: argparse.Namespace) -> Generator[list[Found]]:
    from server.importing.fetching import file_named

    with contextlib.ExitStack() as stack:
        found: list[Found] = []
        for each in args.files:
            file = stack.enter_context(file_named(args, each, _ACCEPT))
            assert file is not None  # noqa: S101 -- only one that is remembered is not fetched
            found.append(file)
        yield found


def _mapped(args: argparse.Namespace, files: Sequence[Found], kind: str | None) -> int:
    """Import *files* by a mapping; *kind* says how they are read, else their names."""
    from graph.importing.names import name_from
    from graph.importing.origin import now
    from graph.importing.ready import mapping_named
    from graph.importing.table_import import TableImport, kind_of
    from graph.importing.tables.process import Table

    tables = tuple(
        Table(
            each.path, each.name, kind_of(Path(each.name), kind),
            getattr(args, "delimiter", None), getattr(args, "encoding", None),
            getattr(args, "sheet", None), getattr(args, "records", ""),
        )
        for each in files
    )  # fmt: skip
    work = TableImport(
        tables,
        mapping_named(args.mapping),
        args.name or name_from(Path(files[0].name)),
        now(),
        args.source,
        args.licence,
        urls={each.name: each.url for each in files if each.url},
    )
    return _carry_out(args, work)


def _carry_out(args: argparse.Namespace, work: TableImport) -> int:
    from server.importing.carrying_out import Work, carry_out

    async def make(target: Target, folder: Path) -> Prepared:
        return await work.prepare(target, folder, tell=shown.tell_rows)

    shown = Work(make, lambda: work.places)
    return carry_out(args, shown)


def _with_context(args: argparse.Namespace, files: Sequence[Found]) -> int:
    """Import JSON files as JSON-LD, with the context in the file of the mapping."""
    from graph.importing.json_ld import read_context, with_context
    from server.importing.rdf import import_rdf

    context = read_context(Path(args.mapping))
    types = ["application/ld+json"] * len(files)
    return import_rdf(args, files, types, context.label, lambda path: with_context(path, context))


def _catalogue(args: argparse.Namespace, files: Sequence[Found]) -> int:
    """Import a catalogue, which is RDF unless it is what CKAN answers."""
    from graph.errors import ImportRefused
    from graph.importing.rdf_files import media_type_of
    from server.importing.rdf import import_rdf

    if args.format is None and Path(files[0].name).suffix.lower() in (".json", ""):
        if not args.source:
            raise ImportRefused(
                "say with --source the address of the portal: its datasets are named after it"
            )
        return _mapped(args, files, "ckan")
    types = [media_type_of(Path(each.name), args.format, each.media_type) for each in files]
    return import_rdf(args, files, types)


def _rml(args: argparse.Namespace) -> int:
    """Import what morph-kgc makes of files, in an environment of its own."""
    from graph.importing import Origin, Part, prepare
    from graph.importing.names import name_from
    from graph.importing.origin import keep_raw, now
    from graph.importing.rml import label_of, map_with_rml
    from graph.importing.table_import import media_type_of
    from server.importing.carrying_out import Work, carry_out

    async def make(target: Target, folder: Path) -> Prepared:
        output = folder / "part-1"
        await map_with_rml(args.morph_kgc, args.mapping, output, folder)
        raw = tuple(
            keep_raw(path, folder / f"raw-{number}", media_type=media_type_of(path))
            for number, path in enumerate(args.files, 1)
        )
        name = args.name or name_from(args.files[0])
        origin = Origin(name, raw, now(), args.source, args.licence, label_of(args.mapping))
        return await prepare(target, origin, [Part(output, "application/n-quads")], folder)

    return carry_out(args, Work(make))


def _mappings(_: argparse.Namespace) -> int:
    from graph.importing.ready import ready_mappings
    from graph.importing.tables.cells import titles_of

    for mapping in ready_mappings():
        sys.stdout.write(f"{mapping.name}: {mapping.description}\n")
        for table in mapping.tables:
            columns = ", ".join(titles_of(table.metadata).values())
            sys.stdout.write(f"  {table.file}: {columns}\n")
    return 0


ACTIONS = {
    "table": Action("a table: CSV, TSV or XLSX", _table, _TABLE, _add_table),
    "json": Action("records in JSON", _json, _JSON, _add_json),
    "geojson": Action("features of GeoJSON, as places", _geojson, _GEOJSON, _add_geojson),
    "ckan": Action("the catalogue of another portal", _ckan, _CKAN, _add_ckan),
    "rml": Action("what RML makes of files, by morph-kgc", _rml, _RML, _add_rml),
    "mappings": Action("show which mappings ship, and their columns", _mappings, "", _add_nothing),
}
"""What can be imported by a mapping, by the words of the command line."""
