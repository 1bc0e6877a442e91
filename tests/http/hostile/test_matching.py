"""What is sent to `/reconcile` and `/review`: nothing is believed, nothing shown as it came."""

import json
from urllib.parse import quote, urlencode

import pytest

from .attacker import FORM, TOKENS, Answer, Attacker

pytestmark = pytest.mark.hostile

JSON = "application/json"
SCRIPT = "</script><script>alert(1)</script>"
REFUSED = {400, 413, 415}
QUERIES = {
    "deep": "[" * 60_000,
    "deep object": '{"a":' * 20_000,
    "half a character": r'{"q": {"query": "\ud800"}}',
    "a key that is half a character": r'{"\ud800": {"query": "x"}}',
    "not a number": '{"q": {"query": "x", "limit": NaN}}',
    "endless": '{"q": {"query": "x", "limit": 1e999}}',
    "a long number": '{"q": {"query": "x", "limit": %s}}' % ("9" * 5_000),
    "a type": '{"q": {"query": "x", "type": "> } DELETE {"}}',
    "no text": '{"q": {"query": {"a": []}}}',
    "a property": '{"q": {"query": "x", "properties": [{"pid": {}, "v": 1}]}}',
    "many": json.dumps({f"q{number}": {"query": "x"} for number in range(101)}),
    "long": json.dumps({"q": {"query": "x" * 300_000}}),
}
CONDITIONS = {
    "no list": '{"queries": {}}',
    "no condition": '{"queries": [{"conditions": []}]}',
    "a condition": '{"queries": [{"conditions": [{"matchType": {}, "propertyValue": [[]]}]}]}',
    "half a character": r'{"ids": ["\ud800"], "properties": [{"id": "name"}]}',
    "a limit": '{"ids": [], "properties": [{"id": "x", "settings": {"limit": -1e308}}]}',
    "deep": "[" * 60_000,
    "no text": b"\xff\xfe",
}
DECISIONS = {
    "nothing": "",
    "a list": "[]",
    "null": "null",
    "deep": "[" * 60_000,
    "no match": '{"decision": "accept"}',
    "no text": '{"decision": 1}',
    "half a character": r'{"decision": "accept", "matches": ["\ud800"]}',
    "a match that is none": '{"decision": "accept", "matches": [{}]}',
    "many": json.dumps({"decision": "accept", "matches": [f"m{n}" for n in range(201)]}),
    "another decision": json.dumps({"decision": SCRIPT, "matches": ["x"]}),
    "long": " " * 100_000,
}
CALLBACKS = ["alert(1)", "a;b", SCRIPT, "a\r\nX-Evil: 1", "\u2028", "a" * 200, "é", "a[0]"]
IDS = ["//evil.example", SCRIPT, "a\r\nX-Evil: 1", "\\\\evil.example", "\u202e", "x" * 5_000]


@pytest.mark.parametrize("text", QUERIES.values(), ids=QUERIES)
def test_batches(attacker: Attacker, text: str) -> None:
    for method, target, content in (
        ("POST", "/reconcile", urlencode({"queries": text})),
        ("POST", "/fr/reconcile", urlencode({"queries": text})),
        ("GET", f"/reconcile?callback=f&queries={quote(text[:5_000])}", None),
    ):
        answer = attacker.send(method, target, content, FORM if content else None)
        assert answer.status in REFUSED, answer


@pytest.mark.parametrize("text", CONDITIONS.values(), ids=CONDITIONS)
def test_bodies_of_json(attacker: Attacker, text: bytes | str) -> None:
    for target in ("/reconcile/1.0-draft/match", "/reconcile/1.0-draft/extend"):
        assert attacker.send("POST", target, text, JSON).status in REFUSED


@pytest.mark.parametrize("name", CALLBACKS)
def test_callbacks(attacker: Attacker, name: str) -> None:
    for path in ("/reconcile", "/reconcile/suggest/type"):
        answer = attacker.send("GET", f"{path}?{urlencode({'callback': name})}")
        assert answer.status == 400
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("identifier", IDS)
def test_ids(attacker: Attacker, identifier: str) -> None:
    for path in ("view", "preview"):
        target = f"/reconcile/{path}?{urlencode({'id': identifier})}"
        answer = attacker.send("GET", target, Accept="text/html")
        assert answer.status in {303, 400, 404}
        assert_is_harmless(attacker, answer)


def test_decisions_of_who_has_no_token(attacker: Attacker) -> None:
    for author in (None, "reader", "ours"):
        for act in ("accept", "reject", "undo", SCRIPT):
            said = json.dumps({"decision": act, "matches": ["x"]})
            answer = attacker.send("POST", "/review", said, JSON, author)
            assert answer.status in {401, 403}, answer
    for origin in ("http://evil.example", "null"):
        form = urlencode({"decision": "accept", "match": "x", "token": TOKENS["updater"][1]})
        assert attacker.send("POST", "/review", form, FORM, Origin=origin).status == 403


@pytest.mark.parametrize("said", DECISIONS.values(), ids=DECISIONS)
def test_decisions_that_are_none(attacker: Attacker, said: str) -> None:
    for target in ("/review", "/fr/review", "/review/suggestions"):
        answer = attacker.send("POST", target, said, JSON, "updater")
        assert answer.status in REFUSED | {404, 405}, answer


@pytest.mark.parametrize("state", ["//evil.example", "open\r\nX-Evil: 1", SCRIPT])
def test_where_a_decision_leads(attacker: Attacker, state: str) -> None:
    fields = {"decision": "accept", "match": "x", "state": state, "token": TOKENS["updater"][1]}
    answer = attacker.send("POST", "/review", urlencode(fields), FORM)
    assert answer.status == 404
    shown = attacker.send("GET", f"/review?{urlencode({'state': state})}", Accept="text/html")
    assert shown.status == 400
    assert_is_harmless(attacker, shown)


@pytest.mark.parametrize(
    "text",
    [
        f'SELECT * {{ ?s ?p "{SCRIPT}" }}',
        f"SELECT * {{ ?s ?p ?o }} # </textarea>{SCRIPT}",
        f"garbage {SCRIPT}",
        f"SELECT * {{ {'OPTIONAL { ?a ?b ?c } ' * 3_000} }}",
        f"ASK {{ VALUES ?e {{ {'<http://e.example/> ' * 5_000} }} SERVICE SILENT ?e {{}} }}",
    ],
    ids=["a literal", "a comment", "no query", "long", "many endpoints"],
)
def test_explanations(attacker: Attacker, text: str) -> None:
    for path in ("/sparql", "/fr/sparql", "/de/sparql"):
        target = f"{path}?explain&{urlencode({'query': text})}"
        answer = attacker.send("GET", target, Accept="text/html")
        assert answer.status in {200, 400, 403}, answer
        assert_is_harmless(attacker, answer)


def assert_is_harmless(attacker: Attacker, answer: Answer) -> None:
    """See that nothing of what was sent is run, stands in headers, or leads away."""
    assert "x-evil" not in answer.headers
    own = f"http://127.0.0.1:{attacker.port}/"
    assert answer.headers.get("location", own).startswith(own)
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert SCRIPT.encode() not in answer.body
