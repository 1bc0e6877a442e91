"""Rules are read as clauses, and what could not be kept up with is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.errors import UnreadableSource
from graph.paths import bundled
from graph.rules import Atom, Clause, Differ, IsIRI, read_rules, rules_digest

if TYPE_CHECKING:
    from pathlib import Path

A, B, P, Q, R = (ox.NamedNode(f"ex:{name}") for name in "abpqr")
ONE = ox.Literal("1", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))


def _folder(folder: Path, rule: str) -> Path:
    (folder / "rule.rq").write_text("PREFIX : <ex:>\n" + rule, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("rule", "clauses"),
    [
        pytest.param(
            "CONSTRUCT { ?x :q ?y } WHERE { ?x :p ?y ; ?z 01 }",
            [Clause((Atom("x", Q, "y"),), (Atom("x", P, "y"), Atom("x", "z", ONE)))],
            id="triples",
        ),
        pytest.param(
            "CONSTRUCT { ?x :r ?y } WHERE { ?x :p/:q ?y }",
            [Clause((Atom("x", R, "y"),), (Atom("x", P, "/1"), Atom("/1", Q, "y")))],
            id="a sequence of properties",
        ),
        pytest.param(
            "CONSTRUCT { ?x :r 1 } WHERE { ?x :p [] }",
            [Clause((Atom("x", R, ONE),), (Atom("x", P, "_:b1"),))],
            id="a blank node is a variable",
        ),
        pytest.param(
            "CONSTRUCT { ?x :q ?y . ?x :r ?z } WHERE { { ?x :p ?y } UNION { ?x :p ?z } ?x :q :a }",
            [
                Clause((Atom("x", Q, "y"),), (Atom("x", P, "y"), Atom("x", Q, A))),
                Clause((Atom("x", R, "z"),), (Atom("x", P, "z"), Atom("x", Q, A))),
            ],
            id="UNION, and what each branch can say",
        ),
        pytest.param(
            "CONSTRUCT { ?x :q ?y } WHERE { ?x :p ?y VALUES (?x ?y) { (:a UNDEF) (UNDEF :b) } }",
            [
                Clause((Atom(A, Q, "y"),), (Atom(A, P, "y"),)),
                Clause((Atom("x", Q, B),), (Atom("x", P, B),)),
            ],
            id="VALUES",
        ),
        pytest.param(
            "CONSTRUCT { ?x :q ?y } WHERE { VALUES ?x { :a :b } { ?x :p ?y VALUES ?x { :b } } }",
            [Clause((Atom(B, Q, "y"),), (Atom(B, P, "y"),))],
            id="VALUES that have to agree",
        ),
        pytest.param(
            "CONSTRUCT { ?x :q ?y } WHERE { FILTER (isIRI(?y) && ?x != ?y) ?x :p ?y }",
            [Clause((Atom("x", Q, "y"),), (Atom("x", P, "y"),), (IsIRI("y"), Differ("x", "y")))],
            id="FILTER",
        ),
    ],
)
def test_a_rule_is_one_clause_or_several(tmp_path: Path, rule: str, clauses: list[Clause]) -> None:
    assert list(read_rules(_folder(tmp_path, rule)).clauses) == clauses


WHERE = "CONSTRUCT { ?x :q ?y } WHERE"


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        pytest.param("CONSTRUCT {", "column 12: found the end", id="broken"),
        pytest.param("ASK {}", "column 1: .*not a CONSTRUCT query", id="another form"),
        pytest.param(
            "CONSTRUCT { ?x :q _:new } WHERE { ?x :p ?y }", "column 19: .*a new blank node",
            id="new blank nodes",
        ),
        pytest.param(f"{WHERE} {{ ?x :p ?y }} LIMIT 1", "more than a template", id="LIMIT"),
        pytest.param("CONSTRUCT { ?x :q ?y } FROM :g { ?x :p ?y }", "more than", id="FROM"),
        pytest.param(f"{WHERE} {{ ?x :p ?y OPTIONAL {{ ?x :q ?z }} }}", "OPTIONAL", id="OPTIONAL"),
        pytest.param(f"{WHERE} {{ ?x :p ?y MINUS {{ ?x :q ?z }} }}", "MINUS", id="MINUS"),
        pytest.param(f"{WHERE} {{ GRAPH :g {{ ?x :p ?y }} }}", "GRAPH", id="GRAPH"),
        pytest.param(f"{WHERE} {{ ?x :p ?z BIND (?z AS ?y) }}", "BIND", id="BIND"),
        pytest.param(
            f"{WHERE} {{ {{ SELECT ?x (COUNT(*) AS ?y) {{ ?x :p ?z }} GROUP BY ?x }} }}",
            "a sub-query", id="an aggregate",
        ),
        pytest.param(
            f"{WHERE} {{ ?x :p ?y FILTER NOT EXISTS {{ ?x :q ?y }} }}", "isIRI", id="NOT EXISTS"
        ),
        pytest.param(f"{WHERE} {{ ?x :p ?y FILTER (?y > 1) }}", "isIRI", id="another FILTER"),
        pytest.param(
            f"{WHERE} {{ ?x :p ?y {{ ?x :p ?z FILTER (?z != ?y) }} }}",
            r"\?y, which may be unbound", id="a FILTER about what its group does not bind",
        ),
        pytest.param(f"{WHERE} {{ ?x :p* ?y }}", "a path that is more", id="a path of any length"),
        pytest.param(f"{WHERE} {{ ?x :p <<( ?y :p :a )>> }}", "a triple term", id="a triple term"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_up_with_is_refused(tmp_path: Path, rule: str, complaint: str) -> None:
    with pytest.raises(UnreadableSource, match=rf"rule\.rq, line 2.*{complaint}"):
        read_rules(_folder(tmp_path, rule))


def test_every_rule_that_ships_can_be_kept_up_with(tmp_path: Path) -> None:
    for path in (bundled("ontology") / "rules").glob("*.rq"):
        assert read_rules(_folder(tmp_path, path.read_text("utf-8"))).clauses, path


def test_the_digest_tells_rules_apart(tmp_path: Path) -> None:
    first = rules_digest(_folder(tmp_path, f"{WHERE} {{ ?x :p ?y }}"))
    assert read_rules(tmp_path).digest == first
    assert rules_digest(_folder(tmp_path, f"{WHERE} {{ ?x :p ?y }}")) == first
    assert rules_digest(_folder(tmp_path, f"{WHERE} {{ ?y :p ?x }}")) != first
    (tmp_path / "rule.rq").rename(tmp_path / "other.rq")
    assert rules_digest(_folder(tmp_path, f"{WHERE} {{ ?x :p ?y }}")) != first
