"""Queries that would take all of the time or the memory: each ends with itself."""

import pytest

from .attacker import Attacker

pytestmark = pytest.mark.hostile

TRIPLE, OTHER = "?a ?p ?b .", "?c ?q ?d ."
CROSS = f"{TRIPLE} {OTHER}"
STOPPED = {504, 507}
"""It ran, and was ended."""
REFUSED = {400, 413, 504, 507}
"""It did not even run, or was ended."""
ANSWERED = {200, *REFUSED}


def values(names: str, count: int) -> str:
    numbers = " ".join(map(str, range(count)))
    return " ".join(f"VALUES ?{name} {{ {numbers} }}" for name in names)


def chained(function: str, times: int, start: str) -> str:
    """Return BINDs of which each applies *function* to what the one before has."""
    text = f"BIND({start} AS ?v0)"
    for number in range(times):
        argument = function.replace("@", f"?v{number}")
        text += f" BIND({argument} AS ?v{number + 1})"
    return text


def replaced(times: int) -> str:
    text = "?text"
    for _ in range(times):
        text = f'REPLACE({text}, "x", "{"x" * 300}")'
    return text


def star(size: int, predicate: str = "<http://example.org/p{}>") -> str:
    return " ".join(f"?s {predicate.format(n)} ?o{n} ." for n in range(size))


def nested(opening: str, inner: str, closing: str, depth: int) -> str:
    return opening * depth + inner + closing * depth


def select(pattern: str, what: str = "*", after: str = "") -> str:
    return f"SELECT {what} {{ {pattern} }} {after}"


COUNT = "(COUNT(*) AS ?n)"
LONG = "x" * 1000
DOUBLING = chained("CONCAT(@, @)", 40, '"0123456789"')
DEEP = "<http://example.org/next>"

