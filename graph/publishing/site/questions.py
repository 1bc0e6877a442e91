"""The pages of the library of questions, and the questions that the first page answers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from graph.errors import UnknownThing
from graph.formats import formats_of
from graph.publishing.catalogue.library import questions
from graph.publishing.labels import Names
from graph.publishing.site.answers import answer_to
from graph.publishing.site.figures import cut
from graph.publishing.site.parameters import MOST_OFFERED, Values
from graph.publishing.site.speaking import in_language_of_page
from graph.publishing.site.tools import tools
from graph.publishing.things.names import slug_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.publishing.catalogue.library import Question, Texts
    from graph.publishing.edition import Edition

TOPICS = ("specialties", "places", "partners", "figures", "money", "time", "proof")
"""What questions are about, in the order in which the page has them."""

_SPACED = re.compile(r" (?=[?!:;»])|(?<=«) ")
"""The blanks of French at which no line may end."""
_ON_FIRST_PAGE = ("T1", "P1", "P4", "J3", "J12", "A4")
"""Those that say at once what there is to find; the first column of each answer is the answer."""
_MOST_IN_SHORT = 6
_MOST_NEAR = 5
_LONGEST_LABEL = 80


def write_question_list(edition: Edition) -> None:
    """Write what the page with all questions shows, as JSON; those with the words `q` if given."""
    asked = edition.arguments.get("q", "").strip()
    every = questions()
    found = [each for each in every if _has_words(each, asked)]
    listed = [_in_list(edition, each) for each in found]
    groups = [
        {"topic": topic, "questions": [each for each in listed if each["topic"] == topic]}
        for topic in TOPICS
    ]
    about = f"{edition.public_url}data/questions"
    files = [(each, f"{about}.{each.extension}") for each in formats_of("graph")]
    values = {
        "asked": asked,
        "groups": [group for group in groups if group["questions"]],
        "count": len(found),
        "all": len(every),
        "tools": tools(edition.public_url, _query_of_list(edition, found), files=files),
    }
    _write(edition, values)


def write_question(edition: Edition) -> None:
    """Write what the page of one question shows, as JSON: its answer, and what may be changed."""
    question = _question_called(edition, edition.arguments["slug"])
    names = Names(edition)
    values = Values(edition, names)
    chosen = values.asked_for(question, _parameters_of(edition.arguments))
    is_changed = any(chosen[each.name] != each.default for each in question.parameters)
    shown = {each.name: values.shown(each, chosen[each.name]) for each in question.parameters}
    query = question.query_about(chosen) if is_changed else question.query
    query = in_language_of_page(edition, query)
    language = _language(edition)
    said = {
        "name": question.name,
        "slug": question.slug,
        "topic": question.topic,
        "question": _sentence(question, shown, language)
        if is_changed
        else _text(question, language),
        "note": question.note,
        "parameters": [
            {
                "name": each.name,
                "label": each.labels.get(language, each.name),
                "kind": each.kind,
                "value": shown[each.name],
                "offered": values.offered(each),
            }
            for each in question.parameters
        ],
        "most_offered": MOST_OFFERED,
        "answer": answer_to(edition, names, query).values(),
        "others": [
            _in_list(edition, each)
            for each in questions()
            if each.topic == question.topic and each.slug != question.slug
        ],
        "tools": tools(edition.public_url, query),
    }
    _write(edition, said)


def answered_questions(edition: Edition, names: Names) -> list[dict[str, Any]]:
    """Return six questions with the address of their page and the answer in short.

    Each has `text`, `language` and `address`; `answer` (named things or texts: the first column,
    each value once) and `more`, how many further ones there are.
    """
    by_id = {each.name.partition("-")[0]: each for each in questions()}
    return [_answered(edition, names, by_id[name]) for name in _ON_FIRST_PAGE if name in by_id]


def _answered(edition: Edition, names: Names, question: Question) -> dict[str, Any]:
    answer = answer_to(edition, names, question.query, most=100, is_fixed=True)
    firsts = [_in_words(row[0]) for row in answer.rows if row and row[0]]
    once = list({each["label"]: each for each in firsts if each["label"]}.values())
    return {
        **_text(question, _language(edition)),
        "address": _address(edition, question),
        "answer": once[:_MOST_IN_SHORT],
        "more": max(len(once) - _MOST_IN_SHORT, 0),
    }


def _in_words(cell: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what is in *cell* in the form of something named."""
    if cell is None:
        return {"label": "", "language": None, "address": ""}
    if "thing" in cell:
        return cell["thing"]
    label = next((str(cell[key]) for key in ("number", "day", "text") if key in cell), "")
    return {"label": label, "language": cell.get("language"), "address": ""}


