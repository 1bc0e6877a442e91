"""Terms as stores write them: a number, a date or a truth value has one form for each value."""

import pyoxigraph as ox

_STRING = ox.NamedNode("http://www.w3.org/2001/XMLSchema#string")


def as_stored(quad: ox.Quad) -> ox.Quad:
    """Return *quad* as a store gives it back: with 1 for 01.

    To a store both are the same quad; to Python they are not.
    """
    value = quad.object
    if isinstance(value, ox.NamedNode | ox.BlankNode):
        return quad
    if isinstance(value, ox.Literal) and (value.language or value.datatype == _STRING):
        return quad
    store = ox.Store()
    store.add(quad)
    return next(iter(store))
