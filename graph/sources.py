"""Read the files of the ontology and the data: quads, and every finding with its file and line.

    ontology/terms/*.ttl, schemes/*.ttl, alignments.ttl   graph/ontology
    data/sources/{name}.ttl                               graph/source/{name}
    data/{name}.ttl                                       graph/{name}
    *.trig                                                the graphs the file names

Parsing is strict, and goes on after an error: one run reports all there is to repair.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.errors import UnreadableSource
from graph.findings import Finding
from graph.namespaces import DEF, GEO, GRAPH, ID, MP, ONTOLOGY_GRAPH, RDF, SOURCE_GRAPHS, XSD, short
from graph.parse_errors import reason_of
from graph.positions import Positions, read_positions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SYNTAX = "syntax"
_SYNTAX_ERRORS_SHOWN = 10

_THING = re.compile(re.escape(ID) + r"[a-z-]+/[a-z0-9]+(-[a-z0-9]+)*")
_DEFINITION = re.compile(re.escape(DEF) + r"[a-z-]+(/[a-z0-9]+(-[a-z0-9]+)*)?")
_TERM = re.compile(re.escape(MP) + r"([A-Za-z][A-Za-z0-9]*)?")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LANGUAGE_WITH_CAPITALS = re.compile(r"[\"']@[a-z0-9-]*[A-Z]")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file and the graph its statements belong to."""

    path: Path
    graph: str
    is_data: bool


@dataclass(slots=True)
class Sources:
    """All that was read: quads by graph, findings so far, and where each subject stands."""

    files: list[SourceFile] = field(default_factory=list[SourceFile])
    quads: list[ox.Quad] = field(default_factory=list[ox.Quad])
    findings: list[Finding] = field(default_factory=list[Finding])
    _texts: dict[Path, str] = field(default_factory=dict[Path, str])
    _files_of: dict[str, dict[Path, None]] = field(default_factory=dict[str, dict[Path, None]])
    _positions: dict[Path, Positions] = field(default_factory=dict[Path, Positions])

    @property
    def have_syntax_errors(self) -> bool:
        """Tell whether some file could not be read to its end."""
        return any(finding.rule == SYNTAX for finding in self.findings)

    def locate(
        self, subject: str, predicate: str | None = None, value: str | None = None
    ) -> tuple[str, int] | None:
        """Return file and line of *subject*: of its triple if it is found, else of its block."""
        best: tuple[int, int, Path] | None = None
        for path in self._files_of.get(subject, {}):
            fit, line = self.positions(path).locate(subject, predicate, value)
            if best is None or fit > best[0]:
                best = (fit, line, path)
        return (shown_path(best[2]), best[1]) if best else None

    def positions(self, path: Path) -> Positions:
        """Return where the blocks of the file *path* are."""
        if path not in self._positions:
            self._positions[path] = read_positions(self._texts[path])
        return self._positions[path]

    def read(self, file: SourceFile) -> None:
        """Add the quads and the findings of one file."""
        self.files.append(file)
        text = self._decode(file.path)
        if text is None:
            return
        self._texts[file.path] = text
        default_graph = ox.NamedNode(file.graph)
        defects = _Defects(file)
        for quad in self._parse(file.path, text):
            if isinstance(quad.graph_name, ox.DefaultGraph):
                quad = ox.Quad(quad.subject, quad.predicate, quad.object, default_graph)  # noqa: PLW2901
            self.quads.append(quad)
            if isinstance(quad.subject, ox.NamedNode):
                self._files_of.setdefault(quad.subject.value, {})[file.path] = None
            defects.look_at(quad)
        self.findings += defects.findings(self)
        if _LANGUAGE_WITH_CAPITALS.search(text):
            self.findings += self._languages_with_capitals(file.path)

    def _languages_with_capitals(self, path: Path) -> Iterable[Finding]:
        """Find in the text what the parser has already made lower case."""
        for tag, line in self.positions(path).languages:
            if tag != tag.lower():
                what = f"the language tag @{tag} has capitals"
                yield Finding(
                    shown_path(path), line, what, f"write @{tag.lower()}", rule="term:language"
                )

    def _decode(self, path: Path) -> str | None:
        try:
            content = path.read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            raise UnreadableSource(f"{path} cannot be read ({reason}); check the path") from error
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            self._syntax_error(
                path, line, f"byte 0x{content[error.start]:02X} is not UTF-8", "save it as UTF-8"
            )
            return None

    def _parse(self, path: Path, text: str) -> Iterable[ox.Quad]:
        trig = path.suffix == ".trig"
        parser = ox.parse(text, ox.RdfFormat.TRIG if trig else ox.RdfFormat.TURTLE)
        errors = 0
        while errors < _SYNTAX_ERRORS_SHOWN:
            try:
                yield next(parser)
            except StopIteration:
                return
            except SyntaxError as error:
                errors += 1
                self._syntax_error(
                    path, error.lineno or 1, reason_of(error), "correct the Turtle here"
                )

    def _syntax_error(self, path: Path, line: int, what: str, remedy: str) -> None:
        self.findings.append(Finding(shown_path(path), line, what, remedy, rule=SYNTAX))


