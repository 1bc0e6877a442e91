"""Pages for people: a document as plain values, put into a template.

What a literal holds is text wherever it stands: templates escape everything, and no page may run or
load what is not this server's own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from graph.addresses import address_of, page_of
from graph.formats import Format, format_named
from graph.publishing.publisher import Publisher
from server.messages import LANGUAGES, messages

if TYPE_CHECKING:
    from jinja2 import Environment

    from graph.generations import Generation
    from graph.publishing.document import Document

HTML = format_named("html")
JSON = format_named("plain-json")

WEB = Path(__file__).with_name("web")
"""Where templates and static files are."""

PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
"""What every page is answered with besides what every answer is."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page about what *document* says, made by the template of that name.

    *words* are for the template alone; "language" among them is that of the page.
    """

    document: Document
    template: str
    words: tuple[tuple[str, str], ...] = ()

    is_volatile: ClassVar[bool] = False
    formats: ClassVar[tuple[Format, ...]] = (HTML,)

    @property
    def generation(self) -> int | None:
        """The older generation that it is about; None: the current one."""
        return self.document.generation


class Templates:
    """The templates of a server at *public_url*, whose data *publisher* offers."""

    def __init__(self, public_url: str, publisher: Publisher | None = None) -> None:
        self._public_url = f"{public_url.rstrip('/')}/"
        self._publisher = publisher or Publisher()

    @cached_property
    def _environment(self) -> Environment:
        # A server that starts anew must not wait for what only pages need.
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415
        from markupsafe import Markup  # noqa: PLC0415

        environment = Environment(
            loader=FileSystemLoader(WEB / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=shown,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["address"] = partial(address_of, public_url=self._public_url)
        environment.filters["page"] = partial(page_of, public_url=self._public_url)
        environment.filters["link"] = link
        # Of drawings alone: a writer of XML makes them here, and escapes what they say.
        environment.filters["drawing"] = Markup
        return environment

    def rendered(self, page: Page, values: bytes, generation: Generation) -> bytes:
        """Return *page* as HTML, from the JSON of its document."""
        said: Any = json.loads(values)
        template = self._environment.get_template(page.template)
        words = {"language": next(iter(LANGUAGES)), **dict(page.words)}
        return template.render(
            document=said,
            generation=generation,
            public_url=self._public_url,
            publisher=self._publisher,
            say=messages(words["language"]),
            languages=LANGUAGES,
            **words,
        ).encode()


def shown(value: object) -> object:
    """Return *value* as a template shows it; a method is a mistake: `counts.update` is one."""
    if callable(value):
        raise TypeError(f"a template shows {value!r}; write it with [] if it is a key")
    return value


def link(address: str) -> str:
    """Return *address* if a page may link to it; what is not of the web leads nowhere."""
    return address if address.startswith(("https://", "http://", "/")) else ""
