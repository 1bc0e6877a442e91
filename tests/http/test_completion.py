"""What the editor asks for while somebody writes: suggestions, mistakes, names."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

MP = "https://w3id.org/metapole/def#"
CLUSTER = f"{MP}Cluster"


def suggestions(endpoint: str, **asked: str) -> list[dict[str, Any]]:
    answer = httpx2.get(f"{endpoint}/sparql/complete", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["suggestions"]


def count(endpoint: str, pattern: str) -> int:
    query = f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"
    answer = httpx2.get(
        f"{endpoint}/sparql", params={"query": query}, headers={"Accept": "text/csv"}
    )
    return int(answer.text.split()[1])


def test_classes_come_with_label_and_count(endpoint: str) -> None:
    found = {each["insert"]: each for each in suggestions(endpoint, kind="class")}

    cluster = found["mp:Cluster"]
    assert (cluster["iri"], cluster["label"]) == (CLUSTER, "cluster")
    assert cluster["count"] == count(endpoint, f"?thing a <{CLUSTER}>")
    assert not cluster["is_more"]
    assert found["mp:Statement"]["is_more"]
    assert [each["count"] for each in found.values()] == sorted(
        (each["count"] for each in found.values()), reverse=True
    )


@pytest.mark.parametrize(
    ("language", "label"), [("en", "Organisation"), ("fr", "organisation"), ("de", "Organisation")]
)
def test_a_label_is_in_the_language_of_the_page(endpoint: str, language: str, label: str) -> None:
    found = suggestions(endpoint, kind="class", q="organisation", language=language)

    assert label.casefold() in {each["label"].casefold() for each in found}
    assert {each["language"] for each in found} == {language}


def test_properties_are_those_of_the_class_with_how_many_each_has(endpoint: str) -> None:
    query = {"kind": "property", "class": CLUSTER}
    found = {each["insert"]: each for each in suggestions(endpoint, **query)}

    located = found["mp:locatedIn"]
    assert located["of"] == count(endpoint, f"?thing a <{CLUSTER}>")
    assert located["count"] == count(
        endpoint,
        f"SELECT DISTINCT ?thing {{ ?thing a <{CLUSTER}> ; <{MP}locatedIn> ?area }}",
    )
    assert found["skos:prefLabel"]["cardinality"] == "1..n"
    assert "mp:value" not in found  # figures have it


def test_properties_follow_what_a_property_leads_to(endpoint: str) -> None:
    found = suggestions(endpoint, kind="property", of=f"{MP}evidence")

    names = {each["insert"] for each in found}
    assert "mp:printedAs" in names
    assert "mp:locatedIn" not in names


def test_without_a_subject_all_properties_are_there(endpoint: str) -> None:
    names = {each["insert"] for each in suggestions(endpoint, kind="property")}

    assert {"rdf:type", "skos:prefLabel", "mp:value", "mp:locatedIn"} <= names


def test_values_are_those_of_the_property(endpoint: str) -> None:
    found = suggestions(endpoint, kind="value", property=f"{MP}locatedIn", q="lux")

    assert found
    assert all("lux" in each["label"].casefold() for each in found)
    assert {each["kind"] for each in found} == {"value"}


@pytest.mark.parametrize("word", ["Region", "region", "RÉGION", "rég"])
def test_accents_and_capitals_make_no_difference(endpoint: str, word: str) -> None:
    assert suggestions(endpoint, kind="class", q=word) == suggestions(
        endpoint, kind="class", q=word.casefold().replace("é", "e")
    )


def test_prefixes_are_those_of_the_questions_and_well_known_ones(endpoint: str) -> None:
    answer = httpx2.get(f"{endpoint}/sparql/complete", params={"kind": "prefix"}).json()

    assert answer["prefixes"]["mp"] == MP
    assert answer["prefixes"]["foaf"] == "http://xmlns.com/foaf/0.1/"
    assert answer["prefixes"]["kind"] == "https://w3id.org/metapole/def/kind/"


@pytest.mark.parametrize("kind", ["class", "property"])
def test_what_is_suggested_can_be_written_into_a_query(endpoint: str, kind: str) -> None:
    prefixes = httpx2.get(f"{endpoint}/sparql/complete", params={"kind": "prefix"}).json()
    head = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in prefixes["prefixes"].items())
    wanted = suggestions(endpoint, kind=kind)
    query = f"{head}SELECT * {{ VALUES ?iri {{ {' '.join(each['insert'] for each in wanted)} }} }}"
    answer = httpx2.post(
        f"{endpoint}/sparql", data={"query": query}, headers={"Accept": "text/csv"}
    )

    assert answer.text.split()[1:] == [each["iri"] for each in wanted]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kind": "colour"}, "send one of class, property, value, prefix"),
        ({}, "send one of class, property, value, prefix"),
        ({"kind": "value"}, "'property' is missing"),
        ({"kind": "property", "class": "x> . ?s ?p ?o"}, "no absolute IRI"),
        ({"kind": "property", "nonsense": "1"}, "no parameter 'nonsense'"),
        ({"kind": "property", "class": ["urn:a"] * 11}, "at most 10 times 'class'"),
    ],
)
def test_nonsense_is_refused_in_plain_words(
    endpoint: str, asked: dict[str, str | list[str]], said: str
) -> None:
    answer = httpx2.get(f"{endpoint}/sparql/complete", params=asked)

    assert answer.status_code == 400
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "mistake"),
    [
        ("ASK {}", None),
        ("SELECT *\nWHERE {\n  ?s ?p\n}", (4, 1)),
        ("SELECT * { ?s foaf:name ?o }", (1, 15)),
        ("SELECT (<urn:no-function>(1) AS ?x) {}", (None, None)),
        ("CLEAR ALL", (None, None)),
    ],
)
def test_a_query_is_checked_without_being_asked(
    endpoint: str, query: str, mistake: tuple[int | None, int | None] | None
) -> None:
    answer = httpx2.post(f"{endpoint}/sparql/check", content=query)

    assert answer.status_code == 200
    found = answer.json()["mistake"]
    assert (found and (found["line"], found["column"])) == mistake


def test_things_are_named_many_at_once(endpoint: str) -> None:
    iris = ["https://w3id.org/metapole/id/cluster/minalogic", "urn:unknown", "no iri", 5, "a\nb"]
    names = httpx2.post(f"{endpoint}/sparql/names", params={"language": "fr"}, json=iris).json()

    assert set(names) == set(iris[:2])
    minalogic = names["https://w3id.org/metapole/id/cluster/minalogic"]
    assert minalogic["label"] == "Minalogic"
    assert minalogic["address"] == f"{endpoint}/cluster/minalogic"


@pytest.mark.parametrize("body", [b"[", b'{"a": 1}', b"[" + b'"urn:a",' * 600 + b'"urn:a"]'])
def test_what_is_no_list_of_iris_is_refused(endpoint: str, body: bytes) -> None:
    answer = httpx2.post(f"{endpoint}/sparql/names", content=body)

    assert answer.status_code == 400
    assert "send a list of" in answer.json()["detail"]
