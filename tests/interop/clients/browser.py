# pyright: basic, reportMissingImports=false
"""Open pages in Chromium and print, as JSON, what is wrong with each.

    python browser.py CHROMIUM AXE FOLDER ADDRESS...

AXE is the script of axe-core; pictures of the pages go to FOLDER.
"""

from __future__ import annotations

import itertools
import json
import re
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

WIDTHS = (320, 390, 1280)
COLOURS = ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def main() -> None:
    chromium, axe, folder, *addresses = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        found = {
            address: faults(browser, address, Path(axe).read_text(), Path(folder))
            for address in addresses
        }
        sys.stdout.write(json.dumps({"browser": browser.version, "faults": found}))
        browser.close()


def faults(browser: Browser, address: str, axe: str, folder: Path) -> list[str]:
    """Return what is wrong with the page at *address*."""
    name = re.sub(r"\W+", "-", address.partition("//")[2].partition("/")[2]) or "home"
    found: set[str] = set()
    for colours, width in itertools.product(COLOURS, WIDTHS):
        picture = folder / f"{name}-{colours}-{width}.png"
        is_last = width == WIDTHS[-1]
        context = browser.new_context(
            color_scheme=colours,
            viewport={"width": width, "height": 900},
            bypass_csp=is_last,  # for axe, which is a script
        )
        page = context.new_page()
        found.update(_look(page, address, picture, width))
        if is_last:
            found.update(violations(page, axe, colours))
        context.close()
    return sorted(found)


def _look(page: Page, address: str, picture: Path, width: int) -> list[str]:
    found: list[str] = []
    page.on("console", lambda message: found.append(f"console: {message.text}"))
    page.on("requestfailed", lambda request: found.append(f"not loaded: {request.url}"))
    answer = page.goto(address)
    if not answer or not answer.ok:
        found.append(f"status {answer.status if answer else 'none'}")
    page.screenshot(path=picture)
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
        found.append(f"{wide} pixels wide in a window of {width}")
    return found


def violations(page: Page, axe: str, colours: str) -> list[str]:
    """Return the rules of accessibility that *page* breaks, each with the first place."""
    page.evaluate(axe)
    options = json.dumps({"runOnly": RULES, "resultTypes": ["violations"]})
    result: dict[str, Any] = page.evaluate(f"axe.run(document, {options})")
    return [
        f"{each['id']} ({colours}, {len(each['nodes'])} times): {each['nodes'][0]['html'][:200]}"
        for each in result["violations"]
    ]


if __name__ == "__main__":
    main()
