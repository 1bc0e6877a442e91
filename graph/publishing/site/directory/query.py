"""The query of a directory: the very one that finds the things a page lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import DEF, MP, ORG, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.site.directory.definitions import Column, Directory, Facet
    from graph.publishing.site.directory.selection import Selection

_PREFIXES = {
    "indicator": f"{DEF}indicator/",
    "mp": MP,
    "org": ORG,
    "skos": SKOS,
}
_LOCAL = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_USED = re.compile(r"(?<![\w:?<])([a-z][a-z-]*):[a-z*]", re.IGNORECASE)


def prologue(text: str, more: dict[str, str] | None = None) -> str:
    """Return *text* with the prefixes that it uses before it."""
    known = {**_PREFIXES, **(more or {})}
    used = sorted(set(_USED.findall(text)) & known.keys())
    return "".join(f"PREFIX {name}: <{known[name]}>\n" for name in used) + "\n" + text


def query_text(directory: Directory, selection: Selection, language: str) -> str:
    """Return the query that finds what *selection* leaves of *directory*, names in *language*."""
    thing = f"?{directory.variable}"
    columns = [_column(directory, column, language) for column in directory.columns]
    shown = [f"?{column.name}" for column in directory.columns]
    known = ["?known"] if directory.aspects else []
    lines = [
        f"SELECT {thing} ?name {' '.join([*shown, *known])}",
        "WHERE {",
        "  {",
        f"    SELECT DISTINCT {thing} WHERE {{",
        f"      {thing} a mp:{directory.class_name} .",
        *(f"      {line}" for line in _choice(directory, selection)),
        "    }",
        "  }",
        *_known(directory, selection),
        *_name(directory, language),
        *(line for column in columns for line in column),
        "}",
        f"ORDER BY {_order(directory, selection)}",
    ]
    return prologue("\n".join(lines) + "\n", _namespaces(directory))


def pattern_of(pattern: str, thing: str, value: str) -> str:
    """Return *pattern* with these variables for what it finds."""
    return re.sub(r"\?value\b", value, re.sub(r"\?thing\b", thing, pattern))


def _choice(directory: Directory, selection: Selection) -> Iterator[str]:
    """Yield the lines that leave only what has one of the values chosen of each facet."""
    for facet in directory.facets:
        values = selection.chosen.get(facet.name, ())
        if values and not facet.is_completeness:
            yield from _facet(directory, facet, values)


def _facet(directory: Directory, facet: Facet, values: tuple[str, ...]) -> Iterator[str]:
    thing, value = f"?{directory.variable}", f"?{facet.name}"
    pattern = pattern_of(facet.pattern, thing, value)
    if facet.bands:
        named = [each for each in facet.bands if each.name in values]
        conditions = " || ".join(each.condition for each in named)
        yield pattern
        yield f"FILTER ({pattern_of(conditions, thing, value)})"
        return
    yield f"VALUES {value} {{ {' '.join(_written(facet, each) for each in values)} }}"
    yield pattern


def _written(facet: Facet, iri: str) -> str:
    """Return *iri* with the prefix of the facet, if that can be written."""
    local = iri.removeprefix(facet.namespace)
    if facet.namespace and local != iri and _LOCAL.fullmatch(local):
        return f"{_prefix(facet)}:{local}"
    return str(ox.NamedNode(iri))


def _prefix(facet: Facet) -> str:
    return facet.namespace.rstrip("/").rpartition("/")[2]


def _namespaces(directory: Directory) -> dict[str, str]:
    return {_prefix(each): each.namespace for each in directory.facets if each.namespace}


def _known(directory: Directory, selection: Selection) -> Iterator[str]:
    """Yield the lines that count what is known of a thing, and leave what was chosen by that."""
    if not directory.aspects:
        return
    thing = f"?{directory.variable}"
    yield "  {"
    yield f"    SELECT {thing} (COUNT(DISTINCT ?known_aspect) AS ?known) WHERE {{"
    yield f"      {thing} a mp:{directory.class_name} ."
    yield "      OPTIONAL {"
    between = ""
    for aspect in directory.aspects:
        pattern = pattern_of(aspect.pattern, thing, "?value")
        yield f"        {between}{{"
        yield f"          {thing} a mp:{directory.class_name} . {pattern}"
        yield f'          BIND("{aspect.name}" AS ?known_aspect)'
        yield "        }"
        between = "UNION "
    yield "      }"
    yield "    }"
    yield f"    GROUP BY {thing}"
    yield "  }"
    for facet in directory.facets:
        if facet.is_completeness and (values := selection.chosen.get(facet.name)):
            yield f"  FILTER (?known IN ({', '.join(values)}))"


def _name(directory: Directory, language: str) -> list[str]:
    thing = f"?{directory.variable}"
    others = '"2"' if language == "en" else 'IF(LANG(?label) = "en", "1", "2")'
    first = f'IF(LANG(?label) = "{language}", "0", {others})'
    return [
        "  OPTIONAL {",
        f"    SELECT {thing} (SUBSTR(MIN(CONCAT({first}, STR(?label))), 2) AS ?name)",
        f"    WHERE {{ {thing} a mp:{directory.class_name} ; skos:prefLabel ?label }}",
        f"    GROUP BY {thing}",
        "  }",
    ]


def _column(directory: Directory, column: Column, language: str) -> list[str]:
    thing = f"?{directory.variable}"
    pattern = pattern_of(column.pattern, thing, "?value")
    if column.kind == "days":
        found = f"(MIN(?value) AS ?{column.name})"
        inner = [f"      {pattern}"]
    else:
        found = f'(GROUP_CONCAT(DISTINCT ?one; separator=" | ") AS ?{column.name})'
        inner = [f"      {pattern}", *_names_of_values(language)]
    return [
        "  OPTIONAL {",
        f"    SELECT {thing} {found} WHERE {{",
        f"      {thing} a mp:{directory.class_name} .",
        *inner,
        "    }",
        f"    GROUP BY {thing}",
        "  }",
    ]


def _names_of_values(language: str) -> list[str]:
    named = {code: f"?in_{code}" for code in dict.fromkeys((language, "en"))}
    unnamed = " && ".join(f"!BOUND({name})" for name in named.values())
    wished = ", ".join(map(_string, (*named.values(), "?other", "?value")))
    return [
        *(
            f'      OPTIONAL {{ ?value skos:prefLabel {name} FILTER (LANG({name}) = "{code}") }}'
            for code, name in named.items()
        ),
        f"      OPTIONAL {{ ?value skos:prefLabel ?other FILTER ({unnamed}) }}",
        f"      BIND(COALESCE({wished}) AS ?one)",
    ]


def _string(variable: str) -> str:
    return f"STR({variable})"


def _order(directory: Directory, selection: Selection) -> str:
    thing = f"?{directory.variable}"
    if selection.order == "completeness":
        return f"DESC(?known) ?name {thing}"
    if selection.order == "newest":
        return f"DESC(?from) ?name {thing}"
    return f"?name {thing}"
