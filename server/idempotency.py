"""The header Idempotency-Key: what is sent twice happens once.

As draft-ietf-httpapi-idempotency-key-header has it. It is never required.
"""

import hashlib
import json
import re
from collections.abc import Sequence

from graph.writing.wishes import Key
from server.protocol import BadProtocolRequest

NAME = "Idempotency-Key"
LONGEST = 255

_STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
"""A string of structured fields (RFC 9651, 3.3.3)."""
_TOKEN = re.compile(r"[!#-~]+")
"""What clients send that know of no quotes."""


def key_from(values: Sequence[str]) -> str | None:
    """Read the key from all headers of this name; None when there is none."""
    if not values:
        return None
    if len(values) > 1:
        raise BadProtocolRequest(f"there are {len(values)} headers '{NAME}'; send one")
    (text,) = values
    if quoted := _STRING.fullmatch(text):
        key = re.sub(r"\\(.)", r"\1", quoted[1])
    else:
        key = text if _TOKEN.fullmatch(text) else ""
    if not 1 <= len(key) <= LONGEST:
        raise BadProtocolRequest(
            f"'{NAME}' cannot be read; send 1 to {LONGEST} visible characters of ASCII in quotes, "
            "a new UUID for each change"
        )
    return key


def keyed(key: str | None, *change: object) -> Key | None:
    """Return *key* with a digest of *change*, the parts of which JSON can tell apart."""
    if key is None:
        return None
    return Key(key, hashlib.sha256(json.dumps(change).encode()).hexdigest())
