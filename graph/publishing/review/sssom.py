"""All matches as a table of SSSOM, the Simple Standard for Sharing Ontological Mappings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import ID, prefixes
from graph.publishing.review.states import query_text
from graph.review.terms import (
    DATE,
    JUSTIFICATION,
    LICENCE,
    OBJECT_LABEL,
    REVIEW_GRAPH,
    SEMAPV,
    STATES,
    SUBJECT_LABEL,
    TOOL,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graph.publishing.edition import Edition

_COLUMNS = (
    "subject_id", "subject_label", "predicate_id", "predicate_modifier", "object_id",
    "object_label", "mapping_justification", "reviewer_label", "mapping_date", "confidence",
    "mapping_tool", "comment",
)  # fmt: skip
_PREFIXES = {
    "mpid": ID,
    "semapv": SEMAPV,
    "wd": "http://www.wikidata.org/entity/",
    "ror": "https://ror.org/",
    **{name: prefixes()[name] for name in ("owl", "skos")},
}
_LOCAL = re.compile(r"(.*[/#:])([^/#:\s]+)")
_CURATED = "semapv:ManualMappingCuration"
_DETAILS = {
    "subject_label": SUBJECT_LABEL,
    "object_label": OBJECT_LABEL,
    "mapping_justification": JUSTIFICATION,
    "mapping_date": DATE,
    "mapping_tool": TOOL,
}


def write_sssom(edition: Edition) -> None:
    """Write all matches: what was rejected is a mapping that does not hold."""
    if not edition.is_wanted:
        return
    names = _Short()
    rows = list(_rows(edition, names))
    for line in _head(names.used):
        edition.out.write(f"# {line}\n".encode())
    edition.out.write(("\t".join(_COLUMNS) + "\n").encode())
    for row in rows:
        edition.out.write(
            ("\t".join(_cell(row.get(name, "")) for name in _COLUMNS) + "\n").encode()
        )


class _Short:
    """Writes IRIs short, and remembers by which prefixes."""

    def __init__(self) -> None:
        self.used: dict[str, str] = {"semapv": SEMAPV}

    def __call__(self, iri: str) -> str:
        for prefix, namespace in {**_PREFIXES, **self.used}.items():
            if iri.startswith(namespace) and iri != namespace:
                self.used[prefix] = namespace
                return f"{prefix}:{iri.removeprefix(namespace)}"
        found = _LOCAL.fullmatch(iri)
        if found is None:
            return iri
        prefix = f"ns{len(self.used)}"
        self.used[prefix] = found[1]
        return f"{prefix}:{found[2]}"


def _rows(edition: Edition, names: _Short) -> Iterator[Mapping[str, str]]:
    for state in STATES:
        found = edition.store.query(query_text(state))
        assert isinstance(found, ox.QuerySolutions)  # noqa: S101 -- the text is a SELECT
        for row in found:
            by = row["by"]
            details = _details(edition, row["match"])
            yield {
                **details,
                "subject_id": names(row["subject"].value),
                "predicate_id": names(row["predicate"].value),
                "predicate_modifier": "Not" if state == "rejected" else "",
                "object_id": names(row["object"].value),
                "mapping_justification": _CURATED
                if state == "rejected"
                else names(details.get("mapping_justification", "")),
                "reviewer_label": by.value if by else "",
                "confidence": row["confidence"].value,
                "comment": row["reasons"].value,
            }


def _details(edition: Edition, match: ox.NamedNode) -> dict[str, str]:
    graph = ox.NamedNode(REVIEW_GRAPH)
    found: dict[str, str] = {}
    for name, predicate in _DETAILS.items():
        for quad in edition.store.quads_for_pattern(match, predicate, None, graph):
            if isinstance(quad.object, ox.NamedNode | ox.Literal):
                found[name] = quad.object.value
    return found


def _head(prefixes_used: Mapping[str, str]) -> Iterator[str]:
    yield "curie_map:"
    for prefix in sorted(prefixes_used):
        yield f'  {prefix}: "{prefixes_used[prefix]}"'
    yield f'mapping_set_id: "{REVIEW_GRAPH}"'
    yield f'license: "{LICENCE}"'


def _cell(text: str) -> str:
    """Return *text* as a cell: in one line, without what ends one."""
    return re.sub(r"[\t\r\n]+", " ", text)
