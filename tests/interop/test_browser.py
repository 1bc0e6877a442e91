"""Pages in a browser, and before those who judge HTML and what people with other needs get.

Install Chromium (`apt-get install chromium`) and Node; the rest comes from PyPI and npm.
"""

from __future__ import annotations

import json
import subprocess
import venv
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from tests.interop.conftest import CLIENTS, install, program

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

PAGES = [
    "/",
    "/ontology",
    "/fr/ontology",
    "/de/ontology/specialty",
    "/ontology/shapes",
    "/cluster/minalogic",
    "/cluster/avia?asof=2016-01-01",
    "/document/ifa-competitive-clusters-2007?page=2",
    "/graph/enrichment",
    "/data",
    "/data/versions",
    "/changes",
    "/ogc/collections/clusters/items?f=html",
]


@pytest.fixture(scope="session")
def npm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with axe-core and html-validate."""
    program("node")
    folder = tmp_path_factory.mktemp("npm")
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    install([program("npm"), "install", *quiet, "axe-core@4", "html-validate@10"], folder)
    return folder


@pytest.fixture(scope="session")
def playwright(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Python that can drive a browser."""
    folder = tmp_path_factory.mktemp("playwright")
    venv.create(folder, with_pip=True)
    install([folder / "bin" / "pip", "install", "--quiet", "playwright>=1.49,<2"], folder)
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def faults(
    playwright: Path, npm: Path, endpoint: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """Return what is wrong with each page in light and dark, and in windows of three widths."""
    axe = npm / "node_modules" / "axe-core" / "axe.min.js"
    pictures = tmp_path_factory.mktemp("pictures")
    script = CLIENTS / "browser.py"
    addresses = [endpoint + path for path in PAGES]
    done = subprocess.run(
        [playwright, script, program("chromium"), axe, pictures, *addresses],
        check=False, capture_output=True, text=True, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found["faults"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_every_window_loads_all_it_needs_and_bars_nobody(
    faults: dict[str, list[str]], endpoint: str, path: str
) -> None:
    assert faults[endpoint + path] == []


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
