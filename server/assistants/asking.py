"""Tools that ask: questions of the library, and SPARQL."""

import contextlib
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from pydantic import Field

from graph.errors import QueryRejected
from graph.federation.outcome import Asked
from graph.formats import format_named
from graph.publishing.catalogue import library
from graph.query import Operation
from server.assistants.answers import (
    Chosen,
    Named,
    Number,
    Parameter,
    QueryAnswer,
    Question,
    QuestionAnswer,
    QuestionList,
    Remote,
    Text,
    cut,
)
from server.assistants.lines import Lines, cells, first_lines
from server.assistants.plain import in_plain_words
from server.assistants.reading import Graph
from server.assistants.things import Language

MOST_ROWS = 1_000
"""How many rows of a query are told at most."""

_MOST_NEAR = 5

Values = dict[str, Any]


class AskingTools:
    """Tools on *graph*; the text of a query has at most *query_bytes*."""

    def __init__(self, graph: Graph, base: str, query_bytes: int) -> None:
        self._graph = graph
        self._base = base.rstrip("/")
        self._query_bytes = query_bytes

    @in_plain_words
    async def list_questions(
        self,
        text: Annotated[
            str, Field(max_length=200, description="Only questions with these words.")
        ] = "",
        language: Language = "en",
    ) -> QuestionList:
        """List the questions of the library."""
        said, generation = await self._graph.values("question-list", q=text, language=language)
        known = {each.slug: each for each in library.questions()}
        listed = [
            self._listed(each, known[each["address"].rpartition("/")[2]], language)
            for group in said["groups"]
            for each in group["questions"]
        ]
        return QuestionList(
            questions=listed,
            found=said["count"],
            all=said["all"],
            **self._graph.origin(generation, "questions of its library"),
        )

    def _listed(self, said: Values, question: library.Question, language: str) -> Question:
        return Question(
            name=question.slug,
            question=said["question"]["text"],
            topic=said["topic"],
            parameters=[_parameter(each, language) for each in question.parameters],
            page=self._graph.page(said["address"]),
        )

    @in_plain_words
    async def ask_question(
        self,
        name: Annotated[str, Field(max_length=200, description="As list_questions tells it.")],
        values: Annotated[
            dict[str, str],
            Field(
                description="Other values of its parameters, by the names of these: the end of an "
                "IRI, an IRI, or a name that only one thing has; a year or a number."
            ),
        ] = {},  # noqa: B006 -- pydantic copies it
        language: Language = "en",
    ) -> QuestionAnswer:
        """Answer a question of the library, also about other things."""
        question = _question_called(name)
        _require_parameters(question, values)
        said, generation = await self._graph.values(
            "question", slug=question.slug, language=language, **values
        )
        answer = said["answer"]
        chosen = [
            Chosen(parameter=each["name"], value=self._value(each["value"]))
            for each in said["parameters"]
        ]
        page = f"{self._base}/questions/{question.slug}" + _query_string(values)
        return QuestionAnswer(
            name=question.slug,
            question=said["question"]["text"],
            values=chosen,
            columns=[each["words"] for each in answer["columns"]],
            rows=[[self._cell(each) for each in row] for row in answer["rows"]],
            found=answer["count"],
            query=said["tools"]["query"],
            page=self._graph.page(page),
            note=_question_note(said["note"], answer),
            **self._graph.origin(generation, f"answer to {said['question']['text']!r}"),
        )

    def _value(self, value: Values) -> Named | Text:
        if value.get("iri"):
            return self._graph.named(value)
        return Text(text=str(value.get("label", "")))

    def _cell(self, cell: Values | None) -> Named | Number | Text | None:
        if cell is None:
            return None
        if "thing" in cell:
            return self._graph.named(cell["thing"])
        if "number" in cell:
            qualifier = cell["qualifier"]
            return Number(
                number=cell["number"],
                qualifier=qualifier and qualifier["label"],
                remark=cell["remark"],
            )
        if "day" in cell:
            return Text(text=cell["day"])
        if "flag" in cell:
            return Text(text="true" if cell["flag"] else "false")
        return Text(text=cut(cell["text"]), language=cell["language"])

    @in_plain_words
    async def sparql(
        self,
        query: Annotated[str, Field(description="SELECT, ASK, CONSTRUCT or DESCRIBE.")],
        rows: Annotated[
            int, Field(ge=1, le=MOST_ROWS, description="How many rows or triples to tell.")
        ] = 100,
        generation: Annotated[
            int | None, Field(ge=1, description="An older state of the graph that is kept.")
        ] = None,
    ) -> QueryAnswer:
        """Answer a SPARQL query, read-only."""
        if (size := len(query.encode())) > self._query_bytes:
            raise QueryRejected(
                f"the query has {size:,} bytes; send one of at most {self._query_bytes:,}"
            )
        asked = await self._graph.engine.read(Operation(query, generation=generation))
        is_graph = asked.kind == "graph"
        answer = await self._graph.engine.answer(
            asked, format_named("ntriples" if is_graph else "tsv")
        )
        with contextlib.closing(answer):
            lines = await first_lines(answer, rows, has_head=not is_graph)
        page = f"{self._base}/sparql?query={quote(query, safe='')}"
        origin = self._graph.origin(answer.generation, "answer to a SPARQL query")
        origin["remotes"] = [_remote(each) for each in answer.asked]
        return _answer(lines, is_graph=is_graph, page=self._graph.page(page), origin=origin)


