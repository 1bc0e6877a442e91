"""The Reconciliation API over HTTP: version 0.2, and the draft of 1.0.

What answers may look like is checked as the published schemas say it.
"""

from __future__ import annotations

import json
import re
from typing import Any

import httpx2
import pytest

ID = "https://w3id.org/metapole/id/"
MP = "https://w3id.org/metapole/def#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
INDICATOR = "https://w3id.org/metapole/def/indicator/"
MOVEO, AVIA = f"{ID}cluster/moveo", f"{ID}cluster/avia"
DRAFT = "/reconcile/1.0-draft"
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?")

Values = dict[str, Any]


def get(address: str, **parameters: str) -> httpx2.Response:
    return httpx2.get(address, params=parameters, timeout=60, verify=False)


def post(address: str, **fields: object) -> httpx2.Response:
    texts = {
        name: each if isinstance(each, str) else json.dumps(each) for name, each in fields.items()
    }
    return httpx2.post(address, data=texts, timeout=60, verify=False)


def post_json(address: str, said: object) -> httpx2.Response:
    return httpx2.post(address, json=said, timeout=60, verify=False)


def is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def check_named(said: Values) -> None:
    assert is_text(said["id"])
    assert is_text(said["name"])
    assert isinstance(said.get("description", ""), str)


def check_candidates(said: list[Values]) -> None:
    """Check what both versions say of candidates."""
    for each in said:
        check_named(each)
        assert isinstance(each["match"], bool)
        assert isinstance(each["score"], float | int)
        assert 0 <= each["score"] <= 100
        for kind in each["type"]:
            check_named(kind)
        for feature in each["features"]:
            check_named(feature)
            assert isinstance(feature["value"], float | int)
    assert [each["score"] for each in said] == sorted(
        (each["score"] for each in said), reverse=True
    )


def check_value(said: Values) -> None:
    """Check one value of an extension: it has one of the forms of version 0.2."""
    ((kind, value), *others) = said.items()
    if kind == "id":
        assert [name for name, _ in others] == ["name"]
        check_named(said)
        return
    assert not others
    kinds: dict[str, type | tuple[type, ...]] = {"str": str, "float": float, "int": int}
    if kind == "date":
        assert _TIME.fullmatch(value)
    else:
        assert isinstance(value, kinds[kind])


def check_settings(settings: list[Values], identifier: str, help_text: str) -> None:
    for each in settings:
        assert {"type", "name", identifier, help_text} <= each.keys()
        assert each["type"] in ("number", "text", "checkbox", "select")


def test_the_manifest_says_what_version_0_2_asks_for(endpoint: str) -> None:
    answer = get(f"{endpoint}/reconcile")
    said = answer.json()

    assert answer.headers["content-type"] == "application/json"
    assert "0.2" in said["versions"]
    assert is_text(said["name"])
    assert said["identifierSpace"].startswith("https://")
    assert said["schemaSpace"].startswith("https://")
    for kind in said["defaultTypes"]:
        check_named(kind)
    assert "{{id}}" in said["view"]["url"]
    assert "{{id}}" in said["preview"]["url"]
    assert isinstance(said["preview"]["width"], int)
    assert isinstance(said["preview"]["height"], int)
    services = [*said["suggest"].values(), said["extend"]["propose_properties"]]
    assert set(said["suggest"]) == {"entity", "property", "type"}
    for service in services:
        assert get(service["service_url"] + service["service_path"]).status_code == 200
    check_settings(said["extend"]["property_settings"], "label", "help_text")


def test_the_manifest_of_the_draft_says_what_the_draft_asks_for(endpoint: str) -> None:
    said = get(f"{endpoint}{DRAFT}").json()

    assert said["versions"] == ["1.0-draft"]
    assert is_text(said["name"])
    assert re.search(r"\{[^{}]*id[^{}]*\}", said["view"]["url"])
    assert said["suggest"] == {"entity": True, "property": True, "type": True}
    assert set(said["preview"]) == {"width", "height"}
    assert said["extend"]["proposeProperties"] is True
    assert said["standardizedScore"] is True
    assert said["batchSize"] == 100
    check_settings(said["extend"]["propertySettings"], "id", "helpText")


