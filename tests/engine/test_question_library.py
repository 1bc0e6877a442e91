"""A question may be asked about something else: what is put in is checked, and stays a term."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import RDF, SH

from graph.errors import QueryRejected, UnknownThing
from graph.namespaces import DEF, ID, MP, UNION_GRAPH
from graph.publishing.catalogue.library import Question, parameter_names, questions
from graph.publishing.catalogue.questions import write_questions
from graph.publishing.labels import Names
from graph.publishing.site.questions import (
    TOPICS,
    answered_questions,
    write_question,
    write_question_list,
)
from graph.publishing.site.speaking import in_language_of_page
from tests.engine.published import PUBLIC_URL, of_quads, of_turtle

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.published import Published

EVERY = questions()
WITH_PARAMETERS = [each for each in EVERY if each.parameters]
by_slug = {each.slug: each for each in EVERY}


def slug_of(question: Question) -> str:
    return question.slug


def asked(published: Published, slug: str, language: str = "en", **values: str) -> dict[str, Any]:
    return json.loads(published.written(write_question, slug=slug, language=language, **values))


def texts_of(page: dict[str, Any]) -> list[list[str]]:
    """Return the answer of *page* as words."""
    return [[words(cell) for cell in row] for row in page["answer"]["rows"]]


def words(cell: dict[str, Any] | None) -> str:
    if cell is None:
        return ""
    if "thing" in cell:
        return cell["thing"]["label"]
    if "number" in cell:
        qualifier = cell["qualifier"]
        return f"{qualifier['label']} {cell['number']}" if qualifier else cell["number"]
    return str(next(cell[key] for key in ("day", "flag", "text") if key in cell))


def test_at_least_a_dozen_questions_can_be_asked_about_something_else() -> None:
    assert len(WITH_PARAMETERS) >= 12
    assert len({each.slug for each in EVERY}) == len(EVERY)
    kinds = {parameter.kind for each in WITH_PARAMETERS for parameter in each.parameters}
    assert kinds == {"thing", "concept", "year"}


@pytest.mark.parametrize("question", EVERY, ids=slug_of)
def test_a_question_has_a_topic_and_a_sentence_for_each_parameter(question: Question) -> None:
    assert question.topic in TOPICS
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", question.slug)
    assert question.asked.keys() == ({"en", "fr", "de"} if question.parameters else set())
    for parameter in question.parameters:
        assert parameter.labels.keys() == {"en", "fr", "de"}
        assert all(f"{{{parameter.name}}}" in text for text in question.asked.values())
        assert f"VALUES ?{parameter.name} {{ " in question.query


@pytest.mark.parametrize("question", WITH_PARAMETERS, ids=slug_of)
def test_the_default_is_a_value_like_any_other(shipped: Published, question: Question) -> None:
    page = asked(shipped, question.slug)
    chosen = {each["name"]: each["value"]["text"] for each in page["parameters"]}

    assert asked(shipped, question.slug, **chosen) == page
    assert page["tools"]["query"] == question.query.strip()
    for each in page["parameters"]:
        if each["kind"] != "year":
            assert chosen[each["name"]] in [value["text"] for value in each["offered"]]


@pytest.mark.parametrize(
    ("slug", "values", "expected"),
    [
        ("specialties-of-a-cluster", {"cluster": "valorial"}, [["agro-food"]]),
        ("specialties-of-a-cluster", {"cluster": f"{ID}cluster/valorial"}, [["agro-food"]]),
        ("specialties-of-a-cluster", {"cluster": "Valorial"}, [["agro-food"]]),
        (
            "clusters-with-a-specialty",
            {"specialty": "cosmetics"},
            [["Cosmetic Valley", "national cluster"], ["PASS", "national cluster"]],
        ),
        (
            "clusters-in-a-country",
            {"country": "hungary"},
            [["South West Hungarian Engineering Cluster"]],
        ),
        (
            "partners-of-a-cluster",
            {"cluster": "therapeutic-innovation"},
            [["In Vivo", "between clusters"]],
        ),
        (
            "where-is-a-cluster",
            {"cluster": "cara"},
            [["Auvergne-Rhône-Alpes"], ["Centre-Val de Loire"]],
        ),
        (
            "size-of-a-project",
            {"project": "pae"},
            [["number of partners", "12", "partners"], ["project budget", "2200000", "EUR"]],
        ),
        ("what-overlaps-a-year", {"year": "1850"}, []),
        (
            "evidence-for-a-figure",
            {"cluster": "swhec", "indicator": "employee-count"},
            [
                [
                    "around 5000",
                    "persons",
                    "number of employees: cc 5000",
                    "000_e3d9d6661a42b5d9.txt",
                    "40",
                ]
            ],
        ),
    ],
)
def test_another_value_has_another_answer(
    shipped: Published, slug: str, values: dict[str, str], expected: list[list[str]]
) -> None:
    page = asked(shipped, slug, **values)

    assert sorted(texts_of(page)) == sorted(expected)
    assert page["answer"]["count"] == len(expected)


def test_the_question_names_what_it_is_asked_about(shipped: Published) -> None:
    page = asked(shipped, "clusters-with-a-specialty", "de", specialty="cosmetics")

    assert page["question"] == {
        "text": "Welche Cluster haben das Spezialgebiet „Kosmetik“?",
        "language": "de",
    }
    assert "VALUES ?specialty { specialty:cosmetics }" in page["tools"]["query"]


@pytest.mark.parametrize(
    ("slug", "values", "complaint"),
    [
        ("specialties-of-a-cluster", {"cluster": "minalogc"}, "did you mean minalogic"),
        ("specialties-of-a-cluster", {"cluster": "xerox"}, "there is no cluster of that name"),
        ("specialties-of-a-cluster", {"cluster": f"{ID}organisation/xerox"}, "there is no cluster"),
        ("specialties-of-a-cluster", {"cluster": "https://e.org/x"}, "there is no cluster"),
        ("specialties-of-a-cluster", {"cluster": "x> } DROP ALL #"}, "there is no cluster"),
        ("specialties-of-a-cluster", {"cluster": "} # \U0001f600"}, "there is no cluster"),
        ("specialties-of-a-cluster", {"cluster": "x" * 500}, "there is no cluster"),
        ("specialties-of-a-cluster", {"project": "pae"}, "'project'; it takes cluster"),
        ("most-frequent-specialties", {"cluster": "x"}, "no parameter 'cluster'; it takes none"),
        ("clusters-in-a-sector", {"sector": "biotechnology"}, "there is no sector of that name"),
        ("what-overlaps-a-year", {"year": "21"}, "send a year of four digits such as 2021"),
        ("what-overlaps-a-year", {"year": "2021 } #"}, "send a year of four digits"),
        ("what-overlaps-a-year", {"year": "٢٠٢١"}, "send a year of four digits"),
    ],
)
def test_a_value_that_means_nothing_is_refused_with_near_names(
    shipped: Published, slug: str, values: dict[str, str], complaint: str
) -> None:
    with pytest.raises(QueryRejected, match=complaint):
        asked(shipped, slug, **values)


def test_a_thing_with_a_hostile_name_ends_no_query() -> None:
    iri = "https://w3id.org/metapole/id/cluster/x%3E%20%7D#y"
    published = of_turtle(
        f"<{ID}cluster/minalogic> a <{MP}Cluster> . "
        f"<{iri}> a <{MP}Cluster> ; <http://www.w3.org/2004/02/skos/core#prefLabel> "
        '"<script>alert(1)</script>"@en .'
    )
    page = asked(published, "specialties-of-a-cluster", cluster=iri)

    assert f"VALUES ?cluster {{ <{iri}> }}" in page["tools"]["query"]
    assert page["answer"]["rows"] == []


def test_a_question_that_is_not_there_is_unknown_and_near_ones_are_named(
    shipped: Published,
) -> None:
    with pytest.raises(UnknownThing, match="there is no question") as raised:
        asked(shipped, "specialties-of-clusters")

    near = [each["address"] for each in raised.value.suggestions]
    assert f"{PUBLIC_URL}questions/specialties-of-a-cluster" in near


def test_answers_are_in_the_language_of_the_page_and_lead_to_things(shipped: Published) -> None:
    page = asked(shipped, "clusters-with-a-specialty", "fr")

    cells = page["answer"]["rows"][0]
    assert cells[0]["thing"]["address"].startswith(f"{PUBLIC_URL}cluster/")
    assert cells[1]["thing"]["iri"].startswith(f"{DEF}label-category/")
    assert cells[1]["thing"]["language"] == "fr"


def columns_found(published: Published, query: str) -> list[list[ox.Literal]]:
    """Return the texts with a language that *query* finds, by column."""
    found = published.store.query(query, default_graph=[published.edition().union])
    assert isinstance(found, ox.QuerySolutions)
    return [
        [each for each in column if isinstance(each, ox.Literal) and each.language]
        for column in zip(*found, strict=True)
    ]


@pytest.mark.parametrize("language", ["fr", "de"])
def test_the_file_of_an_answer_has_names_in_the_language_of_the_page(
    shipped: Published, language: str
) -> None:
    page = asked(shipped, "figures-of-a-cluster", language)
    english = asked(shipped, "figures-of-a-cluster")

    indicators = columns_found(shipped, page["tools"]["query"])[0]
    assert {each.language for each in indicators} == {language}
    assert len(indicators) == len(columns_found(shipped, english["tools"]["query"])[0]) > 3
    assert {each.value for each in indicators} != {
        each.value for each in columns_found(shipped, english["tools"]["query"])[0]
    }


SAID_TWICE = """
    PREFIX mp: <https://w3id.org/metapole/def#>
    PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    <x:a> mp:specialty <x:one> ; mp:value 1 .
    <x:b> mp:specialty <x:other> ; mp:value 2 .
    <x:one> skos:prefLabel "one"@en, "un"@fr .
    <x:other> skos:prefLabel "other"@en %s .