def _remote(asked: Asked) -> Remote:
    return Remote(
        name=cut(asked.name),
        url=asked.url,
        status=asked.status,
        requests=asked.requests,
        rows=asked.rows,
        left_out=cut(asked.left_out),
    )


def _answer(lines: Lines, *, is_graph: bool, page: str | None, origin: Values) -> QueryAnswer:
    common: Values = {
        "found": lines.count,
        "is_all_counted": lines.is_counted,
        "shown": len(lines.shown),
        "note": "; ".join([_rows_note(lines), *_missing(origin["remotes"])]),
        "page": page,
        **origin,
    }
    if is_graph:
        return QueryAnswer(kind="graph", triples=[cut(each) for each in lines.shown], **common)
    if not lines.head:  # an answer to ASK is one word
        note = "; ".join(["this is all", *_missing(origin["remotes"])])
        common |= {"found": 1, "shown": 1, "note": note}
        return QueryAnswer(kind="truth", truth=lines.rest == b"true", **common)
    columns = [each.removeprefix("?") for each in lines.head.split("\t")]
    return QueryAnswer(
        kind="table", columns=columns, rows=[cells(each) for each in lines.shown], **common
    )


def _missing(remotes: list[Remote]) -> list[str]:
    return [f"from {each.name}, {each.left_out}" for each in remotes if each.left_out]


def _rows_note(lines: Lines) -> str:
    there = f"{lines.count:,}" if lines.is_counted else f"more than {lines.count:,}"
    if lines.is_counted and len(lines.shown) == lines.count:
        return "this is all"
    return (
        f"{len(lines.shown):,} of {there} are here, the rest was cut off: they are not all; "
        f"ask for more by rows (up to {MOST_ROWS:,}), count or group in the query, or page through "
        "with ORDER BY, LIMIT and OFFSET"
    )


def _parameter(parameter: library.Parameter, language: str) -> Parameter:
    return Parameter(
        name=parameter.name,
        label=parameter.labels.get(language, parameter.name),
        kind=parameter.kind,
        default=parameter.default,
    )


def _question_called(name: str) -> library.Question:
    """Return the question of that *name*; QueryRejected, with near ones, if there is none."""
    every = {each.slug: each for each in library.questions()}
    if name in every:
        return every[name]
    words = set(name.casefold().replace(" ", "-").split("-"))
    nearest = sorted(every, key=lambda slug: -len(words & set(slug.split("-"))))[:_MOST_NEAR]
    near = ", ".join(slug for slug in nearest if words & set(slug.split("-")))
    hint = f"near it are {near}; " if near else ""
    raise QueryRejected(
        f"there is no question {cut(name, 80)!r}; {hint}the tool list_questions lists all"
    )


def _require_parameters(question: library.Question, values: dict[str, str]) -> None:
    known = [each.name for each in question.parameters]
    unknown = [each for each in values if each not in known]
    if unknown:
        there = f"it has {', '.join(known)}" if known else "it has none"
        raise QueryRejected(f"{question.slug} has no parameter {cut(unknown[0], 60)!r}; {there}")


def _query_string(values: dict[str, str]) -> str:
    return f"?{urlencode(values, quote_via=quote)}" if values else ""


def _question_note(note: str, answer: Values) -> str:
    rows = len(answer["rows"])
    there = f"{answer['count']:,}" if answer["are_all"] else f"more than {answer['count']:,}"
    told = "all rows are here"
    if rows < answer["count"]:
        told = f"{rows} of {there} rows are here; the tool sparql runs the query for the others"
    return f"{note} ({told})" if note else told
