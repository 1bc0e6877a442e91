"""What an expression of a mapping expects of cells, in words for whoever has to correct them."""

from __future__ import annotations

from graph.importing.tables.cells import EXAMPLES
from graph.importing.tables.functions import COUNTRY, COUNTRY_NAME, NONE
from graph.namespaces import GEO, XSD
from graph.sparql import tree

_COUNTRY = "a country: its ISO code, or its name in English, French or German"
_EXPECTED = {
    COUNTRY: _COUNTRY,
    COUNTRY_NAME: _COUNTRY,
    f"{GEO}wktLiteral": "a point",
    **{f"{XSD}{name}": example for name, example in EXAMPLES.items()},
}
"""By the functions and types that make something of a cell."""
_IRI = 'an address (IRI) without blanks and without any of < > " { } | \\ ^ `'
OTHERWISE = "a value that the mapping can use"


def expected_of(expression: tree.Node) -> str:
    """Return what *expression* makes something of."""
    found = list(tree.walk(expression))
    for node in found:
        match node:
            case tree.FunctionCall() if str(node.function.value) in _EXPECTED:
                return _EXPECTED[str(node.function.value)]
            case tree.BuiltIn(name="STRDT"):
                types = [str(each.value) for each in node.arguments if isinstance(each, tree.IRI)]
                return next((_EXPECTED[each] for each in types if each in _EXPECTED), OTHERWISE)
            case _:
                pass
    if any(isinstance(node, tree.BuiltIn) and node.name in ("IRI", "URI") for node in found):
        return _IRI
    return OTHERWISE


def may_have_none(expression: tree.Node) -> bool:
    """Tell whether *expression* says itself that there may be no value."""
    return any(
        isinstance(node, tree.FunctionCall) and str(node.function.value) == NONE
        for node in tree.walk(expression)
    )