"""


@pytest.mark.parametrize(
    ("query", "is_french"),
    [
        ('SELECT ?a ?n { ?a <P>/<L> ?n FILTER (LANG(?n) = "en") }', False),
        ('SELECT (COUNT(?a) AS ?c) { ?a <P>/<L> ?n FILTER (LANG(?n) = "en") }', False),
        ('SELECT ?n { ?a <V> 1 ; <P>/<L> ?n FILTER (LANG(?n) = "en") }', True),
        ('SELECT ?a ?n { ?a <P>/<L> ?n FILTER (?n = "one"@en) }', False),
    ],
)
def test_a_query_speaks_the_language_only_if_nothing_is_lost_by_that(
    query: str, is_french: bool
) -> None:
    for short, iri in (
        ("<P>", "<https://w3id.org/metapole/def#specialty>"),
        ("<V>", "<https://w3id.org/metapole/def#value>"),
        ("<L>", "<http://www.w3.org/2004/02/skos/core#prefLabel>"),
    ):
        query = query.replace(short, iri)
    lacking, whole = of_turtle(SAID_TWICE % ""), of_turtle(SAID_TWICE % ', "autre"@fr')
    french = query.replace('= "en"', '= "fr"')

    spoken = in_language_of_page(lacking.edition(language="fr"), query)
    assert spoken == (french if is_french else query)
    assert in_language_of_page(whole.edition(language="fr"), query) == french
    assert in_language_of_page(whole.edition(language="en"), query) == query


def test_whether_a_query_speaks_the_language_is_found_out_once_if_it_is_always_the_same() -> None:
    query = """
        SELECT ?a ?n { ?a <https://w3id.org/metapole/def#specialty> ?it .
        ?it <http://www.w3.org/2004/02/skos/core#prefLabel> ?n FILTER (LANG(?n) = "en") }
    """
    lacking = of_turtle(SAID_TWICE % "")
    edition = lacking.edition(language="fr")

    assert in_language_of_page(edition, query, is_fixed=True) == query
    lacking.store.clear()
    assert in_language_of_page(edition, query, is_fixed=True) == query
    assert in_language_of_page(edition, query) != query


def test_a_number_carries_how_exact_it_is(shipped: Published) -> None:
    page = asked(shipped, "employees-per-company", "fr")

    names = [column["name"] for column in page["answer"]["columns"]]
    assert names == ["name", "employees", "companies", "perCompany"]
    assert sorted(row[1:] for row in texts_of(page)) == [
        ["450000", "au moins 2500", "180"],
        ["environ 84500", "230", "367"],
        ["plus de 22800", "86", "265"],
    ]


@pytest.mark.parametrize(
    ("words", "slugs"),
    [
        ("canada", {"clusters-that-reach-a-country", "clusters-in-a-country"}),
        ("KANADISCHES", {"clusters-that-reach-a-country"}),
        ("spécialités minalogic", {"specialties-of-a-cluster"}),
        ("specialites MINALOGIC", {"specialties-of-a-cluster"}),
        ("no such words", set[str]()),
        ("<script>alert(1)</script>", set[str]()),
    ],
)
def test_questions_are_found_by_their_words(words: str, slugs: set[str]) -> None:
    page = json.loads(of_quads([]).written(write_question_list, q=words, language="en"))

    listed = [each for group in page["groups"] for each in group["questions"]]
    assert {each["address"].rpartition("/")[2] for each in listed} == slugs
    assert page["count"] == len(slugs)
    assert page["asked"] == words


def test_all_questions_are_listed_by_topic_and_by_a_query() -> None:
    page = json.loads(of_quads([]).written(write_question_list, language="fr"))

    assert [group["topic"] for group in page["groups"]] == list(TOPICS)
    rows = ox.Store().query(page["tools"]["query"])
    assert isinstance(rows, ox.QuerySolutions)
    pages = {row["page"].value.removeprefix(f"{PUBLIC_URL}questions/") for row in rows}
    assert pages == set(by_slug)


def test_the_first_page_answers_six_questions(shipped: Published) -> None:
    edition = shipped.edition(language="en")
    answered = answered_questions(edition, Names(edition))

    short = {
        each["text"].rpartition("?")[0]: [one["label"] for one in each["answer"]]
        for each in answered
    }
    assert len(answered) == 6
    assert short["How many competitiveness clusters are there"] == ["55", "66"]
    assert set(short["Which French clusters reach a Canadian cluster, and through whom"]) == {
        "Minalogic",
        "Therapeutic Innovation",
    }
    assert all(each["address"].startswith(f"{PUBLIC_URL}questions/") for each in answered)


def test_parameters_are_told_as_shacl_tells_them() -> None:
    text = of_quads([]).written(write_questions, "text/turtle")
    graph = rdflib.Graph().parse(data=text, format="turtle")

    told = {
        (str(question).partition("#")[2], str(graph.value(each, SH.path)).rpartition("#")[2])
        for question, each in graph.subject_objects(SH.parameter)
    }
    assert told == {
        (question.name, parameter.name) for question in EVERY for parameter in question.parameters
    }
    for each in graph.subjects(RDF.type, SH.Parameter):
        assert len(list(graph.objects(each, SH.name))) == 3
        (default,) = graph.objects(each, SH.defaultValue)
        kinds = list(graph.objects(each, SH["class"])) + list(graph.objects(each, SH.datatype))
        assert len(kinds) == 1
        assert isinstance(default, rdflib.Literal) == (kinds[0] == rdflib.XSD.integer)


def test_a_line_about_a_parameter_that_says_nothing_is_a_mistake(tmp_path: Path) -> None:
    text = '# id: X1\n# parameter: place thing "place"@en\nSELECT * { ?s ?p ?o }\n'
    (tmp_path / "X1-wrong.rq").write_text(text, encoding="utf-8")

    with pytest.raises(ValueError, match="names no VALUES of the query"):
        questions(tmp_path)


def test_no_parameter_is_called_as_what_a_page_knows_itself() -> None:
    assert not set(parameter_names()) & {"slug", "language", "extension", "generation", "asof"}
    assert UNION_GRAPH not in "".join(each.query for each in EVERY)
