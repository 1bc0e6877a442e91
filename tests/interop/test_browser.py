"""Pages before who judges HTML, and a browser that follows a fragment.

Install Chromium (`apt-get install chromium`) and Node; the rest comes from npm. What
browsers make of pages, and people with other needs, is in `tests/site`.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.interop.conftest import install, program
from tests.site.pages import ALL, NOT_FOUND

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

PAGES = sorted({*ALL.values()} - {ALL[name] for name in NOT_FOUND})


@pytest.fixture(scope="session")
def npm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with html-validate."""
    program("node")
    folder = tmp_path_factory.mktemp("npm")
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    install([program("npm"), "install", *quiet, "html-validate@10"], folder)
    return folder


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_valid_html(npm: Path, endpoint: str, path: str, tmp_path: Path) -> None:
    (tmp_path / ".htmlvalidate.json").write_text('{"extends": ["html-validate:standard"]}')
    page = tmp_path / "page.html"
    page.write_bytes(httpx2.get(endpoint + path, headers={"Accept": "text/html"}).content)
    done = subprocess.run(
        [npm / "node_modules" / ".bin" / "html-validate", page],
        check=False, cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_a_browser_that_follows_the_iri_of_a_term_is_at_its_part_of_the_page(
    endpoint: str, tmp_path: Path
) -> None:
    """The fragment is not sent; the browser keeps it over the redirect (RFC 9110, 10.2.2)."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}"]
    done = subprocess.run(
        [program("chromium"), *options, "--dump-dom", f"{endpoint}/def#partner"],
        check=False, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert '<article class="part" id="partner">' in done.stdout
