"""Files that are small and become large, are nested, or are not what they are said to be."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from .attacker import TURTLE, Answer, Attacker
from .conftest import Scene

pytestmark = pytest.mark.hostile

XML, JSON_LD, NT, TRIG, NQ, N3 = (
    "application/rdf+xml", "application/ld+json", "application/n-triples", "application/trig",
    "application/n-quads", "text/n3",
)  # fmt: skip
NOT_TAKEN = {400, 413, 503, 504, 507}
BILLION = "".join(
    f'<!ENTITY e{n} "{"".join(f"&e{n - 1};" for _ in range(20))}">' for n in range(1, 9)
)


def xml(content: str, document_type: str = "") -> str:
    return (
        f'<?xml version="1.0"?><!DOCTYPE r [{document_type}]><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://example.org/">'
        f'<rdf:Description rdf:about="http://example.org/s"><x:p>{content}</x:p>'
        "</rdf:Description></rdf:RDF>"
    )


def deep(opening: str, inner: str, closing: str, depth: int) -> str:
    return opening * depth + inner + closing * depth


FILES = [
    ("row-26-entity-bombs", XML, NOT_TAKEN, [
        xml("&e8;", f'<!ENTITY e0 "{"x" * 50}">{BILLION}'),
        xml("&q;" * 5000, f'<!ENTITY q "{"x" * 50_000}">'),
        xml("&q;" * 2000, f'<!ENTITY q "{"x" * 900_000}">'),
        xml("&a;", '<!ENTITY a "&b;"><!ENTITY b "&a;">'),
        xml("&file;", '<!ENTITY file SYSTEM "file:///etc/passwd">'),
        xml("x", '<!ENTITY % p SYSTEM "http://127.0.0.1:PORT/x.dtd"> %p;'
                 '<!ENTITY more "x">') + "<",
        xml("&undefined;")]),
    ("row-26-external-things", XML, NOT_TAKEN | {204}, [
        xml("&remote;", '<!ENTITY remote SYSTEM "http://127.0.0.1:PORT/">'),
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:PORT/x.dtd">' + "<x>"]),
    ("row-27-json-nested", JSON_LD, NOT_TAKEN, [
        deep('{"http://example.org/p":', "1", "}", 10_000), deep("[", "1", "]", 200_000),
        '{"@id":"x:a","x:p":' + deep('{"@list":[', "1", "]}", 5000) + "}",
        '{"@id":"x:a",' + '"@graph":[{' * 5000,
        deep('{"@context":', "{}", "}", 20_000),
        '{"@id":"x:a","x:p":{"@set":' * 4000,
        '{"@id":"x:a","x:p":' + "9" * 1_100_000 + "}",
        '{"@id":"x:a","x:p":"' + "x" * 2_000_000 + '"}']),
    ("row-27-json-contexts", JSON_LD, NOT_TAKEN, [
        json.dumps({"@context": each, "@id": "x:a", "p": "1"}) for each in (
            "http://127.0.0.1:PORT/context", "https://127.0.0.1:PORT/", "file:///etc/passwd",
            ["http://[::1]:PORT/"], "//127.0.0.1:PORT/", {"@import": "http://127.0.0.1:PORT/"},
            {"p": {"@id": "x:p", "@context": "http://127.9.9.9:PORT/"}})]),
    ("row-28-other-nesting", TURTLE, NOT_TAKEN | {204}, [
        "<x:s> <x:p> " + deep("[ <x:p> ", "1", " ]", 30_000) + ".",
        "<x:s> <x:p> " + deep("( ", "1", " )", 30_000) + ".",
        "<x:s> <x:p> " + deep("<<( <x:s> <x:p> ", "1", " )>>", 20_000) + ".",
        "<x:s> <x:p> " + "[" * 500_000, "<x:s> <x:p> " + "(" * 500_000]),
    ("row-29-quotas", NT, NOT_TAKEN, [
        f'<x:s> <x:p> "{"x" * 1_000_001}" .\n', f"<x:s> <x:p> <x:{'y' * 9000}> .\n",
        "".join(f"<x:s> <x:p> <x:{n}> .\n" for n in range(500_001)),
        "".join(f"<x:s> <x:p> <x:{n}> .\n" for n in range(20_000)) + "<x:s> <x:p> <x:o",
        f'<x:s> <x:p> "x"@{"-".join(["abcdefgh"] * 120_000)} .\n',
        '<x:s> <x:p> "\\uD800" .\n', "<x:s> <x:p> <x:a b> .\n", "<x:s> <x:p> <not absolute> .\n"]),
    ("row-29-foreign-graphs", TRIG, NOT_TAKEN | {403}, [
        "GRAPH <http://example.org/big> { <x:s> <x:p> 1 }",
        "<https://w3id.org/metapole/graph/union> { <x:s> <x:p> 1 }",
        "{ <x:s> <x:p> 1 } GRAPH _:b { <x:s> <x:p> 1 }"]),
    ("row-29-foreign-quads", NQ, NOT_TAKEN | {403}, [
        "<x:s> <x:p> <x:o> <http://example.org/big> .\n", "<x:s> <x:p> <x:o> _:b .\n"]),
    ("more-xml", XML, NOT_TAKEN, [
        deep("<x>", "", "</x>", 100_000), xml("x" * 2_000_000), "\x00", "<" * 100_000,
        '<?xml version="1.0" encoding="UTF-16"?><x/>', xml("\x01"),
        "<x " + " ".join(f'a{n}="1"' for n in range(100_000)) + "/>"]),
    ("more-n3", N3, NOT_TAKEN | {415}, [deep("{", "", "}", 50_000), "@forAll :x."]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content_type", "statuses", "files"), [pytest.param(*rest, id=name) for name, *rest in FILES]
)
def test_file(
    scene: Scene, attacker: Attacker, content_type: str, statuses: set[int], files: list[str]
) -> None:
    """Each is sent to be judged by anybody, and to be stored."""
    wrong: list[tuple[str, str, Answer]] = []
    for file in files:
        content = file.replace("PORT", str(scene.outbound.port))
        for method, target, author in (
            ("POST", "/validate", None),
            ("PUT", "/graph-store?graph=http://example.org/new", "ours"),
            ("PUT", "/graph-store?graph=http://example.org/our/new", "ours"),
        ):
            if author and 204 in statuses:
                continue  # it may be taken, and the store is not to change
            answer = attacker.send(method, target, content, content_type, author)
            expected = {403} if target.endswith("org/new") else statuses
            if target == "/validate":
                expected = statuses - {204} | {200, 413}
            if answer.status not in expected:
                wrong.append((content[:80], target, answer))
    assert not wrong
    assert not list((scene.store / "spool").iterdir())


@pytest.mark.parametrize("sent", [
    pytest.param("--b\r\nContent-Type: text/turtle\r\n\r\n" * 200 + "--b--", id="many parts"),
    pytest.param("--b\r\nX: " + "y" * 900_000, id="a long header of a part"),
    pytest.param("--b\r\n" + "X: y\r\n" * 150_000, id="many headers of a part"),
    pytest.param("\r\n--" * 200_000, id="almost boundaries"),
    pytest.param("--b\r\nContent-Type: text/turtle\r\nContent-Disposition: form-data; "
                 "filename=\"../../../../tmp/x.ttl\"\r\n\r\n<x:s> <x:p>\r\n--b--", id="a path"),
    pytest.param("--b\r\nContent-Transfer-Encoding: base64\r\nContent-Type: text/turtle\r\n\r\nAAAA"
                 "\r\n--b--", id="base64"),
    pytest.param("--b" + "-" * 900_000, id="a boundary that goes on"),
])  # fmt: skip
def test_parts(scene: Scene, attacker: Attacker, sent: str) -> None:
    for method, target, author in (("POST", "/validate", None), ("POST", "/graph/x", "updater")):
        answer = attacker.send(method, target, sent, "multipart/form-data; boundary=b", author)
        assert answer.status in {400, 413, 415}, answer
    assert not list((scene.store / "spool").iterdir())


def test_slow_files_of_one_client_hold_up_no_others(scene: Scene, attacker: Attacker) -> None:
    """Who may not write cannot take the parsers of those who may."""
    slow = '{"@id":"x:a","x:p":{"@list":[' + ",".join(["1"] * 100_000) + "]}}"
    other = Attacker(scene.server.port, "127.8.0.1", attacker.statuses)
    with ThreadPoolExecutor(3) as clients:
        judged = [
            clients.submit(attacker.send, "POST", "/validate", slow, JSON_LD) for _ in range(3)
        ]
        time.sleep(1)
        began = time.monotonic()
        assert other.send("PUT", "/graph/x", "<x:s> <x:p> <x:o", TURTLE, "updater").status == 400
        assert time.monotonic() - began < 2
    assert {each.result().status for each in judged} <= {413, 429, 503, 504, 507}
