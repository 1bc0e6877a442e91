"""An update is read into a plan, or refused at the place where it is wrong."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox
import pytest

from graph.errors import (
    ForbiddenOperation,
    GraphError,
    QueryRejected,
    ReservedGraph,
    UnsupportedFeature,
)
from graph.generations import current_generation
from graph.limits import Limits
from graph.processes import frames
from graph.readers.failures import raise_failure
from graph.readers.process import Reader
from graph.sparql import tree
from graph.sparql.data_blocks import NotLiftable
from graph.sparql.parser import parse_template
from graph.sparql.template import parse
from graph.sparql.tokens import Source
from graph.writing import plan
from graph.writing.plan import plan_of
from graph.writing.plan_terms import data_form, data_quads

if TYPE_CHECKING:
    from pathlib import Path

BASE = "http://example.org/base/update"
PREFIXES = "PREFIX : <http://example.org/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
RESERVED = "https://w3id.org/metapole/graph"


def operations(text: str, *using: tuple[str, ...]) -> list[dict[str, Any]]:
    return plan_of(f"{PREFIXES}{text}", BASE, *using)["operations"]


def dataset(quads: object) -> ox.Dataset:
    found = ox.Dataset(cast("list[ox.Quad]", quads))
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return found


# What is refused. PREFIXES are the first line, so the text begins at line 2.


@pytest.mark.parametrize(
    ("text", "kind", "complaint"),
    [
        pytest.param(
            "INSERT DATA { :a :b }", QueryRejected, "line 2, column 21: found '}'", id="no object"
        ),
        pytest.param(
            "INSERT DATA { :a :b ?c }", QueryRejected, "line 2, column 21: .c stands in data",
            id="a variable in data",
        ),
        pytest.param(
            "INSERT DATA { :a :b 1 ;\n none:c 2 }", QueryRejected,
            "line 3, column 2: the prefix 'none:'", id="a prefix that is not declared",
        ),
        pytest.param(
            "INSERT DATA { { :a :b 1 } }", QueryRejected, "line 2, column 15: found '{'",
            id="braces without GRAPH",
        ),
        pytest.param(
            "INSERT DATA { GRAPH _:g { :a :b 1 } }", QueryRejected,
            "line 2, column 21: found '_:g'", id="a graph named by a blank node",
        ),
        pytest.param(
            "INSERT DATA { PREFIX x: <x:> x:a :b 1 }", QueryRejected,
            "line 2, column 15: found 'PREFIX'", id="a prefix among the data",
        ),
        pytest.param(
            "INSERT DATA { :a :b 1", QueryRejected, "line 2, column 22: found the end",
            id="data without an end",
        ),
        pytest.param(
            'INSERT DATA { "a" :b 1 }', QueryRejected, "line 2, column 19: .a. is not a valid",
            id="a literal as a subject",
        ),
        pytest.param(
            'INSERT DATA { :a :b 1 . :a :b "c"@abcdefghi }', QueryRejected,
            "line 2, column 28: .*eight characters", id="a bad language",
        ),
        pytest.param(
            "INSERT DATA { :a :b <http://a/%zz> }", QueryRejected,
            "line 2, column 18: Invalid IRI percent encoding", id="a bad IRI in data",
        ),
        pytest.param(
            "INSERT { :a :b <http://a/%zz> } WHERE {}", QueryRejected,
            "line 2, column 16: Invalid IRI percent encoding", id="a bad IRI in a template",
        ),
        pytest.param(
            "INSERT { :a :b ?c } WHERE { ?c :b\n <http://a/%zz> }", QueryRejected,
            "line 3, column 2: Invalid IRI percent encoding", id="a bad IRI in WHERE",
        ),
        pytest.param(
            "CLEAR GRAPH <http://a/%zz>", QueryRejected,
            "line 2, column 13: Invalid IRI percent encoding", id="a bad IRI of a graph",
        ),
        pytest.param(
            "DELETE DATA { :a :b [] }", QueryRejected, "line 2, column 21: a blank node",
            id="a blank node in DELETE DATA",
        ),
        pytest.param(
            "DELETE DATA { << :a :b :c >> :d 1 }", QueryRejected, "line 2, column 15: a blank node",
            id="a reifier without a name in DELETE DATA",
        ),
        pytest.param(
            "DELETE WHERE { _:a :b ?c }", QueryRejected, "line 2, column 16: a blank node",
            id="a blank node in DELETE WHERE",
        ),
        pytest.param(
            "INSERT DATA { _:a :b 1 } ;\nINSERT DATA { _:a :b 1 }", QueryRejected,
            r"line \d, column \d+: _:a stands in two INSERT DATA",
            id="a label in two blocks",
        ),
        pytest.param(
            "SELECT * { ?s ?p ?o }", QueryRejected, r"this is a query \(SELECT\), not an update",
            id="a query",
        ),
        pytest.param(
            "INSERT { ?s :b 1 } WHERE { SERVICE :remote { ?s :b 2 } }", ForbiddenOperation,
            "line 2, column 28: SERVICE asks another endpoint.* INSERT DATA", id="SERVICE",
        ),
        pytest.param(
            "DELETE { ?s ?p 1 } WHERE { ?s ?p 1 FILTER EXISTS { SERVICE SILENT ?p {} } }",
            ForbiddenOperation, "line 2, column 52: SERVICE", id="SERVICE SILENT in EXISTS",
        ),
        pytest.param(
            "CLEAR ALL ;\nLOAD <http://example.org/data> INTO GRAPH :g", ForbiddenOperation,
            "line 3, column 1: LOAD has the server fetch", id="LOAD",
        ),
        pytest.param(
            "INSERT { :a :b ?x } WHERE { GRAPH ?g { { SELECT ?x { ?x :p 1 } LIMIT 1 } } }",
            UnsupportedFeature, "the engine has no LIMIT", id="what the engine has not",
        ),
        pytest.param(
            f"INSERT DATA {{ GRAPH <{RESERVED}/union> {{ :a :b 1 }} }}", ReservedGraph,
            "line 2, column 21: <.*/union> is kept by the server", id="data for the union",
        ),
        pytest.param(
            f"DELETE DATA {{ GRAPH <{RESERVED}/derived> {{ :a :b 1 }} }}", ReservedGraph,
            "line 2, column 21: <.*/derived>", id="data from what is derived",
        ),
        pytest.param(
            f"DELETE {{ GRAPH <{RESERVED}/commits> {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o }}",
            ReservedGraph, "line 2, column 16: <.*/commits>", id="a template of the log",
        ),
        pytest.param(
            f"WITH <{RESERVED}/union> INSERT {{ ?s ?p 1 }} WHERE {{ ?s ?p 2 }}", ReservedGraph,
            "line 2, column 6: ", id="WITH the union",
        ),
        pytest.param(
            f"DELETE WHERE {{ GRAPH <{RESERVED}/union> {{ ?s ?p ?o }} }}", ReservedGraph,
            "line 2, column 22: ", id="DELETE WHERE in the union",
        ),
        pytest.param(
            f"CLEAR SILENT GRAPH <{RESERVED}/commits>", ReservedGraph, "line 2, column 20: ",
            id="CLEAR",
        ),
        pytest.param(f"DROP GRAPH <{RESERVED}/union>", ReservedGraph, "column 12: ", id="DROP"),
        pytest.param(
            f"CREATE SILENT GRAPH <{RESERVED}/union>", ReservedGraph, "column 21: ", id="CREATE"
        ),
        pytest.param(f"COPY :a TO <{RESERVED}/union>", ReservedGraph, "column 12: ", id="COPY to"),
        pytest.param(f"ADD :a TO <{RESERVED}/union>", ReservedGraph, "column 11: ", id="ADD to"),
        pytest.param(f"MOVE <{RESERVED}/union> TO :a", ReservedGraph, "column 6: ", id="MOVE from"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, kind: type[GraphError], complaint: str) -> None:
    with pytest.raises(kind, match=complaint) as refusal:
        operations(text)
    assert type(refusal.value) is kind


def test_what_only_the_engine_can_refuse_is_refused_before_anything_is_done() -> None:
    with pytest.raises(RuntimeError, match=r"f> is not supported"):
        operations("INSERT { ?s :b 1 } WHERE { ?s :b ?o FILTER(:f(?o)) }")


MANY = " ".join(map(str, range(300)))
MUCH = " ".join(f"VALUES ?v{number} {{ {MANY} }}" for number in range(6))


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "where",
    [
        pytest.param(f"{{ SELECT (COUNT(*) AS ?n) {{ {MUCH} }} }}", id="an aggregate"),
        pytest.param(f"{{ SELECT ?v0 {{ {MUCH} }} ORDER BY ?v0 }}", id="an order"),
        pytest.param(f"OPTIONAL {{ SELECT (SUM(?v1) AS ?n) {{ {MUCH} }} }}", id="optional"),
        pytest.param(f"MINUS {{ SELECT (MAX(?v1) AS ?n) {{ {MUCH} }} }}", id="minus"),
        pytest.param(
            "{ SELECT (COUNT(*) AS ?n) { "
            + "{ {} UNION {} UNION {} UNION {} UNION {} UNION {} } " * 40
            + "} }",
            id="without a value",
        ),
    ],
)
def test_a_where_that_would_take_for_ever_is_planned_at_once(where: str) -> None:
    [planned] = operations(f"INSERT {{ :a :b ?n }} WHERE {{ {where} }}")

    assert planned["kind"] == "modify"


def test_data_that_grow_when_they_are_written_out_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plan, "MAX_DATA_BYTES", 1000)
    block = "INSERT DATA { x:1 x:1 x:1 , x:2 , x:3 }"
    prefix = f"PREFIX x: <http://example.org/{'long' * 10}/>"
    assert plan_of(f"{prefix} {block}", BASE)
    with pytest.raises(QueryRejected, match=r"line 1, column 128: .*longer than 1,000 bytes"):
        plan_of(f"{prefix} {block} ; {block}", BASE)


def test_reserved_graphs_may_be_read() -> None:
    (copied,) = operations(f"COPY <{RESERVED}/derived> TO :mine")
    assert copied["source"] == f"{RESERVED}/derived"
    about = f"INSERT DATA {{ <{RESERVED}/union> :about <{RESERVED}/union> }}"
    assert operations(about)[0]["quads"].count(f"<{RESERVED}/union>") == 2


# The graphs that a request names


def test_the_graphs_of_the_request_are_used_as_if_the_text_had_named_them() -> None:
    ours = operations("DELETE { ?s ?p 1 } WHERE { ?s ?p 1 }", ("x:a", "x:b"), ("x:c",))
    theirs = operations(
        "DELETE { ?s ?p 1 } USING <x:a> USING <x:b> USING NAMED <x:c> WHERE { ?s ?p 1 }"
    )
    assert ours == theirs
    assert (ours[0]["using"], ours[0]["using_named"]) == (["x:a", "x:b"], ["x:c"])


def test_they_are_used_by_every_operation_that_has_a_where_and_by_no_other() -> None:
    text = """
        CLEAR ALL ; INSERT DATA { :a :b 1 } ; DELETE DATA { :a :b 1 } ;
        INSERT { :a :b 2 } WHERE {} ; DELETE WHERE { ?s ?p ?o } ; COPY :a TO :b
    """
    used = [each.get("using") for each in operations(text, ("x:a",))]
    assert used == [None, None, None, ["x:a"], ["x:a"], None]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("WITH :g DELETE { ?s ?p 1 } WHERE { ?s ?p 1 }", "column 6", id="WITH"),
        pytest.param("DELETE { ?s ?p 1 } USING :g WHERE { ?s ?p 1 }", "column 26", id="USING"),
        pytest.param(
            "DELETE { ?s ?p 1 } USING NAMED :g WHERE { ?s ?p 1 }", "column 32", id="USING NAMED"
        ),
        pytest.param(
            "DELETE { ?s ?p 1 } WHERE { ?s ?p 1 } ; WITH :g INSERT { :a :b 1 } USING :h WHERE {}",
            "column 45", id="in the second operation",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("using", [(("x:a",), ()), ((), ("x:a",))], ids=["default", "named"])
def test_request_and_text_cannot_both_name_graphs(
    text: str, place: str, using: tuple[tuple[str, ...], ...]
) -> None:
    with pytest.raises(QueryRejected, match=f"line 2, {place}: the request names graphs"):
        operations(text, *using)


def test_the_graphs_of_the_request_are_absolute_iris() -> None:
    with pytest.raises(QueryRejected, match=r"'graph' cannot name a graph .* absolute IRI"):
        operations("CLEAR ALL", ("graph",))


# Plans


@pytest.mark.parametrize(
    ("deep", "deeper"),
    [
        ("INSERT { ?s ?p ?o } WHERE { { { ?s ?p ?o } } }", "DELETE WHERE { ?s ?p [ ?p ((1)) ] }"),
        ("INSERT DATA { <a> <b> ((1)) }", "INSERT DATA { <a> <b> (((1))) }"),
    ],
)
def test_the_nesting_that_is_allowed_can_be_chosen(deep: str, deeper: str) -> None:
    assert plan_of(deep, BASE, max_nesting=3)["operations"]
    with pytest.raises(QueryRejected, match="nest deeper than 3"):
        plan_of(deeper, BASE, max_nesting=3)


def test_a_plan_is_plain_values() -> None:
    text = """
        BASE <http://example.org/base/>
        WITH <g> DELETE { ?s :p 01 } INSERT { _:new ?p <<( ?s :q "x"@EN )>> . GRAPH ?g { ?s a [] } }
        WHERE { GRAPH ?g { ?s ?p ?o } } ;
        DROP SILENT NAMED ;
        MOVE DEFAULT TO :h
    """
    modify, *management = plan_of(f"{PREFIXES}{text}", BASE)["operations"]
    select = modify.pop("select")
    assert re.fullmatch(r"SELECT \?s \?p \?g WHERE \{ GRAPH \?g \{.*\} \}", select)
    s, p, g = 0, 1, 2
    integer = "http://www.w3.org/2001/XMLSchema#integer"
    rdf_type = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    default = "<http://example.org/base/g>"
    fresh = modify["insert"][1][2]
    assert re.fullmatch("_:(?!new).+", fresh)
    assert modify == {
        "kind": "modify",
        "delete": [[s, "<http://example.org/p>", f'"1"^^<{integer}>', default]],
        "insert": [
            ["_:new", p, [s, "<http://example.org/q>", '"x"@en'], default],
            [s, f"<{rdf_type}>", fresh, g],
        ],
        "with": "http://example.org/base/g",
        "using": [],
        "using_named": [],
        "asks_named": True,
    }
    assert management == [
        {"kind": "drop", "graphs": "NAMED", "is_silent": True, "place": "line 6, column 9"},
        {
            "kind": "transfer",
            "action": "MOVE",
            "source": None,
            "target": "http://example.org/h",
            "is_silent": False,
            "place": "line 7, column 9",
        },
    ]
    assert json.loads(json.dumps(modify)) == modify


def test_what_the_engine_gets_wrong_is_written_in_another_way() -> None:
    (modify,) = operations("INSERT { ?x :b 1 } WHERE { :a :p* ?x }")
    assert "UNION" in modify["select"]


def test_without_variables_in_templates_there_is_a_row_for_each_solution() -> None:
    (modify,) = operations("INSERT { [] :b 1 } WHERE { ?m1 :p ?m2 }")
    assert modify["select"].startswith("SELECT ?m3 WHERE")


def test_load_silent_does_nothing_and_says_nothing() -> None:
    assert operations("LOAD SILENT <http://example.org/data> ; LOAD SILENT :a INTO GRAPH :b") == []


def test_nothing_is_an_update() -> None:
    assert plan_of("# nothing", BASE)["operations"] == []


# Data blocks

GROUND = (
    "",
    ":a :b 1",
    ":a :b 1 .",
    ":a a :c ; :b 01, 1.50, -2, +3, 1e6, .5 ; ; :d true, false .",
    "<a> <../b> <#c> , <?d> . <http://x/../y> : <urn:x>",
    r""":a :b "1\n\t\"\\\u00e9", 'two' , '''three '' " }''', "" """,
    ':a :b """ } GRAPH { """',
    ':a :b "x"@en-GB, "y"@AR--rtl, "1"^^xsd:byte, "z"^^<http://example.org/t>',
    r":a\,b :b%20c :d\~ . :a.b :c.d :e. ",
    ":a :b () . () :b 2",
    "<< :a :b :c ~ :r >> :d 1",
    ":a :b <<( :c :d 01 )>> , <<( :a :d <<( :e :f 'g'@en )>> )>>",
    "GRAPH :g { :a :b 1 }",
    ":a :b 1 GRAPH :g { :a :b 2 . :c :b 3 } . :d :b 4 . graph <h> { :e :b 5 } GRAPH : {}",
    ":a :b 1 # } GRAPH :g {\n . # {\n GRAPH # :h\n :g # {\n { :a :b 2 # }\n } # end\n",
    ":a :b :true, :GRAPH, :a-b , :0",
)
WITH_BLANK_NODES = (
    "_:x :b _:y . _:y :b _:x, [] , [ :b [ :c _:x ] ] . [ :d 1 ] . [ :d 1 ] :e 2 .",
    ":a :b ( 1 ( 2 ) [ :c 3 ] ) , () . ( 1 ) :b 2",
    "<< :a :b :c >> :d 1 . << << :a :b :c >> :b _:x ~ _:x >> :e 2",
    ":a :b <<( _:x :d <<( :e :f _:x )>> )>>",
    ":a :b :c ~ :r {| :d 1 ; :e 2 |} , :f {| :g 3 |} ~ ~ _:x",
    "_:x :b 1 GRAPH :g { _:x :b _:y } _:y :b 3",
)


@pytest.mark.parametrize(
    ("verb", "block"),
    [
        *(("INSERT", block) for block in (*GROUND, *WITH_BLANK_NODES)),
        # The others may make a blank node, for all that the marks tell.
        *(("DELETE", block) for block in GROUND if not re.search(r"\(\)|<< ", block)),
    ],
)
def test_a_data_block_is_read_as_trig_as_it_is_read_as_sparql(verb: str, block: str) -> None:
    text = f"{PREFIXES}{verb} DATA {{{block}}}"
    parsed = parse_template(Source.of(text), "update", BASE, lift_data=True)
    assert len(parsed.data) == 1
    update = parse(text, "update", BASE)
    assert isinstance(update, tree.Update)
    (whole,) = update.operations
    assert isinstance(whole, tree.InsertData | tree.DeleteData)
    (operation,) = plan_of(text, BASE)["operations"]
    read, expected = data_quads(operation["quads"]), data_quads(data_form(whole.quads))
    assert dataset(read) == dataset(expected)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        pytest.param(":a :b TRUE", ":a :b true .", id="words in capitals"),
        pytest.param("( 1 )", "[] rdf:first 1 ; rdf:rest () .", id="a list on its own"),
        pytest.param(
            "GRAPH :g { ( 1 ) } ( 2 )",
            "[] rdf:first 2 ; rdf:rest () . :g { [] rdf:first 1 ; rdf:rest () . }",
            id="lists in graphs",
        ),
    ],
)
def test_what_trig_has_not_is_read_as_sparql(block: str, expected: str) -> None:
    (operation,) = operations(f"INSERT DATA {{ {block} }}")
    rdf = "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>"
    quads = ox.parse(f"{PREFIXES}{rdf}{expected}", ox.RdfFormat.TRIG)
    assert dataset(data_quads(operation["quads"])) == dataset(quads)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("INSERT DATA { :a :b ?x }", id="a variable"),
        pytest.param("INSERT DATA { :a :b True }", id="words in capitals"),
        pytest.param("INSERT DATA { SELECT { :a :b 1 } }", id="another word"),
        pytest.param("INSERT DATA { GRAPH :g { GRAPH :h { :a :b 1 } } }", id="graphs in graphs"),
        pytest.param("INSERT DATA { GRAPH ?g { :a :b 1 } }", id="a graph without a name"),
        pytest.param("INSERT DATA { GRAPH :g", id="no end"),
        pytest.param("INSERT DATA { :a none:b 1 }", id="an unknown prefix"),
        pytest.param("DELETE DATA { _:a :b 1 }", id="a blank node"),
        pytest.param("INSERT DATA { _:a :b 1 } ; INSERT DATA { _:a :b 1 }", id="one label twice"),
    ],
)
def test_what_may_mean_something_else_is_not_lifted(text: str) -> None:
    with pytest.raises(NotLiftable):
        parse_template(Source.of(f"{PREFIXES}{text}"), "update", BASE, lift_data=True)


def test_each_data_block_has_the_prefixes_and_the_base_of_its_place() -> None:
    text = """
        BASE <http://one.example/> PREFIX : <http://one.example/#> INSERT DATA { <a> :b 1 } ;
        BASE <http://two.example/> PREFIX : <http://two.example/#> INSERT DATA { <a> :b 1 }
    """
    one, two = (each["quads"] for each in plan_of(text, BASE)["operations"])
    assert one.startswith("<http://one.example/a> <http://one.example/#b> ")
    assert two == one.replace("one", "two")


# The reader


def answer_of(path: Path, job: dict[str, Any]) -> bytes:
    async def answer() -> bytes:
        generation = current_generation(path)
        assert generation
        reader = await Reader.on(generation, 512_000_000)
        try:
            await reader.send(job)
            content = b""
            while (frame := await reader.receive()) and frame[0] != frames.END:
                content += frame[1] if frame[0] == frames.DATA else b""
            assert frame
            ending = json.loads(frame[1])
            if "failure" in ending:
                raise_failure(ending, Limits(), generation)
            return content
        finally:
            reader.kill()
            await reader.exit_status()

    return asyncio.run(answer())


def test_a_reader_makes_plans_in_its_sandbox(store: Path) -> None:
    text = "INSERT { ?s ?p 2 } WHERE { ?s ?p 1 } ; INSERT DATA { <a> <b> 1 }"
    job = {
        "kind": "plan", "text": text, "base_iri": BASE, "using_graphs": ["x:g"],
        "using_named_graphs": [], "media_type": "application/json", "nesting": 500, "seconds": 10,
    }  # fmt: skip
    assert json.loads(answer_of(store, job)) == plan_of(text, BASE, ["x:g"])
    with pytest.raises(ReservedGraph, match="line 1, column 12: "):
        answer_of(store, job | {"text": f"DROP GRAPH <{RESERVED}/union>"})
