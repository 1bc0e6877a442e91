"""The comparison over HTTP: a form without scripts, a file, and words for what is wrong."""

import csv
import io
import re

import httpx2
import pytest


def get(address: str) -> httpx2.Response:
    # There is no TLS, and to get ready for it takes longer than to ask.
    return httpx2.get(address, headers={"Accept": "text/html"}, timeout=60, verify=False)


@pytest.mark.parametrize("prefix", ["", "/fr", "/de", "/embed"])
@pytest.mark.parametrize("query", ["", "?c=avia&c=caar&c=swhec&c=acod&c=amz"])
def test_the_comparison_is_a_page_in_every_language(endpoint: str, prefix: str, query: str) -> None:
    answer = get(f"{endpoint}{prefix}/compare{query}")

    assert answer.status_code == 200
    assert len(answer.content) < 100_000


def test_clusters_are_added_and_taken_away_without_scripts(endpoint: str) -> None:
    page = get(f"{endpoint}/compare?c=avia&c=Minalogic").text

    assert re.search(rf'<form class="fields" action="{endpoint}/compare"', page)
    assert '<input type="hidden" name="c" value="minalogic">' in page
    assert f'<a class="remove" href="{endpoint}/compare?c=minalogic">' in page
    assert f'<a class="remove" href="{endpoint}/compare?c=avia">' in page
    assert re.search(rf'href="{endpoint}/compare\?c=avia&amp;c=minalogic&amp;c=[a-z0-9-]+"', page)


def test_every_figure_leads_to_its_evidence_and_what_does_not_compare_says_so(
    endpoint: str,
) -> None:
    page = get(f"{endpoint}/compare?c=avia&c=caar").text

    text = re.sub(r"<[^>]+>", "", page)
    assert "more than 11.2 billion" in text
    assert f'href="{endpoint}/evidence/' in page
    assert "Rows do not compare with each other: the times differ." in page
    assert "<strong>" not in page.partition("<main")[2].partition("<aside")[0]


def test_a_comparison_is_a_file(endpoint: str) -> None:
    rows = list(csv.DictReader(io.StringIO(get(f"{endpoint}/compare.csv?c=avia&c=caar").text)))

    assert {row["cluster"].rpartition("/")[2] for row in rows} == {"avia", "caar"}
    assert {"turnover"} <= {row["indicator_name"] for row in rows}


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("?c=acod&c=avia&c=caar&c=swhec&c=amz&c=minalogic", 400, "choose up to 5"),
        ("?cluster=avia", 400, "no parameter"),
        ("?c=minalogik", 200, "c=minalogic"),
        ("?c=%3Cscript%3Ealert(1)%3C/script%3E", 200, "&lt;script&gt;"),
        ("?c=../../etc/passwd", 200, "is called"),
    ],
)
def test_nonsense_is_refused_or_left_out_in_plain_words(
    endpoint: str, query: str, status: int, words: str
) -> None:
    answer = get(f"{endpoint}/compare{query}")

    assert answer.status_code == status
    assert words in answer.text
    assert "<script>alert" not in answer.text
