"""Tools about things: find them by name, tell what is said of them, and where that was read."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from graph.errors import QueryRejected
from graph.namespaces import MP
from graph.search.kinds import KINDS
from server.assistants.answers import (
    Description,
    Evidence,
    Fact,
    Found,
    Hit,
    Passage,
    Source,
    Statement,
    cut,
)
from server.assistants.plain import in_plain_words
from server.assistants.reading import Graph
from server.source_pages import with_text

Language = Annotated[
    Literal["en", "fr", "de"], Field(description="In which language things are named.")
]
Thing = Annotated[
    str,
    Field(
        min_length=1,
        description="Its IRI, the address of its page, or TYPE/NAME such as cluster/minalogic.",
    ),
]
Page = Annotated[int, Field(ge=1, le=10_000, description="Which part of a long answer.")]
Values = dict[str, Any]

_EVIDENCE = f"{MP}evidence"
_MOST_PASSAGES = 10
_MOST_VALUES = 50
_WITHOUT_TEXT = {
    "none": "the operator of this server has named no folder with source documents",
    "absent": "the operator of this server does not have the document",
    "differs": "the document that the operator has is not the one that was read",
    "outside": "the place is not in the document",
}


class ThingTools:
    """Tools on *graph*."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    @in_plain_words
    async def search(
        self,
        text: Annotated[
            str, Field(min_length=1, max_length=500, description="A name, or a part of one.")
        ],
        kinds: Annotated[
            list[str], Field(description=f"Only these kinds: {', '.join(KINDS)}.")
        ] = [],  # noqa: B006 -- pydantic copies it
        page: Page = 1,
        language: Language = "en",
    ) -> Found:
        """Find things by name."""
        said, generation = await self._graph.values(
            "search", q=text, kind="\n".join(kinds), page=str(page), language=language
        )
        pages = said["paging"]["count"]
        if page > pages:
            raise QueryRejected(f"there is no page {page}: {_times(pages, 'page')} in all")
        origin = self._graph.origin(generation, f"things with a name like {cut(text, 100)!r}")
        return Found(
            found=said["found"],
            hits=[self._hit(each) for each in said["hits"]],
            page=page,
            pages=pages,
            meant=said["meant"] and said["meant"]["text"],
            note=_found_note(said, page, pages),
            **origin,
        )

    def _hit(self, hit: Values) -> Hit:
        return Hit(
            thing=self._graph.named(hit["thing"]),
            kind=hit["kind"],
            level=hit["level"],
            matched=hit["matched"]["label"],
            places=self._graph.names(hit["places"]),
        )

    @in_plain_words
    async def describe(
        self,
        thing: Thing,
        asof: Annotated[
            date | None, Field(description="Only what may have held on that day.")
        ] = None,
        page: Page = 1,
        language: Language = "en",
    ) -> Description:
        """Tell what is known of a thing, statement by statement, with sources."""
        day = {"asof": asof.isoformat()} if asof else {}
        said, generation = await self._graph.values_about(
            "resource", thing, page=str(page), language=language, **day
        )
        pages = said["page"]["count"]
        return Description(
            thing=self._graph.named(said),
            kinds=self._graph.names(said["kinds"]),
            asof=said["asof"],
            properties=[self._fact(each) for each in said["properties"]],
            statements=[self._statement(each) for each in said["statements"]],
            mentioned_by=[
                self._fact({**each, "values": each["things"]}) for each in said["pointing"]
            ],
            page=page,
            pages=pages,
            note=_part_note(page, pages),
            **self._graph.origin(generation, said["iri"]),
        )

    def _fact(self, fact: Values) -> Fact:
        return Fact(
            property=fact["property"]["label"],
            iri=fact["property"]["iri"],
            is_derived=fact.get("is_derived", False),
            values=[self._graph.value(each) for each in fact["values"][:_MOST_VALUES]],
        )

    def _statement(self, said: Values) -> Statement:
        time = said["time"]
        return Statement(
            iri=said.get("iri", ""),
            page=self._graph.page(said.get("address")),
            kinds=[each["label"] for each in said["kinds"]],
            roles=[each["label"] for each in said["as"]],
            facts=[self._fact(each) for each in said["facts"]],
            first_day=_text(time["first_day"]),
            last_day=_text(time["last_day"]),
            time_basis=_text(time["basis"]),
            confidence=[_text(each) or "" for each in said["confidence"]],
            notes=[_text(each) or "" for each in said["notes"]],
            stated_in=[self._graph.named(each) for each in said["sources"] if "iri" in each],
            sources=[self._source(each) for each in said["evidence"]],
        )

    def _source(self, said: Values) -> Source:
        document = said["document"]
        return Source(
            evidence=said.get("iri", ""),
            page=self._graph.page(said.get("address")),
            document=self._graph.named(document) if document and "iri" in document else None,
            lines=_lines(said),
            printed=cut(said["printed"]),
        )

    @in_plain_words
    async def evidence(self, thing: Thing, language: Language = "en") -> Evidence:
        """Tell where something was read."""
        said, generation = await self._graph.values_about("thing-page", thing, language=language)
        places = [] if said["evidence"] else await self._evidence_of(said["iri"])
        found = [
            (await self._graph.values("thing-page", iri=each, language=language))[0]
            for each in places[:_MOST_PASSAGES]
        ]
        passages = [self._passage(each) for each in (said, *found) if each["evidence"]]
        return Evidence(
            asked=self._graph.named(said),
            passages=passages,
            note=_evidence_note(passages, len(places)),
            **self._graph.origin(generation, said["iri"]),
        )

    async def _evidence_of(self, iri: str) -> list[str]:
        """Return the evidence of the statement *iri*."""
        said, _ = await self._graph.values("resource", iri=iri)
        return [
            value["iri"]
            for each in said["properties"]
            if each["property"]["iri"] == _EVIDENCE
            for value in each["values"]
            if "iri" in value
        ]

    def _passage(self, said: Values) -> Passage:
        place = said["evidence"]
        text = with_text(self._graph.sources, said)["text"]
        source = place["source"] or {"file_name": "", "sha256": ""}
        supports = place["supports"]
        about = {each["iri"]: each for one in supports for each in one["about"]}
        return Passage(
            evidence=said["iri"],
            page=self._graph.page(said["address"]),
            document=place["document"] and self._graph.named(place["document"]),
            file_name=source["file_name"],
            sha256=place["sha256"] or source["sha256"],
            lines=_lines(place),
            char_from=place["char_from"],
            char_to=place["char_to"],
            printed=cut(place["printed"] or ""),
            state=text["state"],
            before=text["before"],
            text=cut(text["printed"]),
            after=text["after"],
            supports=self._graph.names(supports),
            about=self._graph.names(list(about.values())),
        )


