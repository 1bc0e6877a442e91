"""What a client likes best of what an address has to offer: a page or a file."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response

from server.negotiate import choose
from server.problems import COMMON_HEADERS
from server.reads import accepted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from graph.formats import Format


def chosen_format(request: Request, formats: Sequence[Format]) -> Format | None:
    """Return which of *formats* the client likes best; None if it likes none."""
    chosen = choose(accepted(request), [each.media_type for each in formats])
    return next((each for each in formats if each.media_type == chosen), None)


def see_other(address: str) -> Response:
    """Send the client on to *address*, which is what it likes best."""
    headers = {**COMMON_HEADERS, "Location": address, "Vary": "Accept", "Cache-Control": "no-cache"}
    return Response(status_code=HTTPStatus.SEE_OTHER, headers=headers)
