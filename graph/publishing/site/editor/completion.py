"""What can be written next in a query, from the data: classes, properties, values, prefixes.

Nothing is counted to its end where there is much of it: a class or a property that is used very
often is used "more than" so many times, and what the things of a class say is read from a sample.
"""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

from graph.errors import QueryRejected
from graph.namespaces import short
from graph.publishing.labels import Names
from graph.publishing.site.editor.answer import cut
from graph.publishing.site.editor.cardinality import how_many_of
from graph.publishing.site.editor.counting import Counted, Counting
from graph.publishing.site.editor.prefixes import known_prefixes, written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graph.publishing.edition import Edition

    Values = dict[str, Any]

MOST = 200
"""How many suggestions there are at most."""


def write_completion(edition: Edition) -> None:
    """Write suggestions of the `kind` that the arguments ask for, as JSON.

    `class` has the classes that the subject is known to be of, `of` a property whose value it is,
    `property` the one whose values are wanted, `q` the beginning of a word of what is wanted.
    """
    kind = edition.arguments.get("kind", "")
    if kind == "prefix":
        values: Values = {"prefixes": known_prefixes()}
    elif kind in _KINDS:
        values = {"suggestions": _KINDS[kind](edition)}
    else:
        raise QueryRejected(
            f"'kind' is {kind[:40]!r}; send one of {', '.join((*_KINDS, 'prefix'))}"
        )
    edition.out.write(json.dumps(values, ensure_ascii=False).encode())


def _classes(edition: Edition) -> list[Values]:
    return _shown(edition, "class", Counting(edition).classes(), {})


def _properties(edition: Edition) -> list[Values]:
    classes = [iri for iri in edition.arguments.get("class", "").split("\n") if iri]
    counting, of = Counting(edition), edition.arguments.get("of", "")
    if classes:
        found = counting.properties_of_class(classes[0])
    elif of:
        found = counting.properties_of_values(of)
    else:
        found = counting.properties()
    return _shown(edition, "property", found, how_many_of(edition, classes))


def _values(edition: Edition) -> list[Values]:
    if not (of := edition.arguments.get("property", "")):
        raise QueryRejected("'property' is missing; send the IRI of the property with the values")
    classes = edition.arguments.get("class", "").split("\n")
    return _shown(edition, "value", Counting(edition).values(of, classes[0]), {})


_KINDS: dict[str, Callable[[Edition], list[Values]]] = {
    "class": _classes,
    "property": _properties,
    "value": _values,
}


def _shown(
    edition: Edition, kind: str, found: Sequence[Counted], cardinalities: dict[str, str]
) -> list[Values]:
    names, wanted = Names(edition), folded(edition.arguments.get("q", ""))
    likely = found if wanted else found[:MOST]
    shown = [_suggestion(each, kind, names, cardinalities) for each in likely]
    fitting = [each for each in shown if _fits(each, wanted)]
    return fitting[:MOST]


def _suggestion(each: Counted, kind: str, names: Names, cardinalities: dict[str, str]) -> Values:
    if each.iri:
        named = names.named(each.iri)
        told = {"iri": each.iri, "insert": written(each.iri), "label": cut(named["label"])}
        told["language"] = named["language"]
    else:
        told = {"iri": "", "insert": each.text, "label": cut(each.text), "language": None}
    return {
        "kind": kind,
        **told,
        "count": each.count,
        "is_more": each.is_more,
        "of": each.of,
        "cardinality": cardinalities.get(each.iri, ""),
    }


def _fits(suggestion: Values, wanted: str) -> bool:
    """Tell whether a word of its label, or of its name, begins with what is *wanted*."""
    if not wanted:
        return True
    name = suggestion["insert"].rpartition(":")[2].strip("<>")
    places = (folded(suggestion["label"]), folded(name), folded(short(suggestion["iri"])))
    return any(place.startswith(wanted) or f" {wanted}" in place for place in places)


def folded(text: str) -> str:
    """Return *text* without accents and capitals."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))
