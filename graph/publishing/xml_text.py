"""Text in XML: what XML 1.0 cannot say is replaced, all else is escaped."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Return *text* as the content of an element."""
    return escape(_NOT_XML.sub("\ufffd", text), {"\r": "&#13;"})


def xml_attribute(text: str) -> str:
    """Return *text* as the value of an attribute, with its quotes."""
    return quoteattr(_NOT_XML.sub("\ufffd", text), {"\r": "&#13;"})


def element(name: str, text: str, **attributes: str) -> str:
    """Return an element with *text* in it; the `_` in the name of an attribute is a colon."""
    said = "".join(
        f" {key.replace('_', ':')}={xml_attribute(value)}" for key, value in attributes.items()
    )
    return f"<{name}{said}>{xml_text(text)}</{name}>"
