"""The pages about figures answer in every language, and each is a query, a file and a picture."""

from __future__ import annotations

import csv
import re

import httpx2
import pytest

TIMEOUT_S = 30


def get(address: str, accept: str = "text/html") -> httpx2.Response:
    return httpx2.get(address, headers={"Accept": accept}, timeout=TIMEOUT_S)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/figures", ["Figures", "number of employees", "How many people work there."]),
        ("/fr/figures", ["Chiffres", "nombre de salariés"]),
        ("/de/figures", ["Kennzahlen", "Anzahl der Beschäftigten"]),
        ("/figures/turnover", ["more than", "11.2 billion EUR", "currency not stated", "l. 63"]),
        ("/fr/figures/turnover", ["plus de", "11,2 milliards EUR", "devise non précisée"]),
        ("/de/figures/turnover", ["mehr als", "11,2 Milliarden EUR", "Währung nicht angegeben"]),
        ("/figures/turnover-to-regional-gdp", ['data-value="0.091"', "9.1%"]),
        ("/figures/export-share", ["70–80%", "Export: 70-80 %"]),
        ("/embed/figures/turnover", ["11.2 billion EUR"]),
    ],
)
def test_a_page_shows_figures_as_people_read_them(
    endpoint: str, path: str, words: list[str]
) -> None:
    answer = get(endpoint + path)

    assert answer.status_code == 200
    text = answer.text.replace("\xa0", " ").replace("\u202f", " ")
    assert [each for each in words if each not in text] == []
    assert " style=" not in text


def test_every_figure_leads_to_its_evidence_in_one_click(endpoint: str) -> None:
    page = get(f"{endpoint}/fr/figures/employee-count").text

    marks = re.findall(r'class="source"><a href="([^"]+)"', page)
    assert len(marks) == 5
    for address in marks:
        assert address.startswith(f"{endpoint}/fr/evidence/")
    assert get(marks[0]).status_code == 200


@pytest.mark.parametrize(
    ("choice", "figures"),
    [
        ("", {"avia-turnover", "caar-turnover", "unnamed-nrw-automotive-turnover"}),
        ("?country=germany", {"unnamed-nrw-automotive-turnover"}),
        ("?asof=2013-06-01&country=spain", {"caar-turnover"}),
        ("?asof=2030-01-01", set[str]()),
    ],
)
def test_a_page_is_a_file_with_the_same_figures(
    endpoint: str, choice: str, figures: set[str]
) -> None:
    page = get(f"{endpoint}/figures/turnover{choice}").text
    lines = get(f"{endpoint}/figures/turnover.csv{choice}", "*/*").text.splitlines()

    rows = list(csv.DictReader(lines))
    assert {row["figure"].rpartition("/")[2] for row in rows} == figures
    shown = set(re.findall(r'href="[^"]*/evidence/([a-z-]+-turnover)"', page))
    assert shown == figures


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/figures/turnovr", 404, "there is no indicator 'turnovr'"),
        ("/figures/turnovr.csv", 404, "there is no indicator 'turnovr'"),
        ("/figures/turnover.gif", 404, "this page can be had with the endings"),
        ("/figures/turnover?asof=tomorrow", 400, "which is no day"),
        ("/figures/turnover?country=germny", 400, "did you mean germany"),
        ("/figures/turnover?country=%3E%20%7D", 400, "which is no country here"),
        ("/figures/turnover?page=9", 400, "send a number from 1 to 1"),
        ("/figures/turnover?winner=yes", 400, "this address has no parameter 'winner'"),
        ("/figures/turnover.svg?country=nowhere", 400, "which is no country here"),
        ("/figures/turnover.svg?asof=1900-01-01", 404, "there is no chart"),
        ("/figures/turnover.png?width=1", 400, "a number of pixels from"),
    ],
)
def test_what_means_nothing_is_said_in_plain_words(
    endpoint: str, path: str, status: int, detail: str
) -> None:
    answer = get(endpoint + path, "*/*")

    assert answer.status_code == status
    assert detail in answer.json()["detail"]


def test_an_indicator_that_is_not_there_leads_to_near_ones(endpoint: str) -> None:
    answer = get(f"{endpoint}/figures/turnovr", "*/*")

    near = {each["address"] for each in answer.json()["suggestions"]}
    assert f"{endpoint}/figures/turnover" in near


@pytest.mark.parametrize(
    ("name", "media_type", "start"),
    [("svg", "image/svg+xml", b"<svg"), ("png", "image/png", b"\x89PNG")],
)
def test_a_chart_is_a_picture_with_an_address(
    endpoint: str, name: str, media_type: str, start: bytes
) -> None:
    page = get(f"{endpoint}/de/figures/employee-count").text
    address = f"{endpoint}/de/figures/employee-count.{name}"
    answer = get(address, "*/*")

    assert f'href="{address}"' in page
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.content.startswith(start)
    assert b"<script" not in answer.content
