"""Pages for people: a document as plain values, put into a template.

What a literal holds is text wherever it stands: templates escape everything, and no page may run or
load what is not this server's own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from graph.addresses import address_of, page_of
from graph.formats import Format, format_named
from graph.publishing.publisher import Publisher
from server.local_formats import amount, day, moment, number, period
from server.messages import LANGUAGES, messages
from server.places import EMBED, localised, place_of
from server.static_files import StaticFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import Environment
    from jinja2.runtime import Context
    from starlette.requests import Request

    from graph.generations import Generation
    from graph.publishing.document import Document

    Complete = Callable[[dict[str, Any]], dict[str, Any]]

_FIRST = next(iter(LANGUAGES))
HTML = format_named("html")
JSON = format_named("plain-json")

WEB = Path(__file__).with_name("web")
"""Where templates and static files are."""

STATIC = StaticFiles([WEB / "static", WEB / "built"])
"""What pages load; scripts are there if they were built."""


def why_without_scripts() -> str:
    """Say why the scripts could not be built; nothing when they were, or nobody tried."""
    try:
        return (WEB / "built" / "not-built").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; "
)
PAGE_HEADERS = {
    "Content-Security-Policy": _POLICY + "frame-ancestors 'none'",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
"""What every page is answered with besides what every answer is."""
EMBEDDED_HEADERS = {**PAGE_HEADERS, "Content-Security-Policy": _POLICY + "frame-ancestors *"}
"""The same of a page that any site may show in a frame."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page about what *document* says, made by the template of that name.

    *words* are for the template alone; "language" among them is that of the page.
    """

    document: Document
    template: str
    words: tuple[tuple[str, str], ...] = ()
    complete: Complete | None = field(default=None, compare=False)
    """Adds to what the document says what comes from elsewhere; the same unless volatile."""

    formats: ClassVar[tuple[Format, ...]] = (HTML,)

    @property
    def generation(self) -> int | None:
        """The older generation that it is about; None: the current one."""
        return self.document.generation

    @property
    def is_volatile(self) -> bool:
        """Tell whether the same generation may show otherwise next time."""
        return self.document.is_volatile

    @property
    def headers(self) -> dict[str, str]:
        """What it is answered with besides what every answer is."""
        return page_headers(dict(self.words))


def page_headers(words: Mapping[str, str]) -> dict[str, str]:
    """Return what a page with those *words* is answered with besides what every answer is."""
    headers = EMBEDDED_HEADERS if words.get("embedded") else PAGE_HEADERS
    return {**headers, "Content-Language": words.get("language", _FIRST)}


def page_at(request: Request, document: Document, template: str, **words: str) -> Page:
    """Return the page that *request* asks for, in the language that its address says."""
    return Page(document, template, (*place_of(request).words, *words.items()))


class Templates:
    """The templates of a server at *public_url*, whose data *publisher* offers."""

    def __init__(self, public_url: str, publisher: Publisher | None = None) -> None:
        self._public_url = f"{public_url.rstrip('/')}/"
        self._publisher = publisher or Publisher()

    @cached_property
    def _environment(self) -> Environment:
        # A server that starts anew must not wait for what only pages need.
        from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context  # noqa: PLC0415
        from markupsafe import Markup  # noqa: PLC0415

        environment = Environment(
            loader=FileSystemLoader(WEB / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=shown,
            trim_blocks=True,
            lstrip_blocks=True,
        )

        @pass_context
        def link_from(context: Context, address: str) -> str:
            return localised(link(address), context["language"], self._public_url)

        filters: dict[str, Any] = environment.filters
        filters |= {
            "address": partial(address_of, public_url=self._public_url),
            "page": partial(page_of, public_url=self._public_url),
            "link": link_from,
            "file_link": link,
            "number": pass_context(_number),
            "day": pass_context(_day),
            "moment": pass_context(_moment),
            "amount": pass_context(_amount),
            "period": pass_context(_period),
            # Of drawings alone: a writer of XML makes them here, and escapes what they say.
            "drawing": Markup,
        }
        names: dict[str, Any] = environment.globals
        names["static"] = STATIC.path
        return environment

    @property
    def names(self) -> list[str]:
        """The names of all templates."""
        return self._environment.list_templates()

    def load(self, name: str) -> None:
        """Have the template of that name ready, and the words of all languages."""
        for language in LANGUAGES:
            messages(language)
        self._environment.get_template(name)

    def rendered(self, page: Page, values: bytes, generation: Generation) -> bytes:
        """Return *page* as HTML, from the JSON of its document."""
        said: dict[str, Any] = json.loads(values)
        if page.complete:
            said = page.complete(said)
        return self._made(page.template, said, dict(page.words), generation)

    def about_problem(self, document: Mapping[str, Any], words: Mapping[str, str]) -> bytes:
        """Return a page about the problem *document* as HTML; nothing else has to work for it."""
        return self._made("problem.html", document, words, None)

    def _made(
        self,
        template: str,
        said: Mapping[str, Any],
        words: Mapping[str, str],
        generation: Generation | None,
    ) -> bytes:
        words = {"language": _FIRST, "path": "", "query": "", "embedded": "", **words}
        return (
            self._environment.get_template(template)
            .render(
                document=said,
                generation=generation,
                public_url=self._public_url,
                publisher=self._publisher,
                say=messages(words["language"]),
                languages=LANGUAGES,
                addresses=self._addresses(words["path"], words["query"], words["language"]),
                **words,
            )
            .encode()
        )

    def _addresses(self, path: str, query: str, language: str) -> dict[str, Any]:
        """Return where a page is: in this and in each language, and for a frame."""
        asked = f"{path}?{query}" if query else path
        prefix = "" if language == _FIRST else f"{language}/"
        home = self._public_url + prefix
        return {
            "home": home,
            "here": home + asked,
            "path": home + path,
            "asked": f"?{query}" if query else "",
            "embed": f"{self._public_url}{EMBED}/{prefix}{asked}",
            "languages": {
                code: localised(self._public_url + asked, code, self._public_url)
                for code in LANGUAGES
            },
        }


def _number(context: Context, value: float | str) -> str:
    return number(value, context["language"])


def _day(context: Context, value: str) -> str:
    return day(value, context["language"])


def _moment(context: Context, value: str) -> str:
    return moment(value, context["language"])


def _amount(context: Context, figure: dict[str, Any], form: str = "compact") -> str:
    return amount(figure, context["language"], form)


def _period(context: Context, time: dict[str, Any]) -> str:
    return period(time, context["language"])


def shown(value: object) -> object:
    """Return *value* as a template shows it; a method is a mistake: `counts.update` is one."""
    if callable(value):
        raise TypeError(f"a template shows {value!r}; write it with [] if it is a key")
    return value


def link(address: str) -> str:
    """Return *address* if a page may link to it; what is not of the web leads nowhere.

    A file is the same in every language; to a page, the filter `link` leads in that of the page.
    """
    return address if address.startswith(("https://", "http://", "/")) else ""
