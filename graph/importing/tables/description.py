"""What the csvw package reads of a description of a table; it has no types, so they end here."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any, cast

import csvw  # pyright: ignore[reportMissingTypeStubs] -- there are none

if TYPE_CHECKING:
    from collections.abc import Mapping


def described(metadata: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- a csvw.Table
    """Return *metadata*, the description of one table, as objects that read cells.

    ValueError when it is none that CSVW knows.
    """
    plain = json.loads(json.dumps(metadata))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return cast("Any", csvw.Table).fromvalue(plain)
        except (TypeError, KeyError, AttributeError, UserWarning) as error:
            raise ValueError(str(error)) from error