QUERIES: dict[str, Values] = {
    "q0": {"query": "Pole Vehicule du Futur"},
    "q1": {"query": "ACOD", "type": f"{MP}Cluster", "limit": 1},
    "q2": {"query": "Movéo", "properties": [{"pid": "country", "v": "FR"}]},
    "q3": {"query": "Movéo", "properties": [{"pid": "country", "v": {"id": f"{ID}country/japan"}}]},
    "q4": {"query": "ARTEMIS", "type": [{"id": f"{MP}Country"}]},
    "q5": {"query": "[unnamed NRW automotive cluster]"},
    "q6": {"query": "http://www.wikidata.org/entity/Q1137", "type_strict": "should"},
}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_batch_is_answered_by_keys(endpoint: str, method: str) -> None:
    ask = get if method == "GET" else post
    said = ask(f"{endpoint}/reconcile", queries=json.dumps(QUERIES)).json()

    assert said.keys() == QUERIES.keys()
    for each in said.values():
        check_candidates(each["result"])
    first: dict[str, Values] = {
        key: each["result"][0] if each["result"] else {} for key, each in said.items()
    }
    assert first["q0"]["id"] == f"{ID}cluster/vehicule-du-futur"
    assert first["q0"]["match"]
    assert first["q1"]["id"] == f"{ID}cluster/acod"
    assert len(said["q1"]["result"]) == 1
    assert first["q2"]["id"] == MOVEO
    assert first["q2"]["match"]
    assert first["q3"]["id"] == MOVEO
    assert not first["q3"]["match"]
    assert "is in France, not in Japan" in first["q3"]["description"]
    assert all(f"{MP}Country" in [kind["id"] for kind in each["type"]]
               for each in said["q4"]["result"])  # fmt: skip
    assert not first["q5"].get("match")
    assert first["q6"]["id"] == f"{ID}area/lorraine"


def test_one_query_is_answered_alone(endpoint: str) -> None:
    for query in ("Movéo", json.dumps({"query": "Movéo"})):
        said = get(f"{endpoint}/reconcile", query=query).json()
        assert said["result"][0]["id"] == MOVEO


@pytest.mark.parametrize("route", ["match", "reconcile"])
def test_the_draft_has_conditions(endpoint: str, route: str) -> None:
    named = {"matchType": "name", "v": "Movéo"}
    in_france = {"matchType": "property", "pid": f"{MP}locatedIn", "v": "France", "required": True}
    in_japan = {"matchType": "property", "propertyId": f"{MP}locatedIn",
                "propertyValue": [f"{ID}country/japan"], "required": True}  # fmt: skip
    queries = [{"conditions": [named]}, {"conditions": [named, in_france], "limit": 3},
               {"conditions": [named, in_japan]}]  # fmt: skip

    said = post_json(f"{endpoint}{DRAFT}/{route}", {"queries": queries}).json()["results"]

    for each in said:
        check_candidates(each["candidates"])
    assert said[0]["candidates"][0]["id"] == MOVEO
    assert said[1]["candidates"][0]["id"] == MOVEO
    assert said[2]["candidates"] == []


@pytest.mark.parametrize(
    ("kind", "prefix", "expected"),
    [
        ("entity", "mov", MOVEO),
        ("entity", "Pole vehi", f"{ID}cluster/vehicule-du-futur"),
        ("type", "clus", f"{MP}Cluster"),
        ("type", "", f"{MP}Country"),
        ("property", "loc", f"{MP}locatedIn"),
        ("property", "turn", f"{INDICATOR}turnover"),
        ("property", "SIREN", "siren"),
    ],
)
@pytest.mark.parametrize("root", ["/reconcile", DRAFT])
def test_what_begins_so_is_suggested(
    endpoint: str, root: str, kind: str, prefix: str, expected: str
) -> None:
    said = get(f"{endpoint}{root}/suggest/{kind}", prefix=prefix).json()["result"]

    for each in said:
        check_named(each)
    assert expected in [each["id"] for each in said]
    skipped = get(f"{endpoint}{root}/suggest/{kind}", prefix=prefix, cursor="1").json()["result"]
    assert skipped[: len(said) - 1] == said[1:]


def test_names_are_in_the_language_of_the_address(endpoint: str) -> None:
    said = get(f"{endpoint}/fr/reconcile/suggest/type", prefix="réseau").json()["result"]
    assert said == [{"id": f"{MP}ClusterNetwork", "name": "réseau de clusters"}]
    assert f"{endpoint}/fr/reconcile" in get(f"{endpoint}/fr/reconcile").json()["view"]["url"]


