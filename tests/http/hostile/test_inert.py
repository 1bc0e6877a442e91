"""What others have written does nothing where it is shown."""

import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from .attacker import QUERY, Answer, Attacker

pytestmark = pytest.mark.hostile

SCRIPT = "<script>alert(1)</script>"
TEXTS = [SCRIPT, '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "]]>", "</textarea><b>",
         "{{7*7}}", "${7*7}", "%0d%0aSet-Cookie:a", "\u202e"]  # fmt: skip
FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", "=HYPERLINK(1)", 'a"b', "a,b"]
CONTROLS = ["\u0001", "\u0008", "\u000b", "\ufffe", "\uffff", "\u001f"]


class _Parts(HTMLParser):
    """Finds what a page would run, or load from elsewhere, beside the server's own scripts."""

    def __init__(self, home: str) -> None:
        super().__init__()
        self.home = home
        self.active: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        is_ours = found.get("src", "").startswith(f"{self.home}/static/")
        is_data = found.get("type", "").endswith("json")
        if (tag == "script" and not is_ours and not is_data) or tag in ("iframe", "object", "base"):
            self.active.append(tag)
        if tag == "img" and not is_ours:
            self.active.append(tag)
        self.active += [name for name in found if name.startswith("on")]
        addresses = (found.get(name, "") for name in ("href", "src", "action", "formaction"))
        self.active += [each for each in addresses if each.strip().lower().startswith("javascript")]


def active_parts(answer: Answer) -> list[str]:
    text = answer.body.decode()
    home = text.partition('rel="icon" href="')[2].partition("/static/")[0]
    assert home.startswith("http://127.0.0.1:")
    parts = _Parts(home)
    parts.feed(text)
    return parts.active


@pytest.mark.parametrize("text", TEXTS)
def test_row_35_errors_are_inert(attacker: Attacker, text: str) -> None:
    quoted = "".join(f"%{byte:02X}" for byte in text.encode())
    answers = [
        attacker.send("GET", f"/{quoted}", Accept="text/html"),
        attacker.send("GET", f"/sparql?query={quoted}", Accept="text/html"),
        attacker.send("GET", f"/graph-store?graph={quoted}", Accept="text/html"),
        attacker.send("GET", "/sparql?query=ASK%7B%7D", Accept=text.encode().decode("latin-1")),
        attacker.send("POST", "/sparql", text, QUERY, Accept="text/html"),
        attacker.send("POST", "/sparql", text, "text/html"),
    ]
    for answer in answers:
        assert answer.status >= 400 or answer.status == 200
        kind = answer.headers["content-type"]
        assert kind != "text/html"  # without its letters told, others would be guessed
        if kind.startswith("text/html"):
            assert active_parts(answer) == []
        elif answer.status >= 400:
            assert kind == "application/problem+json"
        if answer.status >= 400:
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers


def test_row_35_pages_run_nothing(attacker: Attacker) -> None:
    answer = attacker.send("GET", "/sparql", Accept="text/html", Host=f"evil.example{'x' * 20}")
    assert answer.status == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert b"evil" not in answer.body
    assert active_parts(answer) == []


@pytest.mark.parametrize("text", [*TEXTS, *FORMULAS])
def test_row_35_literals_are_data(attacker: Attacker, text: str) -> None:
    """A table is given as it is: a formula in a CSV file is for the reader of that to judge."""
    written = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    for accept in ("text/csv", "application/sparql-results+json", "application/sparql-results+xml"):
        answer = attacker.ask(f'SELECT ("{written}" AS ?x) {{}}', accept)
        assert answer.status == 200
        assert answer.headers["content-type"].startswith(accept)
        assert answer.headers["x-content-type-options"] == "nosniff"
        if accept.endswith("xml"):
            literal = ET.fromstring(answer.body).find(".//{*}literal")  # noqa: S314 -- of our own
            assert literal is not None
            assert literal.text == text


@pytest.mark.parametrize("control", CONTROLS)
def test_row_35_xml_is_well_formed(attacker: Attacker, control: str) -> None:
    escaped = f"\\u{ord(control):04X}"
    for text, accept in (
        (f'SELECT ("a{escaped}b" AS ?x) {{}}', "application/sparql-results+xml"),
        (f'CONSTRUCT {{ <x:s> <http://example.org/p> "a{escaped}b" }} {{}}', "application/rdf+xml"),
    ):
        answer = attacker.ask(text, accept)
        assert answer.status in {200, 400, 406}
        if answer.status == 200:
            assert "a\ufffdb" in "".join(ET.fromstring(answer.body).itertext())  # noqa: S314 -- the same
