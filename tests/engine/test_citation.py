"""Citations say what was used, in forms that programs read; names are text wherever they stand."""

from __future__ import annotations

import json
import re

import pytest

from graph.publishing.catalogue.citation import write_bibtex, write_cff
from graph.publishing.publisher import Publisher, fault_of_address, fault_of_contact, publisher_of
from tests.engine.published import PUBLIC_URL, of_quads

PUBLISHED = of_quads([])


def read(content: bytes) -> dict[str, str]:
    """Return the values of a YAML document whose texts are quoted as JSON has it."""
    text = content.decode()
    # What YAML takes for the end of a line, and other characters that it knows only escaped.
    assert all(character == "\n" or character.isprintable() for character in text)
    pairs = re.findall(r"^(?:  - )?([a-z-]+): (.+)$", text, re.MULTILINE)
    return {name: json.loads(said) if said[0] == '"' else said for name, said in pairs}


def test_the_version_and_the_day_are_those_of_the_generation() -> None:
    cff = read(PUBLISHED.written(write_cff))

    assert cff["cff-version"] == "1.2.0"
    assert cff["type"] == "dataset"
    assert cff["version"] == "2026-11-27.12"
    assert cff["date-released"] == "2026-11-27"
    assert cff["license"] == "CC-BY-4.0"
    assert cff["url"] == f"{PUBLIC_URL}data"


@pytest.mark.parametrize(
    "name",
    [
        'Say "it": - {a}',
        "a\u2028b\u0085c",
        "Zürich 🎉",
        "#no comment",
        "&anchor *alias",
        "back\\slash",
    ],
)
def test_a_name_is_the_same_in_yaml(name: str) -> None:
    assert read(PUBLISHED.written(write_cff, publisher=name))["name"] == name


def test_another_licence_is_given_by_its_address() -> None:
    cff = read(PUBLISHED.written(write_cff, licence="https://example.org/terms"))

    assert cff["license-url"] == "https://example.org/terms"
    assert "license" not in cff


def test_bibtex_has_one_entry_whose_braces_are_in_pairs() -> None:
    text = PUBLISHED.written(write_bibtex, publisher=r"A & B {C \ 100%").decode()

    assert text.startswith("@misc{metapole-2026-11-27.12,\n")
    assert r"author = {{A \& B \{C \textbackslash{} 100\%}}" in text
    plain = re.sub(r"\\[{}]", "", text)
    assert plain.count("{") == plain.count("}")
    assert "year = {2026}" in text
    assert "month = nov" in text


def test_a_publisher_survives_being_handed_on() -> None:
    publisher = Publisher("N", "Company", "https://example.org/c", "https://example.org/l")

    assert publisher_of(dict(publisher.arguments)) == publisher
    assert publisher_of({}) == Publisher()


@pytest.mark.parametrize(
    ("contact", "is_one"),
    [
        ("data@example.org", True),
        ("https://example.org/contact", True),
        ("http://example.org", True),
        ("example.org", False),
        ("javascript:alert(1)", False),
        ("a b@example.org", False),
        ("a@b> <c", False),
        ("https://", False),
        ("", False),
    ],
)
def test_a_contact_is_a_mail_address_or_a_web_address(contact: str, is_one: bool) -> None:
    assert (fault_of_contact(contact) is None) is is_one


@pytest.mark.parametrize(
    ("address", "is_one"),
    [("https://example.org/l", True), ("ftp://example.org", False), ("https://a b", False)],
)
def test_a_licence_has_a_web_address(address: str, is_one: bool) -> None:
    assert (fault_of_address(address) is None) is is_one
