"""Every question has a page that works without scripts, and an answer at an address that stays."""

from __future__ import annotations

import csv
import re

import httpx2
import pytest

from graph.paths import bundled
from graph.publishing.catalogue.library import questions
from server.messages import LANGUAGES, messages
from tests.data.test_questions import Question, read_csv

TIMEOUT_S = 30
EVERY = questions()


def get(address: str, accept: str = "text/html") -> httpx2.Response:
    return httpx2.get(address, headers={"Accept": accept}, timeout=TIMEOUT_S)


def test_every_question_is_answered_on_a_page_and_in_a_file(endpoint: str) -> None:
    folder = bundled("ontology") / "questions"
    with httpx2.Client(headers={"Accept": "text/html"}, timeout=TIMEOUT_S) as client:
        for each in EVERY:
            page = client.get(f"{endpoint}/questions/{each.slug}")
            answer = client.get(f"{endpoint}/questions/{each.slug}.csv", headers={"Accept": "*/*"})
            assert (page.status_code, answer.status_code) == (200, 200), each.name
            question = Question(folder / f"{each.name}.rq")
            columns, rows = read_csv(answer.text)
            expected_columns, expected = question.answer
            assert columns == expected_columns
            assert question.arranged(rows) == question.arranged(expected)
            body = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
            assert body.count("<tr>") == len(expected), each.name


def test_all_questions_are_on_one_page(endpoint: str) -> None:
    for prefix in ("", "/fr", "/de"):
        page = get(f"{endpoint}{prefix}/questions").text
        links = set(re.findall(rf'href="{endpoint}{prefix}/questions/([a-z0-9-]+)"', page))
        assert links == {each.slug for each in EVERY}


def test_the_form_of_a_question_asks_it_about_something_else(endpoint: str) -> None:
    page = get(f"{endpoint}/de/questions/specialties-of-a-cluster").text

    form = page.partition('<form class="fields choice"')[2].partition("</form>")[0]
    assert f'action="{endpoint}/de/questions/specialties-of-a-cluster"' in form
    assert 'name="cluster"' in form
    values = re.findall(r'<option value="([^"]+)"', form)
    assert {"minalogic", "valorial", "autoregion"} <= set(values)
    changed = get(f"{endpoint}/de/questions/specialties-of-a-cluster?cluster=valorial").text
    assert "Welche Spezialgebiete hat Valorial?" in changed
    assert '<option value="valorial" selected' in changed


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("specialties-of-a-cluster.csv?cluster=valorial", [["agro-food"]]),
        ("fr/questions/clusters-in-a-country.csv?country=finland", []),
        (
            "partners-of-a-cluster.csv?cluster=therapeutic-innovation",
            [["In Vivo", "between clusters"]],
        ),
        ("clusters-that-reach-a-country.csv?home=france&country=italy", []),
        ("what-overlaps-a-year.csv?year=1850", []),
    ],
)
def test_the_answer_about_something_else_is_a_file(
    endpoint: str, path: str, expected: list[list[str]]
) -> None:
    address = f"{endpoint}/{path}" if "/" in path else f"{endpoint}/questions/{path}"
    answer = get(address, "*/*")

    assert answer.headers["content-type"].startswith("text/csv")
    assert list(csv.reader(answer.text.splitlines()))[1:] == expected


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("specialties-of-a-cluster?cluster=minalogc", 400, "did you mean minalogic"),
        ("specialties-of-a-cluster.csv?cluster=minalogc", 400, "did you mean minalogic"),
        ("specialties-of-a-cluster?cluster=%3E%20%7D%20DROP%20ALL", 400, "there is no cluster"),
        ("specialties-of-a-cluster?cluster=a&cluster=b", 400, "is there 2 times; send it once"),
        ("specialties-of-a-cluster?year=2021", 400, "it takes cluster"),
        ("specialties-of-a-cluster?nonsense=1", 400, "no parameter 'nonsense'"),
        ("what-overlaps-a-year?year=MMXXI", 400, "a year of four digits"),
        ("specialties", 404, "there is no question 'specialties'"),
        ("specialties-of-a-cluster.gif", 404, "this page can be had with the endings"),
    ],
)
def test_what_means_nothing_is_said_in_plain_words(
    endpoint: str, path: str, status: int, detail: str
) -> None:
    answer = get(f"{endpoint}/questions/{path}", "*/*")

    assert answer.status_code == status
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize("asked", ["kanada", "<script>alert(1)</script>", "'\"><b>"])
def test_what_is_searched_for_is_text(endpoint: str, asked: str) -> None:
    answer = httpx2.get(
        f"{endpoint}/de/questions",
        params={"q": asked},
        headers={"Accept": "text/html"},
        timeout=TIMEOUT_S,
    )

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<b>" not in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_of_an_answer_has_a_name_in_every_language(language: str) -> None:
    names: set[str] = set()
    for path in (bundled("ontology") / "questions").glob("*.csv"):
        names |= set(read_csv(path.read_text(encoding="utf-8"))[0])

    assert {each for each in names if not each.lower().endswith("qualifier")} <= set(
        messages(language)["columns"]
    )
    assert {each.topic for each in EVERY} <= set(messages(language)["questions"])


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_a_file_of_an_answer_is_in_the_language_of_its_address(
    endpoint: str, language: str
) -> None:
    prefix = "" if language == "en" else f"/{language}"
    answer = httpx2.get(f"{endpoint}{prefix}/questions/figures-of-a-cluster.json", timeout=60)

    assert answer.headers["content-language"] == language
    rows = answer.json()["results"]["bindings"]
    assert {row["what"]["xml:lang"] for row in rows} == {language}
    assert len(rows) > 3
