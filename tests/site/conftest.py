"""A browser on the site: Chromium of this machine, driven by Playwright.

Install both with `apt-get install chromium` and `pip install --editable '.[browser]'`; without them
the tests are skipped and say so.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.site.browsing import Colours, Window, chromium_path, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from contextlib import AbstractContextManager

    from playwright.sync_api import Browser

    Open = Callable[..., AbstractContextManager[Window]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder: they are for who has a browser."""
    for item in items:
        if "tests/site/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a browser, or skip and say what is missing."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="there is no Playwright; pip install '.[browser]'"
    )
    if (path := chromium_path()) is None:
        pytest.skip("there is no Chromium; apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def window(browser: Browser, endpoint: str) -> Open:
    """Return how to open a window on the site; what goes wrong in it fails the test at its end.

    A request to another host, a message of the console, a script that fails, or a cookie.
    """

    @contextmanager
    def open_window(
        width: int = 1280,
        colours: Colours = "light",
        *,
        scripts: bool = True,
        bypass_csp: bool = False,
    ) -> Generator[Window]:
        with opened(
            browser, endpoint, width, colours, scripts=scripts, bypass_csp=bypass_csp
        ) as window:
            yield window
            assert window.faults == []

    return open_window