EXTENSION: Values = {
    "ids": [AVIA, MOVEO, "no iri at all", f"{ID}country/luxembourg"],
    "properties": [
        {"id": "country"},
        {"id": f"{MP}locatedIn", "settings": {"limit": "1"}},
        {"id": f"{SKOS}prefLabel", "settings": {"language": "en"}},
        {"id": f"{INDICATOR}turnover"},
        {"id": "nuts"},
        {"id": "wikidata"},
        {"id": f"{MP}nothing"},
    ],
}


def test_things_are_extended_with_values(endpoint: str) -> None:
    form = post(f"{endpoint}/reconcile", extend=EXTENSION).json()
    body = post_json(f"{endpoint}/reconcile/extend", EXTENSION).json()
    listed = post_json(f"{endpoint}{DRAFT}/extend", EXTENSION).json()

    assert body == form
    assert listed["meta"] == form["meta"]
    rows = form["rows"]
    assert {
        each["id"]: {cell["id"]: cell["values"] for cell in each["properties"]}
        for each in listed["rows"]
    } == rows
    assert [each["id"] for each in form["meta"]] == [each["id"] for each in EXTENSION["properties"]]
    for each in form["meta"]:
        check_named(each)
    for row in rows.values():
        for cell in row.values():
            for value in cell:
                check_value(value)
    assert rows[AVIA]["country"] == [{"id": f"{ID}country/spain", "name": "Spain"}]
    assert len(rows[MOVEO][f"{MP}locatedIn"]) == 1
    assert rows[AVIA][f"{INDICATOR}turnover"] == [{"float": 11_200_000_000.0}]
    luxembourg = rows[f"{ID}country/luxembourg"]
    assert luxembourg["nuts"] == [{"str": "LU"}, {"str": "LU0"}]
    assert luxembourg[f"{SKOS}prefLabel"] == [{"str": "Luxembourg"}]
    assert rows[MOVEO][f"{SKOS}prefLabel"] == []  # its name is in French
    assert not any(rows["no iri at all"].values())
    assert not rows[MOVEO][f"{MP}nothing"]


def test_properties_are_proposed_for_a_type(endpoint: str) -> None:
    for root in ("/reconcile", DRAFT):
        said = get(f"{endpoint}{root}/extend/propose", type=f"{MP}Cluster", limit="8").json()
        assert said["type"] == f"{MP}Cluster"
        assert said["limit"] == 8
        assert len(said["properties"]) == 8
        for each in said["properties"]:
            check_named(each)
        assert f"{MP}locatedIn" in [each["id"] for each in said["properties"]]


def test_an_id_leads_to_a_page_and_a_preview_for_frames(endpoint: str) -> None:
    view = get(f"{endpoint}/reconcile/view", id=MOVEO)
    preview = get(f"{endpoint}/reconcile/preview", id=MOVEO)
    other = get(f"{endpoint}/reconcile/preview", id=f"{ID}cluster/nothing-of-this-name")

    assert view.status_code == 303
    assert view.headers["location"] == f"{endpoint}/cluster/moveo"
    assert preview.status_code == 200
    assert preview.headers["content-type"].startswith("text/html")
    assert "frame-ancestors *" in preview.headers["content-security-policy"]
    assert "Mov’eo" in preview.text
    assert other.status_code == 404


@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example", "\\\\evil", "javascript:alert(1)", "x\ny"]
)
def test_an_id_leads_to_no_other_site(endpoint: str, there: str) -> None:
    answer = get(f"{endpoint}/reconcile/view", id=there)
    location = answer.headers.get("location", endpoint)
    assert location.startswith(endpoint)


@pytest.mark.parametrize(
    "path",
    ["/reconcile", "/reconcile/extend", "/reconcile/suggest/entity", "/reconcile/preview", DRAFT,
     f"{DRAFT}/match", f"{DRAFT}/extend"],
)  # fmt: skip
def test_pages_of_other_sites_may_ask(endpoint: str, path: str) -> None:
    answer = httpx2.options(
        f"{endpoint}{path}",
        headers={"Origin": "https://other.example", "Access-Control-Request-Method": "POST"},
        verify=False,
    )

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "content-type" in answer.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in answer.headers