BOMBS = [
    ("row-01-cross-product-count", STOPPED, [select(CROSS, COUNT), select(CROSS, "(SUM(?b) AS ?n)"),
        select(CROSS, "(AVG(?d) AS ?n)"), select(f"{CROSS} FILTER(?a != ?c && ?b = ?q)")]),
    ("row-02-values-count", STOPPED, [select(values("abcd", 300), COUNT),
        select(values("abcdef", 60), "(MAX(?a * ?b * ?c) AS ?n)"),
        f"ASK {{ {values('abcd', 300)} FILTER(?a + ?b + ?c + ?d < 0) }}"]),
    ("row-03-cross-order-by", STOPPED, [select(CROSS, after="ORDER BY ?d ?a"),
        select(values("abc", 300), after="ORDER BY ?c ?a ?b"),
        select(f"{CROSS} {TRIPLE}", after="ORDER BY DESC(STR(?d)) LIMIT 5 OFFSET 100000000")]),
    ("row-04-concat-doubling", STOPPED, [select(DOUBLING, "(STRLEN(?v40) AS ?n)"),
        select(chained('CONCAT(@, ",", @)', 40, f'"{LONG}"'), "(SHA512(?v40) AS ?n)"),
        select(chained("ENCODE_FOR_URI(CONCAT(@, @))", 30, '"\u00e4"'), "(STRLEN(?v30) AS ?n)")]),
    ("row-05-replace", STOPPED, [
        select(f'BIND("{"x" * 300}" AS ?text)', f"({replaced(4)} AS ?n)"),
        select(chained('REPLACE(@, "(.)", "$1$1$1")', 20, '"0123456789"'),
               "(STRLEN(?v20) AS ?n)")]),
    ("row-06-star", STOPPED, [select(star(500)), select(star(300, "?p{}")),
        select(star(400, "<http://example.org/value>"))]),
    ("row-07-long-chains", REFUSED | {200}, [
        select(f"?s {'/'.join([DEEP] * 1000)} ?o"),
        select(TRIPLE + " OPTIONAL { ?b ?r ?e }" * 1000),
        select(TRIPLE + " MINUS { ?a ?r ?e }" * 1000),
        select(" . ".join(f"?v{n} {DEEP} ?v{n + 1}" for n in range(400))),
        select("{ ?a ?p ?b }" + " UNION { ?a ?p ?b }" * 2000, COUNT)]),
    ("row-08-paths-with-free-ends", STOPPED, [select("?a !<x:none>* ?b", COUNT),
        select("?a (<http://example.org/next>|^<http://example.org/next>)* ?b", COUNT),
        select("?a <http://example.org/next>+ ?b", after="ORDER BY ?b"),
        select("?a (!<x:none>/!<x:none>)+ ?b", "(COUNT(DISTINCT ?b) AS ?n)")]),
    ("row-09-functions-nested", ANSWERED, [
        *(f"ASK {{ FILTER({nested(name, '1', ')', 956)}) }}"
          for name in ("STR(", "ABS(", "LCASE(", "!(")),
        f"ASK {{ FILTER({nested('IF(true,', '1', ',2)', 956)}) }}",
        f"ASK {{ FILTER({nested('COALESCE(', '1', ')', 50_000)}) }}",
        f"ASK {{ FILTER({'-' * 100_000}1 = 1) }}", f"ASK {{ FILTER({'!' * 100_000}true) }}"]),
    ("row-10-groups-nested", ANSWERED, [
        *(select(nested("{", TRIPLE, "}", depth), after="LIMIT 1") for depth in (1268, 100_000)),
        select(nested("{ SELECT * {", TRIPLE, "} }", 1210)),
        select(nested("OPTIONAL { ?a ?p ?b ", TRIPLE, "}", 3000)),
        select(nested("GRAPH ?g {", TRIPLE, "}", 3000)),
        select(nested("MINUS { ?a ?p ?b ", TRIPLE, "}", 3000)),
        f"CONSTRUCT {{ {nested('[ <x:p> ', '1', ' ]', 3671)} <x:p> 1 }} {{}}",
        select(f"?s ?p {nested('( ', '1', ' )', 10_000)}"),
        select(f"?s {nested('(', DEEP, ')*', 5000)} ?o"),
        select(f"?s ?p {nested('<<( <x:s> <x:p> ', '1', ' )>>', 6000)}"),
        "SELECT * " + "{" * 200_000, "SELECT * {" + "}" * 200_000]),
    ("row-11-long-rows-of-operators", ANSWERED, [
        f"ASK {{ FILTER({'||'.join(['?a'] * 20_000)}) }}",
        f"ASK {{ FILTER({'+'.join(['1'] * 60_000)} = 1) }}",
        select("{}" + " UNION {}" * 6600), select(nested("FILTER EXISTS { ", TRIPLE, "}", 761)),
        select(nested("FILTER NOT EXISTS { ?a ?p ?b ", TRIPLE, "}", 400)),
        f"ASK {{ ?s {'|'.join(['<x:p>'] * 11_300)} ?o }}", select("BIND(1 AS ?v) " * 3000),
        f"ASK {{ FILTER(1 IN ({','.join(map(str, range(40_000)))})) }}",
        "ASK {" + "FILTER(?a = 1)" * 9000 + "}"]),
    ("row-12-groups-over-cross-products", STOPPED, [
        select(CROSS, "?b (COUNT(*) AS ?n)", "GROUP BY ?b ?d"), select(CROSS, "DISTINCT ?a ?d ?b"),
        select(CROSS, "(GROUP_CONCAT(?b) AS ?n)"), select(CROSS, "(COUNT(DISTINCT ?d) AS ?n)"),
        f"CONSTRUCT {{ ?a <x:p> ?d }} {{ {CROSS} }} ORDER BY ?d", ]),
    ("row-13-floods-of-fresh-values", STOPPED, [
        select(f"{values('abcd', 100)} BIND(STRUUID() AS ?u)", "DISTINCT ?u"),
        select(f"{values('abc', 300)} BIND(BNODE() AS ?u)", after="ORDER BY ?u"),
        select(f"{values('abc', 300)} BIND(RAND() AS ?u)", after="ORDER BY ?u"),
        select(f"{values('abc', 300)} BIND(SHA512(STR(?a * ?b * ?c)) AS ?h)",
               "(GROUP_CONCAT(?h) AS ?n)")]),
    ("more-existence-tests", STOPPED, [
        select(f"{CROSS} FILTER NOT EXISTS {{ ?a ?x ?y . ?z ?x ?d }}", COUNT),
        select(f"{TRIPLE} MINUS {{ {OTHER} ?b ?x ?y . FILTER(?c != ?x) }}", COUNT),
        select(f"{TRIPLE} OPTIONAL {{ {OTHER} OPTIONAL {{ ?e ?r ?f FILTER(?a = ?d) }} }}", COUNT)]),
    ("more-texts", ANSWERED, [
        select('?s ?p ?o FILTER(REGEX(STR(?o), "(a+)+$"))', COUNT),
        select('?s ?p ?o FILTER(REGEX(STR(?o), "(a{80}){80}"))', COUNT),
        select(f'BIND(REPLACE("{"a" * 100_000}", "(a|aa)+$", "b") AS ?x)'),
        select(f'FILTER(REGEX("{"a" * 100_000}!", "^(a|a)*$"))'),
        select(f'?s ?p ?o FILTER(CONTAINS(STR(?o), "{"x" * 200_000}"))', COUNT)]),
    ("more-constants", ANSWERED, [
        select(f"VALUES ?x {{ {' '.join(map(str, range(40_000)))} }}", COUNT),
        select(f"BIND({'9' * 200_000} + 1 AS ?x)"), select(f"BIND(1.{'9' * 200_000} * 3 AS ?x)"),
        select(f'?s ?p "{"x" * 200_000}"'), select(f"?s ?p <http://example.org/{'x' * 200_000}>"),
        select(f'?s ?p "x"@{"-".join(["abcdefgh"] * 20_000)}'), select(f"?s ?p 1e{'9' * 1000}"),
        select('BIND("P999999999999999999Y"^^<http://www.w3.org/2001/XMLSchema#duration> AS ?x)'),
        f"SELECT {' '.join(f'?v{n}' for n in range(30_000))} {{ }}",
        "".join(f"PREFIX p{n}: <http://example.org/{n}/> " for n in range(6000)) + "ASK {}",
        "ASK { ?s ?p '" + "\\u0041" * 40_000 + "' }", "ASK { ?s a:" + "%4" * 100_000,
        "ASK #" + "x" * 250_000, "ASK " + " " * 250_000 + "{}"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("statuses", "texts"), [pytest.param(*rest, id=name) for name, *rest in BOMBS]
)
def test_bomb(attacker: Attacker, statuses: set[int], texts: list[str]) -> None:
    answers = attacker.ask_all(texts)
    wrong = [(text[:80], answer) for text, answer in zip(texts, answers, strict=True)
             if answer.status not in statuses and answer.is_whole]  # fmt: skip
    assert not wrong


def test_row_16_heavy_queries_in_parallel(attacker: Attacker) -> None:
    texts = [select(f"{CROSS} FILTER(?b != {number})", COUNT) for number in range(12)]
    answers = attacker.ask_all(texts, at_once=12)
    assert {answer.status for answer in answers} <= {429, 503, 504}
    assert sum(answer.status == 504 for answer in answers) >= 2


def test_bombs_one_after_the_other(attacker: Attacker) -> None:
    """A reader dies of each, and others take their places."""
    texts = [select(DOUBLING, f"(STRLEN(?v40) + {number} AS ?n)") for number in range(6)]
    answers = attacker.ask_all(texts, at_once=4)
    assert {answer.status for answer in answers} <= {429, 503, *STOPPED}
