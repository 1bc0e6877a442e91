"""What is printed stays short, and the rest is said in our own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import MP

if TYPE_CHECKING:
    from pathlib import Path

PRINTED_WORDS_AT_MOST = 12
SHARED_WORDS_AT_MOST = 4
OWN_WORDS = {MP + name for name in ("text", "purpose", "eligibility")}


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def literals(project: Path, predicates: set[str]) -> list[tuple[str, str]]:
    return [
        (str(getattr(triple.subject, "value", "")), triple.object.value)
        for path in sorted((project / "data").rglob("*.ttl"))
        for triple in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
        if triple.predicate.value in predicates and isinstance(triple.object, ox.Literal)
    ]


def test_printed_phrases_are_short_and_no_sentences(project: Path) -> None:
    printed = literals(project, {MP + "printedAs"})

    assert len(printed) > 500
    assert [pair for pair in printed if len(pair[1].split()) > PRINTED_WORDS_AT_MOST] == []
    assert [pair for pair in printed if re.match(r"[A-Z].*\s.*[.!?]$", pair[1])] == []


def test_no_printed_phrase_is_a_sentence_of_its_document(project: Path, shared: Path) -> None:
    sentences = {
        tuple(words(sentence))
        for path in (shared / "sources").glob("*.txt")
        for sentence in re.findall(r"[^.!?\n]+[.!]", path.read_text(encoding="utf-8"))
    }

    assert len(sentences) > 50
    assert [
        pair
        for pair in literals(project, {MP + "printedAs"})
        if len(words(pair[1])) > 3 and tuple(words(pair[1])) in sentences
    ] == []


def test_descriptions_are_in_our_own_words(project: Path, shared: Path) -> None:
    """No run of more than four words is the same as in a source."""
    run = SHARED_WORDS_AT_MOST + 1
    printed = {
        tuple(text[i : i + run])
        for path in (shared / "sources").glob("*.txt")
        for text in [words(path.read_text(encoding="utf-8"))]
        for i in range(len(text))
    }
    own = literals(project, OWN_WORDS)

    assert len(own) > 80
    assert [
        (subject, " ".join(text[i : i + run]))
        for subject, value in own
        for text in [words(value)]
        for i in range(len(text) - run + 1)
        if tuple(text[i : i + run]) in printed
    ] == []
