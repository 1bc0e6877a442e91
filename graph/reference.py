"""Write the reference of the ontology from the ontology, its shapes and the data.

Run it after a change of either: `python -m graph.reference`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from graph.derivation import derive
from graph.description import Description, turtle
from graph.namespaces import DEF, ID, MP, short
from graph.paths import bundled
from graph.publishing.ontology.diagram import class_diagram
from graph.publishing.ontology.examples import best_example
from graph.publishing.ontology.reading import LANGUAGES, classes, properties, schemes
from graph.publishing.ontology.shapes import constraints_of, shapes_in
from graph.sources import read_sources
from graph.usage import Usage, usage_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from graph.publishing.ontology.reading import Named, Term
    from graph.publishing.ontology.shapes import Shape

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


def ontology_reference(ontology: Path, data: Path) -> str:
    """Return the reference page, as Markdown, for the folders *ontology* and *data*."""
    quads = read_sources(data, ontology).quads
    described = Description.of(quads)
    shapes = shapes_in(ontology / "shapes")
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


def _classes(described: Description, shapes: Sequence[Shape], usage: Usage) -> str:
    terms = classes(described)
    lines = ["## Classes", "", "```mermaid", class_diagram(terms).rstrip(), "```", ""]
    for term in terms:
        lines += _class(term, described, shapes, usage)
    return "\n".join(lines)


def _class(term: Term, described: Description, shapes: Sequence[Shape], usage: Usage) -> list[str]:
    lines = [f"### {short(term.iri)}", "", *_naming(term)]
    if term.parents:
        lines += ["", "Narrower than: " + _listed(term.parents)]
    lines += ["", f"In the data: {usage.instances[term.iri]}."]
    rows = [
        f"| `{short(each.path)}` | {each.how_many} | {_listed(each.choices or each.kinds)} |"
        for each in constraints_of(shapes, term.iri)
    ]
    if rows:
        lines += ["", "| property | how many | value |", "|---|---|---|", *rows]
    lines += _found(term.iri, usage)
    example = _example(term.iri, described)
    if example:
        lines += ["", "```turtle", example, "```"]
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


def _properties(described: Description) -> str:
    lines = [
        "## Properties",
        "",
        "| property | in English, French, German | what it says | from | to |",
        "|---|---|---|---|---|",
    ]
    for term in properties(described):
        marks = "*derived.* " if term.is_derived else ""
        if term.own_parents:
            marks += f"*Also* {_listed(term.own_parents)}. "
        ends = f"{_listed(term.domains)} | {_listed(term.ranges)}"
        text = marks + term.definition()
        lines.append(f"| `{short(term.iri)}` | {_in_our_languages(term)} | {text} | {ends} |")
    lines += [
        "",
        _FROM_ELSEWHERE,
        "",
    ]
    return "\n".join(lines)


def _schemes(described: Description, usage: Usage) -> str:
    lines = ["## Concept schemes", "", _HOW_CONCEPTS_ARE_NAMED, ""]
    for scheme in schemes(described):
        lines += [f"### {scheme.name}", "", *_naming(scheme), ""]
        lines += [
            "| concept | in English, French, German | what it is | broader | used |",
            "|---|---|---|---|---|",
        ]
        for concept in scheme.concepts:
            what = f"{_in_our_languages(concept)} | {concept.definition()}"
            used = usage.concepts[concept.iri]
            lines.append(
                f"| `{short(concept.iri)}` | {what} | {_listed(concept.broader)} | {used} |"
            )
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


def _naming(named: Named) -> list[str]:
    """Give labels, definition and scope notes of a term or a scheme."""
    labels = ", ".join(f"{named.label(language)} ({language})" for language in LANGUAGES)
    notes = (text for text, language in named.notes if language == "en")
    return [f"*{labels}*", "", " ".join(part for part in (named.definition(), *notes) if part)]


def _in_our_languages(named: Named) -> str:
    return ", ".join(named.label(language) for language in LANGUAGES)


def _listed(iris: Sequence[str]) -> str:
    return ", ".join(f"`{short(iri)}`" for iri in iris)


def _example(iri: str, described: Description) -> str:
    """Give one instance of the class as Turtle: the first among those that say the most."""
    instances = [each for each in described.of_type(iri) if each.startswith(ID)]
    if not instances:
        return ""
    chosen = best_example({each: len(described.objects[each]) for each in instances})
    return turtle(chosen, described.objects[chosen])


def main() -> int:
    """Write docs/reference/ontology.md of this checkout."""
    page = bundled("ontology").parent / "docs" / "reference" / "ontology.md"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(ontology_reference(bundled("ontology"), bundled("data")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