def read_sources(data: Path | None, ontology: Path, extra: Iterable[Path] = ()) -> Sources:
    """Read the ontology, the data folder if there is one, and single *extra* files of data."""
    sources = Sources()
    files = ontology_files(ontology) + (data_files(data) if data else [])
    known = {file.path.resolve() for file in files}
    for path in extra:
        if path.resolve() not in known:
            files.append(SourceFile(path, GRAPH + path.stem, is_data=True))
    for file in files:
        sources.read(file)
    return sources


def ontology_files(folder: Path) -> list[SourceFile]:
    """Return the files of the ontology that are loaded (shapes and queries are not)."""
    paths = [
        *sorted((folder / "terms").rglob("*.ttl")),
        *sorted((folder / "schemes").rglob("*.ttl")),
        *sorted(folder.glob("*.ttl")),
    ]
    if not paths:
        raise UnreadableSource(f"{folder} holds no terms/*.ttl; name the folder of the ontology")
    return [SourceFile(path, ONTOLOGY_GRAPH, is_data=False) for path in paths]


def data_files(folder: Path) -> list[SourceFile]:
    """Return the Turtle and TriG files of a data folder, each with the graph it goes to."""
    if not folder.is_dir():
        raise UnreadableSource(f"{folder} is not a folder; name one that holds Turtle files")
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix in (".ttl", ".trig")]
    if not paths:
        raise UnreadableSource(f"{folder} holds no .ttl or .trig file; name the folder of the data")
    return [SourceFile(path, _graph_of(path.relative_to(folder)), is_data=True) for path in paths]


def _graph_of(relative: Path) -> str:
    parts = relative.with_suffix("").parts
    if parts[0] == "sources" and len(parts) > 1:
        return SOURCE_GRAPHS + "/".join(parts[1:])
    return GRAPH + "/".join(parts)


def shown_path(path: Path) -> str:
    """Return *path* as short as a person in this folder would type it."""
    absolute = path.resolve()
    here = Path.cwd()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else absolute)


