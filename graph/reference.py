"""Write the reference of the ontology from the ontology, its shapes and the data.

Run it after a change of either: `python -m graph.reference`.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.derivation import derive
from graph.namespaces import DEF, ID, MP, OWL, RDF_TYPE, RDFS, SH, SKOS, XSD, short
from graph.paths import bundled
from graph.sources import read_sources
from graph.usage import Object, Usage, usage_of, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LANGUAGES = ("en", "fr", "de")

_HEAD = """\
# Ontology reference

This page is made from `ontology/` and `data/` by `python -m graph.reference`; do not edit it.
"""


_FROM_ELSEWHERE = (
    "From other vocabularies: `skos:prefLabel`, `skos:altLabel`, `skos:notation`, `skos:note`, "
    "`skos:broader`, `skos:exactMatch`, `skos:closeMatch`, `org:memberOf`, `org:hasMember`, "
    "`geo:asWKT`; in the commit log `prov:endedAtTime`."
)
_HOW_CONCEPTS_ARE_NAMED = (
    f"The concept `turnover` of the scheme `indicator` is `{DEF}indicator/turnover`; "
    f"with `PREFIX indicator: <{DEF}indicator/>` write `indicator:turnover`."
)


@dataclass(slots=True)
class Description:
    """What the ontology says, ready to be looked up: subject -> predicate -> objects."""

    objects: dict[str, dict[str, list[Object]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(self, quads: Iterable[ox.Quad]) -> None:
        """Take in *quads*, whatever graph they are in."""
        for quad in quads:
            found = self.objects[value_of(quad.subject)][quad.predicate.value]
            if quad.object not in found:
                found.append(quad.object)

    def values(self, subject: str, predicate: str) -> list[str]:
        """Return the IRIs and texts that *subject* has for *predicate*."""
        return [value_of(value) for value in self.objects[subject][predicate]]

    def value(self, subject: str, predicate: str) -> str:
        """Return the only or first value, or nothing."""
        return next(iter(self.values(subject, predicate)), "")

    def text(self, subject: str, predicate: str, language: str = "en") -> str:
        """Return the text of *predicate* in *language*, or nothing."""
        texts = (o for o in self.objects[subject][predicate] if isinstance(o, ox.Literal))
        return next((text.value for text in texts if text.language == language), "")

    def of_type(self, *types: str) -> list[str]:
        """Return the IRIs that have one of *types*, in order."""
        return sorted(
            subject
            for subject, about in list(self.objects.items())
            if any(value_of(value) in types for value in about.get(RDF_TYPE, []))
        )

    def items(self, head: str) -> Iterator[Object]:
        """Return the members of the RDF list that begins at *head*."""
        rdf = RDF_TYPE.removesuffix("type")
        while head and head != rdf + "nil":
            yield from self.objects[head][rdf + "first"]
            head = self.value(head, rdf + "rest")


def ontology_reference(ontology: Path, data: Path) -> str:
    """Return the reference page, as Markdown, for the folders *ontology* and *data*."""
    quads = read_sources(data, ontology).quads
    described = Description()
    described.add(quads)
    shapes = Description()
    for path in sorted((ontology / "shapes").glob("*.ttl")):
        shapes.add(
            ox.Quad(triple.subject, triple.predicate, triple.object)
            for triple in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
        )
    usage = usage_of([*quads, *derive(quads, ontology / "rules")])
    parts = [
        _HEAD,
        (ontology / "reading.md").read_text(encoding="utf-8"),
        _classes(described, shapes, usage),
        _properties(described),
        _schemes(described, usage),
        _rules(ontology / "rules"),
        _checks(ontology / "checks"),
    ]
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _classes(described: Description, shapes: Description, usage: Usage) -> str:
    classes = [iri for iri in described.of_type(OWL + "Class") if iri.startswith(MP)]
    subclass = RDFS + "subClassOf"
    tree = [
        f"    {_name(parent)} <|-- {_name(iri)}"
        for iri in classes
        for parent in described.values(iri, subclass)
        if parent in classes
    ]
    lines = ["## Classes", "", "```mermaid", "classDiagram", "    direction LR", *tree, "```", ""]
    for iri in classes:
        lines += _class(iri, described, shapes, usage)
    return "\n".join(lines)


def _class(iri: str, described: Description, shapes: Description, usage: Usage) -> list[str]:
    lines = [f"### {short(iri)}", "", *_naming(described, iri)]
    parents = sorted(described.values(iri, RDFS + "subClassOf"))
    if parents:
        lines += ["", "Narrower than: " + ", ".join(f"`{short(parent)}`" for parent in parents)]
    lines += ["", f"In the data: {usage.instances[iri]}."]
    rows = list(_shape_rows(iri, shapes))
    if rows:
        lines += ["", "| property | how many | value |", "|---|---|---|", *rows]
    lines += _found(iri, usage)
    example = _example(iri, described)
    if example:
        lines += ["", "```turtle", *example, "```"]
    return [*lines, ""]


def _found(iri: str, usage: Usage) -> list[str]:
    """Say by which properties the instances of a class of things are linked, and how often."""
    if usage.instances[MP + "Statement"] and iri in usage.statements:
        return []
    lines: list[str] = []
    for words, counts in (
        ("Found on it", usage.outgoing[iri]),
        ("Found pointing to it", usage.incoming[iri]),
    ):
        found = [f"{how} ({number})" for how, number in sorted(counts.items())]
        if found:
            lines += ["", f"{words}: {', '.join(found)}."]
    return lines


def _shape_rows(iri: str, shapes: Description) -> Iterator[str]:
    """Give a row of the table for each property that the shapes of the class ask for."""
    rows: dict[str, tuple[str, str]] = {}
    for shape in sorted(shapes.objects):
        if iri not in shapes.values(shape, SH + "targetClass"):
            continue
        for constraint in shapes.values(shape, SH + "property"):
            path = shapes.value(constraint, SH + "path")
            if path.startswith("http") and path not in rows:
                rows[path] = (_how_many(constraint, shapes), _what(constraint, shapes))
    for path, (count, value) in rows.items():
        yield f"| `{short(path)}` | {count} | {value} |"


def _how_many(constraint: str, shapes: Description) -> str:
    least = shapes.value(constraint, SH + "minCount") or "0"
    most = shapes.value(constraint, SH + "maxCount") or "n"
    return least if least == most else f"{least}..{most}"


def _what(constraint: str, shapes: Description) -> str:
    wanted = shapes.value(constraint, SH + "class") or shapes.value(constraint, SH + "datatype")
    choices = list(shapes.items(shapes.value(constraint, SH + "in")))
    if choices:
        return ", ".join(f"`{short(value_of(choice))}`" for choice in choices)
    return f"`{short(wanted)}`" if wanted else ""


def _properties(described: Description) -> str:
    kinds = (OWL + "ObjectProperty", OWL + "DatatypeProperty", OWL + "AnnotationProperty")
    lines = [
        "## Properties",
        "",
        "| property | in English, French, German | what it says | from | to |",
        "|---|---|---|---|---|",
    ]
    for iri in described.of_type(*kinds):
        if not iri.startswith(MP):
            continue
        labels = ", ".join(described.text(iri, RDFS + "label", language) for language in LANGUAGES)
        marks = "*derived.* " if described.value(iri, MP + "derived") == "true" else ""
        parents = [p for p in described.values(iri, RDFS + "subPropertyOf") if p.startswith(MP)]
        if parents:
            marks += "*Also* " + ", ".join(f"`{short(p)}`" for p in sorted(parents)) + ". "
        ends = [
            ", ".join(f"`{short(end)}`" for end in described.values(iri, RDFS + side))
            for side in ("domain", "range")
        ]
        text = marks + described.text(iri, SKOS + "definition")
        lines.append(f"| `{short(iri)}` | {labels} | {text} | {ends[0]} | {ends[1]} |")
    lines += [
        "",
        _FROM_ELSEWHERE,
        "",
    ]
    return "\n".join(lines)


def _schemes(described: Description, usage: Usage) -> str:
    lines = ["## Concept schemes", ""]
    lines += [
        _HOW_CONCEPTS_ARE_NAMED,
        "",
    ]
    members: dict[str, list[str]] = defaultdict(list)
    for iri in sorted(described.objects):
        for scheme in described.values(iri, SKOS + "inScheme"):
            members[scheme].append(iri)
    for scheme in sorted(members):
        lines += [f"### {scheme.removeprefix(DEF)}", "", *_naming(described, scheme), ""]
        lines += [
            "| concept | in English, French, German | what it is | broader | used |",
            "|---|---|---|---|---|",
        ]
        for iri in members[scheme]:
            labels = ", ".join(described.text(iri, SKOS + "prefLabel", one) for one in LANGUAGES)
            definition = described.text(iri, SKOS + "definition")
            broader = ", ".join(f"`{short(b)}`" for b in described.values(iri, SKOS + "broader"))
            used = usage.concepts[iri]
            lines.append(f"| `{short(iri)}` | {labels} | {definition} | {broader} | {used} |")
        lines.append("")
    return "\n".join(lines)


def _rules(folder: Path) -> str:
    lines = ["## What is derived", "", "| rule | what it derives |", "|---|---|"]
    lines += [f"| `{path.name}` | {sentence} |" for path, sentence in _first_comments(folder)]
    return "\n".join(lines)


def _checks(folder: Path) -> str:
    lines = ["## What is checked beside the shapes", "", "| check | rule |", "|---|---|"]
    lines += [f"| `{path.name}` | {sentence} |" for path, sentence in _first_comments(folder)]
    return "\n".join(lines)


def _first_comments(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.glob("*.rq")):
        comment: list[str] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("# ") or line.startswith("# severity:"):
                break
            comment.append(line.removeprefix("# ").strip())
        yield path, " ".join(comment)


def _naming(described: Description, iri: str) -> list[str]:
    """Give labels, definition and scope note of a term or a scheme."""
    label = RDFS + "label" if described.value(iri, RDFS + "label") else SKOS + "prefLabel"
    labels = ", ".join(
        f"{described.text(iri, label, language)} ({language})" for language in LANGUAGES
    )
    definition = described.text(iri, SKOS + "definition")
    note = described.text(iri, SKOS + "scopeNote")
    return [f"*{labels}*", "", " ".join(part for part in (definition, note) if part)]


def _example(iri: str, described: Description) -> list[str]:
    """Give one instance of the class as Turtle: the first among those that say the most."""
    instances = [i for i in described.of_type(iri) if i.startswith(ID)]
    if not instances:
        return []
    chosen = max(instances, key=lambda i: (min(len(described.objects[i]), 9), [-ord(c) for c in i]))
    about = described.objects[chosen]
    types = ", ".join(short(value) for value in described.values(chosen, RDF_TYPE))
    lines = [f"{short(chosen)} a {types}"]
    for predicate, values in about.items():
        if predicate != RDF_TYPE:
            lines.append(f"    {short(predicate)} {', '.join(_turtle(value) for value in values)}")
    return [*(f"{line} ;" for line in lines[:-1]), f"{lines[-1]} ."]


def _turtle(value: Object) -> str:
    if not isinstance(value, ox.Literal):
        return short(value_of(value))
    plain = (XSD + "integer", XSD + "decimal", XSD + "boolean")
    if value.datatype.value in plain:
        return value.value
    quoted = '"' + re.sub(r'(["\\])', r"\\\1", value.value) + '"'
    if value.language:
        return f"{quoted}@{value.language}"
    return (
        quoted
        if value.datatype.value == XSD + "string"
        else f"{quoted}^^{short(value.datatype.value)}"
    )


def _name(iri: str) -> str:
    """Return the local name of a term of ours: `Cluster` for `mp:Cluster`."""
    return iri.removeprefix(MP)


def main() -> int:
    """Write docs/reference/ontology.md of this checkout."""
    page = bundled("ontology").parent / "docs" / "reference" / "ontology.md"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(ontology_reference(bundled("ontology"), bundled("data")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
