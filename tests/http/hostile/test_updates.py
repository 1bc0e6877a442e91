"""Updates that take all of the time or the memory, sent by somebody who may change everything."""

import pytest

from .attacker import UPDATE, Answer, Attacker
from .test_queries import DOUBLING, nested, select, values

pytestmark = pytest.mark.hostile

CROSS = "GRAPH ?g { ?a ?p ?b . ?c ?q ?d }"
"""An update is about the default graph of the store, which is empty."""
INTO = "GRAPH <http://example.org/none>"
COUNTED = select(values("abcd", 300), "(COUNT(*) AS ?n)")
FRESH = f"{values('abc', 300)} BIND(UUID() AS ?u)"
STOPPED = {504, 507}
REFUSED = {400, 409, 413, 504, 507}

UPDATES = [
    ("cross-product", STOPPED, [f"INSERT {{ {INTO} {{ ?a ?p ?d }} }} WHERE {{ {CROSS} }}"]),
    ("values", STOPPED, [
        f"INSERT {{ {INTO} {{ <x:s> <x:p> ?n }} }} WHERE {{ {{ {COUNTED} }} }}"]),
    ("doubling", STOPPED, [f"INSERT {{ {INTO} {{ <x:s> <x:p> ?v40 }} }} WHERE {{ {DOUBLING} }}"]),
    ("growing", STOPPED | {413}, [
        f"INSERT {{ {INTO} {{ ?u <x:p> ?a, ?b, ?c }} }} WHERE {{ {FRESH} }}"]),
    ("nested", REFUSED, [
        f"INSERT {{ ?a ?p ?b }} WHERE {nested('{', CROSS, '}', 5000)}",
        "DELETE WHERE " + "{" * 100_000, "INSERT DATA { <x:s> <x:p> " + "(" * 100_000,
        "INSERT DATA { <x:s> <x:p> " + nested("[ <x:p> ", "1", "]", 50_000) + "}",
        f"DELETE {{ ?a ?p ?b }} WHERE {{ ?a ?p ?b FILTER({nested('STR(', '1', ')', 60_000)}) }}"]),
    ("half done", REFUSED, [
        f"INSERT DATA {{ <x:s> <x:p> 1 }} ; INSERT {{ {INTO} {{ ?a ?p ?d }} }} WHERE {{ {CROSS} }}",
        "CLEAR ALL ; CREATE GRAPH <http://example.org/big>",
        "DROP ALL ; LOAD <http://127.0.0.1:1/>",
        "DELETE WHERE { ?s ?p ?o } ; INSERT DATA { <x:s> <x:p> \"\\uD800\" }"]),
    ("many", REFUSED, [
        ";".join(["CREATE GRAPH <x:g>"] * 150_000),
        "INSERT DATA {" + "<x:s><x:p>1." * 300_000 + "} ; DROP GRAPH <x:none>",
        "".join(f"PREFIX p{n}: <x:{n}>" for n in range(150_000)) + "DROP GRAPH <x:none>"]),
    ("reserved", {400, 403}, [
        "DROP GRAPH <https://w3id.org/metapole/graph/union>",
        "INSERT DATA { GRAPH <https://w3id.org/metapole/graph/commits> { <x:s> <x:p> 1 } }",
        "CLEAR GRAPH <https://w3id.org/metapole/graph/derived>"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("statuses", "texts"), [pytest.param(*rest, id=name) for name, *rest in UPDATES]
)
def test_bomb_in_an_update(attacker: Attacker, statuses: set[int], texts: list[str]) -> None:
    answers = [attacker.update(text) for text in texts]
    wrong = [(text[:80], answer) for text, answer in zip(texts, answers, strict=True)
             if answer.status not in statuses]  # fmt: skip
    assert not wrong


def test_updates_all_at_once(attacker: Attacker) -> None:
    text = f"INSERT {{ {INTO} {{ ?a ?p ?d }} }} WHERE {{ {CROSS} }}"

    def send(_: int) -> Answer:
        return attacker.send("POST", "/sparql", text, UPDATE, "updater")

    assert {answer.status for answer in attacker.flood(send, 3)} <= {429, 503, *STOPPED}
