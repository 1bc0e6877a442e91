"""The library of questions: what people ask, the query that answers it, and what may be changed.

A file of `ontology/questions` is a query that can be sent as it is. Comments at its head tell the
question in three languages. A line such as

    # parameter: cluster thing mp:Cluster "cluster"@en "pôle"@fr "Cluster"@de

says that another value may stand in `VALUES ?cluster { cluster:minalogic }`, of what kind it has to
be, and how it is called; the question about any value is `asked`, with `{cluster}` in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from graph.held import held
from graph.namespaces import prefixes
from graph.paths import bundled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Texts = dict[str, str]
Kind = Literal["thing", "concept", "year", "number"]

_HEADER = re.compile(r"# ([a-z]+)(?:@([a-z]+))?: (.*)")
_PREFIX = re.compile(r"PREFIX\s+([A-Za-z][\w-]*):\s*<([^>]*)>", re.IGNORECASE)
_PARAMETER = re.compile(
    r'([a-z]+) (thing|concept|year|number)(?: (\S+:\S+))?((?: "[^"]+"@[a-z]+)+)'
)
_LABEL = re.compile(r'"([^"]+)"@([a-z]+)')
_PLACE = r"VALUES \?{name} \{{ (\S+) \}}"
_PLAIN_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What may be another in a question."""

    name: str
    """That of a variable of the query, too."""
    kind: Kind
    of: str
    """The class that a thing has to be of, as an IRI; "" for other kinds."""
    labels: Texts
    default: str
    """An IRI, or a number."""

    @property
    def namespace(self) -> str:
        """What the IRIs of its values begin with."""
        return self.default[: self.default.rfind("/") + 1]


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the query that answers it."""

    name: str
    """What its file is called: `V1-evidence-for-the-turnover-of-avia`."""
    slug: str
    """What its page is called."""
    topic: str
    texts: Texts
    query: str
    """Without the comments at its head."""
    asked: Texts = field(default_factory=dict[str, str])
    """The question about any value of its parameters, which stand in braces."""
    note: str = ""
    parameters: tuple[Parameter, ...] = ()

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that the query declares."""
        return dict(_PREFIX.findall(self.query))

    def query_about(self, values: Mapping[str, str]) -> str:
        """Return the query with other *values* of parameters: IRIs that are checked, or numbers."""
        text = self.query
        for parameter in self.parameters:
            if parameter.name in values:
                term = self._written(parameter, values[parameter.name])
                place = re.compile(_PLACE.format(name=parameter.name))
                put = f"VALUES ?{parameter.name} {{ {term} }}"
                text = place.sub(lambda _, put=put: put, text)
        return text

    def _written(self, parameter: Parameter, value: str) -> str:
        """Return *value* as people write it in this query."""
        if parameter.kind in ("year", "number"):
            return str(int(value))
        for prefix, namespace in self.prefixes.items():
            slug = value.removeprefix(namespace)
            if namespace == parameter.namespace and _PLAIN_SLUG.fullmatch(slug):
                return f"{prefix}:{slug}"
        return f"<{value}>"


def questions(folder: Path | None = None) -> list[Question]:
    """Return the questions in *folder*, or those that ship, in the order of their names."""
    if folder is None:
        return list(_shipped())
    return [_question(path) for path in sorted(folder.glob("*.rq"))]


def parameter_names() -> tuple[str, ...]:
    """Return the names of all parameters of the questions that ship."""
    return tuple(sorted({each.name for question in _shipped() for each in question.parameters}))


@held
def _shipped() -> tuple[Question, ...]:
    return tuple(questions(bundled("ontology") / "questions"))


def _question(path: Path) -> Question:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    said: list[tuple[str, str, str]] = []
    for line in lines:
        if not (header := _HEADER.fullmatch(line.strip())):
            break
        said.append((header[1], header[2] or "", header[3]))
    query = "".join(lines[len(said) :])
    once = {name: text for name, language, text in said if not language}
    return Question(
        path.stem,
        once.get("slug", path.stem.partition("-")[2]),
        once.get("topic", ""),
        {language: text for name, language, text in said if name == "question"},
        query,
        {language: text for name, language, text in said if name == "asked"},
        once.get("note", ""),
        tuple(_parameter(text, query) for name, _, text in said if name == "parameter"),
    )


def _parameter(text: str, query: str) -> Parameter:
    told = _PARAMETER.fullmatch(text)
    place = told and re.search(_PLACE.format(name=told[1]), query)
    if not told or not place:
        raise ValueError(
            f"'# parameter: {text}' names no VALUES of the query, or is written wrongly"
        )
    declared = dict(_PREFIX.findall(query))
    return Parameter(
        told[1],
        cast("Kind", told[2]),
        _expanded(told[3], prefixes()) if told[3] else "",
        {language: label for label, language in _LABEL.findall(told[4])},
        _expanded(place[1], declared) if ":" in place[1] else place[1],
    )


def _expanded(name: str, declared: Mapping[str, str]) -> str:
    prefix, _, local = name.partition(":")
    return declared[prefix] + local
