"""Which imports there are, as the graphs themselves say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.importing.names import name_of
from graph.namespaces import IMPORT_GRAPHS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.generations import Generation

IMPORTS = f"""\
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT ?graph ?retrieved (GROUP_CONCAT(DISTINCT ?file; SEPARATOR=", ") AS ?files)
  (SAMPLE(?rights) AS ?licence) (SAMPLE(?made) AS ?mapping)
WHERE {{
  GRAPH ?graph {{
    ?activity prov:generated ?graph ; prov:endedAtTime ?retrieved .
    OPTIONAL {{ ?activity prov:used/mp:fileName ?file }}
    OPTIONAL {{ ?graph dct:license ?rights }}
    OPTIONAL {{ ?activity mp:mappedBy ?made }}
  }}
  FILTER (STRSTARTS(STR(?graph), "{IMPORT_GRAPHS}"))
}}
GROUP BY ?graph ?retrieved
ORDER BY ?graph
"""


@dataclass(frozen=True, slots=True)
class Import:
    """One import, as it is now."""

    name: str
    retrieved: str
    files: str
    licence: str
    mapping: str

    @classmethod
    def from_row(cls, row: Mapping[str, str]) -> Import:
        """Read a solution of `IMPORTS`."""
        texts = {key: row.get(key, "") for key in ("retrieved", "files", "licence", "mapping")}
        return cls(name_of(row["graph"]), **texts)


def imports_in(generation: Generation) -> list[Import]:
    """Return the imports that *generation* holds."""
    store = ox.Store.read_only(str(generation.path))
    solutions = store.query(IMPORTS, named_graphs=list(store.named_graphs()))
    assert isinstance(solutions, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT
    names = [each.value for each in solutions.variables]
    return [
        Import.from_row(
            {
                name: value.value
                for name in names
                if isinstance(value := solution[name], ox.NamedNode | ox.Literal)
            }
        )
        for solution in solutions
    ]