def test_a_page_of_old_may_have_a_function_called(endpoint: str) -> None:
    name = "jQuery123_456.done"
    manifest = get(f"{endpoint}/reconcile", callback=name)
    found = get(f"{endpoint}/reconcile", callback=name, queries='{"q0": {"query": "</script>"}}')

    for answer in (manifest, found):
        assert answer.headers["content-type"].startswith("application/javascript")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.text.startswith(f"/**/{name}(")
        assert "<" not in answer.text
        json.loads(answer.text.removeprefix(f"/**/{name}(").removesuffix(");"))


@pytest.mark.parametrize(
    "name", ["alert(1)", "a;b", "a b", "a[0]", "é", "1a", "a..b", "<script>", "a" * 200]
)
def test_no_other_text_is_called(endpoint: str, name: str) -> None:
    answer = get(f"{endpoint}/reconcile", callback=name)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "'callback'" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("fields", "status", "complaint"),
    [
        pytest.param({"queries": "{"}, 400, "no JSON", id="no JSON"),
        pytest.param({"queries": "[]"}, 400, "a query for each key", id="a list"),
        pytest.param({"queries": '{"q0": 1}'}, 400, "q0", id="no query"),
        pytest.param({"queries": "[" * 60_000}, 400, "nested too deeply", id="nested"),
        pytest.param({"queries": '{"q": {"query": "x", "limit": -1}}'}, 400, "'limit'", id="limit"),
        pytest.param(
            {"queries": r'{"\ud800": {"query": "x"}}'}, 400, "surrogates", id="half a character",
        ),
        pytest.param(
            {"queries": '{"q": {"query": "cluster", "type": "http://a b"}}'}, 400, "no IRI",
            id="a type that is no IRI",
        ),
        pytest.param(
            {"queries": json.dumps({f"q{n}": {"query": "x"} for n in range(101)})}, 400,
            "at most 100", id="a large batch",
        ),
        pytest.param({"queries": "{}" + " " * 300_000}, 413, "longer than", id="a long body"),
        pytest.param({"queries": "{}", "extend": "{}"}, 400, "only one of", id="two at once"),
        pytest.param({"extend": '{"ids": 1}'}, 400, "lists of 'ids'", id="no lists"),
        pytest.param(
            {"extend": json.dumps({"ids": ["x"] * 501, "properties": []})}, 400, "at most 500",
            id="many ids",
        ),
        pytest.param({"other": "x"}, 400, "no parameter", id="an unknown field"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_in_plain_words(
    endpoint: str, fields: dict[str, str], status: int, complaint: str
) -> None:
    answer = post(f"{endpoint}/reconcile", **fields)
    assert answer.status_code == status, answer.text
    assert complaint in answer.json()["detail"]


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (dict[str, object](), "'queries'"),
        ({"queries": [dict[str, object]()]}, "'conditions'"),
        ({"queries": [{"conditions": list[object]()}]}, "no conditions"),
        ({"queries": [{"conditions": [{"v": "x"}]}]}, "'matchType'"),
        ({"queries": [1]}, "query 1"),
    ],
)
def test_so_is_what_the_draft_cannot_read(endpoint: str, said: object, complaint: str) -> None:
    answer = post_json(f"{endpoint}{DRAFT}/match", said)
    assert answer.status_code == 400
    assert complaint in answer.json()["detail"]


def test_a_body_has_its_type(endpoint: str) -> None:
    assert post(f"{endpoint}{DRAFT}/match", queries="{}").status_code == 415
    assert post_json(f"{endpoint}/reconcile", {}).status_code == 415
    assert get(f"{endpoint}{DRAFT}/match").status_code == 405


@pytest.mark.parametrize(
    ("path", "name"),
    [("suggest/type", "cursor"), ("extend/propose", "limit")],
)
@pytest.mark.parametrize("text", ["-1", "x", "²", "1.5", "0" * 5_000, "9" * 5_000])
def test_a_number_in_a_parameter_is_one(endpoint: str, path: str, name: str, text: str) -> None:
    answer = post(f"{endpoint}/reconcile/{path}", **{name: text})
    assert answer.status_code == 400, answer.text
    assert f"'{name}'" in answer.json()["detail"]
