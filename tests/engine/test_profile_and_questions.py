"""The profile leads to what makes it usable, and the questions can be asked as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import RDF, RDFS, SH

from graph.generations import current_generation
from graph.publishing.catalogue.profile import write_profile
from graph.publishing.catalogue.questions import write_questions
from tests.engine.published import PUBLIC_URL, Published, of_quads, of_whole_generation

if TYPE_CHECKING:
    from pathlib import Path

PROF = rdflib.Namespace("http://www.w3.org/ns/dx/prof/")
ROLE = rdflib.Namespace("http://www.w3.org/ns/dx/prof/role/")
SCHEMA = rdflib.Namespace("https://schema.org/")


@pytest.fixture(scope="module")
def shipped(shipped_store: Path) -> Published:
    generation = current_generation(shipped_store)
    assert generation
    return of_whole_generation(generation)


def test_the_profile_has_a_resource_for_each_role(shipped: Published, project: Path) -> None:
    text = shipped.written(write_profile, "text/turtle")
    graph = rdflib.Graph().parse(data=text, format="turtle")

    (profile,) = graph.subjects(RDF.type, PROF.Profile)
    by_role: dict[str, set[str]] = {}
    for resource in graph.objects(profile, PROF.hasResource):
        artifact = str(graph.value(resource, PROF.hasArtifact)).removeprefix(PUBLIC_URL)
        by_role.setdefault(str(graph.value(resource, PROF.hasRole)), set()).add(artifact)

    assert by_role[str(ROLE.schema)] == {"ontology.ttl"}
    assert by_role[str(ROLE.validation)] == {"ontology/shapes.ttl"}
    assert by_role[str(ROLE.example)] == {"data/questions.ttl"}
    assert by_role[str(ROLE.guidance)] == {"ontology"}
    schemes = (project / "ontology" / "schemes").glob("*.ttl")
    assert by_role[str(ROLE.vocabulary)] == {f"data/def/{path.stem}.ttl" for path in schemes}


def test_every_question_is_there_with_its_query(shipped: Published, project: Path) -> None:
    text = of_quads([]).written(write_questions, "text/turtle")
    graph = rdflib.Graph().parse(data=text, format="turtle")

    files = sorted((project / "ontology" / "questions").glob("*.rq"))
    found = sorted(
        str(each).partition("#")[2] for each in graph.subjects(RDF.type, SH.SPARQLExecutable)
    )
    assert found == [path.stem for path in files]
    for path in files:
        question = rdflib.URIRef(f"{PUBLIC_URL}data/questions#{path.stem}")
        comments = {
            comment.language: str(comment)
            for comment in graph.objects(question, RDFS.comment)
            if isinstance(comment, rdflib.Literal)
        }
        for language in ("en", "fr", "de"):
            assert f"# question@{language}: {comments[language]}\n" in path.read_text("utf-8")
        assert str(graph.value(question, SCHEMA.target)) == f"{PUBLIC_URL}sparql"
        query = str(graph.value(question, SH.select))
        assert path.read_text("utf-8").endswith(query)
        rows = shipped.store.query(query, default_graph=[shipped.edition().union])
        assert isinstance(rows, ox.QuerySolutions)


def test_the_prefixes_of_the_questions_are_declared() -> None:
    text = of_quads([]).written(write_questions, "text/turtle")
    graph = rdflib.Graph().parse(data=text, format="turtle")

    declared = {
        str(graph.value(each, SH.prefix)): str(graph.value(each, SH.namespace))
        for each in graph.objects(None, SH.declare)
    }
    assert declared["mp"] == "https://w3id.org/metapole/def#"
    for question in graph.subjects(RDF.type, SH.SPARQLExecutable):
        assert graph.value(graph.value(question, SH.prefixes), SH.declare)
