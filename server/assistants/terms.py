"""The tool that tells what the graph is written with, so that queries can be."""

from typing import Annotated, Any

from pydantic import Field

from graph.namespaces import prefixes
from server.assistants.answers import Schema, Term, cut
from server.assistants.plain import in_plain_words
from server.assistants.reading import Graph

Values = dict[str, Any]

_LONGEST_DEFINITION = 300
_HINTS: str = """\
Every statement is a node; it has mp:from, mp:to and mp:evidence, and mp:about or a property of \
its class for whom it is about.
Evidence has mp:document, mp:lineFrom, mp:lineTo and mp:printedAs.
Short forms such as mp:locatedIn, mp:sector and mp:partner are derived from statements.
A figure has mp:indicator, mp:value or mp:minimum and mp:maximum, mp:unit and mp:qualifier.
Labels are skos:prefLabel; many a thing has one in one language alone, so ask for LANG(?label) \
only inside of OPTIONAL.
mpf:matches finds by name: ?thing mpf:matches ("vehicule futur" ?score ?name), with \
PREFIX mpf: <https://w3id.org/metapole/function#>.
A query without FROM asks all graphs as one.
"""


class TermTools:
    """The tool on *graph*."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    @in_plain_words
    async def schema(
        self,
        text: Annotated[
            str, Field(max_length=200, description="Only classes and properties with these words.")
        ] = "",
    ) -> Schema:
        """Tell the classes and properties, with how often each is used."""
        said, generation = await self._graph.values("ontology-page")
        words = text.casefold().split()
        classes = [_class(each) for each in said["classes"]]
        properties = [_property(each) for each in said["properties"]]
        return Schema(
            prefixes=dict(prefixes()),
            classes=[each for each in classes if _has(each, words)],
            properties=[each for each in properties if _has(each, words)],
            hints=_HINTS.splitlines(),
            **self._graph.origin(generation, said["iri"]),
        )


def _class(said: Values) -> Term:
    return Term(**_told(said), parents=_texts(said["parents"]))


def _property(said: Values) -> Term:
    return Term(**_told(said), domains=_texts(said["domains"]), ranges=_texts(said["ranges"]))


def _told(said: Values) -> Values:
    return {
        "iri": said["iri"],
        "name": said["short"],
        "label": _first(said["labels"]),
        "definition": cut(_first(said["definitions"]), _LONGEST_DEFINITION),
        "uses": said["uses"],
    }


def _first(texts: list[list[str]]) -> str:
    """Return the text in English, or the first one; each is a text and its language."""
    english = [text for text, language in texts if language == "en"]
    return next(iter([*english, *(text for text, _ in texts)]), "")


def _texts(terms: list[Values]) -> list[str]:
    return [each["text"] for each in terms]


def _has(term: Term, words: list[str]) -> bool:
    told = f"{term.name} {term.label} {term.definition}".casefold()
    return all(each in told for each in words)
