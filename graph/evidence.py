"""Compare each piece of evidence with the document it cites: words, positions, SHA-256."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.findings import Finding
from graph.namespaces import MP, short
from graph.sources import shown_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from graph.sources import Sources

_OF_DOCUMENTS = ("fileName", "sha256", "characters", "lines")
_OF_EVIDENCE = ("document", "printedAs", "charFrom", "charTo", "lineFrom", "lineTo")
_BLANKS = re.compile(r"[\s\u00a0\u200b\ufeff]+")


@dataclass(frozen=True, slots=True)
class _Document:
    """A source document as it lies in the folder of the operator."""

    text: str
    sha256: str

    @property
    def lines(self) -> int:
        return self.text.count("\n") + (not self.text.endswith("\n") and bool(self.text))

    def line_of(self, position: int) -> int:
        return self.text.count("\n", 0, position) + 1


def evidence_findings(sources: Sources, folder: Path) -> list[Finding]:
    """Return where the evidence differs from the documents in *folder* (rule S01)."""
    nodes = _properties_by_subject(sources.quads)
    documents: dict[str, _Document] = {}
    findings: list[Finding] = []
    for iri, values in nodes.items():
        if "fileName" not in values:
            continue
        path = folder / values["fileName"]
        if not path.is_file():
            what = f"{short(iri)}: {shown_path(path)} does not exist"
            findings.append(_finding(sources, iri, "fileName", values, what, "correct mp:fileName"))
            continue
        content = path.read_bytes()
        document = _Document(content.decode(), hashlib.sha256(content).hexdigest())
        documents[iri] = document
        findings += _compare(sources, iri, values, _facts_of_document(document))
    for iri, values in nodes.items():
        document = documents.get(values.get("document", ""))
        if document is not None:
            findings += _compare(sources, iri, values, _facts_of_evidence(document, values))
    return findings


def _facts_of_document(document: _Document) -> Iterator[tuple[str, str]]:
    yield "sha256", document.sha256
    yield "characters", str(len(document.text))
    yield "lines", str(document.lines)


def _facts_of_evidence(document: _Document, values: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield "sha256", document.sha256
    first, end = values.get("charFrom", ""), values.get("charTo", "")
    if not (first.isdecimal() and end.isdecimal()):
        return  # the shapes say so already
    yield "printedAs", _collapse(document.text[int(first) : int(end)])
    yield "lineFrom", str(document.line_of(int(first)))
    yield "lineTo", str(document.line_of(max(int(first), int(end) - 1)))


def _compare(
    sources: Sources, iri: str, values: dict[str, str], facts: Iterable[tuple[str, str]]
) -> Iterator[Finding]:
    for name, fact in facts:
        stated = values.get(name)
        if stated is None or stated == fact:
            continue
        if name == "printedAs":
            if _collapse(stated) == fact:
                continue
            place = f"characters {values['charFrom']} to {values['charTo']}"
            what = f"{short(iri)}: mp:printedAs {stated!r}, but {place} are {fact[:90]!r}"
            remedy = "correct mp:charFrom and mp:charTo, or print what stands there"
        else:
            what = f"{short(iri)}: mp:{name} is {stated}, but in the document it is {fact}"
            remedy = f"write {fact}"
        yield _finding(sources, iri, name, values, what, remedy)


def _finding(
    sources: Sources, iri: str, name: str, values: dict[str, str], what: str, remedy: str
) -> Finding:
    path, line = sources.locate(iri, MP + name, values[name]) or ("", 1)
    return Finding(path, line, what, remedy, rule="evidence:as-printed")


def _collapse(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()


def _properties_by_subject(quads: Iterable[ox.Quad]) -> dict[str, dict[str, str]]:
    """Return the mp: properties of evidence and documents as text."""
    nodes: dict[str, dict[str, str]] = {}
    for quad in quads:
        name = quad.predicate.value.removeprefix(MP)
        if name not in _OF_DOCUMENTS + _OF_EVIDENCE:
            continue
        if isinstance(quad.object, ox.NamedNode | ox.Literal):
            nodes.setdefault(_iri(quad.subject), {})[name] = quad.object.value
    return nodes


def _iri(subject: ox.NamedNode | ox.BlankNode | ox.Triple) -> str:
    return str(subject) if isinstance(subject, ox.Triple) else subject.value
