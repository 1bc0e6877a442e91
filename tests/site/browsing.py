"""Windows of a browser that notice what must not happen on any page."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Generator

    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

Colours = Literal["light", "dark"]
HEIGHT = 900
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_LOCAL = ("data:", "blob:", "about:")


def chromium_path() -> str | None:
    """Return where Chromium is on this machine, if it is."""
    return next(filter(None, map(shutil.which, _PROGRAMS)), None)


@dataclass
class Window:
    """A window on the site at *home*."""

    page: Page
    home: str
    faults: list[str] = field(default_factory=list[str])
    """What must not happen, and did."""
    expected: set[int] = field(default_factory=set[int])
    """Statuses that are no fault: Chromium tells of every answer that is an error."""

    def visit(self, path: str, status: int = 200) -> Page:
        """Go to *path*, which must be answered with *status*; return the page."""
        self.expected.add(status)
        answer = self.page.goto(self.home + path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        return self.page

    def hear(self, message: ConsoleMessage) -> None:
        """Note a warning or an error of the console."""
        is_expected = any(f"status of {each} " in message.text for each in self.expected)
        if message.type in ("error", "warning") and not is_expected:
            self.faults.append(f"{self.page.url}: console: {message.text[:500]}")

    def see(self, request: Request) -> None:
        """Note a request to another host."""
        if not request.url.startswith((self.home + "/", *_LOCAL)):
            self.faults.append(f"{self.page.url}: asks for {request.url[:200]}")


@contextmanager
def opened(
    browser: Browser,
    home: str,
    width: int = 1280,
    colours: Colours = "light",
    *,
    scripts: bool = True,
    bypass_csp: bool = False,
) -> Generator[Window]:
    """Open a window, and close it; the policy is bypassed only for a checker, which is a script."""
    context = browser.new_context(
        color_scheme=colours,
        viewport={"width": width, "height": HEIGHT},
        java_script_enabled=scripts,
        bypass_csp=bypass_csp,
        reduced_motion="reduce",
    )
    window = Window(context.new_page(), home)
    window.page.on("console", window.hear)
    window.page.on("request", window.see)
    window.page.on(
        "pageerror", lambda error: window.faults.append(f"{window.page.url}: script: {error}")
    )
    yield window
    window.faults += [f"cookie {each.get('name')}" for each in context.cookies()]
    context.close()
