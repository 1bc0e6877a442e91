"""The page of the editor: a query, and what it finds if it was asked."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from graph.errors import GraphError, QueryRejected, UnsupportedFeature
from graph.publishing.site.editor.answer import answer_values
from graph.publishing.site.tools import GRAPH_FILES, TABLE_FILES, tools
from graph.readers.asking import results_of

if TYPE_CHECKING:
    import pyoxigraph as ox

    from graph.publishing.edition import Edition

FIRST_QUERY = """\
# Which clusters work with whom across a border?
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

SELECT ?cluster ?partner ?country WHERE {
  ?cluster a mp:Cluster ;
      mp:locatedIn ?home ;
      mp:partnerOf ?partner .
  ?partner mp:locatedIn ?country .
  ?home a mp:Country .
  ?country a mp:Country .
  FILTER (?home != ?country)
}
ORDER BY ?cluster ?partner
LIMIT 200
"""
"""What is there to begin with."""

_TITLE = re.compile(r"^[ \t]*#[ \t]*title:[ \t]*(\S.*?)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_LONGEST_TITLE = 200


def write_editor(edition: Edition) -> None:
    """Write the query, and what it finds where the argument `job` says how to ask it, as JSON."""
    text = edition.arguments.get("text", "")
    if "job" not in edition.arguments:
        values = {"query": FIRST_QUERY, "tools": tools(edition.public_url, FIRST_QUERY, ())}
    else:
        answer = _answer(edition)
        extensions = GRAPH_FILES if answer["form"] == "graph" else TABLE_FILES
        values = {"query": text, "title": title_of(text), "answer": answer}
        values["tools"] = tools(edition.public_url, text, extensions)
    if edition.is_wanted:
        edition.out.write(json.dumps(values, ensure_ascii=False).encode())


def title_of(query: str) -> str:
    """Return the title in a comment of *query*, as the Wikidata Query Service reads it."""
    found = _TITLE.search(query)
    return found[1][:_LONGEST_TITLE] if found else ""


def _answer(edition: Edition) -> dict[str, Any]:
    try:
        return answer_values(edition, _results(edition))
    except GraphError:
        raise
    except (SyntaxError, ValueError) as error:
        raise QueryRejected(str(error)) from error
    except RuntimeError as error:
        raise UnsupportedFeature(f"{error}; write the query without it") from error


def _results(edition: Edition) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    job = {**json.loads(edition.arguments["job"]), "blocks": edition.blocks}
    named_graphs = list(edition.store.named_graphs())
    facts = asdict(edition.generation)
    return results_of(edition.store, job, named_graphs, facts, edition.rows)
