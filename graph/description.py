"""What triples say, ready to be looked up and to be shown: subject -> predicate -> objects."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import RDF, RDF_TYPE, XSD, short
from graph.usage import Object, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Text = tuple[str, str]
"""A text and the tag of its language, which may be empty."""

_PLAIN = (XSD + "integer", XSD + "decimal", XSD + "boolean")
_PLAIN_VALUE = re.compile(r"[-+]?[0-9.]*[0-9]|true|false")
_ESCAPES = {
    "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"
}  # fmt: skip
_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*:[A-Za-z0-9](?:[\w-]*[A-Za-z0-9_])?", re.ASCII)


@dataclass(slots=True)
class Description:
    """What triples say of their subjects."""

    objects: dict[str, dict[str, list[Object]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    @classmethod
    def of(cls, triples: Iterable[ox.Quad | ox.Triple]) -> Description:
        """Return what *triples* say, whatever graph they are in."""
        description = cls()
        description.add(triples)
        return description

    def add(self, triples: Iterable[ox.Quad | ox.Triple]) -> None:
        """Take in *triples*, whatever graph they are in."""
        for triple in triples:
            found = self.objects[value_of(triple.subject)][triple.predicate.value]
            if triple.object not in found:
                found.append(triple.object)

    def values(self, subject: str, predicate: str) -> list[str]:
        """Return the IRIs and texts that *subject* has for *predicate*."""
        about = self.objects.get(subject)
        return [value_of(value) for value in about.get(predicate, ())] if about else []

    def value(self, subject: str, predicate: str) -> str:
        """Return the only or first value, or nothing."""
        return next(iter(self.values(subject, predicate)), "")

    def text(self, subject: str, predicate: str, language: str = "en") -> str:
        """Return the text of *predicate* in *language*, or nothing."""
        texts = self.texts(subject, predicate)
        return next((text for text, tag in texts if tag == language), "")

    def texts(self, subject: str, predicate: str) -> list[Text]:
        """Return the texts of *predicate*, each with the tag of its language."""
        about = self.objects.get(subject, {})
        values = (o for o in about.get(predicate, ()) if isinstance(o, ox.Literal))
        return [(value.value, value.language or "") for value in values]

    def of_type(self, *types: str) -> list[str]:
        """Return the IRIs that have one of *types*, in order."""
        return sorted(
            subject
            for subject, about in self.objects.items()
            if any(value_of(value) in types for value in about.get(RDF_TYPE, []))
        )

    def items(self, head: str) -> Iterator[str]:
        """Return the members of the RDF list that begins at *head*, which may be no list at all."""
        seen: set[str] = set()
        while head and head != RDF + "nil" and head not in seen:
            seen.add(head)
            yield from self.values(head, RDF + "first")
            head = self.value(head, RDF + "rest")


def turtle(subject: str, about: Mapping[str, Sequence[Object]]) -> str:
    """Return what is said *about* the IRI *subject* as Turtle, one line for each property."""
    types = [short_name(value_of(value)) for value in about.get(RDF_TYPE, ())]
    lines = [f"a {', '.join(types)}"] if types else []
    lines += [
        f"{short_name(predicate)} {', '.join(term_text(value) for value in values)}"
        for predicate, values in about.items()
        if predicate != RDF_TYPE
    ]
    return f"{short_name(subject)} " + " ;\n    ".join(lines) + " ."


def term_text(value: Object) -> str:
    """Return *value* as it is written in Turtle, in short where that can be read."""
    if isinstance(value, ox.NamedNode):
        return short_name(value.value)
    if not isinstance(value, ox.Literal):
        return str(value)
    if value.datatype.value in _PLAIN and re.fullmatch(
        r"[-+]?[0-9.]*[0-9]|true|false", value.value
    ):
        is_whole = value.datatype.value == XSD + "decimal" and "." not in value.value
        return f"{value.value}.0" if is_whole else value.value
    quoted = '"' + re.sub(r'[\\"\n\r\t\b\f]', lambda found: _ESCAPES[found[0]], value.value) + '"'
    if value.language:
        return f"{quoted}@{value.language}"
    if value.datatype.value == XSD + "string":
        return quoted
    return f"{quoted}^^{short_name(value.datatype.value)}"


def short_name(iri: str) -> str:
    """Return *iri* in short if that is a name that Turtle takes, and else in angle brackets."""
    name = short(iri)
    return name if _NAME.fullmatch(name) else f"<{iri}>"
