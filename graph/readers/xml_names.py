"""Which triples RDF/XML can say: a property becomes the name of an element there.

The engine writes `<oxprefix: ...>`, which no XML parser reads, for a property whose IRI does not
end in a name.
"""

import re
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from graph.errors import UnwritableAnswer

_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME_AT_END = rf"[{_START}][{_START}\-.0-9\u00b7\u0300-\u036f\u203f\u2040]*\Z"


def written_as_xml(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Yield *triples*; UnwritableAnswer at a property that XML has no name for (RDF/XML, 5.1)."""
    seen: set[str] = set()
    for triple in triples:
        name = triple.predicate.value
        if name not in seen:
            if not re.search(_NAME_AT_END, name):
                raise UnwritableAnswer(
                    f"the property <{name}> does not end in a name that an element of XML can have"
                )
            seen.add(name)
        yield triple
