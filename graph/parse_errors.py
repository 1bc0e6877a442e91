"""What the engine's parsers say of a text that they cannot read."""

import re

_PLACE = re.compile(r"^Parser error (at|between) line .*?: | \(line \d+[^)]*\)$", re.DOTALL)


def reason_of(error: SyntaxError) -> str:
    """Return what is wrong, without the place: that is in `lineno` and `offset`, where known."""
    return _PLACE.sub("", str(error.msg))
