"""How to cite the data: for programs that read Citation File Format, and for BibTeX."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from graph.publishing.catalogue.texts import CATALOGUE_DESCRIPTION, KEYWORDS, WHOLE_TITLE
from graph.publishing.publisher import publisher_of
from graph.publishing.version import version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.edition import Edition

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%",
    "#": r"\#", "_": r"\_", "^": r"\^{}", "~": r"\~{}",
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def write_cff(edition: Edition) -> None:
    """Write the citation in Citation File Format 1.2.0."""
    if edition.is_wanted:
        edition.out.write("".join(f"{line}\n" for line in _cff(edition)).encode())


def _cff(edition: Edition) -> Iterator[str]:
    """Yield lines of YAML; texts are written as JSON writes them, which YAML reads alike."""
    publisher, address = publisher_of(edition.arguments), f"{edition.public_url}data"
    yield "cff-version: 1.2.0"
    yield 'message: "If you use this data, please cite it as below."'
    yield "type: dataset"
    yield f"title: {_quoted(WHOLE_TITLE['en'])}"
    yield f"abstract: {_quoted(CATALOGUE_DESCRIPTION['en'])}"
    yield "authors:"
    yield f"  - name: {_quoted(publisher.name)}"
    yield f"version: {_quoted(version_of(edition.generation))}"
    yield f"date-released: {edition.generation.built[:10]}"
    if publisher.licence_code:
        yield f"license: {publisher.licence_code}"
    else:
        yield f"license-url: {_quoted(publisher.licence)}"
    yield f"url: {_quoted(address)}"
    yield "keywords:"
    for keyword in KEYWORDS["en"]:
        yield f"  - {_quoted(keyword)}"


def write_bibtex(edition: Edition) -> None:
    """Write the citation as an entry of BibTeX."""
    if not edition.is_wanted:
        return
    year, month, _ = edition.generation.built[:10].split("-")
    version = version_of(edition.generation)
    fields = {
        "title": f"{{{{{_latex(WHOLE_TITLE['en'])}}}}}",
        "author": f"{{{{{_latex(publisher_of(edition.arguments).name)}}}}}",
        "year": f"{{{year}}}",
        "month": _MONTHS[int(month) - 1],
        "version": f"{{{version}}}",
        "note": f"{{Version {version}}}",
        "url": f"{{{edition.public_url}data}}",
    }
    lines = [f"@misc{{metapole-{version},"]
    lines += [f"  {name} = {value}," for name, value in fields.items()]
    edition.out.write("".join(f"{line}\n" for line in (*lines, "}")).encode())


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    # YAML takes these for the end of a line; JSON does not.
    return re.sub("[\x7f-\x9f\u2028\u2029]", lambda match: f"\\u{ord(match[0]):04x}", quoted)


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)
