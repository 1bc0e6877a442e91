"""The library of questions as SHACL executables, the form in which endpoints publish examples.

A parameter is told as SHACL tells it of functions: `sh:parameter` with the variable as the last
word of its path, a default, and the class or the datatype that a value has to be of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.namespaces import DEF, OWL, RDFS, SH, SKOS, XSD
from graph.publishing.catalogue.describing import DCT, SCHEMA, Said, write_rdf
from graph.publishing.catalogue.library import questions

if TYPE_CHECKING:
    from graph.publishing.catalogue.library import Parameter, Question
    from graph.publishing.edition import Edition


def write_questions(edition: Edition) -> None:
    """Write the questions, each with its query, its parameters and where to ask it."""
    said = Said()
    here = f"{edition.public_url}data/questions"
    asked = questions()
    declared = _declare_prefixes(said, here, asked)
    for question in asked:
        iri = f"{here}#{question.name}"
        about = said.about(iri, f"{SH}SPARQLExecutable", f"{SH}SPARQLSelectExecutable")
        about.value(f"{DCT}identifier", question.name)
        about.text(f"{RDFS}comment", question.texts)
        about.value(f"{SH}select", question.query).link(f"{SH}prefixes", declared)
        about.link(f"{SCHEMA}target", f"{edition.public_url}sparql")
        about.link(f"{RDFS}seeAlso", f"{edition.public_url}questions/{question.slug}")
        for parameter in question.parameters:
            about.link(f"{SH}parameter", f"{iri}-{parameter.name}")
        for parameter in question.parameters:
            _describe(said, here, f"{iri}-{parameter.name}", parameter)
    write_rdf(edition, said)


def _declare_prefixes(said: Said, here: str, asked: list[Question]) -> str:
    """Say which prefixes the queries use; return what says so."""
    declared = f"{here}#prefixes"
    ontology = said.about(declared, f"{OWL}Ontology")
    used = {name: space for each in asked for name, space in each.prefixes.items()}
    for name, space in sorted(used.items()):
        iri = f"{here}#prefix-{name}"
        ontology.link(f"{SH}declare", iri)
        about = said.about(iri, f"{SH}PrefixDeclaration").value(f"{SH}prefix", name)
        about.value(f"{SH}namespace", space, f"{XSD}anyURI")
    return declared


def _describe(said: Said, here: str, iri: str, parameter: Parameter) -> None:
    about = said.about(iri, f"{SH}Parameter").link(f"{SH}path", f"{here}#{parameter.name}")
    about.text(f"{SH}name", parameter.labels)
    if parameter.kind in ("year", "number"):
        about.link(f"{SH}datatype", f"{XSD}integer")
        about.value(f"{SH}defaultValue", parameter.default, f"{XSD}integer")
        return
    is_concept = parameter.kind == "concept"
    about.link(f"{SH}class", f"{SKOS}Concept" if is_concept else parameter.of)
    about.link(f"{SH}defaultValue", parameter.default)
    if is_concept:
        scheme = parameter.namespace.removesuffix("/")
        assert scheme.startswith(DEF)  # noqa: S101 -- concepts are ours
        about.link(f"{SKOS}inScheme", scheme)