def _in_list(edition: Edition, question: Question) -> dict[str, Any]:
    language = _language(edition)
    return {
        "id": question.name.partition("-")[0],
        "topic": question.topic,
        "question": _text(question, language),
        "address": _address(edition, question),
        "parameters": [each.labels.get(language, each.name) for each in question.parameters],
    }


def _address(edition: Edition, question: Question) -> str:
    return f"{edition.public_url}questions/{question.slug}"


def _text(question: Question, language: str) -> dict[str, Any]:
    return _in_language(question.texts, language)


def _sentence(
    question: Question, shown: Mapping[str, Mapping[str, Any]], language: str
) -> dict[str, Any]:
    """Return the question about the values that are *shown*; without any, as it is in the file."""
    if not shown:
        return _text(question, language)
    said = _in_language(question.asked, language)
    text = said["text"]
    for name, value in shown.items():
        text = text.replace(f"{{{name}}}", cut(value["label"], _LONGEST_LABEL))
    return {**said, "text": text}


def _in_language(texts: Texts, language: str) -> dict[str, Any]:
    chosen = language if language in texts else next(iter(texts), "en")
    text = texts.get(chosen, "")
    return {"text": _SPACED.sub("\u00a0", text) if chosen == "fr" else text, "language": chosen}


def _has_words(question: Question, asked: str) -> bool:
    """Tell whether *question* has all words that are *asked* for, in whatever language."""
    labels = [label for each in question.parameters for label in each.labels.values()]
    texts = [*question.texts.values(), *question.asked.values(), *labels, question.note]
    said = slug_of(" ".join([question.name, *texts]))
    return all(word in said for word in slug_of(asked).split("-"))


def _query_of_list(edition: Edition, found: list[Question]) -> str:
    """Return a query that gives the questions themselves: they are no part of the graph."""
    language = _language(edition)
    rows = "\n".join(
        f"    ({json.dumps(_text(each, language)['text'], ensure_ascii=False)} "
        f"<{_address(edition, each)}>)"
        for each in found
    )
    return f"SELECT ?question ?page\nWHERE {{\n  VALUES (?question ?page) {{\n{rows}\n  }}\n}}\n"


def _question_called(edition: Edition, slug: str) -> Question:
    """Return the question of that *slug*; UnknownThing, with near ones, where there is none."""
    every = {each.slug: each for each in questions()}
    if slug in every:
        return every[slug]
    words = set(slug_of(slug).split("-"))
    nearest = sorted(every, key=lambda name: -len(words & set(name.split("-"))))
    near = [every[name] for name in nearest[:_MOST_NEAR] if words & set(name.split("-"))]
    raise UnknownThing(
        f"there is no question {slug[:80]!a}; {edition.public_url}questions lists all of them",
        [
            {
                "iri": f"{edition.public_url}data/questions#{each.name}",
                "label": _text(each, _language(edition))["text"],
                "address": _address(edition, each),
            }
            for each in near
        ],
    )


def _parameters_of(arguments: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in arguments.items() if key not in ("slug", "language")}


def _language(edition: Edition) -> str:
    return edition.arguments.get("language", "en")


def _write(edition: Edition, values: dict[str, Any]) -> None:
    if edition.is_wanted:
        edition.out.write(json.dumps(values, ensure_ascii=False).encode())
