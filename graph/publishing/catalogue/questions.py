"""The library of questions as SHACL executables, the form in which endpoints publish examples."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.namespaces import OWL, RDFS, SH, XSD
from graph.paths import bundled
from graph.publishing.catalogue.describing import DCT, SCHEMA, Said, Texts, write_rdf

if TYPE_CHECKING:
    from pathlib import Path

    from graph.publishing.edition import Edition

_HEADER = re.compile(r"# ([a-z]+)(?:@([a-z]+))?: (.*)")
_PREFIX = re.compile(r"PREFIX\s+([A-Za-z][\w-]*):\s*<([^>]*)>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the query that answers it."""

    name: str
    """What its file is called: `V1-evidence-for-the-turnover-of-avia`."""
    texts: Texts
    query: str
    """Without the comments at its head."""

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that the query declares."""
        return dict(_PREFIX.findall(self.query))


def questions(folder: Path | None = None) -> list[Question]:
    """Return the questions in *folder*, or those that ship, in the order of their names."""
    chosen = folder or bundled("ontology") / "questions"
    return [_question(path) for path in sorted(chosen.glob("*.rq"))]


def _question(path: Path) -> Question:
    texts: Texts = {}
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for number, line in enumerate(lines):
        header = _HEADER.fullmatch(line.strip())
        if not header:
            return Question(path.stem, texts, "".join(lines[number:]))
        if header[1] == "question" and header[2]:
            texts[header[2]] = header[3]
    return Question(path.stem, texts, "")


def write_questions(edition: Edition) -> None:
    """Write the questions, each with its query and where to ask it."""
    said = Said()
    here = f"{edition.public_url}data/questions"
    asked = questions()
    prefixes = {name: space for each in asked for name, space in each.prefixes.items()}
    declared = f"{here}#prefixes"
    ontology = said.about(declared, f"{OWL}Ontology")
    for name, space in sorted(prefixes.items()):
        iri = f"{here}#prefix-{name}"
        ontology.link(f"{SH}declare", iri)
        about = said.about(iri, f"{SH}PrefixDeclaration").value(f"{SH}prefix", name)
        about.value(f"{SH}namespace", space, f"{XSD}anyURI")
    for question in asked:
        about = said.about(
            f"{here}#{question.name}", f"{SH}SPARQLExecutable", f"{SH}SPARQLSelectExecutable"
        )
        about.value(f"{DCT}identifier", question.name)
        about.text(f"{RDFS}comment", question.texts)
        about.value(f"{SH}select", question.query).link(f"{SH}prefixes", declared)
        about.link(f"{SCHEMA}target", f"{edition.public_url}sparql")
    write_rdf(edition, said)