def _lines(place: Values) -> str:
    first, last = place["line_from"] or "", place["line_to"] or ""
    return first if first == last or not last else f"{first}-{last}"


def _text(value: Values | None) -> str | None:
    return None if value is None else cut(str(value.get("label") or value.get("text") or ""))


def _found_note(said: Values, page: int, pages: int) -> str:
    if not said["found"]:
        return "nothing has such a name; try fewer words, or the tool list_questions"
    also = "" if said["is_all"] else "; there are more than were looked at, so say more of the name"
    return f"{_times(said['found'], 'thing')}{also}; {_part_note(page, pages)}"


def _part_note(page: int, pages: int) -> str:
    if pages == 1:
        return "this is all"
    return f"this is page {page} of {pages}; ask for the others by page"


def _evidence_note(passages: list[Passage], number: int) -> str:
    if not passages:
        return (
            "there is no evidence at this IRI itself: describe lists the statements about a thing "
            "with the evidence of each"
        )
    missing = sorted({each.state for each in passages if each.state != "shown"})
    told = [f"no text is here because {_WITHOUT_TEXT[each]}" for each in missing]
    if number > len(passages):
        told.append(f"{len(passages)} of {number} places are here")
    return "; ".join(told) or "the text is that of the document that was read"


def _times(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number:,} {what}s"
