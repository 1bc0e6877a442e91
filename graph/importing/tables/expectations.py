"""What an expression of a mapping expects of cells, in words for whoever has to correct them."""

from __future__ import annotations

from graph.importing.tables.functions import COUNTRY, COUNTRY_NAME, NONE
from graph.namespaces import GEO, XSD
from graph.sparql import tree

_OF_FUNCTIONS = {
    COUNTRY: "a country: its ISO code, or its name in English, French or German",
    COUNTRY_NAME: "a country: its ISO code, or its name in English, French or German",
    f"{XSD}date": "a day, written as 2026-11-27",
    f"{XSD}dateTime": "a time, written as 2026-11-27T10:00:00Z",
    f"{XSD}decimal": "a number, written as 1234.5",
    f"{XSD}integer": "a whole number, written as 1234",
    f"{XSD}boolean": "true or false",
    f"{GEO}wktLiteral": "a point",
}
_OF_TYPES = dict(_OF_FUNCTIONS)
_IRI = 'an address (IRI) without blanks and without any of < > " { } | \\ ^ `'
OTHERWISE = "a value that the mapping can use"


def expected_of(expression: tree.Node) -> str:
    """Return what *expression* makes something of."""
    found = list(tree.walk(expression))
    for node in found:
        match node:
            case tree.FunctionCall() if str(node.function.value) in _OF_FUNCTIONS:
                return _OF_FUNCTIONS[str(node.function.value)]
            case tree.BuiltIn(name="STRDT"):
                types = [str(each.value) for each in node.arguments if isinstance(each, tree.IRI)]
                return next((_OF_TYPES[each] for each in types if each in _OF_TYPES), OTHERWISE)
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