class _Defects:
    """What is wrong with single terms of a file, whatever they mean."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._found: dict[tuple[str, str, str], tuple[str, str, str]] = {}
        self._has_blank_nodes = False

    def look_at(self, quad: ox.Quad) -> None:
        subject, value = quad.subject, quad.object
        if isinstance(subject, ox.NamedNode):
            complaint = _complaint_about_iri(subject.value)
            if complaint:
                self._found[subject.value, "", ""] = complaint
        elif self._file.is_data:
            self._has_blank_nodes = True
        if isinstance(value, ox.Literal):
            complaint = _complaint_about_literal(value)
        elif isinstance(value, ox.Triple):
            complaint = (
                "triple-term",
                "a triple term is not read by all tools",
                "use a statement node",
            )
        else:
            complaint = None
            if isinstance(value, ox.BlankNode) and self._file.is_data:
                self._has_blank_nodes = True
        if complaint:
            name = subject.value if isinstance(subject, ox.NamedNode) else str(subject)
            self._found[name, quad.predicate.value, _lexical(value)] = complaint

    def findings(self, sources: Sources) -> Iterable[Finding]:
        path = shown_path(self._file.path)
        positions = sources.positions(self._file.path) if self._found else None
        for (subject, predicate, value), (rule, what, remedy) in self._found.items():
            line = positions.locate(subject, predicate or None, value)[1] if positions else 1
            about = " ".join(filter(None, [short(subject), short(predicate) if predicate else ""]))
            yield Finding(path, line, f"{about}: {what}", remedy, rule=f"term:{rule}")
        if self._has_blank_nodes:
            for line in dict.fromkeys(sources.positions(self._file.path).blank_nodes):
                yield Finding(
                    path, line, "a blank node cannot be cited or corrected", "name it with an IRI",
                    rule="term:blank-node",
                )  # fmt: skip


def _lexical(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    return str(term) if isinstance(term, ox.Triple) else term.value


@cache
def _complaint_about_iri(iri: str) -> tuple[str, str, str] | None:
    if iri.startswith(ID):
        pattern, form = _THING, "id/{type}/{slug}"
    elif iri.startswith(DEF):
        pattern, form = _DEFINITION, "def/{scheme}/{concept}"
    elif iri.startswith(MP):
        pattern, form = _TERM, "def#Term"
    else:
        return None
    if pattern.fullmatch(iri):
        return None
    what = f"the IRI {iri} does not have the form {form}"
    return ("iri", what, "write words of a-z and 0-9 with single hyphens between them")


def _complaint_about_literal(literal: ox.Literal) -> tuple[str, str, str] | None:
    text, language, datatype = literal.value, literal.language, literal.datatype.value
    if _CONTROL_CHARACTER.search(text):
        return ("control-character", f"{text!r} holds a control character", "remove it")
    if language is not None:
        if literal.direction is not None:
            return ("language", "a base direction is not read by all tools", "remove it")
        return None
    if datatype not in _LEXICAL_FORMS:
        allowed = ", ".join(short(iri) for iri in sorted(_LEXICAL_FORMS))
        return (
            "datatype",
            f"{short(datatype)} is not a datatype used here",
            f"use one of {allowed}",
        )
    form, is_valid = _LEXICAL_FORMS[datatype]
    if is_valid(text):
        return None
    return ("value", f"{text!r} is not {form}", f"write {form}")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_date_time(text: str) -> bool:
    try:
        return bool(datetime.fromisoformat(text).tzinfo) and "T" in text
    except ValueError:
        return False


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


_ANY: Callable[[str], bool] = lambda _: True  # noqa: E731
# The store keeps these as they are written; others it would rewrite or compare in surprising ways.
_LEXICAL_FORMS: dict[str, tuple[str, Callable[[str], bool]]] = {
    XSD + "string": ("text", _ANY),
    XSD + "integer": ("a whole number of at most 18 digits", _matches(r"-?(0|[1-9]\d{0,17})")),
    XSD + "decimal": (
        "a decimal number such as 0.7",
        _matches(r"-?(0|[1-9]\d{0,17})(\.\d{1,18})?"),
    ),
    XSD + "date": ("a date such as 2018-07-01", _is_date),
    XSD + "dateTime": ("a time with its zone such as 2018-07-01T12:00:00Z", _is_date_time),
    XSD + "boolean": ("true or false", _matches("true|false")),
    XSD + "anyURI": ("an absolute URI", _matches(r"[a-zA-Z][a-zA-Z0-9+.-]*:[^\s<>\"{}|\\^`]+")),
    XSD + "gYear": ("a year such as 2018", _matches(r"-?\d{4,}")),
    GEO + "wktLiteral": (
        "a point such as POINT(6.09 49.78)",
        _matches(r"POINT\(-?\d+(\.\d+)? -?\d+(\.\d+)?\)"),
    ),
    RDF + "langString": ("text with a language", _ANY),
}
