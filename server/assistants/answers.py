"""What the tools answer with; the protocol publishes these classes as JSON schemas."""

from typing import Literal

from pydantic import BaseModel, Field

LONGEST_TEXT = 1_000
"""How many characters of one text are told."""


def cut(text: str, most: int = LONGEST_TEXT) -> str:
    """Return *text*, or what fits of it and a sign that there is more."""
    return text if len(text) <= most else f"{text[:most]}…"


class Answer(BaseModel):
    """What every answer has: what it was read from, and how to cite it."""

    generation: int = Field(description="The number of the state of the graph that was read.")
    published: str = Field(description="When that state was published.")
    licence: str = Field(description="The licence of the data.")
    citation: str = Field(description="How to cite this answer. Cite the sources as well.")


class Named(BaseModel):
    """Something of the graph: its IRI stays, its page is where people look."""

    iri: str
    label: str
    language: str | None = Field(default=None, description="The language of the label.")
    page: str | None = Field(default=None, description="The page about it, if there is a site.")


class Text(BaseModel):
    """A value that is no thing: a text, a number, a day."""

    text: str
    language: str | None = None
    datatype: str | None = None


class Number(BaseModel):
    """A number, and how exact it is."""

    number: str
    qualifier: str | None = Field(default=None, description="Such as: more than.")
    remark: str = ""


Value = Named | Text


class Hit(BaseModel):
    """A thing that has a name like the one that was looked for."""

    thing: Named
    kind: str
    level: str = Field(description="How well it fits; near: only when errors are forgiven.")
    matched: str = Field(description="The name that fits.")
    places: list[Named]


class Found(Answer):
    """What a search found."""

    found: int
    hits: list[Hit]
    page: int
    pages: int
    meant: str | None = Field(description="What was probably meant, if it was not found as typed.")
    note: str


class Source(BaseModel):
    """Where a statement was read: quote this."""

    evidence: str = Field(description="The IRI to give to the tool evidence.")
    page: str | None
    document: Named | None
    lines: str = Field(description="The lines of the document, such as 60 or 60-62.")
    printed: str = Field(description="What stands there, as printed.")


class Fact(BaseModel):
    """What is said with one property."""

    property: str
    iri: str = Field(description="The IRI of the property.")
    is_derived: bool = Field(default=False, description="It follows from statements.")
    values: list[Value]


class Statement(BaseModel):
    """What somebody said of the thing, for which time, and where."""

    iri: str
    page: str | None
    kinds: list[str]
    roles: list[str] = Field(description="As what the thing stands in it.")
    facts: list[Fact]
    first_day: str | None
    last_day: str | None
    time_basis: str | None = Field(description="What the days were taken from.")
    confidence: list[str]
    notes: list[str]
    stated_in: list[Named]
    sources: list[Source]


class Description(Answer):
    """What is known of a thing."""

    thing: Named
    kinds: list[Named]
    asof: str | None
    properties: list[Fact]
    statements: list[Statement]
    mentioned_by: list[Fact] = Field(description="What else points to it, by property.")
    page: int
    pages: int
    note: str


class Passage(BaseModel):
    """A place in a source document."""

    evidence: str
    page: str | None
    document: Named | None
    file_name: str
    sha256: str = Field(description="Of the document that was read.")
    lines: str
    char_from: int | None
    char_to: int | None
    printed: str
    state: Literal["none", "absent", "differs", "outside", "shown"] = Field(
        description="shown: the text is here. The note says what else may be."
    )
    before: str
    text: str = Field(description="What stands at the place in the document itself.")
    after: str
    supports: list[Named] = Field(description="The statements that rest on it.")
    about: list[Named] = Field(description="The things that these are about.")


class Evidence(Answer):
    """Where something was read."""

    asked: Named
    passages: list[Passage]
    note: str


class Parameter(BaseModel):
    """What may be another in a question."""

    name: str
    label: str
    kind: str = Field(description="thing, concept, year or number.")
    default: str


class Question(BaseModel):
    """A question that can be asked."""

    name: str = Field(description="What to give to the tool ask_question.")
    question: str
    topic: str
    parameters: list[Parameter]
    page: str | None


class QuestionList(Answer):
    """Questions of the library."""

    questions: list[Question]
    found: int
    all: int


class Chosen(BaseModel):
    """The value of a parameter that was asked with."""

    parameter: str
    value: Value


class QuestionAnswer(Answer):
    """The answer to a question of the library."""

    name: str
    question: str
    values: list[Chosen]
    columns: list[str]
    rows: list[list[Named | Number | Text | None]]
    found: int = Field(description="How many rows there are; the note says if they are more.")
    query: str = Field(description="The SPARQL query that answers it.")
    page: str | None
    note: str


class Remote(BaseModel):
    """What another endpoint was asked for, by SERVICE."""

    name: str
    url: str
    status: str
    requests: int
    rows: int
    left_out: str = Field(description="What is missing from the answer, if anything.")


class QueryAnswer(Answer):
    """What a SPARQL query found: terms are written as in SPARQL, unbound ones are null."""

    kind: Literal["table", "truth", "graph"]
    truth: bool | None = Field(default=None, description="The answer to ASK.")
    columns: list[str] = Field(default_factory=list[str])
    rows: list[list[str | None]] = Field(default_factory=list[list[str | None]])
    triples: list[str] = Field(default_factory=list[str], description="In N-Triples.")
    found: int = Field(description="How many rows or triples there are.")
    is_all_counted: bool = Field(description="False: there are more than that.")
    shown: int
    note: str
    remotes: list[Remote] = Field(description="The other endpoints that were asked; cite them.")
    page: str | None = Field(description="The query in the editor of the site.")


class Term(BaseModel):
    """A class or a property."""

    iri: str
    name: str = Field(description="As it is written with the prefixes.")
    label: str
    definition: str
    uses: int | None = Field(description="How many things are of the class, or have the property.")
    parents: list[str] = Field(default_factory=list[str])
    domains: list[str] = Field(default_factory=list[str])
    ranges: list[str] = Field(default_factory=list[str])


class Schema(Answer):
    """What the graph is written with."""

    prefixes: dict[str, str]
    classes: list[Term]
    properties: list[Term]
    hints: list[str]
