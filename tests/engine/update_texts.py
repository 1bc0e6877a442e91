"""Random updates, and random data for them, in a vocabulary so small that they meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIX = "PREFIX : <http://example.org/>\n"

_NODES = st.sampled_from([":a", ":b", ":c"])
_PREDICATES = st.sampled_from([":p", ":q"])
_VALUES = st.sampled_from([":a", ":b", "1", "2", '"x"', '"x"@en', "true", "<<( :a :p 1 )>>"])
_GRAPHS = st.sampled_from([":g", ":h", ":k"])
_VARIABLES = st.sampled_from(["?s", "?p", "?o", "?g", "?n"])
_BLANK_NODES = st.sampled_from(["_:x", "_:y"])


def _joined(parts: Iterable[str]) -> str:
    return " ".join(parts)


def _triples(
    subjects: st.SearchStrategy[str],
    predicates: st.SearchStrategy[str],
    values: st.SearchStrategy[str],
    most: int = 3,
) -> st.SearchStrategy[str]:
    triple = st.tuples(subjects, predicates, values, st.just(".")).map(_joined)
    return st.lists(triple, min_size=1, max_size=most).map(_joined)


def _quads(
    triples: st.SearchStrategy[str], graphs: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    in_graph = st.builds("GRAPH {} {{ {} }}".format, graphs, triples)
    return st.lists(triples | in_graph, min_size=1, max_size=3).map(_joined)


def _often(usual: st.SearchStrategy[str], other: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(usual, usual, other)


_GROUND = _quads(_triples(_NODES, _PREDICATES, _VALUES), _GRAPHS)
_DATA = _quads(
    _triples(_often(_NODES, _BLANK_NODES), _PREDICATES, _often(_VALUES, _BLANK_NODES)), _GRAPHS
)
data = _DATA.map(lambda quads: f"{PREFIX}{quads}")
"""TriG for a store to begin with."""

# Templates: a variable may stand anywhere, so that what it makes is no triple now and then.
_SUBJECTS = _often(_VARIABLES, _NODES)
_OBJECTS = st.one_of(_VARIABLES, _VARIABLES, _VALUES, st.just("<<( ?s :p ?o )>>"))
_VERBS = st.one_of(_PREDICATES, st.just("?p"), _VARIABLES)
# The engine lets a blank node name a graph, so no variable that may be one stands there.
_NAMES = st.one_of(_GRAPHS, st.sampled_from(["?g", "?p", "?v"]))
_WHOLE = st.sampled_from(
    ["?s ?p ?o .", "?s :p ?o .", "GRAPH ?g { ?s ?p ?o }", "GRAPH :g { ?s ?p ?o }"]
)
_TEMPLATES = _often(_quads(_triples(_SUBJECTS, _VERBS, _OBJECTS), _NAMES), _WHOLE)
_TEMPLATES_WITH_BLANK_NODES = _often(
    _quads(
        _triples(_often(_SUBJECTS, _BLANK_NODES), _VERBS, _often(_OBJECTS, _BLANK_NODES)), _NAMES
    ),
    _WHOLE,
)

_BASIC = _triples(_SUBJECTS, _VERBS, _often(_VARIABLES, _VALUES), 2)
_PATTERNS = st.one_of(
    _BASIC,
    st.builds("GRAPH {} {{ {} }}".format, _often(_GRAPHS, st.just("?g")), _BASIC),
    st.builds("OPTIONAL {{ {} }}".format, _BASIC),
    st.builds("{{ {} }} UNION {{ {} }}".format, _BASIC, _BASIC),
    st.builds("{{ {} MINUS {{ {} }} }}".format, _BASIC, _BASIC),
    st.builds("FILTER({} = {})".format, _VARIABLES, _VARIABLES | _VALUES),
    st.builds("FILTER EXISTS {{ {} }}".format, _BASIC),
    st.builds("VALUES ({} {}) {{ ({} UNDEF) ({} {}) }}".format,
              st.just("?s"), st.just("?o"), _NODES, _NODES, _VALUES),
    st.just("VALUES ?v { :g 1 UNDEF }"),
    st.just("{ SELECT ?n (COUNT(*) AS ?o) { ?n :p ?x } GROUP BY ?n }"),
    st.just("?s :p* ?o ."),
    st.just("GRAPH ?g {}"),
)  # fmt: skip
# With these there are solutions most of the time, and what comes after takes some of them away.
_FIRST_PATTERNS = st.sampled_from(
    [
        "?s ?p ?o .",
        "?s :p ?o .",
        "?s ?p ?o . ?o ?p ?n .",
        "GRAPH ?g { ?s ?p ?o }",
        "GRAPH :g { ?s ?p ?o }",
        "GRAPH ?g { ?s ?p ?o } OPTIONAL { ?s ?p ?n }",
        "?s ?p ?o . OPTIONAL { GRAPH ?g { ?n ?p ?o } }",
    ]
)
_WHERE = st.builds(
    "{{ {} {} }}".format, _FIRST_PATTERNS, st.lists(_PATTERNS, max_size=2).map(_joined)
)

_WITH = st.just("") | _GRAPHS.map("WITH {} ".format)
_USING_ONE = st.lists(
    st.builds("USING {}".format, _GRAPHS), max_size=1
) | st.builds("USING NAMED {}".format, _GRAPHS).map(lambda clause: [clause])  # fmt: skip
_USING_MANY = st.lists(
    st.builds("USING {}{}".format, st.sampled_from(["", "NAMED "]), _GRAPHS), max_size=3
)


def _modify(
    with_graph: str, delete: str | None, insert: str | None, using: list[str], where: str
) -> str:
    templates = _joined(
        f"{verb} {{ {quads} }}"
        for verb, quads in (("DELETE", delete), ("INSERT", insert))
        if quads is not None
    )
    return f"{with_graph}{templates or 'INSERT {}'} {_joined(using)} WHERE {where}"


_MODIFY = st.one_of(
    st.builds(
        _modify,
        _WITH,
        st.none() | _TEMPLATES,
        st.none() | _TEMPLATES_WITH_BLANK_NODES,
        _USING_ONE,
        _WHERE,
    ),
    # To the engine, several graphs are a list, so that blank nodes would be made twice.
    st.builds(
        _modify,
        _WITH,
        st.none() | _TEMPLATES,
        st.none() | _TEMPLATES,
        _USING_MANY,
        _WHERE.filter(lambda where: "COUNT" not in where),
    ),
)

_SILENT = st.sampled_from(["", "SILENT "])
_TARGETS = _GRAPHS.map("GRAPH {}".format) | st.sampled_from(["DEFAULT", "NAMED", "ALL"])


def _transfer(verb: str, source: str, target: str) -> str:
    """Return a transfer between graphs that are there, before it and after it.

    The engine empties the target of COPY and MOVE where there is no source, and lets an empty
    source make no target.
    """
    steps = [_created(source), f"{verb} {source} TO {target}", _created(target)]
    return " ; ".join(filter(None, steps))


def _created(graph: str) -> str:
    return "" if graph == "DEFAULT" else f"CREATE SILENT GRAPH {graph}"


_MANAGEMENT = st.one_of(
    st.builds("{} {}{}".format, st.sampled_from(["CLEAR", "DROP"]), _SILENT, _TARGETS),
    st.builds("CREATE {}GRAPH {}".format, _SILENT, _GRAPHS),
    st.builds(
        _transfer,
        st.sampled_from(["ADD", "COPY", "MOVE"]),
        _GRAPHS | st.just("DEFAULT"),
        _GRAPHS | st.just("DEFAULT"),
    ),
)  # fmt: skip

_OPERATIONS = st.one_of(
    _MODIFY,
    _MODIFY,
    _TEMPLATES.map("DELETE WHERE {{ {} }}".format),
    _GROUND.map("DELETE DATA {{ {} }}".format),
    _MANAGEMENT,
)


def _text(operations: list[str], inserted: str) -> str:
    # A label stands in one INSERT DATA only, so there is one of these.
    return PREFIX + " ;\n".join([f"INSERT DATA {{ {inserted} }}", *operations])


updates = st.builds(_text, st.lists(_OPERATIONS, min_size=1, max_size=3), _DATA)
"""Texts of updates, without what the engine's own update is known to do in another way."""
