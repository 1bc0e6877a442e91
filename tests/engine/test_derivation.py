"""Rules run to a fixpoint, and derive only what nobody states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.derivation import derive
from graph.errors import UnreadableSource
from graph.namespaces import DERIVED_GRAPH

if TYPE_CHECKING:
    from pathlib import Path

TRANSITIVE = "CONSTRUCT { ?a <ex:in> ?c } WHERE { ?a <ex:in> ?b . ?b <ex:in> ?c }"
INVERSE = "CONSTRUCT { ?b <ex:holds> ?a } WHERE { ?a <ex:in> ?b }"


def _quads(text: str) -> list[ox.Quad]:
    return list(ox.parse(text, ox.RdfFormat.N_QUADS))


def _rules(folder: Path, *texts: str) -> Path:
    for number, text in enumerate(texts):
        (folder / f"{number}.rq").write_text(text, encoding="utf-8")
    return folder


def _triples(quads: list[ox.Quad]) -> set[str]:
    assert {str(quad.graph_name) for quad in quads} <= {f"<{DERIVED_GRAPH}>"}
    return {str(quad.triple).replace("<", "").replace(">", "") for quad in quads}


CHAIN = "".join(f"<ex:{n}> <ex:in> <ex:{n + 1}> <ex:graph{n}> .\n" for n in range(6))


def test_rules_run_until_nothing_new_follows(tmp_path: Path) -> None:
    rules = _rules(tmp_path, INVERSE, TRANSITIVE)

    derived = derive(_quads(CHAIN), rules)

    every = {(a, b) for a in range(7) for b in range(a + 1, 7)}
    stated = {(n, n + 1) for n in range(6)}
    assert _triples(derived) == {f"ex:{a} ex:in ex:{b}" for a, b in every - stated} | {
        f"ex:{b} ex:holds ex:{a}" for a, b in every
    }
    assert len(derived) == len(set(derived))


def test_what_a_source_states_is_not_derived_again(tmp_path: Path) -> None:
    stated = CHAIN + "<ex:0> <ex:in> <ex:2> <ex:other> .\n"

    assert "ex:0 ex:in ex:2" not in _triples(derive(_quads(stated), _rules(tmp_path, TRANSITIVE)))


def test_a_number_the_store_writes_otherwise_is_not_derived_again(tmp_path: Path) -> None:
    decimal = '"7.50"^^<http://www.w3.org/2001/XMLSchema#decimal>'
    copy = "CONSTRUCT { ?a <ex:value> ?b } WHERE { ?a <ex:value> ?b }"

    assert derive(_quads(f"<ex:a> <ex:value> {decimal} <ex:g> ."), _rules(tmp_path, copy)) == []


def test_a_triple_of_two_graphs_is_one(tmp_path: Path) -> None:
    twice = "<ex:a> <ex:in> <ex:b> <ex:g> .\n<ex:a> <ex:in> <ex:b> <ex:h> .\n"

    derived = derive(_quads(twice), _rules(tmp_path, INVERSE))

    assert [str(quad) for quad in derived] == [f"<ex:b> <ex:holds> <ex:a> <{DERIVED_GRAPH}>"]


def test_a_hierarchy_may_be_as_deep_as_it_likes(tmp_path: Path) -> None:
    up = "CONSTRUCT { ?a <ex:is> ?d } WHERE { ?c <ex:under> ?d . ?a <ex:is> ?c }"
    levels = "".join(f"<ex:{n}> <ex:under> <ex:{n + 1}> .\n" for n in range(200))

    derived = derive(_quads(f"{levels} <ex:a> <ex:is> <ex:0> ."), _rules(tmp_path, up))

    assert _triples(derived) == {f"ex:a ex:is ex:{n}" for n in range(1, 201)}


def test_a_rule_that_cannot_be_kept_up_with_derives_nothing(tmp_path: Path) -> None:
    next_number = "CONSTRUCT { ?a <ex:n> ?m } WHERE { ?a <ex:n> ?n BIND (?n + 1 AS ?m) }"

    with pytest.raises(UnreadableSource, match=r"0\.rq, line 1, column 49: the rule has BIND"):
        derive(_quads(CHAIN), _rules(tmp_path, next_number))
