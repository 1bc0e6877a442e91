"""Take a picture of every page, so that a person can look.

python -m tests.site.screenshots FOLDER
python -m tests.site.screenshots FOLDER --url http://127.0.0.1:8000 --only home cluster
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from graph.build import build
from tests.bench.servers import metapole
from tests.site.browsing import Colours, chromium_path, opened
from tests.site.pages import ALL, MAIN, NOT_FOUND

if TYPE_CHECKING:
    from collections.abc import Generator

WIDTHS = (390, 1280)


def main() -> int:
    """Take the pictures; return the exit status."""
    arguments = _arguments()
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- of the extra

    if (path := chromium_path()) is None:
        sys.stderr.write("there is no Chromium; apt-get install chromium\n")
        return 1
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with _site(arguments.url) as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name in arguments.only:
            for colours in get_args(Colours):
                for width in arguments.widths:
                    with opened(browser, home, width, colours) as window:
                        page = window.visit(ALL[name], 404 if name in NOT_FOUND else 200)
                        page.wait_for_load_state("networkidle")
                        picture = arguments.folder / f"{name}-{colours}-{width}.png"
                        page.screenshot(path=picture, full_page=arguments.whole)
                        sys.stdout.write(f"{picture}\n")
        browser.close()
    return 0


@contextmanager
def _site(url: str | None) -> Generator[str]:
    if url:
        yield url.rstrip("/")
        return
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder) / "store")
        with metapole(Path(folder) / "store", Path(folder) / "log") as target:
            yield f"http://127.0.0.1:{target.port}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--url", help="a server that runs already; else one is started")
    parser.add_argument("--only", nargs="+", choices=ALL, default=list(MAIN), metavar="NAME")
    parser.add_argument("--widths", nargs="+", type=int, default=WIDTHS, metavar="PIXELS")
    parser.add_argument("--whole", action="store_true", help="the whole page, not one window of it")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
